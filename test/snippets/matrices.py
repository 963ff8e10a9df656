import torch

# %% matrix times vector
w = torch.tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
x = torch.tensor([5.0, 6.0], requires_grad=True)
(w @ x).sum().backward()
print(w.grad, x.grad)

# %% matrix product
a = torch.arange(6.0).reshape(2, 3).requires_grad_()
b = torch.arange(12.0).reshape(3, 4).requires_grad_()
(a @ b).sum().backward()
print(a.grad, b.grad)

# %% mm and transpose
a = torch.arange(6.0).reshape(2, 3).requires_grad_()
torch.mm(a, a.t()).sum().backward()
print(a.grad)

# %% batched product
a = torch.arange(8.0).reshape(2, 2, 2).requires_grad_()
b = torch.ones(2, 2, 2, requires_grad=True)
torch.bmm(a, b).sum().backward()
print(a.grad, b.grad)

# %% matmul with broadcasting
a = torch.arange(8.0).reshape(2, 2, 2).requires_grad_()
b = torch.ones(2, 2, requires_grad=True)
(a @ b).sum().backward()
print(a.grad, b.grad)

# %% vector times matrix
v = torch.tensor([1.0, 2.0], requires_grad=True)
m = torch.tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]], requires_grad=True)
(v @ m).sum().backward()
print(v.grad, m.grad)

# %% quadratic form
A = torch.tensor([[2.0, 1.0], [1.0, 3.0]])
x = torch.tensor([1.0, -1.0], requires_grad=True)
y = x @ A @ x
y.backward()
print(y, x.grad)

# %% linear regression loss
X = torch.tensor([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
t = torch.tensor([1.0, 2.0, 3.0])
w = torch.zeros(2, requires_grad=True)
b = torch.zeros((), requires_grad=True)
loss = ((X @ w + b - t) ** 2).mean()
loss.backward()
print(loss, w.grad, b.grad)

# %% two layers
x = torch.tensor([[0.5, -1.0]])
w1 = torch.tensor([[0.1, 0.2, 0.3], [0.4, 0.5, 0.6]], requires_grad=True)
b1 = torch.tensor([0.1, -0.1, 0.05], requires_grad=True)
w2 = torch.tensor([[1.0], [-1.0], [0.5]], requires_grad=True)
h = torch.relu(x @ w1 + b1)
y = (h @ w2).squeeze()
y.backward()
print(w1.grad, b1.grad, w2.grad)

# %% recurrent cell over three steps
wx = torch.tensor([[0.5]], requires_grad=True)
wh = torch.tensor([[0.9]], requires_grad=True)
h = torch.zeros(1, 1)
for x in torch.tensor([[[1.0]], [[2.0]], [[-1.0]]]):
    h = torch.tanh(x @ wx + h @ wh)
h.sum().backward()
print(wx.grad, wh.grad)

# %% attention
q = torch.tensor([[1.0, 0.0]], requires_grad=True)
k = torch.tensor([[1.0, 2.0], [0.5, -1.0]], requires_grad=True)
v = torch.tensor([[1.0], [3.0]], requires_grad=True)
s = q @ k.T / 2 ** 0.5
e = s.exp()
a = e / e.sum(-1, keepdim=True)
(a @ v).sum().backward()
print(q.grad, k.grad, v.grad)

# %% cross entropy by hand
logits = torch.tensor([[2.0, 0.5, -1.0], [0.1, 0.2, 0.3]], requires_grad=True)
target = torch.tensor([0, 2])
logp = logits - logits.exp().sum(1, keepdim=True).log()
loss = -logp[torch.arange(2), target].mean()
loss.backward()
print(loss, logits.grad)

# %% one hidden unit, trained
x = torch.tensor([[0.0], [1.0], [2.0]])
t = torch.tensor([[1.0], [3.0], [5.0]])
w = torch.tensor([[0.0]], requires_grad=True)
b = torch.tensor([0.0], requires_grad=True)
for i in range(5):
    loss = ((x @ w + b - t) ** 2).mean()
    loss.backward()
    with torch.no_grad():
        w -= 0.1 * w.grad
        b -= 0.1 * b.grad
        w.grad.zero_()
        b.grad.zero_()
    print(i, loss.item())

# %% product of wrong sizes
a = torch.ones(2, 3, requires_grad=True)
b = torch.ones(2, 3)
a @ b
