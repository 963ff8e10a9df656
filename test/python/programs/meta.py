# %% meta-learning: one inner step, differentiated through (MAML)
torch.manual_seed(0)
w1 = (torch.randn(8, 1) * 0.5).requires_grad_()
b1 = torch.zeros(8, requires_grad=True)
w2 = (torch.randn(1, 8) * 0.5).requires_grad_()
params = [w1, b1, w2]
def forward(x, params):
    a, b, c = params
    return torch.tanh(x @ a.t() + b) @ c.t()
optimizer = torch.optim.Adam(params, lr=0.01)
for step in range(20):
    total = 0.0
    for _ in range(3):
        phase = torch.rand(1) * 3
        x = torch.rand(10, 1) * 4 - 2
        y = torch.sin(x + phase)
        inner = (forward(x[:5], params) - y[:5]).pow(2).mean()
        grads = torch.autograd.grad(inner, params, create_graph=True)
        fast = [p - 0.1 * g for p, g in zip(params, grads)]
        total = total + (forward(x[5:], fast) - y[5:]).pow(2).mean()
    optimizer.zero_grad()
    total.backward()
    optimizer.step()
    if step % 5 == 0:
        print(step, f"{total.item():.4f}")
# %% a learning rate that is learned
torch.manual_seed(1)
log_lr = torch.tensor(-3.0, requires_grad=True)
outer = torch.optim.SGD([log_lr], lr=0.2)
x = torch.randn(20, 2)
y = x @ torch.tensor([1.0, -2.0])
for step in range(15):
    w = torch.zeros(2, requires_grad=True)
    for _ in range(5):
        loss = (x @ w - y).pow(2).mean()
        (g,) = torch.autograd.grad(loss, w, create_graph=True)
        w = w - log_lr.exp() * g
    final = (x @ w - y).pow(2).mean()
    outer.zero_grad()
    final.backward()
    outer.step()
    if step % 3 == 0:
        print(step, f"{final.item():.4f}", f"{log_lr.item():.4f}")
# %% a gradient penalty, as for Wasserstein critics
torch.manual_seed(2)
critic = torch.nn.Sequential(torch.nn.Linear(2, 8), torch.nn.LeakyReLU(0.2), torch.nn.Linear(8, 1))
optimizer = torch.optim.Adam(critic.parameters(), lr=0.01, betas=(0.5, 0.9))
real, fake = torch.randn(16, 2) + 1, torch.randn(16, 2) - 1
for step in range(30):
    mix = torch.rand(16, 1)
    between = (mix * real + (1 - mix) * fake).requires_grad_()
    (g,) = torch.autograd.grad(critic(between).sum(), between, create_graph=True)
    penalty = ((g.pow(2).sum(1) + 1e-12).sqrt() - 1).pow(2).mean()
    loss = critic(fake).mean() - critic(real).mean() + 10 * penalty
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if step % 10 == 0:
        print(step, f"{loss.item():.4f}", f"{penalty.item():.4f}")
# %% the influence of each sample, by Hessian-vector products
torch.manual_seed(3)
from torch.autograd.functional import hvp
x = torch.randn(12, 2, dtype=torch.float64)
y = (x[:, 0] > 0).double()
def loss(w):
    return torch.nn.functional.binary_cross_entropy_with_logits(x @ w, y) + 0.1 * w.pow(2).sum()
w = torch.zeros(2, dtype=torch.float64)
for _ in range(60):
    w = w - torch.autograd.functional.vjp(loss, w)[1]
v = torch.tensor([1.0, 0.5], dtype=torch.float64)
inverse = v.clone()
for _ in range(60):
    inverse = inverse + 0.5 * (v - hvp(loss, w, inverse)[1])
print([round(float(t), 4) for t in inverse], f"{loss(w).item():.5f}")
# %% second derivatives in a residual: a network solves u'' = -u
torch.manual_seed(4)
net = torch.nn.Sequential(torch.nn.Linear(1, 12), torch.nn.Tanh(), torch.nn.Linear(12, 1)).double()
optimizer = torch.optim.Adam(net.parameters(), lr=0.01)
t = torch.linspace(0, 2, 20, dtype=torch.float64).unsqueeze(1).requires_grad_()
for step in range(60):
    u = net(t)
    (du,) = torch.autograd.grad(u, t, torch.ones_like(u), create_graph=True)
    (ddu,) = torch.autograd.grad(du, t, torch.ones_like(du), create_graph=True)
    loss = (ddu + u).pow(2).mean() + (u[0] - 0).pow(2).sum() + (du[0] - 1).pow(2).sum()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if step % 15 == 0:
        print(step, f"{loss.item():.5f}")
# %% the heat equation by a network with boundary terms
torch.manual_seed(5)
net = torch.nn.Sequential(torch.nn.Linear(2, 10), torch.nn.Tanh(), torch.nn.Linear(10, 10), torch.nn.Tanh(), torch.nn.Linear(10, 1))
optimizer = torch.optim.Adam(net.parameters(), lr=0.005)
xt = torch.rand(30, 2, requires_grad=True)
x0 = torch.rand(15, 1)
for step in range(40):
    u = net(xt)
    g = torch.autograd.grad(u.sum(), xt, create_graph=True)[0]
    uxx = torch.autograd.grad(g[:, 0].sum(), xt, create_graph=True)[0][:, 0]
    residual = (g[:, 1] - 0.1 * uxx).pow(2).mean()
    start = (net(torch.cat([x0, torch.zeros_like(x0)], 1)) - torch.sin(3.14159 * x0)).pow(2).mean()
    loss = residual + start
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if step % 10 == 0:
        print(step, f"{loss.item():.4f}")
