import torch

# %% no_grad
x = torch.tensor(2.0, requires_grad=True)
with torch.no_grad():
    y = x * 2
print(y.requires_grad, (x * 2).requires_grad)

# %% detach
x = torch.tensor([1.0, 2.0], requires_grad=True)
y = x * x.detach()
y.sum().backward()
print(x.grad)

# %% detach in a loop
h = torch.tensor(1.0, requires_grad=True)
w = torch.tensor(0.5, requires_grad=True)
s = h
for _ in range(3):
    s = (s.detach() * w).tanh()
s.backward()
print(w.grad, h.grad)

# %% no_grad as a decorator
@torch.no_grad()
def predict(x):
    return x * 3

x = torch.tensor(1.0, requires_grad=True)
print(predict(x).requires_grad)

# %% set_grad_enabled
x = torch.tensor(1.0, requires_grad=True)
for on in (True, False):
    with torch.set_grad_enabled(on):
        print((x * 2).requires_grad)

# %% enable_grad inside no_grad
x = torch.tensor(3.0, requires_grad=True)
with torch.no_grad():
    with torch.enable_grad():
        y = x ** 2
y.backward()
print(x.grad)

# %% requires_grad switched on
w = torch.ones(2)
w.requires_grad = True
(w * 3).sum().backward()
print(w.grad, w.is_leaf)

# %% requires_grad of an integer tensor
torch.tensor([1, 2], requires_grad=True)

# %% grad_fn names
x = torch.tensor([1.0], requires_grad=True)
print((x + 1).grad_fn.name(), x.exp().grad_fn.name(), x.grad_fn)

# %% next functions by hand
x = torch.tensor(2.0, requires_grad=True)
y = (x * 3 + 1) ** 2
node = y.grad_fn
while node is not None:
    print(type(node).__name__)
    node = node.next_functions[0][0] if node.next_functions else None

# %% saved tensors by hand
x = torch.tensor(3.0, requires_grad=True)
y = x ** 2
print(y.grad_fn._saved_self, y.grad_fn._saved_exponent)

# %% item and comparisons
x = torch.tensor(2.5, requires_grad=True)
if x > 2:
    y = x * 2
else:
    y = x * 3
y.backward()
print(x.grad.item(), bool(x == 2.5))

# %% requires_grad propagates
a = torch.ones(2)
b = torch.ones(2, requires_grad=True)
print((a + a).requires_grad, (a + b).requires_grad, (a > b).requires_grad)

# %% a deep chain
x = torch.tensor(1.0, requires_grad=True)
y = x
for i in range(60):
    y = y * 1.01 + 0.001
y.backward()
print(x.grad)

# %% clone
x = torch.tensor([1.0, 2.0], requires_grad=True)
c = x.clone()
(c * c).sum().backward()
print(x.grad)

# %% data bypasses the graph
x = torch.tensor(2.0, requires_grad=True)
y = x * 3
x.data.mul_(10)
y.backward()
print(x, x.grad)

# %% a leaf frozen later
a = torch.tensor(2.0, requires_grad=True)
b = torch.tensor(3.0, requires_grad=True)
b.requires_grad_(False)
(a * b).backward()
print(a.grad, b.grad)

# %% printing while building
x = torch.tensor([1.0, 2.0], requires_grad=True)
print(x, x * 2, (x * 2).sum(), x.detach(), sep="\n")

# %% inference mode: numbers that are changed where nothing counts the changes
a = torch.tensor([3., 4.])
with torch.inference_mode():
    b = torch.ones(2, 2)
    b
    b.mul_(3)
    b
    row = b[0]
    row += 1
    big = torch.zeros(400, 400)
    big
    big += 2
    big
    y = (a @ b).relu_()
x = torch.ones(2, requires_grad=True)
(x * a).sum().backward()
print(b, y, big.sum())
try:
    (x * b).sum().backward()
except RuntimeError as e:
    print(e)
