# %% sums of every length, to the last digit
torch.manual_seed(0)
for n in (0, 1, 2, 3, 5, 7, 8, 9, 15, 16, 31, 33, 50, 64, 100, 127, 128, 200, 257, 500, 511, 512, 1000, 3000, 20000):
    x = torch.randn(n)
    print(n, x.sum().item(), x.double().sum().item(), (x * x).mean().item() if n else None, x.sum().neg().item())

# %% sums over rows and columns, to the last digit
torch.manual_seed(1)
for shape in ((4, 3), (50, 1), (1, 50), (50, 3), (100, 16), (16, 100), (200, 8), (7, 33), (300, 40), (3, 5, 7), (20, 4, 9), (9, 33, 12)):
    x = torch.randn(*shape)
    for dim in range(len(shape)):
        print(shape, dim, x.sum(dim).tolist()[:2], x.mean(dim).flatten().tolist()[:3])
    print(x.sum((0, -1)).tolist(), x.t().sum(0).tolist()[:5] if len(shape) == 2 else None)
    print(x[::2].sum().item(), x[..., :1].sum().item(), x.double().sum(0).flatten().tolist()[:4])

# %% products, to the last digit
torch.manual_seed(2)
for a, b, c in ((4, 3, 5), (20, 16, 1), (200, 3, 1), (1, 200, 3), (64, 32, 10), (33, 65, 17)):
    x, y = torch.randn(a, b), torch.randn(b, c)
    print((x @ y).sum().item(), (x @ y[:, 0]).tolist()[:4], (x.t() @ x).flatten().tolist()[:4], (x[0] @ y).tolist()[:3], x[:, 0].dot(x[:, -1]).item())
    print(torch.nn.functional.linear(x, torch.randn(c, b), torch.randn(c)).flatten().tolist()[:4])

# %% a regression whose losses are printed raw
torch.manual_seed(3)
x = torch.linspace(-3, 3, 200).unsqueeze(1)
y = x ** 3 - x
net = torch.nn.Sequential(torch.nn.Linear(1, 16), torch.nn.ReLU(), torch.nn.Linear(16, 1))
opt = torch.optim.SGD(net.parameters(), lr=1e-3, momentum=0.9)
for step in range(60):
    loss = torch.nn.functional.mse_loss(net(x), y)
    opt.zero_grad()
    loss.backward()
    opt.step()
    if step % 10 == 0:
        print(step, loss.item())
print([p.sum().item() for p in net.parameters()])

# %% Adam, AdamW and RMSprop, losses printed raw
for make in (torch.optim.Adam, torch.optim.AdamW, torch.optim.RMSprop, torch.optim.Adagrad):
    torch.manual_seed(4)
    w = torch.randn(5, 3, requires_grad=True)
    b = torch.zeros(3, requires_grad=True)
    x, y = torch.randn(40, 5), torch.randn(40, 3)
    opt = make([w, b], lr=0.05)
    for step in range(25):
        loss = ((x @ w + b - y) ** 2).mean()
        opt.zero_grad()
        loss.backward()
        opt.step()
    print(make.__name__, loss.item(), w.sum().item(), b.tolist())

# %% functions of one number, bit by bit
torch.manual_seed(5)
bits = lambda t: t.contiguous().view(torch.int32).flatten().tolist()
for n in (1, 7, 16, 19, 333):
    x = torch.randn(n) * 4
    for name in ("exp", "tanh", "sigmoid", "sin", "cos", "expm1", "erf"):
        print(n, name, bits(getattr(torch, name)(x)))
    print(n, bits(x.abs().log()), bits(x.abs().log1p()), bits(torch.nn.functional.gelu(x)), bits(torch.nn.functional.silu(x)))
x = torch.tensor([0.0, -0.0, 88.7, 89.0, -87.5, -103.5, -104.5, 1e-40, 3e38, 9.1, -9.1, 124.9, 1.1, 2.4, 4.0])
for name in ("exp", "log", "tanh", "sigmoid", "expm1", "erf"):
    print(name, [hex(b) for b in bits(getattr(torch, name)(x))])