# %% per-sample gradients with functorch
torch.manual_seed(6)
from functorch import grad, make_functional, vmap
net = torch.nn.Linear(3, 1)
f, params = make_functional(net)
x, y = torch.randn(5, 3), torch.randn(5, 1)
def loss(params, x, y):
    return (f(params, x) - y).pow(2).sum()
each = vmap(grad(loss), in_dims=(None, 0, 0))(params, x, y)
print(each[0].shape, each[1].shape)
norms = (each[0].pow(2).sum((1, 2)) + each[1].pow(2).sum(1)).sqrt()
print([round(n, 4) for n in norms.tolist()])
# %% an ensemble by stacked parameters
torch.manual_seed(7)
from functorch import combine_state_for_ensemble, vmap
nets = [torch.nn.Linear(2, 1) for _ in range(3)]
f, params, buffers = combine_state_for_ensemble(nets)
x = torch.randn(4, 2)
out = vmap(f, in_dims=(0, 0, None))(params, buffers, x)
print(out.shape, torch.stack([n(x) for n in nets]).sub(out).abs().max().item() < 1e-6)
# %% Jacobians of a layer, three ways
torch.manual_seed(8)
from functorch import jacfwd, jacrev
w = torch.randn(3, 2)
def layer(x):
    return torch.tanh(w @ x)
x = torch.randn(2)
a, b, c = torch.autograd.functional.jacobian(layer, x), jacrev(layer)(x), jacfwd(layer)(x)
print(a)
print((a - b).abs().max().item() < 1e-6, (a - c).abs().max().item() < 1e-6)
# %% equilibrium by fixed-point iteration, with a custom backward
torch.manual_seed(9)
class Fixed(torch.autograd.Function):
    @staticmethod
    def forward(ctx, w, x):
        z = torch.zeros_like(x)
        for _ in range(40):
            z = torch.tanh(w @ z + x)
        ctx.save_for_backward(w, x, z)
        return z
    @staticmethod
    def backward(ctx, g):
        w, x, z = ctx.saved_tensors
        slope = 1 - z * z
        v = g.clone()
        for _ in range(40):
            v = g + w.t() @ (slope * v)
        v = slope * v
        return torch.outer(v, z), v
w = (0.3 * torch.randn(3, 3, dtype=torch.float64)).requires_grad_()
x = torch.randn(3, dtype=torch.float64, requires_grad=True)
optimizer = torch.optim.SGD([w, x], lr=0.1)
for step in range(20):
    loss = (Fixed.apply(w, x) - torch.tensor([0.2, -0.1, 0.4], dtype=torch.float64)).pow(2).sum()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if step % 5 == 0:
        print(step, f"{loss.item():.6f}")
# %% quantized weights with a straight-through gradient
torch.manual_seed(10)
class Round(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        return torch.round(x * 4) / 4
    @staticmethod
    def backward(ctx, g):
        return g
w = torch.randn(4, requires_grad=True)
x = torch.randn(30, 4)
y = x @ torch.tensor([0.5, -0.25, 1.0, 0.0])
optimizer = torch.optim.SGD([w], lr=0.1)
for step in range(40):
    loss = (x @ Round.apply(w) - y).pow(2).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if step % 10 == 0:
        print(step, f"{loss.item():.4f}")
print(Round.apply(w).tolist())
# %% in-place updates on views, with their history
torch.manual_seed(11)
w = torch.randn(3, requires_grad=True)
def build(w):
    grid = torch.zeros(3, 3)
    grid[0] = w
    grid[1:, 0] = w[1:] * 2
    diagonal = grid.diagonal()
    diagonal.mul_(w).add_(1)
    grid[2, 1:] += grid[0, :2].clone() ** 2
    return grid
for step in range(5):
    loss = build(w).pow(2).sum()
    loss.backward()
    with torch.no_grad():
        w -= 0.02 * w.grad
    print(f"{loss.item():.4f}", [round(g, 3) for g in w.grad.tolist()])
    w.grad = None
# %% hooks that clip, log and freeze
torch.manual_seed(12)
net = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.Tanh(), torch.nn.Linear(4, 1))
seen = []
net[0].weight.register_hook(lambda g: g.clamp(-0.01, 0.01))
net[2].weight.register_hook(lambda g: seen.append(round(g.pow(2).sum().item(), 4)))
net[2].bias.register_hook(lambda g: torch.zeros_like(g))
start = net[2].bias.clone()
optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
x, y = torch.randn(10, 3), torch.randn(10, 1)
for step in range(20):
    optimizer.zero_grad()
    loss = (net(x) - y).pow(2).mean()
    loss.backward()
    optimizer.step()
print(f"{loss.item():.4f}", len(seen), (net[2].bias == start).all().item())
# %% gradient accumulation equals a large batch
torch.manual_seed(13)
net = torch.nn.Linear(4, 2)
x, y = torch.randn(12, 4), torch.randint(0, 2, (12,))
torch.nn.functional.cross_entropy(net(x), y).backward()
whole = net.weight.grad.clone()
net.zero_grad()
for part in range(3):
    rows = slice(4 * part, 4 * part + 4)
    (torch.nn.functional.cross_entropy(net(x[rows]), y[rows]) / 3).backward()
print((whole - net.weight.grad).abs().max().item() < 1e-6)
