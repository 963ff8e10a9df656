# %% polynomial regression with Adam and weight decay
torch.manual_seed(1)
x = torch.linspace(-1, 1, 40).unsqueeze(1)
y = 1 - 2 * x + 0.5 * x**3 + 0.05 * torch.randn(40, 1)
features = torch.cat([x**k for k in range(4)], dim=1)
model = torch.nn.Linear(4, 1, bias=False)
optimizer = torch.optim.Adam(model.parameters(), lr=0.05, weight_decay=1e-3)
for step in range(100):
    optimizer.zero_grad()
    loss = torch.nn.functional.mse_loss(model(features), y)
    loss.backward()
    optimizer.step()
    if step % 20 == 0:
        print(step, f"{loss.item():.4f}")
print([round(w, 3) for w in model.weight.view(-1).tolist()])
# %% logistic regression by Newton's method, with a Hessian from create_graph
torch.manual_seed(2)
x = torch.randn(50, 2, dtype=torch.float64)
t = (x @ torch.tensor([1.5, -2.0], dtype=torch.float64) + 0.3 * torch.randn(50, dtype=torch.float64) > 0).double()
w = torch.zeros(2, dtype=torch.float64, requires_grad=True)
for step in range(8):
    z = x @ w
    loss = torch.nn.functional.binary_cross_entropy_with_logits(z, t) + 0.01 * (w * w).sum()
    (g,) = torch.autograd.grad(loss, w, create_graph=True)
    rows = [torch.autograd.grad(g[i], w, retain_graph=True)[0] for i in range(2)]
    a, b, d = rows[0][0], rows[0][1], rows[1][1]
    det = a * d - b * b
    move = torch.stack([d * g[0] - b * g[1], a * g[1] - b * g[0]]) / det
    with torch.no_grad():
        w -= move
    print(step, f"{loss.item():.6f}", [round(v, 4) for v in w.tolist()])
# %% softmax regression from scratch, without modules
torch.manual_seed(3)
x = torch.randn(60, 3)
labels = (x.sum(1) > 0).long() + (x[:, 0] > 0.5).long()
w = torch.zeros(3, 3, requires_grad=True)
b = torch.zeros(3, requires_grad=True)
for step in range(100):
    logits = x @ w + b
    logp = logits - logits.exp().sum(1, keepdim=True).log()
    loss = -logp[torch.arange(60), labels].mean()
    loss.backward()
    with torch.no_grad():
        for p in (w, b):
            p -= 0.5 * p.grad
            p.grad.zero_()
    if step % 25 == 0:
        print(step, f"{loss.item():.4f}")
print((logits.argmax(1) == labels).float().mean().item())
# %% an MLP on spirals with mini-batches and a cosine schedule
torch.manual_seed(4)
n = 60
t = torch.linspace(0.2, 1, n)
arms = []
for k in range(2):
    angle = t * 6 + k * 3.14159
    arms.append(torch.stack([t * torch.cos(angle), t * torch.sin(angle)], 1))
x, y = torch.cat(arms), torch.cat([torch.zeros(n), torch.ones(n)]).long()
net = torch.nn.Sequential(torch.nn.Linear(2, 16), torch.nn.Tanh(), torch.nn.Linear(16, 16), torch.nn.Tanh(), torch.nn.Linear(16, 2))
optimizer = torch.optim.SGD(net.parameters(), lr=0.3, momentum=0.9)
schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=30)
loader = torch.utils.data.DataLoader(torch.utils.data.TensorDataset(x, y), batch_size=40, shuffle=True)
for epoch in range(30):
    total = 0.0
    for xb, yb in loader:
        optimizer.zero_grad()
        loss = torch.nn.functional.cross_entropy(net(xb), yb)
        loss.backward()
        optimizer.step()
        total += loss.item()
    schedule.step()
    if epoch % 6 == 0:
        print(epoch, f"{total / 3:.3f}", f"{schedule.get_last_lr()[0]:.4f}")
# %% gradient clipping and warm-up, one cycle of the rate
torch.manual_seed(5)
net = torch.nn.Sequential(torch.nn.Linear(5, 8), torch.nn.ReLU(), torch.nn.Linear(8, 1))
optimizer = torch.optim.AdamW(net.parameters(), lr=0.01)
schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=0.05, total_steps=40)
x = torch.randn(32, 5)
y = (x[:, :1] * x[:, 1:2]).detach()
for step in range(40):
    optimizer.zero_grad()
    loss = ((net(x) - y) ** 2).mean()
    loss.backward()
    norm = torch.nn.utils.clip_grad_norm_(net.parameters(), 0.5)
    optimizer.step()
    schedule.step()
    if step % 8 == 0:
        print(step, f"{loss.item():.4f}", f"{float(norm):.3f}", f"{optimizer.param_groups[0]['lr']:.5f}")
