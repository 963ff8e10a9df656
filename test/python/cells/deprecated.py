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
