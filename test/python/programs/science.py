# %% a normalizing flow of affine couplings
torch.manual_seed(0)
class Coupling(torch.nn.Module):
    def __init__(self, flip):
        super().__init__()
        self.flip = flip
        self.net = torch.nn.Sequential(torch.nn.Linear(1, 8), torch.nn.Tanh(), torch.nn.Linear(8, 2))
    def forward(self, x):
        a, b = (x[:, 1:], x[:, :1]) if self.flip else (x[:, :1], x[:, 1:])
        scale, shift = self.net(a).chunk(2, 1)
        b = b * scale.exp() + shift
        return torch.cat([b, a] if self.flip else [a, b], 1), scale.squeeze(1)
layers = torch.nn.ModuleList([Coupling(False), Coupling(True), Coupling(False)])
optimizer = torch.optim.Adam(layers.parameters(), lr=0.01)
x1 = torch.randn(64, 1)
data = torch.cat([x1, 0.5 * x1**2 + 0.2 * torch.randn(64, 1)], 1)
for step in range(50):
    z, log_det = data, 0.0
    for layer in layers:
        z, d = layer(z)
        log_det = log_det + d
    loss = (0.5 * z.pow(2).sum(1) + 1.8379 - log_det).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if step % 10 == 0:
        print(step, f"{loss.item():.4f}")
# %% Hamiltonian Monte Carlo on a Gaussian
torch.manual_seed(1)
def energy(q):
    return 0.5 * (q[0] ** 2 + 4 * q[1] ** 2 - q[0] * q[1])
def slope(q):
    q = q.detach().requires_grad_()
    return torch.autograd.grad(energy(q), q)[0]
q, kept, accepted = torch.tensor([1.0, 1.0], dtype=torch.float64), [], 0
for step in range(60):
    p = torch.randn(2, dtype=torch.float64)
    q2, p2 = q.clone(), p - 0.1 * slope(q)
    for i in range(8):
        q2 = q2 + 0.2 * p2
        p2 = p2 - (0.2 if i < 7 else 0.1) * slope(q2)
    change = energy(q) + p.pow(2).sum() / 2 - energy(q2) - p2.pow(2).sum() / 2
    if torch.rand((), dtype=torch.float64) < change.exp():
        q, accepted = q2, accepted + 1
    kept.append(q)
samples = torch.stack(kept)
print(accepted, [round(v, 4) for v in samples.mean(0).tolist()], [round(v, 4) for v in samples.var(0).tolist()])
# %% a neural ODE, integrated by hand
torch.manual_seed(2)
field = torch.nn.Sequential(torch.nn.Linear(2, 12), torch.nn.Tanh(), torch.nn.Linear(12, 2))
optimizer = torch.optim.Adam(field.parameters(), lr=0.02)
a = torch.tensor([[-0.1, -1.0], [1.0, -0.1]])
truth = [torch.tensor([[1.0, 0.0]])]
for _ in range(10):
    truth.append(truth[-1] + 0.2 * (truth[-1] @ a.t()))
truth = torch.cat(truth)
for step in range(40):
    state, path = truth[:1], [truth[:1]]
    for _ in range(10):
        k1 = field(state)
        k2 = field(state + 0.1 * k1)
        state = state + 0.2 * k2
        path.append(state)
    loss = (torch.cat(path) - truth).pow(2).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if step % 8 == 0:
        print(step, f"{loss.item():.5f}")
# %% variational inference with reparameterized samples
torch.manual_seed(3)
from torch.distributions import Independent, Normal, kl_divergence
data = 1.5 + 0.5 * torch.randn(20)
mean, log_scale = torch.zeros(1, requires_grad=True), torch.zeros(1, requires_grad=True)
optimizer = torch.optim.Adam([mean, log_scale], lr=0.05)
prior = Normal(torch.zeros(1), 2 * torch.ones(1))
for step in range(80):
    posterior = Normal(mean, log_scale.exp())
    theta = posterior.rsample((4,))
    likelihood = Normal(theta, 0.5).log_prob(data).sum(1).mean()
    loss = kl_divergence(posterior, prior).sum() - likelihood
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if step % 20 == 0:
        print(step, f"{loss.item():.3f}")
print(f"{mean.item():.3f} {log_scale.exp().item():.3f}")
# %% expectation maximization for a mixture, then gradients of its likelihood
torch.manual_seed(4)
from torch.distributions import Categorical, MixtureSameFamily, Normal
data = torch.cat([torch.randn(30) * 0.5 - 2, torch.randn(50) + 1.5])
weights = torch.tensor([0.5, 0.5])
means, scales = torch.tensor([-1.0, 1.0]), torch.tensor([1.0, 1.0])
for step in range(15):
    log_p = Normal(means, scales).log_prob(data.unsqueeze(1)) + weights.log()
    r = (log_p - log_p.logsumexp(1, keepdim=True)).exp()
    n = r.sum(0)
    weights, means = n / n.sum(), (r * data.unsqueeze(1)).sum(0) / n
    scales = ((r * (data.unsqueeze(1) - means) ** 2).sum(0) / n).sqrt()
print([round(v, 3) for v in torch.cat([weights, means, scales]).tolist()])
means = means.clone().requires_grad_()
mixture = MixtureSameFamily(Categorical(weights), Normal(means, scales))
log_likelihood = mixture.log_prob(data).mean()
log_likelihood.backward()
print(f"{log_likelihood.item():.4f}", means.grad.abs().max().item() < 1e-2)
# %% a Kalman-like filter whose gain is learned
torch.manual_seed(5)
gain = torch.tensor(0.1, requires_grad=True)
decay = torch.tensor(0.5, requires_grad=True)
optimizer = torch.optim.Adam([gain, decay], lr=0.03)
hidden = [torch.tensor(0.0)]
for _ in range(30):
    hidden.append(0.9 * hidden[-1] + 0.3 * torch.randn(()))