# %% policy gradient on a bandit
torch.manual_seed(6)
from torch.distributions import Categorical
logits = torch.zeros(4, requires_grad=True)
pay = torch.tensor([0.1, 0.9, 0.3, 0.5])
optimizer = torch.optim.SGD([logits], lr=0.3)
baseline = 0.0
for step in range(100):
    policy = Categorical(logits=logits)
    action = policy.sample()
    reward = pay[action].item() + 0.1 * torch.randn(()).item()
    loss = -policy.log_prob(action) * (reward - baseline)
    baseline += 0.1 * (reward - baseline)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if step % 20 == 0:
        print(step, action.item(), f"{loss.item():.4f}")
print([round(p, 2) for p in logits.softmax(0).tolist()])
# %% policy gradient with returns over an episode
torch.manual_seed(7)
from torch.distributions import Bernoulli
net = torch.nn.Sequential(torch.nn.Linear(2, 8), torch.nn.Tanh(), torch.nn.Linear(8, 1))
optimizer = torch.optim.Adam(net.parameters(), lr=0.02)
for episode in range(20):
    state = torch.tensor([0.0, 1.0])
    log_probs, rewards = [], []
    for _ in range(8):
        policy = Bernoulli(logits=net(state))
        action = policy.sample()
        log_probs.append(policy.log_prob(action))
        state = state + torch.cat([action - 0.5, -0.1 * state[:1]])
        rewards.append(-(state[0] ** 2).item())
    returns, running = [], 0.0
    for r in reversed(rewards):
        running = r + 0.9 * running
        returns.insert(0, running)
    returns = torch.tensor(returns)
    returns = (returns - returns.mean()) / (returns.std() + 1e-6)
    loss = -(torch.cat(log_probs) * returns).sum()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if episode % 5 == 0:
        print(episode, f"{loss.item():.3f}", f"{sum(rewards):.3f}")
# %% Q-learning with a target network
torch.manual_seed(8)
import copy, random
random.seed(8)
net = torch.nn.Sequential(torch.nn.Linear(1, 12), torch.nn.ReLU(), torch.nn.Linear(12, 2))
target = copy.deepcopy(net)
optimizer = torch.optim.RMSprop(net.parameters(), lr=0.005)
memory, s = [], 0.0
for step in range(80):
    with torch.no_grad():
        a = random.randrange(2) if random.random() < 0.3 else int(net(torch.tensor([s])).argmax())
    s2 = max(-2.0, min(2.0, s + (0.5 if a else -0.5)))
    memory.append((s, a, -abs(s2 - 1.0), s2))
    s = s2 if step % 10 != 9 else 0.0
    batch = [memory[random.randrange(len(memory))] for _ in range(8)]
    bs, ba, br, bn = (torch.tensor(v) for v in zip(*batch))
    q = net(bs.unsqueeze(1)).gather(1, ba.unsqueeze(1)).squeeze(1)
    with torch.no_grad():
        goal = br + 0.9 * target(bn.unsqueeze(1)).max(1)[0]
    loss = torch.nn.functional.smooth_l1_loss(q, goal)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if step % 20 == 0:
        target.load_state_dict(net.state_dict())
        print(step, f"{loss.item():.4f}")
# %% a variational autoencoder
torch.manual_seed(9)
data = torch.rand(48, 6)
encoder, decoder = torch.nn.Linear(6, 4), torch.nn.Linear(2, 6)
optimizer = torch.optim.Adam([*encoder.parameters(), *decoder.parameters()], lr=0.02)
for step in range(60):
    mean, log_var = encoder(data).chunk(2, dim=1)
    z = mean + torch.randn_like(mean) * (0.5 * log_var).exp()
    loss_x = torch.nn.functional.binary_cross_entropy_with_logits(decoder(z), data, reduction="sum") / 48
    kl = -0.5 * (1 + log_var - mean.pow(2) - log_var.exp()).sum() / 48
    optimizer.zero_grad()
    (loss_x + kl).backward()
    optimizer.step()
    if step % 15 == 0:
        print(step, f"{loss_x.item():.4f}", f"{kl.item():.4f}")
