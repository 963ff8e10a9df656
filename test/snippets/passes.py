import torch

# %% gradients accumulate
x = torch.tensor([1.0, 2.0], requires_grad=True)
for _ in range(3):
    (x ** 2).sum().backward()
    print(x.grad)

# %% zero and again
x = torch.tensor(2.0, requires_grad=True)
(x * 3).backward()
x.grad.zero_()
(x * 5).backward()
print(x.grad)

# %% retain_graph
x = torch.tensor(2.0, requires_grad=True)
y = x ** 3
y.backward(retain_graph=True)
y.backward()
print(x.grad)

# %% a second pass without retain_graph
x = torch.tensor(2.0, requires_grad=True)
y = x ** 3
y.backward()
y.backward()

# %% two losses over one trunk
x = torch.tensor([1.0, 2.0], requires_grad=True)
h = x * 3
a = h.sum()
b = (h ** 2).sum()
a.backward(retain_graph=True)
print(x.grad)
b.backward()
print(x.grad)

# %% autograd.grad
x = torch.tensor(3.0, requires_grad=True)
y = x ** 2
g, = torch.autograd.grad(y, x)
print(g, x.grad)

# %% autograd.grad of several inputs
a = torch.tensor([1.0, 2.0], requires_grad=True)
b = torch.tensor([3.0, 4.0], requires_grad=True)
y = (a * b + a).sum()
print(torch.autograd.grad(y, (a, b)))

# %% autograd.grad to an inner tensor
x = torch.tensor(2.0, requires_grad=True)
h = x * 3
y = h ** 2
print(torch.autograd.grad(y, [h, x]))

# %% autograd.grad of an unused input
x = torch.tensor(2.0, requires_grad=True)
z = torch.tensor(5.0, requires_grad=True)
print(torch.autograd.grad(x * 2, [x, z], allow_unused=True))

# %% autograd.grad refuses an unused input
x = torch.tensor(2.0, requires_grad=True)
z = torch.tensor(5.0, requires_grad=True)
torch.autograd.grad(x * 2, [x, z])

# %% second derivative
x = torch.tensor(2.0, requires_grad=True)
y = x ** 3
g, = torch.autograd.grad(y, x, create_graph=True)
g2, = torch.autograd.grad(g, x)
print(g, g2)

# %% second derivative of a sine
x = torch.tensor(0.5, requires_grad=True)
g, = torch.autograd.grad(torch.sin(x), x, create_graph=True)
h, = torch.autograd.grad(g, x, create_graph=True)
print(g, h)

# %% backward with create_graph
x = torch.tensor([1.0, 2.0], requires_grad=True)
(x ** 3).sum().backward(create_graph=True)
print(x.grad)
x.grad.sum().backward()
print(x.grad)

# %% gradient penalty
x = torch.tensor([1.0, -2.0], requires_grad=True)
w = torch.tensor([0.5, 0.25], requires_grad=True)
y = torch.tanh(x * w).sum()
g, = torch.autograd.grad(y, x, create_graph=True)
loss = y + (g ** 2).sum()
loss.backward()
print(w.grad)

# %% Hessian row by row
x = torch.tensor([1.0, 2.0], requires_grad=True)
y = x[0] ** 2 * x[1]
g, = torch.autograd.grad(y, x, create_graph=True)
rows = [torch.autograd.grad(e, x, retain_graph=True)[0] for e in g]
print(torch.stack(rows))

# %% several roots
x = torch.tensor(2.0, requires_grad=True)
torch.autograd.backward([x * 2, x ** 2])
print(x.grad)

# %% several roots with gradients
x = torch.tensor([1.0, 2.0], requires_grad=True)
torch.autograd.backward([x * 2, x ** 2], [torch.ones(2), torch.tensor([0.5, 0.25])])
print(x.grad)

# %% backward to some inputs only
a = torch.tensor(2.0, requires_grad=True)
b = torch.tensor(3.0, requires_grad=True)
(a * b).backward(inputs=[a])
print(a.grad, b.grad)

# %% a gradient for a non-scalar is missing
x = torch.ones(2, requires_grad=True)
(x * 2).backward()

# %% a gradient of a wrong shape
x = torch.ones(2, requires_grad=True)
(x * 2).backward(torch.ones(3))