hidden = torch.stack(hidden[1:])
seen = hidden + 0.3 * torch.randn(30)
for step in range(40):
    estimate, loss = torch.tensor(0.0), 0.0
    for t in range(30):
        predicted = decay * estimate
        loss = loss + (predicted - hidden[t]) ** 2
        estimate = predicted + gain * (seen[t] - predicted)
    loss = loss / 30
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if step % 10 == 0:
        print(step, f"{loss.item():.4f}", f"{gain.item():.3f}", f"{decay.item():.3f}")
# %% optimal control by shooting
torch.manual_seed(6)
u = torch.zeros(12, requires_grad=True)
optimizer = torch.optim.SGD([u], lr=0.5, momentum=0.8)
for step in range(60):
    x, v = torch.tensor(0.0), torch.tensor(0.0)
    for k in range(12):
        v = v + 0.25 * u[k]
        x = x + 0.25 * v
    loss = (x - 1) ** 2 + v**2 + 0.01 * u.pow(2).sum()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if step % 15 == 0:
        print(step, f"{loss.item():.5f}")
print([round(c, 3) for c in u[:4].tolist()])
# %% minimal energy of points on a circle
torch.manual_seed(7)
angle = torch.rand(5, dtype=torch.float64).mul_(6).requires_grad_()
optimizer = torch.optim.Rprop([angle], lr=0.05)
for step in range(60):
    p = torch.stack([angle.cos(), angle.sin()], 1)
    d = (p.unsqueeze(0) - p.unsqueeze(1)).pow(2).sum(2)
    i, j = torch.triu_indices(5, 5, 1)
    loss = (1 / (d[i, j] + 1e-9).sqrt()).sum()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if step % 15 == 0:
        print(step, f"{loss.item():.5f}")
# %% molecular dynamics: forces from a potential
torch.manual_seed(8)
r = torch.tensor([[0.0, 0.0], [1.1, 0.0], [0.5, 0.9]], dtype=torch.float64)
v = torch.zeros_like(r)
def potential(r):
    total = 0.0
    for i in range(3):
        for j in range(i):
            d2 = (r[i] - r[j]).pow(2).sum()
            total = total + 4 * (d2**-6 - d2**-3)
    return total
def force(r):
    r = r.detach().requires_grad_()
    e = potential(r)
    e.backward()
    return -r.grad, e.item()
f, e = force(r)
for step in range(60):
    v = v + 0.005 * f
    r = r + 0.01 * v
    f, e = force(r)
    v = v + 0.005 * f
    if step % 20 == 0:
        print(step, f"{e:.5f}", f"{(e + 0.5 * v.pow(2).sum().item()):.5f}")
# %% a differentiable sorting relaxation
torch.manual_seed(9)
scores = torch.randn(5, requires_grad=True)
target = torch.tensor([3.0, 1.0, 4.0, 2.0, 5.0])
optimizer = torch.optim.Adam([scores], lr=0.1)
for step in range(50):
    soft_rank = 1 + torch.sigmoid((scores.unsqueeze(1) - scores.unsqueeze(0)) / 0.3).sum(1) - 0.5
    loss = (soft_rank - target).pow(2).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if step % 10 == 0:
        print(step, f"{loss.item():.4f}")
print(scores.argsort().tolist())
# %% graph convolution by hand
torch.manual_seed(10)
edges = torch.tensor([[0, 1], [1, 2], [2, 3], [3, 0], [0, 2]])
adjacency = torch.eye(4)
adjacency[edges[:, 0], edges[:, 1]] = 1
adjacency[edges[:, 1], edges[:, 0]] = 1
scale = adjacency.sum(1).rsqrt()
adjacency = scale.unsqueeze(1) * adjacency * scale
x, y = torch.randn(4, 3), torch.tensor([0, 1, 1, 0])
w1 = torch.nn.Parameter(torch.randn(3, 6) * 0.5)
w2 = torch.nn.Parameter(torch.randn(6, 2) * 0.5)
optimizer = torch.optim.Adam([w1, w2], lr=0.05)
for step in range(40):
    out = adjacency @ torch.relu(adjacency @ x @ w1) @ w2
    loss = torch.nn.functional.cross_entropy(out, y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if step % 10 == 0:
        print(step, f"{loss.item():.4f}")
# %% training that is saved, loaded and goes on
torch.manual_seed(11)
def make():
    net = torch.nn.Sequential(torch.nn.Linear(2, 4), torch.nn.ReLU(), torch.nn.Linear(4, 1))
    optimizer = torch.optim.Adam(net.parameters(), lr=0.05)
    return net, optimizer, torch.optim.lr_scheduler.StepLR(optimizer, 5, 0.5)
x = torch.randn(20, 2)
y = x.sum(1, keepdim=True)
def train(net, optimizer, schedule, steps):
    for _ in range(steps):
        loss = (net(x) - y).pow(2).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
    return loss.item()
parts = make()
train(*parts, 7)
torch.save({name: part.state_dict() for name, part in zip("nos", parts)}, "checkpoint.pt")
straight = train(*parts, 8)
again = make()
for name, state in torch.load("checkpoint.pt").items():
    again["nos".index(name)].load_state_dict(state)
print(f"{straight:.5f}", train(*again, 8) == straight, again[2].get_last_lr())
