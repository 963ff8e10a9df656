# %% every basic form and the nodes it makes
y = torch.arange(6.).reshape(2, 3).requires_grad_()
def chain(node):
    names = []
    while node is not None:
        names.append(type(node).__name__)
        node = node.next_functions[0][0] if node.next_functions else None
    return names
for i in (0, -1, slice(None), slice(1, None), slice(None, None, 2), None, ..., (), (0, 1), (slice(None), 0), (slice(0, 2), 1),
          (..., 0), (1, ...), (None, slice(None), 1), (slice(0, 1), None), torch.tensor(1), (torch.tensor(0), 2), slice(10, None)):
    got = y[i]
    print(i, tuple(got.shape), got.tolist(), chain(got.grad_fn))

# %% what a slice keeps
y = torch.arange(6., requires_grad=True)
for n in (y[:].grad_fn, y[1:4:2].grad_fn, y[-2:].grad_fn):
    print(n._saved_dim, n._saved_start, n._saved_end, n._saved_step)
print(y[3].grad_fn._saved_index, y[3].grad_fn._saved_dim)

# %% lists, masks and index tensors
x = torch.tensor([[1., 2., 3.], [4., 5., 6.]], requires_grad=True)
print(x[[0, 1, 0]].shape, x[torch.tensor([1])], x[:, [0, 2]], x[[0, 1], [2, 0]], x[x > 2], x[torch.tensor([True, False])])
print(x[None, [1]].shape, x[..., torch.tensor([[0, 1], [2, 2]])].shape, x[True].shape, x[False].shape, x[[True, False]])
(x[[0, 0, 1]].sum() + x[x > 4].sum()).backward()
print(x.grad)

# %% assignment without gradients
z = torch.zeros(2, 3)
z[0] = 1
z[:, 1] = torch.tensor([5., 6.])
z[1, 2] = 7
z[..., 0] = torch.tensor(9)
z[0, 1:] = torch.ones(1, 2) * 3
print(z, z._version)
z[z > 6] = -1
z[[0, 1], [0, 2]] = torch.tensor([10., 20.])
z[True, 1] = 4
print(z, z._version)
z[...] = 2
z[:] = torch.arange(3.)
print(z)
i = torch.zeros(3, dtype=torch.int64)
i[0] = 2.7
i[1:] = torch.tensor([1.5, -1.5])
print(i)
b = torch.zeros(2, dtype=torch.bool)
b[1] = 3
print(b)

# %% assignment that is recorded
w = torch.zeros(3, requires_grad=True)
v = w * 2
v[0] = 5
print(v, v.grad_fn.name())
v.sum().backward()
print(w.grad)
u = torch.zeros(2)
u[1] = (w + 1).sum()
print(u, u.requires_grad, u._version)
u.sum().backward()
print(w.grad)

# %% in-place ops on views reach the base
x = torch.arange(4.)
y = x.view(2, 2)
y[0] += 10
y.t().mul_(2)
x[3:].zero_()
print(x, x._version, y._version, y._base is x)
w = torch.ones(2, requires_grad=True)
z = w * 1
z[0].mul_(5)
z.fill_(3)
print(z.grad_fn.name())
g = torch.ones(2)
g.copy_(w)
print(g, g.requires_grad)

# %% gradients set to zero in place
w = torch.tensor([1., 2.], requires_grad=True)
for i in range(2):
    (w * w).sum().backward()
    print(w.grad)
    w.grad.zero_()
print(w.grad, w.grad._version)