# %% softmax and the losses of classes, bit by bit
torch.manual_seed(6)
bits = lambda t: t.detach().contiguous().view(torch.int32).flatten().tolist()
F = torch.nn.functional
for shape in ((5,), (3, 5), (10, 10), (4, 17), (2, 3, 4), (3, 9, 20)):
    x = (torch.randn(*shape) * 3).requires_grad_()
    for dim in range(len(shape)):
        g = torch.randn(shape)
        for y in (x.softmax(dim), x.log_softmax(dim)):
            print(shape, dim, bits(y), bits(torch.autograd.grad(y, x, g)[0]))
    if len(shape) == 2:
        t, w = torch.randint(shape[1], (shape[0],)), torch.rand(shape[1])
        for loss in (F.cross_entropy(x, t), F.cross_entropy(x, t, weight=w, label_smoothing=0.1), F.cross_entropy(x, t, weight=w, ignore_index=1), F.cross_entropy(x, torch.rand(shape))):
            print(loss.item(), bits(torch.autograd.grad(loss, x)[0]))
    y = torch.rand(shape)
    for loss in (F.binary_cross_entropy_with_logits(x, y), F.binary_cross_entropy(x.sigmoid(), y), x.std(), x.logsumexp(-1).sum()):
        print(loss.item(), bits(torch.autograd.grad(loss, x)[0]))

# %% layer norm and batch norm, bit by bit
torch.manual_seed(7)
bits = lambda t: t.detach().contiguous().view(torch.int32).flatten().tolist()
F = torch.nn.functional
for rows, n in ((3, 5), (4, 8), (6, 20), (5, 33), (2, 300)):
    x, w, b = (torch.randn(rows, n) * 2 + 1).requires_grad_(), torch.rand(n).requires_grad_(), torch.randn(n).requires_grad_()
    for y, of in ((F.layer_norm(x, [n], w, b), (x, w, b)), (F.layer_norm(x, [n]), (x,))):
        print(rows, n, bits(y), [bits(t) for t in torch.autograd.grad(y, of, torch.randn(rows, n))])
for shape in ((6, 3), (16, 20), (4, 3, 5, 5), (3, 5, 7)):
    c = shape[1]
    x, w, b = (torch.randn(shape) * 2 + 1).requires_grad_(), torch.rand(c).requires_grad_(), torch.randn(c).requires_grad_()
    mean, var = torch.randn(c), torch.rand(c) + 0.5
    for training in (True, False):
        y = F.batch_norm(x, mean, var, w, b, training)
        print(shape, bits(y), bits(mean), bits(var), [bits(t) for t in torch.autograd.grad(y, (x, w, b), torch.randn(shape))])

# %% an MLP with tanh, sigmoid and cross entropy, 100 steps of Adam
import torch.nn as nn, torch.nn.functional as F

def say(step, loss):
    if step % 9 == 0: print(step, f"{loss.item():.10f}")

torch.manual_seed(0)
x = torch.randn(64, 10); t = torch.randint(4, (64,))
net = nn.Sequential(nn.Linear(10, 32), nn.Tanh(), nn.Linear(32, 32), nn.Sigmoid(), nn.Linear(32, 4))
opt = torch.optim.Adam(net.parameters(), lr=0.01)
for step in range(100):
    loss = F.cross_entropy(net(x), t); opt.zero_grad(); loss.backward(); opt.step(); say(step, loss)

# %% a transformer with layer norm, attention and GELU, 100 steps of AdamW
import torch.nn as nn, torch.nn.functional as F

def say(step, loss):
    if step % 9 == 0: print(step, f"{loss.item():.10f}")

