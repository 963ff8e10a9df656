# Whole trainings, seeded, of a hundred steps: every loss that is printed must be PyTorch's.
# %% a small convolutional network
import torch.nn as nn
import torch.nn.functional as F
torch.manual_seed(0)
x = torch.randn(32, 1, 8, 8)
y = (x.mean((1, 2, 3)) > 0).long() + (x[:, 0, :4].mean((1, 2)) > 0).long()
net = nn.Sequential(
    nn.Conv2d(1, 4, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(4, 8, 3, padding=1), nn.ReLU(),
    nn.AdaptiveAvgPool2d(2), nn.Flatten(), nn.Dropout(0.2), nn.Linear(32, 3),
)
opt = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9)
for step in range(100):
    loss = F.cross_entropy(net(x), y)
    opt.zero_grad()
    loss.backward()
    opt.step()
    if step % 10 == 9:
        print(step, f"{loss.item():.4f}")
net.eval()
print((net(x).argmax(1) == y).float().mean().item())

# %% a residual network with batch norm
import torch.nn as nn
import torch.nn.functional as F
class Block(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.conv1 = nn.Conv2d(c, c, 3, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(c)
        self.conv2 = nn.Conv2d(c, c, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(c)
    def forward(self, x):
        out = F.relu(self.bn1(self.conv1(x)))
        return F.relu(x + self.bn2(self.conv2(out)))
torch.manual_seed(1)
net = nn.Sequential(nn.Conv2d(1, 4, 3, padding=1), Block(4), Block(4), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(4, 2))
x = torch.randn(16, 1, 6, 6)
y = (x[:, 0, 0, 0] > 0).long()
opt = torch.optim.Adam(net.parameters(), lr=0.003)
for step in range(100):
    loss = F.cross_entropy(net(x), y)
    opt.zero_grad()
    loss.backward()
    opt.step()
    if step % 10 == 9:
        print(step, f"{loss.item():.3f}")
print(net[1].bn1.num_batches_tracked)

# %% a recurrent network over packed sequences
import torch.nn as nn
from torch.nn.utils.rnn import pack_sequence
torch.manual_seed(2)
data = [torch.randn(n, 3) for n in (5, 3, 4, 2)]
target = torch.tensor([[s.sum()] for s in data])
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.gru = nn.GRU(3, 8)
        self.out = nn.Linear(8, 1)
    def forward(self, packed):
        _, h = self.gru(packed)
        return self.out(h[-1])
net = Net()
opt = torch.optim.Adam(net.parameters(), lr=0.01)
packed = pack_sequence(data, enforce_sorted=False)
for step in range(100):
    loss = nn.functional.mse_loss(net(packed), target)
    opt.zero_grad()
    loss.backward()
    nn.utils.clip_grad_norm_(net.parameters(), 1.0)
    opt.step()
    if step % 10 == 9:
        print(step, f"{loss.item():.4f}")

# %% a small GPT
import math
import torch.nn as nn
import torch.nn.functional as F
text = "to be or not to be that is the question"
chars = sorted(set(text))
ids = torch.tensor([chars.index(c) for c in text])
class Attention(nn.Module):
    def __init__(self, d, h, t):
        super().__init__()
        self.h = h
        self.qkv = nn.Linear(d, 3 * d)
        self.proj = nn.Linear(d, d)
        self.register_buffer("mask", torch.tril(torch.ones(t, t)).view(1, 1, t, t))
    def forward(self, x):
        B, T, C = x.shape
        q, k, v = (p.view(B, T, self.h, C // self.h).transpose(1, 2) for p in self.qkv(x).split(C, dim=2))
        att = (q @ k.transpose(-2, -1)) / math.sqrt(k.size(-1))
        att = att.masked_fill(self.mask[:, :, :T, :T] == 0, float("-inf"))
        y = F.softmax(att, dim=-1) @ v
        return self.proj(y.transpose(1, 2).contiguous().view(B, T, C))
class Block(nn.Module):
    def __init__(self, d, h, t):
        super().__init__()
        self.ln1, self.ln2 = nn.LayerNorm(d), nn.LayerNorm(d)
        self.att = Attention(d, h, t)
        self.mlp = nn.Sequential(nn.Linear(d, 4 * d), nn.GELU(), nn.Linear(4 * d, d))
    def forward(self, x):
        x = x + self.att(self.ln1(x))
        return x + self.mlp(self.ln2(x))
class GPT(nn.Module):
    def __init__(self, v, d=16, h=2, t=16, n=2):
        super().__init__()
        self.tok, self.pos = nn.Embedding(v, d), nn.Embedding(t, d)
        self.blocks = nn.Sequential(*[Block(d, h, t) for _ in range(n)])
        self.ln = nn.LayerNorm(d)
        self.head = nn.Linear(d, v, bias=False)
        self.tok.weight = self.head.weight
        self.apply(self.start)
    def start(self, m):
        if isinstance(m, (nn.Linear, nn.Embedding)):
            nn.init.normal_(m.weight, std=0.02)
    def forward(self, i):
        x = self.tok(i) + self.pos(torch.arange(i.size(1)))
        return self.head(self.ln(self.blocks(x)))
torch.manual_seed(3)
net = GPT(len(chars))
print(sum(p.numel() for p in net.parameters()))
opt = torch.optim.AdamW(net.parameters(), lr=1e-3)
for step in range(100):
    at = torch.randint(0, len(ids) - 17, (4,))
    x = torch.stack([ids[i : i + 16] for i in at])
    y = torch.stack([ids[i + 1 : i + 17] for i in at])
    loss = F.cross_entropy(net(x).view(-1, len(chars)), y.view(-1))
    opt.zero_grad(set_to_none=True)
    loss.backward()
    opt.step()
    if step % 10 == 9:
        print(step, f"{loss.item():.4f}")

# %% a variational autoencoder
import torch.nn as nn
import torch.nn.functional as F
class VAE(nn.Module):
    def __init__(self):
        super().__init__()
        self.enc = nn.Linear(12, 8)
        self.mu, self.logvar = nn.Linear(8, 2), nn.Linear(8, 2)
        self.dec = nn.Sequential(nn.Linear(2, 8), nn.Tanh(), nn.Linear(8, 12))
    def forward(self, x):
        h = torch.tanh(self.enc(x))
        mu, logvar = self.mu(h), self.logvar(h)
        z = mu + torch.exp(0.5 * logvar) * torch.randn_like(mu)
        return self.dec(z), mu, logvar
torch.manual_seed(4)
net = VAE()
x = torch.rand(20, 12)
opt = torch.optim.Adam(net.parameters(), lr=0.01)
for step in range(100):
    recon, mu, logvar = net(x)
    bce = F.binary_cross_entropy_with_logits(recon, x, reduction="sum") / 20
    kld = -0.5 * torch.mean(torch.sum(1 + logvar - mu**2 - logvar.exp(), 1))
    loss = bce + kld
    opt.zero_grad()
    loss.backward()
    opt.step()
    if step % 10 == 9:
        print(step, f"{bce.item():.4f} {kld.item():.4f}")

# %% a generative adversarial network with transposed convolutions
import torch.nn as nn
torch.manual_seed(5)
G = nn.Sequential(nn.ConvTranspose2d(4, 6, 2), nn.BatchNorm2d(6), nn.ReLU(), nn.ConvTranspose2d(6, 1, 4, 2, 1), nn.Tanh())
D = nn.Sequential(nn.Conv2d(1, 6, 3, 2, 1), nn.LeakyReLU(0.2), nn.Flatten(), nn.Linear(24, 1))
real = torch.randn(8, 1, 4, 4).clamp(-1, 1)
loss = nn.BCEWithLogitsLoss()
og = torch.optim.Adam(G.parameters(), lr=2e-3, betas=(0.5, 0.999))
od = torch.optim.Adam(D.parameters(), lr=2e-3, betas=(0.5, 0.999))
for step in range(100):
    fake = G(torch.randn(8, 4, 1, 1))
    d = loss(D(real), torch.ones(8, 1)) + loss(D(fake.detach()), torch.zeros(8, 1))
    od.zero_grad()
    d.backward()
    od.step()
    g = loss(D(fake), torch.ones(8, 1))
    og.zero_grad()
    g.backward()
    og.step()
    if step % 10 == 9:
        print(step, f"{d.item():.3f} {g.item():.3f}")

# %% a transformer that reverses
import torch.nn as nn
import torch.nn.functional as F
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(6, 16)
        self.pos = nn.Parameter(torch.randn(5, 1, 16) * 0.1)
        self.tf = nn.Transformer(16, 2, 1, 1, 32, dropout=0.1)
        self.out = nn.Linear(16, 6)
    def forward(self, src, tgt):
        mask = nn.Transformer.generate_square_subsequent_mask(tgt.size(0))
        s, t = self.emb(src) + self.pos, self.emb(tgt) + self.pos
        return self.out(self.tf(s, t, tgt_mask=mask))
torch.manual_seed(6)
net = Net()
opt = torch.optim.Adam(net.parameters(), lr=1e-3)
for step in range(100):
    src = torch.randint(1, 6, (5, 8))
    want = src.flip(0)
    tgt = torch.cat([torch.zeros(1, 8, dtype=torch.long), want[:-1]])
    loss = F.cross_entropy(net(src, tgt).reshape(-1, 6), want.reshape(-1), label_smoothing=0.1)
    opt.zero_grad()
    loss.backward()
    opt.step()
    if step % 10 == 9:
        print(step, f"{loss.item():.4f}")

# %% bags of words, and embeddings held to a length
import torch.nn as nn
torch.manual_seed(7)
words = torch.randint(0, 20, (60,))
offsets = torch.arange(0, 60, 5)
label = (torch.arange(12) % 3)
bag = nn.EmbeddingBag(20, 6, mode="mean")
emb = nn.Embedding(20, 6, max_norm=1.0, padding_idx=0)
out = nn.Linear(12, 3)
params = [*bag.parameters(), *emb.parameters(), *out.parameters()]
opt = torch.optim.Adagrad(params, lr=0.1)
for step in range(100):
    both = torch.cat([bag(words, offsets), emb(words.view(12, 5)).sum(1)], 1)
    loss = nn.functional.cross_entropy(out(both), label)
    opt.zero_grad()
    loss.backward()
    opt.step()
    if step % 10 == 9:
        print(step, f"{loss.item():.4f}")
print(emb.weight[0])

# %% contrastive: pairs that belong together
import torch.nn as nn
import torch.nn.functional as F
torch.manual_seed(8)
enc = nn.Sequential(nn.Linear(6, 16), nn.ReLU(), nn.Linear(16, 4))
base = torch.randn(10, 6)
opt = torch.optim.SGD(enc.parameters(), lr=0.1, momentum=0.9, nesterov=True)
triplet = nn.TripletMarginLoss(margin=0.5)
for step in range(100):
    a = F.normalize(enc(base + 0.1 * torch.randn(10, 6)), dim=1)
    b = F.normalize(enc(base + 0.1 * torch.randn(10, 6)), dim=1)
    info = F.cross_entropy(a @ b.t() / 0.5, torch.arange(10))
    loss = info + triplet(a, b, b.roll(1, 0)) + F.cosine_embedding_loss(a, b, torch.ones(10))
    opt.zero_grad()
    loss.backward()
    opt.step()
    if step % 10 == 9:
        print(step, f"{loss.item():.4f}")

# %% a denoising autoencoder of images, with upsampling and group norm
import torch.nn as nn
torch.manual_seed(9)
net = nn.Sequential(
    nn.Conv2d(1, 4, 3, stride=2, padding=1), nn.GroupNorm(2, 4), nn.SiLU(),
    nn.Upsample(scale_factor=2, mode="bilinear", align_corners=False),
    nn.Conv2d(4, 4, 3, padding=1, padding_mode="reflect"), nn.Mish(), nn.Conv2d(4, 4, 1), nn.PixelShuffle(2), nn.AvgPool2d(2),
)
clean = torch.rand(4, 1, 8, 8)
opt = torch.optim.RMSprop(net.parameters(), lr=0.003)
sched = torch.optim.lr_scheduler.StepLR(opt, 40, 0.5)
for step in range(100):
    loss = nn.functional.smooth_l1_loss(net(clean + 0.2 * torch.randn_like(clean)), clean)
    opt.zero_grad()
    loss.backward()
    opt.step()
    sched.step()
    if step % 10 == 9:
        print(step, f"{loss.item():.4f}")

# %% letters aligned with CTC
import torch.nn as nn
torch.manual_seed(10)
net = nn.LSTM(4, 8, bidirectional=True)
out = nn.Linear(16, 5)
x = torch.randn(9, 3, 4)
target = torch.randint(1, 5, (3, 4))
opt = torch.optim.Adam([*net.parameters(), *out.parameters()], lr=0.01)
for step in range(100):
    logits = out(net(x)[0]).log_softmax(2)
    loss = nn.functional.ctc_loss(logits, target, torch.tensor([9, 8, 9]), torch.tensor([4, 3, 4]))
    opt.zero_grad()
    loss.backward()
    opt.step()
    if step % 10 == 9:
        print(step, f"{loss.item():.3f}")

# %% a critic with spectral norm and a penalty on its gradient
import torch.nn as nn
torch.manual_seed(11)
critic = nn.Sequential(nn.utils.spectral_norm(nn.Linear(2, 16)), nn.Softplus(), nn.utils.weight_norm(nn.Linear(16, 1)))
real = torch.randn(16, 2) + 2
opt = torch.optim.Adam(critic.parameters(), lr=0.01)
for step in range(100):
    fake = torch.randn(16, 2)
    mix = (real + torch.rand(16, 1) * (fake - real)).requires_grad_()
    grad, = torch.autograd.grad(critic(mix).sum(), mix, create_graph=True)
    loss = critic(fake).mean() - critic(real).mean() + ((grad.norm(2, dim=1) - 1) ** 2).mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
    if step % 10 == 9:
        print(step, f"{loss.item():.4f}")
