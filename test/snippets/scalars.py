import torch

# %% square
x = torch.tensor(3.0, requires_grad=True)
y = x ** 2
y.backward()
print(x.grad)

# %% product of two leaves
a = torch.tensor(2.0, requires_grad=True)
b = torch.tensor(-5.0, requires_grad=True)
(a * b).backward()
print(a.grad, b.grad)

# %% polynomial by powers
x = torch.tensor(1.5, requires_grad=True)
y = 4 * x ** 3 - 2 * x ** 2 + x - 7
y.backward()
print(y.item(), x.grad)

# %% polynomial by Horner
x = torch.tensor(1.5, requires_grad=True)
y = ((4 * x - 2) * x + 1) * x - 7
y.backward()
print(y.item(), x.grad)

# %% reciprocal of a sum
x = torch.tensor(0.25, requires_grad=True)
y = 1 / (1 + x)
y.backward()
print(y, x.grad)

# %% sigmoid by hand
x = torch.tensor(0.7, requires_grad=True)
y = 1 / (1 + torch.exp(-x))
y.backward()
print(x.grad)

# %% sigmoid of torch
x = torch.tensor(0.7, requires_grad=True)
y = torch.sigmoid(x)
y.backward()
print(x.grad, y * (1 - y))

# %% tanh
x = torch.tensor(-0.4, requires_grad=True)
torch.tanh(x).backward()
print(x.grad)

# %% tanh by exponentials
x = torch.tensor(-0.4, requires_grad=True)
p, m = torch.exp(x), torch.exp(-x)
((p - m) / (p + m)).backward()
print(x.grad)

# %% chain of sines
x = torch.tensor(0.3, requires_grad=True)
y = x
for _ in range(4):
    y = torch.sin(y)
y.backward()
print(y, x.grad)

# %% logarithm of a product
a = torch.tensor(2.0, requires_grad=True)
b = torch.tensor(8.0, requires_grad=True)
torch.log(a * b).backward()
print(a.grad, b.grad)

# %% square root of a sum of squares
x = torch.tensor(3.0, requires_grad=True)
y = torch.tensor(4.0, requires_grad=True)
r = torch.sqrt(x * x + y * y)
r.backward()
print(r, x.grad, y.grad)

# %% absolute value at zero
x = torch.tensor(0.0, requires_grad=True)
x.abs().backward()
print(x.grad)

# %% relu at zero and below
for v in (-1.0, 0.0, 2.0):
    x = torch.tensor(v, requires_grad=True)
    torch.relu(x).backward()
    print(v, x.grad)

# %% number to a tensor power
x = torch.tensor(3.0, requires_grad=True)
(2 ** x).backward()
print(x.grad)

# %% tensor to a tensor power
x = torch.tensor(2.0, requires_grad=True)
n = torch.tensor(3.0, requires_grad=True)
(x ** n).backward()
print(x.grad, n.grad)

# %% power zero and one
x = torch.tensor(5.0, requires_grad=True)
(x ** 0 + x ** 1).backward()
print(x.grad)

# %% negative power
x = torch.tensor(2.0, requires_grad=True)
(x ** -2).backward()
print(x.grad)

# %% division both ways
a = torch.tensor(3.0, requires_grad=True)
b = torch.tensor(4.0, requires_grad=True)
(a / b + b / a).backward()
print(a.grad, b.grad)

# %% subtraction from a number
x = torch.tensor(3.0, requires_grad=True)
(10 - x).backward()
print(x.grad)

# %% Newton step
x = torch.tensor(2.0, requires_grad=True)
for i in range(4):
    f = x ** 2 - 3
    f.backward()
    with torch.no_grad():
        x -= f / x.grad
    x.grad = None
    print(i, x.item())

# %% double precision
x = torch.tensor(0.1, dtype=torch.float64, requires_grad=True)
(x.exp() * x.cos()).backward()
print(x.grad)

# %% the same node twice
x = torch.tensor(2.0, requires_grad=True)
y = x * 3
(y + y).backward()
print(x.grad)

# %% a diamond
x = torch.tensor(2.0, requires_grad=True)
a = x * 3
b = x + 1
c = a * b
d = a - b
(c * d).backward()
print(x.grad)

# %% three uses of a leaf
x = torch.tensor(2.0, requires_grad=True)
(x * x * x).backward()
print(x.grad)

# %% infinity and nan
x = torch.tensor(0.0, requires_grad=True)
y = 1 / x
y.backward()
print(y, x.grad)
z = torch.tensor(-1.0, requires_grad=True)
z.log().backward()
print(z.grad)

# %% rsqrt and reciprocal
x = torch.tensor(4.0, requires_grad=True)
(torch.rsqrt(x) + torch.reciprocal(x)).backward()
print(x.grad)
