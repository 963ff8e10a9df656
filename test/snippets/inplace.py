import torch

# %% add_ on an inner tensor
x = torch.tensor([1.0, 2.0], requires_grad=True)
y = x * 2
y.add_(1)
(y ** 2).sum().backward()
print(y, x.grad)

# %% augmented assignment
x = torch.tensor([1.0, 2.0], requires_grad=True)
y = x * 2
y += x
y *= 3
y.sum().backward()
print(x.grad)

# %% sub and div in place
x = torch.tensor([4.0, 2.0], requires_grad=True)
y = x.clone()
y -= 1
y /= 2
(y * y).sum().backward()
print(x.grad)

# %% relu_ in place
x = torch.tensor([-1.0, 2.0], requires_grad=True)
y = x * 1
torch.relu_(y) if False else y.relu_()
y.sum().backward()
print(x.grad)

# %% exp_ in place
x = torch.tensor([0.0, 1.0], requires_grad=True)
y = x + 0
y.exp_()
y.sum().backward()
print(x.grad)

# %% a saved tensor changed in place
x = torch.tensor([1.0, 2.0], requires_grad=True)
y = x.exp()
y.mul_(2)
y.sum().backward()

# %% a leaf changed in place
x = torch.tensor([1.0, 2.0], requires_grad=True)
x += 1

# %% a view of a leaf changed in place
x = torch.tensor([1.0, 2.0], requires_grad=True)
x[0] = 5

# %% a leaf changed under no_grad
x = torch.tensor([1.0, 2.0], requires_grad=True)
with torch.no_grad():
    x += 1
(x * x).sum().backward()
print(x, x._version, x.grad)

# %% a saved leaf changed under no_grad
x = torch.tensor([1.0, 2.0], requires_grad=True)
y = (x * x).sum()
with torch.no_grad():
    x.mul_(2)
y.backward()

# %% zero_ and fill_
x = torch.ones(3, requires_grad=True)
y = x * 2
y.zero_()
y.fill_(7.0)
y.sum().backward()
print(y, x.grad)

# %% copy_
a = torch.tensor([1.0, 2.0], requires_grad=True)
b = torch.zeros(2)
b.copy_(a * 3)
b.sum().backward()
print(b, a.grad)

# %% in place on a view of an inner tensor
x = torch.ones(2, 2, requires_grad=True)
y = x * 2
y[0].mul_(10)
y.sum().backward()
print(y, x.grad)

# %% masked_fill_ in place
x = torch.tensor([1.0, -1.0], requires_grad=True)
y = x * 1
y.masked_fill_(y < 0, 0.0)
y.sum().backward()
print(x.grad)

# %% version counters
x = torch.zeros(2)
print(x._version)
x += 1
x[0] = 3
v = x[1:]
v.mul_(2)
print(x._version, v._version, x)

# %% running buffer
w = torch.tensor(2.0, requires_grad=True)
buffer = torch.zeros(3)
for i in range(3):
    buffer[i] = w * i
buffer.sum().backward()
print(buffer, w.grad)

# %% a view named twice after its base has changed
x = torch.tensor([[1.0, 2.0]], requires_grad=True)
base = x * 3
view = base.reshape(-1)
base[0] = 0.5
(view - view * view).sum().backward()
print(x.grad, view)

# %% a view that is only named after its base has changed
x = torch.tensor([[1.0, 2.0]], requires_grad=True)
row = x[-1]
with torch.no_grad():
    x -= 0.5
same = row.float()
(x * 2).sum().backward()
print(x.grad, same is row)

# %% an expanded tensor cannot be changed in place
x = torch.tensor([1.0, 2.0], requires_grad=True)
wide = (x * 2).expand(3, 2)
wide.relu_()

# %% an expanded tensor can be filled
x = torch.tensor([1.0, 2.0], requires_grad=True)
wide = (x * 2).expand(3, 2)
wide.fill_(4.0)
wide.sum().backward()
print(x.grad, wide)

# %% of two saved tensors that were changed the first input is named
x = torch.tensor([1.0, 2.0], requires_grad=True)
a = x * 2
b = (x * 3).expand(2, 2).contiguous()
y = a / b
with torch.no_grad():
    a += 1
    b += 1
y.sum().backward()

# %% a leaf whose elements are changed through a detached view
x = torch.tensor([1.0, -2.0, 3.0, 4.0]).reshape(2, 2).requires_grad_()
row = x.detach()[0]
row.relu_()
(x * 2).sum().backward()
print(x, x.grad, x.is_leaf)

# %% weights stepped through .data
w = torch.tensor([2., -1.], requires_grad=True)
for _ in range(3):
    loss = (w * torch.tensor([1., 3.]) - 1).pow(2).sum()
    loss.backward()
    w.data -= 0.1 * w.grad
    w.grad.zero_()
w

# %% a weight filled through .data before it is used
w = torch.zeros(3, requires_grad=True)
w.data.fill_(2.)
w.data[1] = 5.
y = (w ** 2).sum()
y.backward()
w.grad

# %% a large leaf changed between two passes
w = torch.ones(40, requires_grad=True)
for rate in (0.5, 0.25):
    y = w * 2
    y += 1
    y.sum().backward()
    with torch.no_grad():
        w -= rate * w.grad
w.sum()

# %% a large tensor changed after it was seen
x = torch.zeros(50)
y = x + 1
x[3] = float("nan")
x.data.mul_(2)
z = y.detach()
z += 4
(x.isnan().sum(), y.sum(), z.sum())
