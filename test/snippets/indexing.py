import torch

# %% one element
x = torch.arange(4.0).requires_grad_()
(x[2] ** 2).backward()
print(x.grad)

# %% last element
x = torch.arange(4.0).requires_grad_()
x[-1].backward()
print(x.grad)

# %% a slice
x = torch.arange(6.0).requires_grad_()
x[1:4].sum().backward()
print(x.grad)

# %% a slice with a step
x = torch.arange(6.0).requires_grad_()
(x[::2] * x[1::2]).sum().backward()
print(x.grad)

# %% rows and columns
m = torch.arange(6.0).reshape(2, 3).requires_grad_()
(m[0] * m[1]).sum().backward()
print(m.grad)

# %% a column
m = torch.arange(6.0).reshape(2, 3).requires_grad_()
m[:, 1].prod if False else m[:, 1].sum().backward()
print(m.grad)

# %% element of a matrix
m = torch.arange(6.0).reshape(2, 3).requires_grad_()
m[1, 2].backward()
print(m.grad)

# %% ellipsis and None
x = torch.arange(8.0).reshape(2, 2, 2).requires_grad_()
(x[..., 0] + x[:, None, 1, 1]).sum().backward()
print(x.grad)

# %% index by a list
x = torch.arange(5.0).requires_grad_()
x[[0, 2, 2]].sum().backward()
print(x.grad)

# %% index by a tensor
x = torch.arange(5.0).requires_grad_()
i = torch.tensor([4, 0, 4])
(x[i] * torch.tensor([1.0, 2.0, 3.0])).sum().backward()
print(x.grad)

# %% index by a mask
x = torch.tensor([-1.0, 2.0, -3.0, 4.0], requires_grad=True)
(x[x > 0] ** 2).sum().backward()
print(x.grad)

# %% embedding by rows
table = torch.arange(6.0).reshape(3, 2).requires_grad_()
words = torch.tensor([0, 2, 0])
(table[words] * torch.ones(3, 2)).sum().backward()
print(table.grad)

# %% gather
x = torch.tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
x.gather(1, torch.tensor([[0], [1]])).sum().backward()
print(x.grad)

# %% index_select
x = torch.arange(6.0).reshape(3, 2).requires_grad_()
x.index_select(0, torch.tensor([2, 2])).sum().backward()
print(x.grad)

# %% masked_select
x = torch.arange(4.0).requires_grad_()
torch.masked_select(x, x > 1).sum().backward()
print(x.grad)

# %% index out of range
x = torch.arange(3.0)
x[5]

# %% too many indices
x = torch.arange(3.0)
x[0, 1]

# %% assigning an element
x = torch.arange(3.0).requires_grad_()
y = x * 2
y[0] = 10.0
y.sum().backward()
print(y, x.grad)

# %% assigning a slice from a leaf
a = torch.ones(2, requires_grad=True)
y = torch.zeros(4)
y[1:3] = a * 3
(y ** 2).sum().backward()
print(y, a.grad)

# %% assigning by a mask
x = torch.tensor([1.0, -2.0, 3.0], requires_grad=True)
y = x * 1
y[y < 0] = 0
y.sum().backward()
print(y, x.grad)
