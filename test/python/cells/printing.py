# %% digits
print(torch.tensor([1., 2.5, 3.14159265]), torch.tensor([1e-5, 1.]), torch.tensor([1e10, 1.]), torch.tensor([1., 1000., 10000.]))
print(torch.tensor(3.14159265), torch.tensor(1e-8), torch.tensor(1e8), torch.tensor(123456789.), torch.tensor(0.1 + 0.2))
print(torch.tensor([0., -0., 1.]), torch.tensor([float("nan"), float("inf"), -float("inf"), 1.]), torch.tensor([float("nan"), 1.5]))
print(torch.tensor([1, -20, 300]), torch.tensor([True, False]), torch.tensor([[1.5], [-2.25]]))

# %% summaries
print(torch.arange(2000))
print(torch.arange(2000.).reshape(40, 50))
print(torch.zeros(11, 11, 11))

# %% wrapping and nesting
print(torch.arange(30.))
print(torch.arange(30.) / 7)
print(torch.arange(24).reshape(2, 3, 4))
print(torch.ones(2, 1, 2, 2))
print(torch.arange(40.).reshape(1, 40) * 1000.5)

# %% suffixes
x = torch.ones(2, requires_grad=True)
print(x, x * 2, x.double(), torch.ones(2, dtype=torch.float64), torch.zeros(0), torch.zeros(2, 0), torch.zeros(0, dtype=torch.int64))
print(torch.arange(20., requires_grad=True))
print((torch.arange(18., requires_grad=True) / 3).sin())
print(x.double() * 3, [x, x], (x,), {"x": x})

# %% options
torch.set_printoptions(precision=2)
print(torch.tensor([1.23456, 2.]))
torch.set_printoptions(sci_mode=True)
print(torch.tensor([1.23456, 2.]))
torch.set_printoptions(profile="short", threshold=5, edgeitems=1)
print(torch.arange(10.))
torch.set_printoptions(profile="full")
print(torch.arange(1001).sum(), len(str(torch.arange(1001))))
torch.set_printoptions(profile="default", linewidth=40)
print(torch.arange(20.))
# %% a parameter of the user's own class
import torch
class Scale(torch.nn.Parameter): pass
print(Scale(torch.tensor([[0.3]])), [Scale(torch.ones(1), requires_grad=False)], torch.nn.Parameter(torch.ones(2)))
