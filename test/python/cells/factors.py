# %% factors of matrices have PyTorch's bits
import torch
def bits(*tensors):
    words = {torch.float32: torch.int32, torch.float64: torch.int64}
    return [int((t.contiguous().flatten().view(words[t.dtype]).double() * torch.arange(1, t.numel() + 1)).sum() % 2**40) for t in tensors]
def spread(n, m, dtype): return torch.randn(n, m, generator=g).to(dtype)
g = torch.Generator().manual_seed(5)
for dtype in (torch.float32, torch.float64):
    for n in (1, 2, 6, 19, 70):
        a, b = spread(n, n, dtype), spread(n, 3, dtype)
        s = a @ a.T + torch.eye(n, dtype=dtype)
        l, u = torch.linalg.cholesky(s), torch.linalg.cholesky(s, upper=True)
        print(n, 'cholesky', bits(l, u, torch.cholesky_solve(b, l), torch.cholesky_solve(b, u, upper=True)))
        print(n, 'lu', bits(*torch.linalg.lu(a), torch.linalg.lu_factor(a)[0], torch.linalg.lu_factor(a.T)[0]))
        print(n, 'solve', bits(torch.linalg.solve(a, b), torch.linalg.solve(a.T, b), torch.linalg.solve(a, b.T, left=False), torch.linalg.solve(s, b[:, 0])))
        print(n, 'inverse', bits(torch.inverse(a), torch.linalg.inv(a.T), torch.det(a), *torch.slogdet(a), torch.logdet(s)))
        for t, upper in ((l, False), (l.contiguous(), False), (u, True), (l.T, True)):
            print(n, 'triangular', bits(*(torch.linalg.solve_triangular(t, b, upper=upper, unitriangular=unit) for unit in (True, False)), torch.linalg.solve_triangular(t, b.T, upper=upper, left=False)))
# %% reflections, singular values and eigenvectors of small matrices
import torch
def bits(*tensors): return [int((t.contiguous().flatten().view(torch.int32).double() * torch.arange(1, t.numel() + 1)).sum() % 2**40) for t in tensors]
torch.manual_seed(11)
for shape in ((1, 1), (2, 2), (7, 7), (25, 25), (9, 7), (7, 9), (20, 6), (6, 20), (3, 1), (1, 4)):
    a = torch.randn(shape)
    print(shape, 'qr', bits(*torch.linalg.qr(a), *torch.linalg.qr(a, mode='complete')))
    print(shape, 'svd', bits(*torch.linalg.svd(a), *torch.linalg.svd(a, full_matrices=False)), 'pinv', bits(torch.linalg.pinv(a)))
    s = a @ a.T
    print(shape, 'eigh', bits(*torch.linalg.eigh(s), *torch.linalg.eigh(s, UPLO='U'), torch.linalg.eigvalsh(s)))
# %% many columns are reflected at a time
import torch
torch.manual_seed(2)
for shape in ((140, 140), (200, 150), (150, 200)):
    q, r = torch.linalg.qr(torch.randn(shape))
    print(shape, q.contiguous().view(torch.int32).sum(), r.contiguous().view(torch.int32).sum())
w = torch.nn.init.orthogonal_(torch.empty(160, 256), gain=2 ** .5)
print(w[:2, :4], w.view(torch.int32).sum())
# %% gradients of a leaf that is symmetric, and least squares with several right-hand sides
torch.manual_seed(3)
A = torch.randn(3, 3)
s = (A @ A.T + torch.eye(3)).requires_grad_()
w = torch.linspace(.5, 1.5, 9).view(3, 3)
for f in (torch.linalg.eigh, lambda x: torch.linalg.eigh(x, UPLO="U"), lambda x: torch.symeig(x, eigenvectors=True)):
    L, V = f(s)
    print(torch.autograd.grad((V * w).sum(), s, retain_graph=True)[0], torch.autograd.grad((L * w[0]).sum() + (V * w).sum(), s)[0])
for shape in ((4, 3), (2, 4, 3), (3, 4)):
    a, b = (torch.randn(size).double().requires_grad_() for size in (shape, shape[:-1] + (2,)))
    r = torch.linalg.lstsq(a, b)
    print(r.solution, r.solution.stride(), torch.autograd.grad((r.solution ** 2).sum(), (a, b)))
print(torch.linalg.lstsq(torch.randn(5, 2), torch.randn(5, 3), driver="gels"))
