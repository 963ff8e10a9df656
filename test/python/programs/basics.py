# %% the first snippet
x = torch.tensor([3., 4.]).requires_grad_()
print(x)
def f(x): return (x**2).sum()
y = f(x)
print(y)
y.backward()
print(x.grad)

# %% the second snippet
x = torch.tensor([3., 4.]).requires_grad_()
def f(x): return torch.mul(*(x**2))
y = f(x)
print(y)
y.backward()
print(x.grad)

# %% a leaf used twice
x = torch.tensor(2.0, requires_grad=True)
y = x * x + x
y.backward()
print(x.grad)
print(type(y.grad_fn).__name__, [type(n[0]).__name__ if n[0] else n[0] for n in y.grad_fn.next_functions])

# %% gradients accumulate until zeroed
w = torch.tensor([1., -2., 3.], requires_grad=True)
for i in range(3):
    loss = (w * (i + 1)).sum()
    loss.backward()
    print(i, w.grad)
w.grad = None
print(w.grad)
(w ** 3).mean().backward()
print(w.grad)

# %% gradient descent by hand
x = torch.tensor([[1., 2.], [3., 4.], [5., 6.]])
y = torch.tensor([[1.], [2.], [3.]])
w = torch.zeros(2, 1, requires_grad=True)
b = torch.zeros(1, requires_grad=True)
for step in range(10):
    loss = ((x @ w + b - y) ** 2).mean()
    loss.backward()
    with torch.no_grad():
        w -= 0.01 * w.grad
        b -= 0.01 * b.grad
    w.grad = None
    b.grad = None
    print(step, loss.item())
print(w, b)

# %% a two-layer network with data updates
x = torch.linspace(-1, 1, 8).reshape(-1, 1)
t = x ** 2
w1 = torch.tensor([[0.5, -0.7, 0.9]], requires_grad=True)
b1 = torch.zeros(3, requires_grad=True)
w2 = torch.tensor([[1.0], [-1.0], [0.5]], requires_grad=True)
for epoch in range(5):
    h = torch.tanh(x @ w1 + b1)
    out = h @ w2
    loss = (out - t).pow(2).mean()
    loss.backward()
    for p in (w1, b1, w2):
        p.data -= 0.1 * p.grad

        p.grad = None
    print(f"epoch {epoch}: {loss.item():.6f}")
print(w1)
print(b1)

# %% logistic regression
x = torch.tensor([[0.5, 1.5], [1.0, -1.0], [-1.5, 0.3], [2.0, 2.0]])
y = torch.tensor([1., 0., 0., 1.])
w = torch.tensor([0.1, -0.2], requires_grad=True)
p = torch.sigmoid(x.mv(w))
loss = -(y * p.log() + (1 - y) * (1 - p).log()).mean()
print(loss)
loss.backward()
print(w.grad)

# %% nodes and what they saved
a = torch.tensor([1., 2., 3.], requires_grad=True)
b = torch.tensor([4., 5., 6.], requires_grad=True)
m = a * b
print(m.grad_fn._saved_self, m.grad_fn._saved_other)
p = a ** 2
print(p.grad_fn._saved_exponent, p.grad_fn._saved_self)
e = a.exp()
print(e.grad_fn._saved_result)
print(m.grad_fn.next_functions[0][0].variable is a)
print(m.grad_fn.name(), str(m.grad_fn).split(" at ")[0])
print(m.grad_fn is m.grad_fn, m.grad_fn.next_functions[1][1])
print(a.grad_fn, a.is_leaf, m.is_leaf)

# %% saved tensors after backward are freed
a = torch.tensor([1., 2.], requires_grad=True)
p = a ** 2
s = p.sum()
s.backward()
try:
    print(p.grad_fn._saved_self)
except RuntimeError as error:
    print(error)

# %% unbind and its node
x = torch.tensor([3., 4., 5.], requires_grad=True)
a, b, c = x
print(a, b, c)
print(a.grad_fn is b.grad_fn, a.output_nr, c.output_nr)
(a * b * c).backward()
print(x.grad)

# %% vector-Jacobian products
x = torch.tensor([1., 2., 3.], requires_grad=True)
y = x * x
y.backward(torch.tensor([1., 0., -1.]))
print(x.grad)
y = x.exp()
y.backward(gradient=torch.ones(3), retain_graph=True)
y.backward(gradient=torch.ones_like(y))
print(x.grad)

# %% autograd.grad and second derivatives
x = torch.tensor(2.0, requires_grad=True)
y = x ** 3
g, = torch.autograd.grad(y, x, create_graph=True)
print(g)
h, = torch.autograd.grad(g, x)
print(h)
x = torch.tensor([1., 2.], requires_grad=True)
z = (x ** 2).sum()
print(torch.autograd.grad(z, [x]))

