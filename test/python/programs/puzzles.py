# %% indexing puzzles
import itertools
x = torch.arange(24).view(2, 3, 4)
exprs = r'''
x[..., 0]
x[None].shape
x[:, None, 1].shape
x[[0, 1]].shape
x[[0, 1], [1, 2]]
x[:, [0, 2], 1:3]
x[[0], :, [1]].shape
x[:, [0, 1], [1, 2]].shape
x[x > 10]
x[:, torch.tensor([True, False, True])].shape
x[torch.tensor([[0, 1], [1, 0]])].shape
x[torch.tensor(1)]
x[torch.tensor(1), torch.tensor([0, 2])]
x[True].shape
x[False].shape
x[torch.tensor(True)].shape
x[torch.tensor(False)].shape
x[0][torch.tensor(True)].shape
torch.tensor(5)[None]
torch.tensor(5)[...]
torch.tensor(5)[True]
torch.tensor(5)[False]
torch.tensor(5)[torch.tensor(True)]
torch.tensor(5)[torch.tensor(False)]
torch.tensor(5.)[torch.tensor(5.) > 3]
torch.tensor(5)[0]
torch.tensor(5)[:]
torch.tensor(5)[()]
x[()].shape
x[::2, ::-1]
x[1:0].shape
x[5:].shape
x[-1, -1, -1]
x[0, ..., None].shape
x[..., None, 0].shape
x[(0, 1)]
x[[True, False]].shape
x[[[0, 1], [1, 0]]].shape
x[([0, 1],)].shape
x[0:2, [0, 1], 1]
x[torch.tensor([0, 1], dtype=torch.uint8)]
x[torch.tensor([0, 1], dtype=torch.int32)]
x[..., ...]
x[None, ..., None].shape
x[slice(None), 1].shape
x[range(2)].shape
x[torch.tensor([])].shape
x[[]].shape
x[:, :, torch.tensor([-1, 0])]
x[:, 3]
x[2]
x[0, 3]
x[torch.tensor([0, 2])]
x[[0, 1], [0, 1, 2]]
x[torch.zeros(3, dtype=torch.bool)]
x[torch.zeros(2, 2, dtype=torch.bool)]
x["a"]
x[1.0]
x[None, 1.0]
x[{}]
x[0, 0, 0, 0]
x[..., 0, 0, 0, 0]
x[torch.tensor([1.5])]
x[::0]
x[0:"a"]
x[torch.tensor(1):]
x[:torch.tensor(1)].shape
x[torch.tensor([1]):].shape
x.t()
x.T.shape
x.mT.shape
x[:, 1:2].squeeze(1).shape
x.index_select(2, torch.tensor([3, 0]))
x.take(torch.tensor([0, -1, 5]))
torch.take_along_dim(x, torch.tensor([[[0]]]), dim=2).shape
x.flatten(1)[[0, 1], [5, 6]]
x.nonzero().shape
x.nonzero(as_tuple=True)[0][:3]
torch.where(x > 20)
(x == 5).nonzero()
x.unbind(1)[0].shape
x.view(-1)[::5]
x[..., 1].diag()
x[0].diagonal(1)
x.select(1, 2).stride()
x.as_strided((2, 2), (1, 2), 3)
x.unfold(2, 2, 1).shape
x.roll((1, 2), (0, 2))[0, 0]
x.movedim(0, -1).shape
x.swapaxes(0, 2).shape
x.expand(2, 2, 3, 4).shape
x.repeat(1, 1, 2).shape
x.chunk(3, 2)[2].shape
x.tensor_split([1, 2], 2)[1].shape
'''
for e in exprs.strip().splitlines():
    try: print(e, "->", eval(e))
    except Exception as err: print(e, "!!", type(err).__name__, str(err)[:300])
# %% assignment puzzles
def t(code):
    g = {"torch": torch, "x": torch.arange(12.).view(3, 4), "i": torch.arange(12).view(3, 4)}
    try: exec(code, g); print(code, "->", g["x"].tolist() if "i[" not in code else g["i"].tolist())
    except Exception as err: print(code, "!!", type(err).__name__, str(err)[:300])