# %% broadcasting and repeated rows
rows = torch.tensor([[1., 2.], [3., 4.]], requires_grad=True)
picked = [rows[i % 2] * i for i in range(5)]
torch.stack(picked).sum().backward()
print(rows.grad)
# %% equal numbers come in the order of C++'s sort
torch.manual_seed(0)
for t in (torch.randint(4, (40,)), torch.randint(3, (3, 33)).float(), torch.randint(5, (300,)).double(), torch.randint(2, (25,)).bool(), torch.randint(9, (20, 2)).half(), torch.tensor([1., float("nan"), 0., 1.] * 9), torch.randint(3, (2, 17, 3), dtype=torch.int8)):
    for d in range(t.dim()):
        for down in (False, True):
            print(t.sort(d, down)[1].tolist(), t.argsort(d, down).tolist(), t.sort(dim=d, descending=down, stable=True)[1].tolist())
            if t.dtype not in (torch.bool, torch.half):
                for k in (1, 2, t.shape[d] // 2, t.shape[d]): print(t.topk(k, d, down)[1].tolist(), t.topk(k, d, down, sorted=False)[1].tolist())
x = torch.randint(3, (30,)).float().requires_grad_()
(x.topk(9)[0] * torch.arange(9)).sum().backward(); print(x.grad); print(torch.msort(x.detach()), x.median(), x.unique(), x.mode())
# %% norms and medians of nothing
for f in (lambda p: torch.linalg.vector_norm(torch.empty(0), p), lambda p: torch.linalg.vector_norm(torch.empty(2, 0), p, dim=1), lambda p: torch.linalg.vector_norm(torch.empty(2, 0), p, dim=0), lambda p: torch.empty(0).norm(p), lambda p: torch.empty(2, 0).norm(p, dim=1), lambda p: torch.linalg.norm(torch.empty(0), p)):
    for p in (-1, -2.5, float("inf"), -float("inf"), 0, 2, 1):
        try: print(p, f(p))
        except Exception as e: print(p, type(e).__name__, e)
for f in (lambda: torch.tensor([True]).median(1), lambda: torch.empty(0).nanmedian(0), lambda: torch.tensor([True]).nanmedian(3)):
    try: print(f())
    except Exception as e: print(type(e).__name__, e)

# %% what is written may not share memory with what is read
def t(s):
    a = torch.arange(9.).reshape(3, 3)
    try:
        exec(s, {"torch": torch, "a": a})
        print(s, a.tolist())
    except Exception as error:
        print(s, type(error).__name__, error)
for s in ["a.add_(a.t())", "a.copy_(a.t())", "a[:] = a.t()", "a.sub_(a[0])", "a.div_(a[0, 0])", "a[1:] = a[:-1]", "a[:2].mul_(a[1:])",
          "a.add_(a)", "a.mul_(a.view(3, 3))", "a[0].add_(a[1])", "a[:, 0] = a[:, 1]", "a[:, 0] = a[0]", "a[0] = a[:, 0]",
          "a.view(-1)[::2][:4].add_(a.view(-1)[1::2])", "a[:] = a.flip(0)", "a[1:].fill_(a[0, 0])", "a[1:].masked_fill_(a[1:] > 4, a[0, 1])",
          "a[torch.tensor([0, 1])] = a[1:]", "a[a > 3] = a[0, 1]", "a.index_add_(0, torch.tensor([1, 0]), a[1:])",
          "a.scatter_(0, torch.zeros(2, 3).long(), a[1:])", "a.index_copy_(0, torch.tensor([1, 0]), a[1:])", "a.addr_(a[0], a[1])",
          "a.view(-1)[1:].lerp_(a.view(-1)[:-1], 0.5)", "a.unfold(0, 2, 1)[:] = 5", "a.as_strided((3, 2), (1, 1)).copy_(torch.arange(6.).view(3, 2))"]:
    t(s)

# %% one element put where a mask is, of another dtype; which index an error names
def t(s, x):
    try:
        exec(s, {"torch": torch, "x": x})
        print(s, x.tolist())
    except Exception as error:
        print(s, type(error).__name__, error)
for s in ["x[x > 2] = torch.tensor(3.9)", "x[x > 2] = torch.tensor([3.9])", "x[x > 2] = torch.tensor([1., 2., 3.])",
          "x[x > 2] = torch.tensor(float('nan'))", "x[[0]] = torch.tensor(1.5)", "x.index_put_((x > 2,), torch.tensor(1.), accumulate=True)",
          "x[:, [0, 5]]", "x[:, [0, 5]] = 2", "x[[0], [7]]", "x[:, [0, 5]] += 1"]:
    t(s, torch.arange(6).reshape(2, 3))
