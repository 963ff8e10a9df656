# %% classes, closures, comprehensions
class Line:
    """A line."""
    def __init__(self, a, b):
        self.a = torch.tensor(a, requires_grad=True)
        self.b = torch.tensor(b, requires_grad=True)
    def __call__(self, x):
        return self.a * x + self.b
    @property
    def parameters(self):
        return [self.a, self.b]
line = Line(2., 1.)
xs = [torch.tensor(float(i)) for i in range(4)]
loss = sum((line(x) - 3 * x) ** 2 for x in xs) / len(xs)
loss.backward()
print(loss, [p.grad for p in line.parameters], Line.__doc__)

# %% a Value class beside torch
class Value:
    def __init__(self, data): self.data = data
    def __repr__(self): return f"Value({self.data})"
    def __radd__(self, other): return Value("radd")
print(Value(3))
try:
    torch.ones(2) + Value(1)
    print(torch.ones(2) + Value(1))
except TypeError as error:
    print(error)

# %% argv, name, exit handlers
import sys, atexit, math
print(__name__, len(sys.argv), math.pi)
atexit.register(lambda: print("bye"))
print("end")

# %% exit codes
import sys
print("before")
sys.exit(3)

# %% exit with a message
import sys
print("before")
sys.exit("stopped")

# %% zero division
print("a")
1 / 0

# %% an exception with a cause
try:
    {}["a"]
except KeyError as error:
    raise ValueError("no") from error

# %% printing without newline
import sys
print("a", end="")
print("b", end=" ", flush=True)
sys.stdout.write("c\n")
print("d", "e", sep="-")
print("ü ∑ 🙂")

# %% warnings of PyTorch go to stderr
x = torch.ones(2, requires_grad=True)
y = x * 2
y.sum().backward()
print(y.grad)
z = torch.tensor(x)
print(z)

# %% newton's method with create_graph
x = torch.tensor(3.0, requires_grad=True)
for i in range(5):
    y = x ** 3 - 2 * x - 5
    g, = torch.autograd.grad(y, x, create_graph=True)
    x = (x - y / g).detach().requires_grad_()
    print(i, x.item())

# %% a physics-like second derivative
t = torch.linspace(0, 1, 5, requires_grad=True)
u = torch.sin(3 * t)
du, = torch.autograd.grad(u.sum(), t, create_graph=True)
ddu, = torch.autograd.grad(du.sum(), t)
print(du)
print(ddu)
print(ddu + 9 * u)

# %% softmax by hand
x = torch.tensor([[1., 2., 3.], [1., 1., 1.]], requires_grad=True)
e = (x - x.max()).exp()
p = e / e.sum(1, keepdim=True)
print(p)
(-p[0, 2].log()).backward()
print(x.grad)

# %% layer norm by hand
x = torch.tensor([[1., 2., 4.], [0., 5., 1.]], requires_grad=True)
m = x.mean(-1, keepdim=True)
v = ((x - m) ** 2).mean(-1, keepdim=True)
y = (x - m) / torch.sqrt(v + 1e-5)
print(y)
(y * torch.arange(6.).view(2, 3)).sum().backward()
print(x.grad)

# %% attention by hand
q = torch.arange(6.).reshape(2, 3).requires_grad_()
k = torch.ones(2, 3, requires_grad=True)
s = q @ k.transpose(0, 1) / 3 ** 0.5
w = s.exp() / s.exp().sum(-1, keepdim=True)
o = w @ k
o.sum().backward()
print(o, q.grad, k.grad)

# %% walking the graph
x = torch.tensor([1., 2.], requires_grad=True)
y = ((x * 2).exp() + x).mean()
def walk(node, depth=0):
    if node is None:
        return
    print("  " * depth + type(node).__name__)
    for child, _ in node.next_functions:
        walk(child, depth + 1)
walk(y.grad_fn)

# %% generators, lambdas, star arguments
f = lambda *a, **k: sum(a) * k.get("s", 1)
x = torch.tensor([1., 2., 3.], requires_grad=True)
y = f(*x, s=torch.tensor(2.))
y.backward()
print(y, x.grad)
g = (v * 2 for v in x)
print(next(g), list(g))
a, *rest = x
print(a, rest)
(b := x * 2).sum().backward()
print(b, x.grad)

# %% asyncio, threads of tasks and time
import asyncio
async def grad(v):
    await asyncio.sleep(0.001)
    x = torch.tensor(v, requires_grad=True)
    (x ** 2).backward()
    return x.grad.item()
async def main():
    print(await asyncio.gather(grad(1.), grad(2.)))
    try:
        await asyncio.wait_for(asyncio.sleep(3), 0.01)
    except asyncio.TimeoutError:
        print("late")
asyncio.run(main())

# %% tracebacks that a program prints itself
import traceback
try:
    torch.ones(2) + torch.ones(3)
except RuntimeError as error:
    print(traceback.format_exc())
    print([frame.name for frame in traceback.extract_tb(error.__traceback__)])

# %% schedules by functions, saved: only what can be called and has a state is
class Warmup:
    def __init__(self, steps):
        self.steps = steps
    def __call__(self, epoch):
        return min(1.0, (epoch + 1) / self.steps)
opt = torch.optim.SGD([{"params": [torch.nn.Parameter(torch.zeros(1))]}, {"params": [torch.nn.Parameter(torch.zeros(2))]}], lr=0.1)
for kind in (torch.optim.lr_scheduler.LambdaLR, torch.optim.lr_scheduler.MultiplicativeLR):
    schedule = kind(opt, [Warmup(4), lambda epoch: 0.9 ** epoch])
    opt.step()
    schedule.step()
    state = schedule.state_dict()
    print(state)
    again = kind(opt, [Warmup(9), lambda epoch: 1.0])
    again.load_state_dict(state)
    print(again.lr_lambdas[0].steps, again.last_epoch, sorted(state))

# %% divergences within and across the exponential family, and constraints without a bijection
from torch import distributions as D
for p, q in ((D.Normal(0.0, 1.0), D.Bernoulli(0.5)), (D.Gamma(1.0, 2.0), D.Bernoulli(0.5)), (D.ContinuousBernoulli(0.3), D.ContinuousBernoulli(0.6)), (D.Laplace(0.0, 1.0), D.Cauchy(0.0, 1.0))):
    try:
        print(D.kl_divergence(p, q))
    except NotImplementedError as error:
        print(error)
for registry in (D.biject_to, D.transform_to):
    for constraint in (D.constraints.lower_cholesky, D.constraints.corr_cholesky, D.constraints.positive_definite, D.constraints.simplex):
        try:
            print(registry(constraint))
        except NotImplementedError as error:
            print(error)
