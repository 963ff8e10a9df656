# %% dtype inference
for data in (1, 1.5, True, [1, 2], [1, 2.5], [True, 2], [[1, 2], [3, 4]], [], [[]], (1, 2), [True, False], [1.0, True]):
    t = torch.tensor(data)
    print(t, t.dtype, t.shape)

# %% explicit dtypes
print(torch.tensor([1, 2], dtype=torch.float64))
print(torch.tensor([1.7, -2.7], dtype=torch.int64))
print(torch.tensor([0., 2.], dtype=torch.bool))
print(torch.zeros(2, dtype=torch.int64), torch.ones(2, dtype=torch.bool), torch.zeros(2, dtype=float), torch.ones(1, dtype=int))
print(torch.tensor([1, 2]).double(), torch.tensor([1.9]).long(), torch.tensor([1, 0]).bool(), torch.tensor([1]).float())
print(torch.tensor([1, 2]).to(torch.float32), torch.tensor([1.5]).to(torch.int64), torch.ones(2).to("cpu"))
print(torch.tensor([True, False]).to(torch.float64).dtype, torch.ones(2).type(), torch.ones(2).type(torch.int64))
x = torch.ones(2)
print(x.to(torch.float32) is x, x.float() is x, x.type_as(torch.tensor([1])).dtype)

# %% promotion
i = torch.tensor([1, 2])
f = torch.tensor([1.5, 2.5])
d = torch.tensor([1.5, 2.5], dtype=torch.float64)
b = torch.tensor([True, False])
for p in (i + f, i + 1, i + 1.5, f + 1, f + d, b + 1, b + b, i * d, f * True, i / 2, i / i, b + 1.5, i - 3, f + torch.tensor(1, dtype=torch.float64), i + torch.tensor(1.5)):
    print(p, p.dtype)
print(torch.result_type(i, 1.5), torch.promote_types(torch.int64, torch.float64))

# %% comparisons
x = torch.tensor([1., 2., 3.])
print(x > 2, x >= 2, x < 2, x <= 2, x == 2, x != 2)
print(2 < x, 2 == x, x == x, x.eq(2), torch.lt(x, 3))
print((x > 1).sum(), (x > 1).dtype, (x > 5).any(), (x > 0).all())

# %% Python numbers out of tensors
t = torch.tensor(3.7)
print(t.item(), float(t), int(t), bool(t), round(t.item(), 1), f"{t:.2f}", f"{t}")
print(torch.tensor(3).item(), [10, 20, 30, 40][torch.tensor(3)], range(torch.tensor(2)))
print(torch.tensor([[1, 2], [3, 4]]).tolist(), torch.tensor(2.5).tolist(), torch.zeros(2, 0).tolist(), torch.tensor([True]).tolist())
if torch.tensor(1.0) > 0: print("yes")
print(torch.tensor([5]).item(), "%.3f" % torch.tensor(1 / 3), str(torch.tensor(2)))
print(3 in torch.tensor([1, 2, 3]), 7 in torch.tensor([1, 2, 3]))
print(torch.tensor(0.1).item(), torch.tensor(0.1, dtype=torch.float64).item(), torch.tensor(-0.0).item())
print(torch.tensor(2**53 + 1).item(), torch.tensor([-2**63, 2**63 - 1]))

# %% creation
print(torch.zeros(2, 3), torch.ones(2), torch.full((2, 2), 7.), torch.full((2,), 3), torch.eye(3), torch.eye(2, 3))
print(torch.zeros((2, 1)), torch.ones([1, 2]), torch.zeros(size=(1,)), torch.zeros(()), torch.empty(0))
print(torch.arange(5), torch.arange(1, 4), torch.arange(0, 1, 0.25), torch.arange(5, 0, -2), torch.arange(3.), torch.arange(1, 2.5))
print(torch.linspace(0, 1, 5), torch.linspace(-1, 1, steps=4), torch.linspace(0, 10, 3, dtype=torch.float64))
x = torch.tensor([[1, 2], [3, 4]])
print(torch.zeros_like(x), torch.ones_like(x, dtype=torch.float32), torch.full_like(x, 9), x.new_zeros(2), x.new_ones(1, 2), x.new_tensor([1.5]), x.new_full((1,), 3))
print(torch.as_tensor([1, 2]), torch.as_tensor(x) is x, torch.tensor(x.tolist()))
print(torch.zeros(2, requires_grad=True), torch.ones(1, 1, requires_grad=True), torch.zeros(0, 3))

