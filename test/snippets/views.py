import torch

# %% reshape
x = torch.arange(6.0).requires_grad_()
(x.reshape(2, 3) * torch.tensor([1.0, 2.0, 3.0])).sum().backward()
print(x.grad)

# %% view and transpose
x = torch.arange(6.0).requires_grad_()
y = x.view(2, 3).t()
(y * torch.arange(6.0).reshape(3, 2)).sum().backward()
print(x.grad)

# %% squeeze and unsqueeze
x = torch.ones(3, 1, requires_grad=True)
(x.squeeze(1).unsqueeze(0) * 2).sum().backward()
print(x.grad)

# %% permute
x = torch.arange(24.0).reshape(2, 3, 4).requires_grad_()
(x.permute(2, 0, 1) ** 2).sum().backward()
print(x.grad.shape, x.grad[0, 0])

# %% transpose of two dims
x = torch.arange(6.0).reshape(1, 2, 3).requires_grad_()
x.transpose(1, 2).sum(1).pow(2).sum().backward()
print(x.grad)

# %% flattening by reshape(-1)
x = torch.ones(2, 2, requires_grad=True)
y = x.reshape(-1)
(y * torch.arange(4.0)).sum().backward()
print(x.grad)

# %% contiguous after transpose
x = torch.arange(4.0).reshape(2, 2).requires_grad_()
x.t().contiguous().view(-1)[1].backward()
print(x.grad)

# %% stack
a = torch.tensor(1.0, requires_grad=True)
b = torch.tensor(2.0, requires_grad=True)
s = torch.stack([a, b])
(s * torch.tensor([3.0, 4.0])).sum().backward()
print(a.grad, b.grad)

# %% cat
a = torch.ones(2, requires_grad=True)
b = torch.zeros(3, requires_grad=True)
c = torch.cat([a, b, a])
(c * torch.arange(7.0)).sum().backward()
print(a.grad, b.grad)

# %% cat of rows and columns
a = torch.ones(1, 2, requires_grad=True)
b = torch.ones(1, 1, requires_grad=True)
torch.cat((a, b), dim=1).pow(3).sum().backward()
print(a.grad, b.grad)

# %% unbind
x = torch.arange(6.0).reshape(2, 3).requires_grad_()
a, b = x.unbind(0)
(a * b).sum().backward()
print(x.grad)

# %% unbind with one output unused
x = torch.arange(6.0).reshape(3, 2).requires_grad_()
a, b, c = torch.unbind(x)
(a * c).sum().backward()
print(x.grad)

# %% views share storage
x = torch.zeros(4)
v = x.view(2, 2)
v[0, 0] = 5
print(x, v._base is x, v.is_contiguous())

# %% sum over dims
x = torch.arange(8.0).reshape(2, 2, 2).requires_grad_()
(x.sum((0, 2)) ** 2).sum().backward()
print(x.grad)

# %% mean over a dim with keepdim
x = torch.arange(6.0).reshape(2, 3).requires_grad_()
(x * x.mean(1, keepdim=True)).sum().backward()
print(x.grad)

# %% T of a matrix
x = torch.arange(6.0).reshape(2, 3).requires_grad_()
(x.T @ torch.ones(2)).sum().backward()
print(x.grad)

# %% narrow
x = torch.arange(5.0).requires_grad_()
x.narrow(0, 1, 3).sum().backward()
print(x.grad)

# %% a view that cannot be made
x = torch.arange(6.0).reshape(2, 3)
x.t().view(6)

# %% reshape to a wrong size
torch.arange(6.0).requires_grad_().reshape(4, 2)