for code in r'''x[0] = 5
x[:, 1] = torch.tensor([1., 2., 3.])
x[1] = torch.zeros(2)
x[x > 5] = -1
x[x > 5] = torch.zeros(3)
x[x > 8] = torch.tensor([7., 8., 9.])
x[[0, 2]] = 9
x[[0, 0], [1, 1]] = torch.tensor([4., 5.])
x[..., -1] = x[..., 0]
x[0], x[1] = x[1], x[0]
x[0], x[1] = x[1].clone(), x[0].clone()
x[:] = 3
x[...] = torch.ones(4)
x[None] = 7
x[True] = 2
x[False] = 2
x[0, 0] = torch.tensor([[5.]])
x[0] = torch.ones(1, 4)
x[0] = torch.ones(2, 4)
x[0] = [1, 2, 3, 4]
x[0] = "a"
x[0] = None
x[5] = 1
x[0, 0] = True
i[0] = 1.7
i[0] = torch.tensor([1.5, 2.5, 3.5, 4.5])
i[0, 0] = float("nan")
i[0, 0] = 2**40
i[0] = True
x[1:3] += 10
x[[0, 1]] *= 2
x[x > 5] += 1
x[::2, ::2] = 0
x[torch.tensor([0, 1]), torch.tensor([2, 3])] = 100.
x[:, [1, 3]] = torch.arange(6.).view(3, 2)
x.T[0] = 4
x.view(-1)[5] = 50
x.reshape(4, 3)[0] = 0
x.t().contiguous()[0] = 9
x[0].fill_(2)
x[[0]].fill_(2)
x.diagonal().zero_()
x[range(2), range(2)] = 0.5
x[torch.tensor([True, False, True])] = torch.tensor([1., 2., 3., 4.])
x[0][1] = 77
x[[0]][0] = 77
del x[0]
x.masked_fill_(x % 2 == 0, -5)
x.index_fill_(1, torch.tensor([0, 2]), -3)
x.index_copy_(0, torch.tensor([2, 0]), torch.ones(2, 4))
x.index_add_(0, torch.tensor([0, 0]), torch.ones(2, 4), alpha=2)
x.index_put_((torch.tensor([0]), torch.tensor([0])), torch.tensor(5.), accumulate=True)
x.scatter_(1, torch.tensor([[0, 1]]), 9.)
x.scatter_(1, torch.tensor([[0, 1]]), 2., reduce="multiply")
x.scatter_add_(0, torch.zeros(3, 4, dtype=torch.long), torch.ones(3, 4))
x.put_(torch.tensor([0, 11]), torch.tensor([5., 6.]))
x.copy_(torch.arange(4.))
x.clamp_(2, 8)
x.clamp_(min=torch.tensor([1., 5., 2., 9.]))
x.fill_diagonal_(0)
x.swapaxes(0, 1)[0] = 0
x.resize_(2, 2)
x.t_()
x.unsqueeze_(0)
x.zero_().add_(1).sub_(torch.ones(4), alpha=2)
x.bernoulli_(0) 
x.sort(1, descending=True)
x.mul_(i)
i.mul_(x)
i.div_(2)
i.floor_divide_(2)
i //= 2
i /= 2
i += 1.5
i -= True
x **= 2
x %= 3
x @= torch.eye(4)
x &= 1
i &= 6; i[0] = i[0]
i |= 1; i[0] = i[0]
i <<= 1; i[0] = i[0]
x.pow_(-0.5)
i.pow_(-1)'''.splitlines(): t(code)
# %% broadcasting and promotion
import itertools
ds = [torch.bool, torch.uint8, torch.int8, torch.int16, torch.int32, torch.int64, torch.float16, torch.bfloat16, torch.float32, torch.float64]
for op in "+ - * / // % ** & | ^ < == << >>".split():
    row = []
    for a, b in itertools.product(ds, ds):
        try: r = eval(f"x {op} y", {"x": torch.tensor([3, 1]).to(a), "y": torch.tensor([1, 2]).to(b)}); row.append(str(r.dtype)[6:] + str(r.tolist()))
        except Exception as e: row.append(f"{type(e).__name__} {str(e)[:60]}")
    print(op, row)
for op in "+ - * / // % ** < ==".split():
    row = []
    for a in ds:
        for s in (True, 2, 2.5):
            for order in ("x {} s", "s {} x"):
                try: r = eval(order.format(op), {"x": torch.tensor([3, 1]).to(a), "s": s}); row.append(str(r.dtype)[6:] + str(r.tolist()))
                except Exception as e: row.append(f"{type(e).__name__} {str(e)[:60]}")
    print(op, row)
for a in ds:
    x = torch.tensor([3, 1]).to(a); row = []
    for f in "neg abs exp sqrt sum mean prod max argmax cumsum sign floor sigmoid reciprocal square logical_not bitwise_not sort unique any all std var norm tanh relu isnan round trunc frac log1p rsqrt cumprod median mode logsumexp count_nonzero nonzero flip diff".split():
        try: r = getattr(torch, f)(x, **({"dim": 0} if f in ("cumsum", "cumprod", "logsumexp") else {})); r = r[0] if isinstance(r, tuple) else r; row.append(f"{f}:{str(r.dtype)[6:]}{r.tolist()}")
        except Exception as e: row.append(f"{f} {type(e).__name__} {str(e)[:70]}")
    print(a, row)