# %% an unused input
x = torch.tensor(1.0, requires_grad=True)
u = torch.tensor(1.0, requires_grad=True)
print(torch.autograd.grad(x * 2, [x, u], allow_unused=True))
try:
    torch.autograd.grad(x * 2, [x, u])
except RuntimeError as error:
    print(error)

# %% retain_grad and non-leaf gradients
x = torch.tensor([1., 2.], requires_grad=True)
y = x * 3
y.retain_grad()
z = (y ** 2).sum()
z.backward()
print(y.grad, x.grad, y.retains_grad)

# %% backward into chosen inputs only
a = torch.tensor(2., requires_grad=True)
b = torch.tensor(3., requires_grad=True)
(a * b).backward(inputs=[a])
print(a.grad, b.grad)
(a * b).backward(inputs=b)
print(a.grad, b.grad)

# %% several roots
a = torch.tensor([1., 2.], requires_grad=True)
torch.autograd.backward([a.sum(), (a * a).sum()])
print(a.grad)
torch.autograd.backward([a * 2, a * 3], [torch.ones(2), torch.tensor([1., -1.])])
print(a.grad)

# %% broadcasting is undone
a = torch.tensor([[1.], [2.]], requires_grad=True)
b = torch.tensor([1., 2., 3.], requires_grad=True)
(a * b + a - b / a).sum().backward()
print(a.grad)
print(b.grad)
c = torch.tensor(2., requires_grad=True)
(c * torch.ones(2, 3)).sum().backward()
print(c.grad)

# %% no_grad, enable_grad, set_grad_enabled
x = torch.tensor(1., requires_grad=True)
with torch.no_grad():
    y = x * 2
    print(y.requires_grad, torch.is_grad_enabled())
    with torch.enable_grad():
        print((x * 2).requires_grad)
print(torch.is_grad_enabled())
@torch.no_grad()
def double(v):
    return v * 2
print(double(x), double.__name__)
@torch.no_grad()
def stream(v):
    for i in range(2):
        yield v * i
for v in stream(x):
    print(v.requires_grad, (x * 1).requires_grad)
with torch.set_grad_enabled(False):
    print((x * 2).requires_grad)
print((x * 2).requires_grad)
torch.set_grad_enabled(False)
print((x * 2).requires_grad)
torch.set_grad_enabled(True)

# %% detach and data share storage
x = torch.tensor([1., 2.], requires_grad=True)
d = x.detach()
print(d, d.requires_grad, d.is_leaf)
y = (x * d).sum()
y.backward()
print(x.grad)
x.data = torch.tensor([5., 6.])
print(x, (x * 2).sum())

# %% max routes, ties are shared
x = torch.tensor([1., 5., 5., 2.], requires_grad=True)
x.max().backward()
print(x.grad)
a = torch.tensor([1., 2., 3.], requires_grad=True)
b = torch.tensor([3., 2., 1.], requires_grad=True)
torch.maximum(a, b).sum().backward()
print(a.grad, b.grad)

# %% relu at zero, abs at zero, clamp at its borders
x = torch.tensor([-1., 0., 2.], requires_grad=True)
x.relu().sum().backward()
print(x.grad)
x.grad = None
x.abs().sum().backward()
print(x.grad)
x.grad = None
x.clamp(min=-1, max=1).sum().backward()
print(x.grad)
x.grad = None
torch.where(x > 0, x * 2, x * 3).sum().backward()
print(x.grad)

# %% sqrt at zero gives inf, 0 * inf gives nan
x = torch.tensor([0., 4.], requires_grad=True)
x.sqrt().sum().backward()
print(x.grad)
x = torch.tensor(0., requires_grad=True)
(x * 0).sqrt().backward()
print(x.grad)
# %% sums of floats, and dictionaries in order
import collections, copy, pickle
print(sum([0.1] * 10), sum([1, 2.5, True]), sum([[1], [2]], []), sum(x for x in (1e16, 1.0, -1e16)), sum(range(5), start=2))
for start in ("", b"", bytearray()):
    try: sum(["a"], start)
    except TypeError as error: print(error)
torch.manual_seed(0)
print(torch.nn.Sequential(torch.nn.Linear(2, 1)).state_dict())
class Named(collections.OrderedDict): pass
o = collections.OrderedDict(b=1, a=Named(c=2)); o["itself"] = o
print(o, type(o), collections.OrderedDict()); del o["itself"]
print(copy.deepcopy(o), pickle.loads(pickle.dumps(collections.OrderedDict(a=1))), o | {"c": 3}, o.popitem(last=False), isinstance(o, dict))
x = torch.ones(2, requires_grad=True)
s = sum([x, x * 2])
print(s, s.grad_fn.next_functions[0][0].name())
