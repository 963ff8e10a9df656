import torch

# %% sum of squares
x = torch.tensor([1.0, 2.0, 3.0], requires_grad=True)
(x ** 2).sum().backward()
print(x.grad)

# %% mean of products
a = torch.tensor([1.0, 2.0, 3.0], requires_grad=True)
b = torch.tensor([4.0, 5.0, 6.0], requires_grad=True)
(a * b).mean().backward()
print(a.grad, b.grad)

# %% dot product
a = torch.arange(4.0).requires_grad_()
b = torch.ones(4, requires_grad=True)
torch.dot(a, b).backward()
print(a.grad, b.grad)

# %% gradient given for a vector
x = torch.tensor([1.0, 2.0, 3.0], requires_grad=True)
y = x ** 2
y.backward(torch.tensor([1.0, 0.0, -1.0]))
print(x.grad)

# %% softmax by hand
x = torch.tensor([1.0, 2.0, 3.0], requires_grad=True)
e = torch.exp(x)
p = e / e.sum()
p[0].backward()
print(p, x.grad)

# %% stable softmax
x = torch.tensor([1000.0, 1001.0], requires_grad=True)
e = torch.exp(x - x.max())
p = e / e.sum()
torch.log(p)[0].backward()
print(x.grad)

# %% max of all
x = torch.tensor([1.0, 5.0, 3.0], requires_grad=True)
x.max().backward()
print(x.grad)

# %% min of all with ties
x = torch.tensor([1.0, 1.0, 3.0], requires_grad=True)
x.min().backward()
print(x.grad)

# %% maximum of two
a = torch.tensor([1.0, 5.0, 2.0], requires_grad=True)
b = torch.tensor([3.0, 4.0, 2.0], requires_grad=True)
torch.maximum(a, b).sum().backward()
print(a.grad, b.grad)

# %% clamp
x = torch.tensor([-2.0, -0.5, 0.5, 2.0], requires_grad=True)
x.clamp(-1, 1).sum().backward()
print(x.grad)

# %% clamp below only
x = torch.tensor([-2.0, 0.5], requires_grad=True)
(x.clamp(min=0) * 3).sum().backward()
print(x.grad)

# %% where
x = torch.tensor([-2.0, 3.0], requires_grad=True)
torch.where(x > 0, x, x * 0.1).sum().backward()
print(x.grad)

# %% masked fill
x = torch.tensor([1.0, 2.0, 3.0], requires_grad=True)
x.masked_fill(torch.tensor([True, False, True]), 0.0).sum().backward()
print(x.grad)

# %% outer product
a = torch.tensor([1.0, 2.0], requires_grad=True)
b = torch.tensor([3.0, 4.0, 5.0], requires_grad=True)
torch.outer(a, b).sum().backward()
print(a.grad, b.grad)

# %% norm by hand
x = torch.tensor([3.0, 4.0], requires_grad=True)
n = (x * x).sum().sqrt()
n.backward()
print(n, x.grad)

# %% cosine similarity
a = torch.tensor([1.0, 2.0], requires_grad=True)
b = torch.tensor([2.0, 0.5], requires_grad=True)
c = (a * b).sum() / ((a ** 2).sum().sqrt() * (b ** 2).sum().sqrt())
c.backward()
print(c, a.grad, b.grad)

# %% several functions added
x = torch.linspace(0.1, 1, 5).requires_grad_()
(x.sin() + x.cos() * x.exp() - x.log() / x.sqrt()).sum().backward()
print(x.grad)

# %% unpacking a tensor
x = torch.tensor([2.0, 3.0], requires_grad=True)
a, b = x
(a * b).backward()
print(x.grad)

# %% looping over a tensor
x = torch.tensor([1.0, 2.0, 3.0], requires_grad=True)
total = 0
for e in x:
    total = total + e * e
total.backward()
print(x.grad)

# %% star arguments
x = torch.tensor([2.0, 5.0], requires_grad=True)
torch.mul(*x).backward()
print(x.grad)

# %% product with a python list comprehension
x = torch.tensor([1.0, 2.0, 3.0], requires_grad=True)
parts = [e * i for i, e in enumerate(x)]
sum(parts).backward()
print(x.grad)

# %% an empty tensor
x = torch.zeros(0, requires_grad=True)
x.sum().backward()
print(x.grad, x.sum())

# %% a longer vector
x = torch.linspace(-3, 3, 300).requires_grad_()
y = torch.sigmoid(x) * torch.tanh(x)
y.sum().backward()
print(x.grad[:5], y.sum())

# %% sign and abs
x = torch.tensor([-2.0, 0.0, 3.0], requires_grad=True)
(x.sign() * x.abs()).sum().backward()
print(x.grad)

# %% the largest of each row
x = torch.tensor([[1.0, 4.0], [3.0, 2.0]], requires_grad=True)
best = x.argmax(1, keepdim=True)
x.gather(1, best).sum().backward()
print(best, x.grad)
