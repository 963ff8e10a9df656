# %% a hook on a leaf sees the gradient before it is accumulated
x = torch.tensor([1., 2., 3.], requires_grad=True)
x.register_hook(lambda g: print("leaf", g))
(x**3).sum().backward()
print(x.grad)
# %% what a hook returns takes the gradient's place
x = torch.tensor([1., 2.], requires_grad=True)
y = x * 3
y.register_hook(lambda g: g * 10)
x.register_hook(lambda g: g + 1)
y.sum().backward()
print(x.grad)
# %% hooks run in the order in which they were put, and can be removed
x = torch.ones(2, requires_grad=True)
y = x * 2
first = y.register_hook(lambda g: print("first", g))
second = y.register_hook(lambda g: print("second", g))
y.sum().backward(retain_graph=True)
first.remove()
y.sum().backward()
print(x.grad)
# %% a hook on a tensor that needs no gradient is refused
torch.ones(2).register_hook(print)
# %% an exception in a hook ends the pass
x = torch.ones(2, requires_grad=True)
def bad(g):
    raise ValueError("no such gradient")
x.register_hook(bad)
try:
    (x * 2).sum().backward()
except ValueError as error:
    print("caught", error)
print(x.grad)
# %% a hook that changes the size is refused
x = torch.ones(2, requires_grad=True)
x.register_hook(lambda g: torch.ones(3))
try:
    (x * 2).sum().backward()
except RuntimeError as error:
    print(error)
# %% a hook on a node sees both sides
x = torch.tensor([2., 3.], requires_grad=True)
y = (x * x).sum()
node = y.grad_fn.next_functions[0][0]
node.register_hook(lambda inputs, outputs: print(len(inputs), inputs[0], outputs))
y.backward()
print(x.grad)
# %% a hook on a node may send on other gradients
x = torch.tensor([2., 3.], requires_grad=True)
y = x.exp()
y.grad_fn.register_hook(lambda inputs, outputs: (inputs[0] * 0 + 7,))
y.sum().backward()
print(x.grad)
# %% retain_grad keeps the gradient of a tensor in between
x = torch.tensor([2., 3.], requires_grad=True)
y = x * 2
y.retain_grad()
(y * y).sum().backward()
print(y.grad, x.grad)
# %% a custom function
class Square(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x * x
    @staticmethod
    def backward(ctx, g):
        x, = ctx.saved_tensors
        return 2 * x * g
x = torch.tensor([3., 4.], requires_grad=True)
y = Square.apply(x)
print(y, y.grad_fn.name(), [n[0].name() for n in y.grad_fn.next_functions])
y.sum().backward()
print(x.grad)
# %% a custom function with other arguments, two inputs and two outputs
class Both(torch.autograd.Function):
    @staticmethod
    def forward(ctx, a, b, k):
        ctx.save_for_backward(a, b)
        ctx.k = k
        return a * b * k, a + b
    @staticmethod
    def backward(ctx, g, h):
        a, b = ctx.saved_tensors
        print(ctx.needs_input_grad, g, h)
        return g * b * ctx.k + h, g * a * ctx.k + h, None
a = torch.tensor([1., 2.], requires_grad=True)
b = torch.tensor([5., 7.])
p, q = Both.apply(a, b, 3)
print(p, q)
p.sum().backward()
print(a.grad, b.grad)
# %% a custom function that keeps its output can be differentiated twice
class Exp(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        y = x.exp()
        ctx.save_for_backward(y)
        return y
    @staticmethod
    def backward(ctx, g):
        y, = ctx.saved_tensors
        return g * y
x = torch.tensor([0., 1.], requires_grad=True)
g, = torch.autograd.grad(Exp.apply(x).sum(), x, create_graph=True)
print(g)
gg, = torch.autograd.grad(g.sum(), x)
print(gg)
# %% the second backward of a custom function needs what it kept
class Keep(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x.clone()
    @staticmethod
    def backward(ctx, g):
        return g * ctx.saved_tensors[0]
x = torch.ones(2, requires_grad=True)
y = Keep.apply(x).sum()
y.backward()
try:
    y.backward()
except RuntimeError as error:
    print(error)
# %% the wrong number of gradients is refused
class Many(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        return x.clone()
    @staticmethod
    def backward(ctx, g):
        return g, g
x = torch.ones(2, requires_grad=True)
try:
    Many.apply(x).sum().backward()
except RuntimeError as error:
    print(error)
# %% the wrong shape of gradient is refused
class Wide(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        return x.clone()
    @staticmethod
    def backward(ctx, g):
        return torch.ones(5)
x = torch.ones(2, requires_grad=True)
try:
    Wide.apply(x).sum().backward()
except RuntimeError as error:
    print(error)
# %% an output may be marked as having no gradient
class Top(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        i = x > 1
        ctx.mark_non_differentiable(i)
        return x * 2, i
    @staticmethod
    def backward(ctx, g, _):
        return g * 2
x = torch.tensor([1., 2.], requires_grad=True)
y, i = Top.apply(x)
print(y.requires_grad, i.requires_grad, i)
y.sum().backward()
print(x.grad)
# %% without a gradient to come, nothing is recorded
class Plain(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        return x + 1
    @staticmethod
    def backward(ctx, g):
        return g
print(Plain.apply(torch.ones(2)))
with torch.no_grad():
    print(Plain.apply(torch.ones(2, requires_grad=True)))
# %% a straight-through estimator
class Round(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        return (x > 0.5).float()
    @staticmethod
    def backward(ctx, g):
        return g
x = torch.tensor([0.2, 0.8], requires_grad=True)
loss = ((Round.apply(x) - 0.3) ** 2).sum()
loss.backward()
print(loss, x.grad)
# %% hooks and what autograd.grad asks for
x = torch.tensor([1.0, 2.0], requires_grad=True)
x.register_hook(lambda g: (print("leaf hook", g), g * 10)[1])
y = x * 2
y.register_hook(lambda g: (print("y hook", g), g * 100)[1])
z = y.sum()
print(torch.autograd.grad(z, x, retain_graph=True), torch.autograd.grad(z, y, retain_graph=True))
print(torch.autograd.grad(z, [x, y], retain_graph=True))
z.backward(inputs=[x], retain_graph=True)
y.retain_grad()
print(x.grad, torch.autograd.grad(z, y, retain_graph=True), y.grad)
z.backward(retain_graph=True)
z.register_hook(lambda g: (print("z hook", g), g * 3)[1])
y.grad_fn.register_hook(lambda to, at: print("node hook", to, at))
x_leaf = y.grad_fn.next_functions[0][0]
x_leaf.register_hook(lambda to, at: print("leaf's node", to, at))
print(x.grad, y.grad, torch.autograd.grad(z, z, retain_graph=True), torch.autograd.grad(z, y, retain_graph=True))
print(torch.autograd.grad(z, x, retain_graph=True))
z.backward()