# %% dtype, device and other small things
x = torch.ones(1)
print(x.dtype, repr(x.dtype), x.device, repr(x.device), x.device.type, x.layout, torch.device("cpu"), torch.device("cuda:1").index)
print(torch.float is torch.float32, torch.double, torch.long, torch.bool, torch.float32.is_floating_point, torch.int64.is_floating_point)
print(torch.is_tensor(x), torch.is_tensor(1), isinstance(x, torch.Tensor), torch.is_floating_point(x), torch.numel(x))
print(type(x), type(x.shape), type(x.dtype), x.requires_grad, x.is_cuda, x.element_size())
print(torch.get_default_dtype())
torch.set_default_dtype(torch.float64)
print(torch.tensor(1.5), torch.zeros(1).dtype, torch.arange(0, 1, 0.5).dtype, torch.tensor([1], dtype=torch.float32), torch.tensor([1]) / 2)
torch.set_default_dtype(torch.float32)
print(torch.pi, torch.inf, torch.nan, torch.e)

# %% identity and hashing
x = torch.tensor([1., 2.], requires_grad=True)
(x * x).sum().backward()
print(x.grad is x.grad, hash(x) == id(x), len({x, x}), {x: 1}[x])
g = torch.tensor([9., 9.])
x.grad = g
print(x.grad is g)
y = x * 2
print(y.grad_fn.next_functions[0][0].variable is x, [t is x for t in [x]], x.requires_grad_() is x)
x.note = "hello"
print(x.note, x.__dict__)

# %% deepcopy and clone
import copy
x = torch.tensor([1., 2.], requires_grad=True)
(x * 3).sum().backward()
c = copy.deepcopy(x)
print(c, c.grad, c is x, c.is_leaf)
k = x.clone()
print(k, k.detach().clone())
d = copy.deepcopy({"a": x, "b": [x]})
print(d["a"] is d["b"][0])
try:
    copy.deepcopy(k)
except RuntimeError as error:
    print(error)

# %% in-place changes
x = torch.tensor([1., 2., 3.])
x += 1
print(x, x._version)
x.mul_(2)
x -= torch.tensor([1., 1., 1.])
x /= 2
print(x, x._version)
x.add_(1).sub_(2)
print(x)
y = x
y *= 2
print(x is y, x)

# %% arithmetic operators
x = torch.tensor([1., 2., 4.], requires_grad=True)
for y in (x + 1, 1 + x, x - 1, 1 - x, x * 2, 2 * x, x / 2, 2 / x, x ** 2, 2 ** x, x ** x, -x, +x, abs(-x), x ** -1, x ** 0.5):
    print(y)
    x.grad = None
    y.sum().backward()
    print(x.grad)

# %% functions of one argument
x = torch.tensor([0.5, 1.0, 2.0], requires_grad=True)
for name in "exp log sqrt rsqrt sin cos abs sign relu sigmoid tanh neg reciprocal square".split():
    y = getattr(torch, name)(x)
    x.grad = None
    if y.requires_grad:
        y.sum().backward()
    print(name, y, x.grad)
# %% two types: promoted before a kernel is asked for; isin and searchsorted have none for some
import torch
def told(f, *a):
    try: return f(*a)
    except RuntimeError as e: return str(e)
i, f, b, h = torch.tensor([1, 2]), torch.tensor([1., 2.]), torch.tensor([True, False]), torch.tensor([1., 2.]).half()
for op in (torch.hypot, torch.logaddexp, torch.igamma, torch.nextafter, torch.xlogy, torch.copysign, torch.gcd, torch.dist, torch.isin, torch.bucketize, torch.searchsorted):
    print(op.__name__, [told(op, *two) for two in ((i, f), (f, i), (b, f), (b, i), (b, b), (i, i))])
print(told(torch.isin, i, h), told(torch.isin, 2, i), told(torch.isin, i, True), told(torch.searchsorted, b, True))

# %% dtypes that single ops take, and their refusals
import warnings, torch.nn.functional as F
def t(s):
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        try:
            print(s, eval(s, {"torch": torch, "F": F, **x}))
        except Exception as error:
            print(s, type(error).__name__, error)
    for w in told:
        print(" ", w.category.__name__, w.message)