# %% a conditional Gaussian by maximum likelihood, with torch.distributions
torch.manual_seed(10)
from torch.distributions import Normal, kl_divergence
x = torch.randn(64, 1)
y = 2 * x + (0.3 + 0.2 * x.abs()) * torch.randn(64, 1)
net = torch.nn.Linear(1, 2)
optimizer = torch.optim.Adam(net.parameters(), lr=0.05)
for step in range(80):
    mean, raw = net(x).split(1, dim=1)
    predicted = Normal(mean, torch.nn.functional.softplus(raw) + 1e-3)
    loss = -predicted.log_prob(y).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if step % 20 == 0:
        print(step, f"{loss.item():.4f}")
print(f"{kl_divergence(predicted, Normal(0.0, 1.0)).mean().item():.4f}")
# %% matrix factorization with embeddings
torch.manual_seed(11)
users, items = torch.nn.Embedding(6, 3), torch.nn.Embedding(5, 3)
optimizer = torch.optim.Adagrad([*users.parameters(), *items.parameters()], lr=0.3)
u, i = torch.randint(0, 6, (40,)), torch.randint(0, 5, (40,))
r = torch.sin(u.float() + 2 * i.float())
for step in range(60):
    loss = ((users(u) * items(i)).sum(1) - r).pow(2).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if step % 15 == 0:
        print(step, f"{loss.item():.4f}")
# %% a mixture of experts with a gate
torch.manual_seed(12)
experts = torch.nn.ModuleList([torch.nn.Linear(2, 1) for _ in range(3)])
gate = torch.nn.Linear(2, 3)
optimizer = torch.optim.NAdam([*experts.parameters(), *gate.parameters()], lr=0.05)
x = torch.randn(50, 2)
y = torch.where(x[:, :1] > 0, x[:, 1:], -x[:, 1:])
for step in range(60):
    weights = gate(x).softmax(1)
    out = sum(weights[:, k : k + 1] * expert(x) for k, expert in enumerate(experts))
    loss = (out - y).pow(2).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if step % 15 == 0:
        print(step, f"{loss.item():.3f}")
# %% contrastive learning with cosine similarity
torch.manual_seed(13)
net = torch.nn.Linear(4, 3)
optimizer = torch.optim.SGD(net.parameters(), lr=0.2)
anchor = torch.randn(12, 4)
def unit(v):
    return v / v.pow(2).sum(1, keepdim=True).sqrt()
for step in range(40):
    a = unit(net(anchor))
    b = unit(net(anchor + 0.05 * torch.randn(12, 4)))
    loss = torch.nn.functional.cross_entropy(a @ b.t() / 0.2, torch.arange(12))
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if step % 10 == 0:
        print(step, f"{loss.item():.4f}")
# %% knowledge distillation
torch.manual_seed(14)
F = torch.nn.functional
teacher = torch.nn.Sequential(torch.nn.Linear(4, 12), torch.nn.ReLU(), torch.nn.Linear(12, 3))
student = torch.nn.Linear(4, 3)
optimizer = torch.optim.Adam(student.parameters(), lr=0.05)
x = torch.randn(40, 4)
with torch.no_grad():
    soft = F.softmax(teacher(x) / 2, dim=1)
for step in range(50):
    loss = F.kl_div(F.log_softmax(student(x) / 2, dim=1), soft, reduction="batchmean") * 4
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if step % 10 == 0:
        print(step, f"{loss.item():.4f}")
# %% LBFGS on a small network
torch.manual_seed(15)
net = torch.nn.Sequential(torch.nn.Linear(1, 6), torch.nn.Tanh(), torch.nn.Linear(6, 1)).double()
x = torch.linspace(-2, 2, 25, dtype=torch.float64).unsqueeze(1)
y = torch.sin(2 * x)
optimizer = torch.optim.LBFGS(net.parameters(), lr=0.5, max_iter=8)
def closure():
    optimizer.zero_grad()
    loss = (net(x) - y).pow(2).mean()
    loss.backward()
    return loss
for step in range(6):
    print(step, f"{optimizer.step(closure).item():.4f}")
# %% weight averaging at the end of training
torch.manual_seed(16)
from torch.optim.swa_utils import AveragedModel, SWALR
net = torch.nn.Linear(3, 1)
averaged = AveragedModel(net)
optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
schedule = SWALR(optimizer, swa_lr=0.02, anneal_epochs=5)
x, w = torch.randn(30, 3), torch.tensor([[1.0], [-1.0], [2.0]])
for step in range(30):
    loss = (net(x) - x @ w).pow(2).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if step >= 10:
        averaged.update_parameters(net)
        schedule.step()
    if step % 6 == 0:
        print(step, f"{loss.item():.4f}", optimizer.param_groups[0]["lr"])
print(f"{(averaged(x) - x @ w).pow(2).mean().item():.5f}", averaged.n_averaged.item())
