import torch

# %% vector plus scalar tensor
x = torch.tensor([1.0, 2.0, 3.0], requires_grad=True)
b = torch.tensor(10.0, requires_grad=True)
((x + b) * 2).sum().backward()
print(x.grad, b.grad)

# %% matrix plus row
m = torch.ones(2, 3, requires_grad=True)
r = torch.arange(3.0).requires_grad_()
((m + r) ** 2).sum().backward()
print(m.grad, r.grad)

# %% matrix times column
m = torch.arange(6.0).reshape(2, 3).requires_grad_()
c = torch.tensor([[2.0], [3.0]], requires_grad=True)
(m * c).sum().backward()
print(m.grad, c.grad)

# %% row times column
r = torch.tensor([[1.0, 2.0, 3.0]], requires_grad=True)
c = torch.tensor([[4.0], [5.0]], requires_grad=True)
(r * c).sum().backward()
print(r.grad, c.grad)

# %% division by a column sum
m = torch.tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
p = m / m.sum(dim=1, keepdim=True)
p[0, 0].backward()
print(p, m.grad)

# %% subtraction of a mean
x = torch.tensor([[1.0, 2.0], [5.0, 9.0]], requires_grad=True)
d = x - x.mean(dim=0)
(d * d).sum().backward()
print(x.grad)

# %% standardization
x = torch.tensor([1.0, 2.0, 4.0, 8.0], requires_grad=True)
z = (x - x.mean()) / ((x - x.mean()) ** 2).mean().sqrt()
(z * torch.arange(4.0)).sum().backward()
print(x.grad)

# %% three dimensions and a vector
x = torch.arange(12.0).reshape(2, 3, 2).requires_grad_()
v = torch.tensor([1.0, -1.0], requires_grad=True)
(x * v).sum().backward()
print(v.grad)

# %% power with a broadcast exponent
x = torch.tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
n = torch.tensor([2.0, 3.0], requires_grad=True)
(x ** n).sum().backward()
print(x.grad, n.grad)

# %% where with broadcasting
c = torch.tensor([[True], [False]])
a = torch.tensor([1.0, 2.0, 3.0], requires_grad=True)
b = torch.tensor(0.5, requires_grad=True)
torch.where(c, a, b).sum().backward()
print(a.grad, b.grad)

# %% expand
x = torch.tensor([[1.0], [2.0]], requires_grad=True)
(x.expand(2, 3) * torch.arange(6.0).reshape(2, 3)).sum().backward()
print(x.grad)

# %% expand by minus one
x = torch.tensor([1.0, 2.0], requires_grad=True)
x.expand(3, -1).sum().backward()
print(x.grad)

# %% pairwise distances
a = torch.tensor([[0.0, 0.0], [1.0, 1.0]], requires_grad=True)
b = torch.tensor([[1.0, 0.0], [2.0, 2.0]])
d = ((a[:, None, :] - b[None, :, :]) ** 2).sum(-1)
d.sum().backward()
print(d, a.grad)

# %% integer tensor times float leaf
i = torch.tensor([1, 2, 3])
x = torch.tensor([0.5, 0.25, 0.125], requires_grad=True)
(i * x).sum().backward()
print(x.grad)

# %% double and float together
x = torch.tensor([1.0, 2.0], requires_grad=True)
d = torch.tensor([3.0, 4.0], dtype=torch.float64, requires_grad=True)
y = (x * d).sum()
y.backward()
print(y.dtype, x.grad.dtype, d.grad.dtype)

# %% bool mask times leaf
x = torch.tensor([1.0, -2.0, 3.0], requires_grad=True)
(x * (x > 0)).sum().backward()
print(x.grad)

# %% shapes that do not fit
a = torch.ones(2, 3, requires_grad=True)
b = torch.ones(4)
a + b