f = torch.ones(2, 2)
x = {"f": f, "b": f.bool(), "y": f.byte(), "h": f.half(), "l": f.long(), "w": f.bfloat16(), "d": f.double()}
for s in ["torch.tensordot(f, d, 1)", "torch.inner(f, l)", "torch.inner(b, f)", "torch.inner(w, f)", "torch.tensordot(h, f, 1)",
          "torch.repeat_interleave(b[0])", "torch.ones(2).repeat_interleave(f[0])", "torch.repeat_interleave(h[0])", "torch.repeat_interleave(l.int()[0])",
          "b.renorm(2, 0, 1)", "l.renorm(2, 0, 1)", "F.cross_entropy(torch.ones(2, 3), y[0])", "F.nll_loss(torch.ones(2, 3), y[0])", "F.nll_loss(torch.ones(1, 3, 2, 2), y[None])",
          "F.interpolate(y[None], scale_factor=2)", "F.interpolate(y[None], scale_factor=2, mode='nearest-exact')", "F.interpolate(y[None], scale_factor=2, mode='linear')",
          "F.interpolate(h[None], scale_factor=2)", "F.interpolate(h[None, None], scale_factor=2)", "F.interpolate(h[None, None], scale_factor=2, mode='bilinear')",
          "F.interpolate(w[None], scale_factor=2)", "F.interpolate(w[None], scale_factor=2, mode='nearest-exact')",
          "F.max_pool1d(h[None], 2)", "torch.isin(h, h)", "torch.isin(h, h.expand(60, 2, 2))", "torch.isin(h, 1)", "torch.isin(1, h)", "torch.isin(w, w)", "torch.isin(h, f)",
          "torch.range(0, 2, dtype=torch.half)", "torch.range(0, 2, dtype=torch.bfloat16)", "torch.eye(2, dtype=torch.bfloat16)", "torch.eye(2, dtype=torch.half)",
          "torch.histc(b[0], 2)", "torch.aminmax(w)", "torch.aminmax(w, dim=0)", "w.logsumexp(0)", "w.logsumexp((0, 1))", "h.logsumexp(0)", "F.mse_loss(h, h)",
          "l.clamp(min=float('nan'))", "b.kthvalue(9)", "torch.trapz(b[0])", "torch.trapz(f[0], b[0])", "f[0, :1].cov()"]:
    t(s)

# %% a dimension named of a number
def t(s):
    try:
        print(s, eval(s, {"torch": torch, "x": torch.tensor(3.)}))
    except Exception as error:
        print(s, type(error).__name__, error)
for s in ["x.size(0)", "x.size(-1)", "x.stride(0)", "x.roll(1, 0)", "x.roll(1)", "x.unique(dim=0)", "x.unique_consecutive(dim=0)", "torch.trapz(x)", "torch.cumulative_trapezoid(x)",
          "x.repeat_interleave(2, 0)", "x.unflatten(0, (1,))", "x.index_add(0, torch.tensor([0]), torch.tensor(1.))"]:
    t(s)

# %% NaN and ties among ranks
x = torch.tensor([1., float("nan"), 3., float("nan"), 1.])
print(x.mode(), x.unique(dim=0), x.unique(dim=0, return_inverse=True, return_counts=True), torch.stack([x, x]).unique(dim=0), torch.stack([x, x]).mode(0))
for s in ["x.histc()", "torch.histogram(x, 3)", "torch.tensor([float('inf')]).histc()", "torch.histogram(torch.tensor([]), 3)"]:
    try:
        print(s, eval(s))
    except Exception as error:
        print(s, type(error).__name__, error)

# %% the inverse of the error function, to the last bit
x = torch.cat([torch.linspace(-0.999, 0.999, 101), 1 - torch.logspace(-7, -2, 20), torch.tensor([0., 1., -1., 2.])])
print([v.hex() for v in x.erfinv().tolist()])
torch.manual_seed(0)
print([v.hex() for v in torch.nn.init.trunc_normal_(torch.empty(50), std=0.02).tolist()], [v.hex() for v in torch.nn.init.trunc_normal_(torch.empty(9), 0, 1, 4, 6).tolist()])