# %% nothing requires a gradient
x = torch.ones(2)
x.sum().backward()

# %% retain_grad on an inner tensor
x = torch.tensor([1.0, 2.0], requires_grad=True)
h = x * 2
h.retain_grad()
(h ** 2).sum().backward()
print(h.grad, x.grad)

# %% backward of a leaf itself
x = torch.tensor(2.0, requires_grad=True)
x.backward()
print(x.grad)

# %% passes in functions
def f(x):
    h = x * x
    return h + x

def step(x):
    y = f(x)
    y.backward()
    return y.item()

x = torch.tensor(1.5, requires_grad=True)
print(step(x), step(x), x.grad)

# %% caught error, then another pass
x = torch.tensor(1.0, requires_grad=True)
y = x.exp()
y.backward()
try:
    y.backward()
except RuntimeError as e:
    print("caught", str(e)[:40])
(x * 2).backward()
print(x.grad)

# %% a second pass through a quotient
x = torch.tensor([1.0, -3.0], requires_grad=True)
y = x / (x.abs() + 1)
g, = torch.autograd.grad(y.tanh().sum(), x, create_graph=True)
(g * g + x).sum().backward()
print(g, x.grad)

# %% a second pass through mish, silu and a deviation
x = torch.tensor([1.0, -3.0, 0.5], requires_grad=True)
y = torch.nn.functional.mish(x) + torch.nn.functional.silu(x) + x.std()
g, = torch.autograd.grad(y.sum(), x, create_graph=True)
g.square().sum().backward()
print(g, x.grad)

# %% grad of what nothing leads to
x = torch.tensor([1.0], requires_grad=True)
y = torch.tensor([2.0], requires_grad=True)
print(torch.autograd.grad((1 / y).sum(), x, allow_unused=True))

# %% grad of both inputs of a divergence
x = torch.tensor([0.25, 0.75], requires_grad=True)
y = torch.tensor([0.5, 0.5], requires_grad=True)
print(torch.autograd.grad(torch.nn.functional.kl_div(x.log(), y, reduction="sum"), [x, y]))

# %% nothing arrives at a likelihood
x = torch.tensor([[1.0, -0.5, 0.25]], requires_grad=True)
(torch.nn.functional.cross_entropy(x, torch.tensor([1])) * 0).backward()
print(x.grad)

# %% a custom function's saved tensors, an output and None among them
class Scaled(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, w):
        y = x * w
        ctx.save_for_backward(x, y, None)
        return y
    @staticmethod
    def backward(ctx, g):
        x, y, nothing = ctx.saved_tensors
        return g * (y / x), g * x
class Turned(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        return x.view_as(x)
    @staticmethod
    def backward(ctx, g):
        return -g
x = torch.tensor([1., 2.], requires_grad=True)
w = torch.tensor([3., 5.], requires_grad=True)
y = Turned.apply(Scaled.apply(x * 2, w))
y.sum().backward()
x.grad, w.grad

# %% a hook of a leaf leaves what is added
x = torch.tensor([1., -2.], requires_grad=True)
x.register_hook(lambda g: g.clamp(-1, 1))
for _ in range(2):
    (x ** 3).sum().backward()
x.grad

# %% sequences of several lengths through a recurrent net
torch.manual_seed(0)
net = torch.nn.LSTM(2, 3, bidirectional=True)
packed = torch.nn.utils.rnn.pack_sequence([torch.ones(3, 2), torch.ones(1, 2)])
out, (h, c) = net(packed)
(out.data.sum() + c.sum()).backward()
net.weight_hh_l0.grad.sum()

# %% a node's hook sends another gradient on
x = torch.tensor([1., 2.], requires_grad=True)
y = x ** 2
y.grad_fn.register_hook(lambda sent, arrived: tuple(g * 10 for g in sent))
z = y * x
z.grad_fn.register_hook(lambda sent, arrived: None)
z.sum().backward()
x.grad

# %% what a module is given was made outside of it
torch.manual_seed(1)
class Block(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.first, self.norm = torch.nn.Linear(3, 3), torch.nn.LayerNorm(3)
    def forward(self, x):
        return self.norm(x + self.first(x).view(2, 3))
block = Block()
block(torch.ones(2, 3)).pow(2).sum().backward()
block.first.bias.grad
