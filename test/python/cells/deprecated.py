# %% what PyTorch warns of, once each
import warnings
warnings.simplefilter("always")
warnings.showwarning = lambda message, category, *_: print(category.__name__, message)
a = torch.tensor([[2., 1.], [1., 3.]])
for attempt in range(2):
    print(torch.cholesky(a), a.cholesky(upper=True))
    print(torch.qr(a)[1].abs(), torch.symeig(a).eigenvalues, torch.lu(a)[0])
    print(torch.chain_matmul(a, a, a), torch.triangular_solve(a, a).solution)
    print(torch.lu_solve(a, *torch.linalg.lu_factor(a)))
print(torch.arange(3).T, torch.tensor(2.).T, torch.ones(2, 1, 3).T.shape)
print(torch.arange(2)[torch.tensor([0, 1], dtype=torch.uint8)])
# %% masks of bytes, and what is in beta
import warnings
import torch.nn.functional as F
warnings.simplefilter("always")
warnings.showwarning = lambda message, category, *_: print(category.__name__, message)
u, x, w = torch.tensor([1, 0, 1], dtype=torch.uint8), torch.arange(3.), torch.arange(3., requires_grad=True)
for attempt in range(2):
    print(x.masked_fill(u, 5), x.masked_fill(u, torch.tensor(2.)), x.masked_select(u), x.masked_scatter(u, x + 7), torch.where(u, x, -x))
    y = x.clone(); y[u] = 9; print(y); y[u] = torch.tensor([1., 2.]); print(y)
    w.masked_fill(u, 1).sum().backward()
    print(w.grad, F.conv1d(torch.ones(1, 1, 4), torch.ones(1, 1, 2), padding="same"))
    print(torch.ones(2, 2).index_reduce(0, torch.tensor([0]), x[None, :2], "prod"), torch.ones(2).scatter_reduce(0, torch.tensor([0, 0]), x[1:], "sum"))
warnings.simplefilter("error")
try: x.masked_fill(u, 1)
except UserWarning as e: print("raised", e)
print(x.masked_fill(u.bool(), 1))
# %% a mask of several dimensions counts as one
x = torch.arange(12).view(2, 2, 3)
m = torch.tensor([[True, False], [True, True]])
for f in (lambda: x[m, 1], lambda: x[m, :2], lambda: x[m], lambda: x[..., m], lambda: x[:, :, 0][m], lambda: x[m, None], lambda: x[m, ...], lambda: x[m, :1, :1]):
    try: print(f())
    except IndexError as e: print(e)

# %% searched lines that are not contiguous
import warnings
with warnings.catch_warnings(record=True) as told:
    warnings.simplefilter("always")
    torch.searchsorted(torch.ones(4)[::2], torch.ones(4)[::2])
    torch.searchsorted(torch.ones(2), torch.ones(2), sorter=torch.zeros(4).long()[::2])
    print(torch.bucketize(torch.ones(4)[::2], torch.ones(4)[::2]))
for w in told:
    print(w.category.__name__, w.message)
