# %% views share and route back
x = torch.arange(6.).reshape(2, 3).requires_grad_()
print(x)
y = x.view(3, 2).t()
print(y, y.shape, y.stride(), y.is_contiguous())
y.contiguous().view(-1).sum().backward()
print(x.grad)

# %% transpose, permute, T
x = torch.arange(24.).view(2, 3, 4)
print(x.transpose(0, 2).shape, x.permute(2, 0, 1).shape, x.permute((1, 2, 0)).size())
m = torch.tensor([[1., 2.], [3., 4.]], requires_grad=True)
print(m.T, m.t())
(m.T * torch.tensor([[1., 10.], [100., 1000.]])).sum().backward()
print(m.grad)
print(x.mT.shape)

# %% squeeze, unsqueeze, expand
x = torch.ones(1, 3, 1, requires_grad=True)
print(x.squeeze().shape, x.squeeze(0).shape, x.squeeze(1).shape, x.unsqueeze(-1).shape)
y = x.expand(2, 3, 4)
print(y.shape, y.stride())
y.sum().backward()
print(x.grad)
print(torch.tensor([1., 2.]).expand(3, -1))

# %% indexing by ints and slices
x = torch.arange(12.).reshape(3, 4).requires_grad_()
print(x[0])
print(x[1, 2])
print(x[-1], x[:, 0], x[1:], x[::2], x[0, 1:3], x[..., -1], x[None, 0].shape, x[:, None, 1].shape)
(x[0] * 2).sum().backward()
print(x.grad)
x[1:, ::2].sum().backward()
print(x.grad)
i = torch.tensor(2)
print(x[i], x[i, i])

# %% loops over a tensor
x = torch.tensor([[1., 2.], [3., 4.]], requires_grad=True)
total = 0
for row in x:
    for v in row:
        total = total + v ** 2
print(total)
total.backward()
print(x.grad)
print(len(x), [r.tolist() for r in x])

# %% stack and cat
a = torch.tensor([1., 2.], requires_grad=True)
b = torch.tensor([3., 4.], requires_grad=True)
s = torch.stack([a, b])
print(s)
c = torch.cat([a, b, a])
print(c)
(s.sum() + (c * torch.arange(6.)).sum()).backward()
print(a.grad, b.grad)
print(torch.stack((a, b), dim=1), torch.cat((s, s), 1))
print(torch.cat([torch.ones(2, 1), torch.zeros(2, 2)], dim=-1))

# %% reductions
x = torch.tensor([[1., 2., 3.], [4., 5., 6.]], requires_grad=True)
print(x.sum(), x.sum(0), x.sum(1, keepdim=True), x.sum(dim=(0, 1)), x.mean(), x.mean(dim=1))
print(x.mean(-1, keepdim=True).shape, torch.sum(x, dim=0), x.sum(axis=1))
(x.mean(0) * torch.tensor([1., 2., 3.])).sum().backward()
print(x.grad)
print(x.max(), x.min(), x.argmax(), x.argmin())
print(torch.tensor([True, False]).any(), torch.tensor([True, False]).all())

# %% matrix products
a = torch.tensor([[1., 2.], [3., 4.]], requires_grad=True)
b = torch.tensor([[5., 6.], [7., 8.]], requires_grad=True)
v = torch.tensor([1., -1.], requires_grad=True)
print(a @ b)
print(a @ v, v @ a, v @ v, v.dot(v), a.mv(v), a.mm(b), torch.matmul(a, b))
((a @ b) @ v).sum().backward()
print(a.grad, b.grad, v.grad)
c = torch.ones(2, 3, 4) @ torch.ones(4, 2)
print(c.shape, c.sum())
print(torch.ones(5, 1, 2, 3).matmul(torch.ones(3, 3, 2)).shape)

# %% sizes
x = torch.zeros(2, 3)
print(x.shape, x.size(), x.size(1), x.shape[0], x.shape[-1], x.numel(), x.dim(), x.ndim, list(x.shape))
print(x.shape == (2, 3), x.shape[1:], x.shape + (4,), tuple(x.shape), x.shape.numel())
a, b = x.shape
print(a, b, f"{x.shape}", str(x.size()), repr(x.shape[:1]))
print(torch.Size([1, 2]), torch.Size([2]) * 2, isinstance(x.shape, tuple))

# %% narrow and select keep the way back
x = torch.arange(10., requires_grad=True)
y = x.narrow(0, 2, 5)
print(y)
(y * y).sum().backward()
print(x.grad)
print(x.select(0, 3), torch.unbind(x[:2]))