torch.manual_seed(1)
class Block(nn.Module):
    def __init__(self, d, h):
        super().__init__()
        self.ln1 = nn.LayerNorm(d); self.ln2 = nn.LayerNorm(d); self.h = h
        self.qkv = nn.Linear(d, 3 * d); self.proj = nn.Linear(d, d)
        self.ff = nn.Sequential(nn.Linear(d, 4 * d), nn.GELU(), nn.Linear(4 * d, d))
    def forward(self, x):
        B, T, C = x.shape
        q, k, v = self.qkv(self.ln1(x)).split(C, dim=2)
        q, k, v = (z.view(B, T, self.h, C // self.h).transpose(1, 2) for z in (q, k, v))
        a = (q @ k.transpose(-2, -1)) * (C // self.h) ** -0.5
        a = a.masked_fill(torch.tril(torch.ones(T, T)) == 0, float("-inf")).softmax(-1)
        x = x + self.proj((a @ v).transpose(1, 2).reshape(B, T, C))
        return x + self.ff(self.ln2(x))
emb, pos = nn.Embedding(11, 16), nn.Embedding(8, 16)
blocks = nn.Sequential(Block(16, 2), Block(16, 2)); head = nn.Linear(16, 11)
params = [p for m in (emb, pos, blocks, head) for p in m.parameters()]
opt = torch.optim.AdamW(params, lr=3e-3)
data = torch.randint(11, (4, 9))
for step in range(100):
    logits = head(blocks(emb(data[:, :-1]) + pos(torch.arange(8))))
    loss = F.cross_entropy(logits.view(-1, 11), data[:, 1:].reshape(-1)); opt.zero_grad(); loss.backward(); opt.step(); say(step, loss)

# %% an LSTM, 100 steps of Adam
import torch.nn as nn, torch.nn.functional as F

def say(step, loss):
    if step % 9 == 0: print(step, f"{loss.item():.10f}")

torch.manual_seed(2)
rnn, out = nn.LSTM(5, 16, batch_first=True), nn.Linear(16, 1)
x, y = torch.randn(8, 6, 5), torch.randn(8, 1)
opt = torch.optim.Adam(list(rnn.parameters()) + list(out.parameters()), lr=0.01)
for step in range(100):
    loss = F.mse_loss(out(rnn(x)[0][:, -1]), y); opt.zero_grad(); loss.backward(); opt.step(); say(step, loss)

# %% batch norm and SiLU, 100 steps of SGD
import torch.nn as nn, torch.nn.functional as F

def say(step, loss):
    if step % 9 == 0: print(step, f"{loss.item():.10f}")

torch.manual_seed(3)
net = nn.Sequential(nn.Linear(10, 16), nn.BatchNorm1d(16), nn.SiLU(), nn.Linear(16, 16), nn.BatchNorm1d(16), nn.Tanh(), nn.Linear(16, 3), nn.LogSoftmax(1))
x, t = torch.randn(32, 10), torch.randint(3, (32,))
opt = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9)
for step in range(100):
    loss = F.nll_loss(net(x), t); opt.zero_grad(); loss.backward(); opt.step(); say(step, loss)
net.eval(); print(net(x).sum().item())

# %% norms and products of every shape, in every layout
torch.manual_seed(21)
for shape in ((1,), (4,), (7,), (20,), (36,), (50, 7), (50, 8), (51, 20), (3, 4, 5), (2, 100, 9)):
    for dtype in (torch.float32, torch.float64):
        x = torch.randn(shape).to(dtype)
        for y in (x, x.transpose(0, -1), x[..., 1:], x[..., ::2], x.flip(0)):
            print(shape, y.norm().tolist(), y.norm(1).tolist(), y.norm(dim=0).flatten().tolist()[:3], y.norm(dim=-1).flatten().tolist()[:3], y.norm(1, dim=-1).flatten().tolist()[:3], y.prod().tolist(), y.prod(-1).flatten().tolist()[:3], y.prod(0).flatten().tolist()[:3])
            print(torch.linalg.vector_norm(y, 2).tolist(), torch.nn.functional.normalize(y, dim=0).flatten().tolist()[:3])
    if x.dim() > 1:
        print(x.norm(3).item(), x.norm(dim=(0, 1)).flatten().tolist()[:3], x.float().renorm(2, 0, 0.5).flatten().tolist()[:9])

# %% sums over dimensions that lie in another order
torch.manual_seed(22)
x = torch.randn(6, 7, 8, 9)
for order in ((0, 2, 3, 1), (3, 1, 0, 2), (1, 0, 2, 3), (3, 2, 1, 0)):
    y = x.permute(order)
    print(y.sum().item(), y.mean().item(), y.std().item(), y.norm().item(), y.prod(3).flatten().tolist()[:3])
    for dims in ((0, 1), (0, 3), (1, 2), (0, 1, 2), (1, 2, 3), (2,)):
        print(dims, y.sum(dims).flatten().tolist()[:4], y.mean(dims).flatten().tolist()[:2], y.logsumexp(dims).flatten().tolist()[:2])

# %% gradients clipped by their norm, raw
torch.manual_seed(23)
net = torch.nn.Sequential(torch.nn.Linear(5, 20), torch.nn.Tanh(), torch.nn.Linear(20, 3))
opt = torch.optim.SGD(net.parameters(), lr=0.5)
for step in range(30):
    x = torch.randn(16, 5)
    loss = torch.nn.functional.cross_entropy(net(x), (x.sum(1) > 0).long())
    opt.zero_grad()
    loss.backward()
    total = torch.nn.utils.clip_grad_norm_(net.parameters(), 0.3)
    opt.step()
    print(loss.item(), total.item(), net[0].weight.grad.norm().item())

# %% every optimizer over doubles, and cosines of a schedule
x, y = torch.randn(20, 4).double(), torch.randn(20, 2).double()
for name, settings in (("SGD", dict(lr=0.001, momentum=0.9, nesterov=True)), ("Adam", dict(amsgrad=True, weight_decay=0.1)), ("AdamW", dict(lr=0.01)), ("Adamax", {}), ("Adagrad", dict(lr_decay=0.1)), ("Adadelta", dict(rho=0.8)), ("RMSprop", dict(centered=True, momentum=0.9)), ("Rprop", dict(etas=(0.4, 1.3), step_sizes=(1e-5, 0.02))), ("ASGD", dict(t0=3)), ("NAdam", {}), ("RAdam", dict(lr=0.01))):
    net = torch.nn.Linear(4, 2).double()
    with torch.no_grad():
        net.weight.copy_(torch.linspace(-1, 1, 8).view(2, 4))
        net.bias.zero_()
    opt = getattr(torch.optim, name)(net.parameters(), **settings)
    for step in range(12):
        opt.zero_grad()
        ((net(torch.ones(1, 4).double() * torch.arange(1, 5)) - 1) ** 2).mean().backward()
        opt.step()
    print(name, ["%.11f" % w for w in net.weight.flatten().tolist()])
for make in (lambda o: torch.optim.lr_scheduler.CosineAnnealingLR(o, 5, 1e-3), lambda o: torch.optim.lr_scheduler.CosineAnnealingWarmRestarts(o, 7, 2), lambda o: torch.optim.lr_scheduler.OneCycleLR(o, 0.5, total_steps=40)):
    opt = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.1, momentum=0.9)
    schedule = make(opt)
    for step in range(30):
        opt.step()
        schedule.step()
        print(schedule.get_last_lr())

# %% bicubic interpolation
import torch.nn.functional as F
torch.manual_seed(0)
x = torch.randn(2, 2, 4, 6, requires_grad=True)
for kw in (dict(size=(5, 3)), dict(size=(2, 9), align_corners=True), dict(scale_factor=1.37), dict(size=(4, 6)), dict(size=(13, 7))):
    y = F.interpolate(x, mode="bicubic", **kw)
    grad, = torch.autograd.grad(y.exp().sum(), x)
    print(y.detach().view(torch.int32).flatten().tolist(), grad.view(torch.int32).flatten().tolist())

# %% adaptive average pools
import torch.nn.functional as F
torch.manual_seed(4)
for f, shape in ((lambda x: F.adaptive_avg_pool2d(x, (None, 3)), (2, 2, 4, 7)), (lambda x: F.adaptive_avg_pool2d(x, (3, 5)), (2, 2, 7, 11)), (lambda x: F.adaptive_avg_pool3d(x, (2, 3, 3)), (2, 5, 7, 9)), (lambda x: F.adaptive_avg_pool1d(x, 3), (2, 2, 7))):
    x = torch.randn(shape, requires_grad=True)
    y = f(x)
    grad, = torch.autograd.grad(y.exp().sum(), x)
    print(y.detach().view(torch.int32).flatten().tolist(), grad.view(torch.int32).flatten().tolist())

# %% losses and activations of two numbers, bit by bit
torch.manual_seed(6)
import torch.nn.functional as F
bits = lambda t: t.detach().contiguous().view(torch.int32).flatten().tolist()
for n in (1, 7, 16, 35, 333):
    x, y = torch.randn(n) * 3, torch.randn(n)
    p, q = torch.rand(n) * 0.98 + 0.01, torch.rand(n)
    print(n, bits(F.elu(x)), bits(F.celu(x, 1.3)), bits(F.selu(x)))
    print(n, bits(torch.xlogy(x, p)), bits(torch.logit(p)), bits(torch.logit(q, 0.2)), bits(torch.logaddexp(x, y)))
    for weight in (0.3, 0.6, 1.3, -0.7, y):
        print(n, bits(torch.lerp(x, p, weight)))
    print(n, bits(F.binary_cross_entropy(p, q, reduction="none")), bits(F.kl_div(x, q, reduction="none")))
special = torch.tensor([0.0, 1.0, float("inf"), float("nan"), -1.0, 1e-40, 3e38])
print(torch.xlogy(special, special), torch.xlogy(0, special), torch.xlogy(special, 2), torch.logit(special), torch.logit(special, 0.1))
print(torch.logaddexp(special, special), torch.logaddexp(-special, special), torch.logaddexp(special.bfloat16(), special), torch.xlogy(special.half(), 3))
print(torch.special.xlog1py(special, -special), torch.xlogy(torch.arange(3), torch.arange(3)), torch.logit(torch.arange(2)))

# %% group norm, bit by bit
torch.manual_seed(7)
import torch.nn.functional as F
bits = lambda t: t.detach().contiguous().view(torch.int32).flatten().tolist()
for shape, groups in (((4, 16, 8, 8), 4), ((2, 6, 5), 3), ((3, 8), 2), ((2, 4, 3, 3), 1), ((2, 4, 3, 3), 4), ((1, 32, 7), 8)):
    x = torch.randn(*shape)
    w, b = torch.randn(shape[1]), torch.randn(shape[1])
    for weight, bias in ((w, b), (w, None), (None, b), (None, None)):
        print(shape, groups, bits(F.group_norm(x, groups, weight, bias))[:40])
print(F.group_norm(torch.randn(0, 4, 3), 2).shape, F.group_norm(torch.randn(2, 4, 0), 2).shape)

# %% a net whose biases get nothing but rounding for a gradient, through batch norm, ELU and Adam
torch.manual_seed(8)
import torch.nn.functional as F
net = torch.nn.Sequential(torch.nn.Linear(2, 32), torch.nn.BatchNorm1d(32), torch.nn.ELU(), torch.nn.Dropout(0.2), torch.nn.Linear(32, 1), torch.nn.Sigmoid())
opt = torch.optim.Adam(net.parameters(), lr=1e-2)
for step in range(30):
    x = torch.randn(16, 2)
    loss = F.binary_cross_entropy(net(x), (x.sum(1, keepdim=True) > 0).float())
    opt.zero_grad()
    loss.backward()
    opt.step()
    if step % 6 == 0:
        print(step, loss.item())
net.eval()
print(net[1].running_mean.tolist()[:4], net(torch.ones(2, 2)).tolist())

# %% gradients of a convolution of one image, bit by bit
torch.manual_seed(9)
bits = lambda t: t.detach().contiguous().view(torch.int32).flatten().tolist()
for channels, size, out, kernel in ((1, 8, 1, 3), (3, 8, 4, 3), (16, 6, 8, 1)):
    x = torch.randn(1, channels, size, size, requires_grad=True)
    w, b = torch.randn(out, channels, kernel, kernel, requires_grad=True), torch.randn(out, requires_grad=True)
    y = torch.nn.functional.conv2d(x, w, b, padding=kernel // 2)
    y.backward(torch.randn_like(y))
    print(bits(x.grad)[:60], bits(w.grad)[:60], bits(b.grad))

# %% digamma, and entropies made of it
torch.manual_seed(10)
x = torch.cat([torch.rand(40) * 3, torch.rand(20) * 9, -torch.rand(20) * 5, torch.tensor([0.0, -0.0, 1e20, float("inf"), -3.0, 10.0])])
print(x.digamma().view(torch.int32).tolist(), x.bfloat16().digamma()[:9], torch.digamma(torch.arange(4)))
d = torch.distributions
b = d.Beta(torch.rand(3) + 0.5, torch.rand(3) * 3)
print(b.entropy(), d.kl_divergence(b, d.Beta(2.0, 3.0)), d.Gamma(2.3, 1.0).entropy(), d.Dirichlet(torch.rand(4)).entropy())
