"""Programs that train for 100 steps with a seed."""

# %% linear regression with SGD
import torch.nn as nn
torch.manual_seed(0)
x = torch.linspace(-1, 1, 50).unsqueeze(1)
y = 3 * x - 0.5 + 0.1 * torch.randn(50, 1)
model = nn.Linear(1, 1)
opt = torch.optim.SGD(model.parameters(), lr=0.1)
loss_fn = nn.MSELoss()
for step in range(100):
    loss = loss_fn(model(x), y)
    opt.zero_grad()
    loss.backward()
    opt.step()
    if step % 20 == 0:
        print(step, f"{loss.item():.5f}")
print(model.weight, model.bias)

# %% XOR with Adam
import torch.nn as nn
torch.manual_seed(42)
X = torch.tensor([[0., 0.], [0., 1.], [1., 0.], [1., 1.]])
Y = torch.tensor([[0.], [1.], [1.], [0.]])
net = nn.Sequential(nn.Linear(2, 8), nn.Tanh(), nn.Linear(8, 1), nn.Sigmoid())
opt = torch.optim.Adam(net.parameters(), lr=0.05)
loss_fn = nn.BCELoss()
for epoch in range(100):
    opt.zero_grad()
    loss = loss_fn(net(X), Y)
    loss.backward()
    opt.step()
    if epoch % 25 == 24:
        print(f"epoch {epoch}: {loss.item():.4f}")
print((net(X) > 0.5).long().squeeze())

# %% classification with cross entropy, momentum, weight decay, a scheduler
import torch.nn as nn
import torch.nn.functional as F
torch.manual_seed(1)
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(2, 16)
        self.fc2 = nn.Linear(16, 3)
    def forward(self, x):
        return self.fc2(F.relu(self.fc1(x)))
x = torch.randn(60, 2)
y = (x[:, 0] > 0).long() + (x[:, 1] > 0).long()
net = Net()
opt = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9, weight_decay=1e-4)
sched = torch.optim.lr_scheduler.StepLR(opt, step_size=30, gamma=0.5)
for step in range(100):
    loss = F.cross_entropy(net(x), y)
    opt.zero_grad()
    loss.backward()
    opt.step()
    sched.step()
    if step % 20 == 0:
        acc = (net(x).argmax(1) == y).float().mean()
        print(f"{step:3d} {loss.item():.4f} {acc.item():.3f} {sched.get_last_lr()}")

# %% batches, dropout, AdamW
import torch.nn as nn
from torch.utils.data import DataLoader, TensorDataset
torch.manual_seed(3)
x = torch.randn(64, 4)
y = (x.sum(1, keepdim=True) > 0).float()
loader = DataLoader(TensorDataset(x, y), batch_size=16, shuffle=True)
net = nn.Sequential(nn.Linear(4, 16), nn.ReLU(), nn.Dropout(0.2), nn.Linear(16, 1))
opt = torch.optim.AdamW(net.parameters(), lr=1e-2)
loss_fn = nn.BCEWithLogitsLoss()
for epoch in range(25):
    total = 0.0
    for xb, yb in loader:
        opt.zero_grad()
        loss = loss_fn(net(xb), yb)
        loss.backward()
        opt.step()
        total += loss.item()
    if epoch % 6 == 0:
        print(epoch, round(total / len(loader), 4))
net.eval()
print(((net(x) > 0) == (y > 0.5)).float().mean())

# %% every optimizer
import torch.nn as nn
import torch.optim as optim
def run(make):
    torch.manual_seed(0)
    net = nn.Linear(3, 2)
    x, y = torch.randn(8, 3), torch.randn(8, 2)
    opt = make(net.parameters())
    for _ in range(100):
        opt.zero_grad()
        loss = ((net(x) - y) ** 2).mean()
        loss.backward()
        opt.step()
    print(type(opt).__name__, f"{loss.item():.4f}", list(opt.state_dict()["state"][0]) if opt.state_dict()["state"] else [])
run(lambda p: optim.SGD(p, lr=0.05))
run(lambda p: optim.SGD(p, lr=0.05, momentum=0.9, nesterov=True))
run(lambda p: optim.SGD(p, lr=0.05, momentum=0.9, dampening=0.1, weight_decay=0.01))
run(lambda p: optim.Adam(p, lr=0.05))
run(lambda p: optim.Adam(p, lr=0.05, amsgrad=True, weight_decay=0.01))
run(lambda p: optim.AdamW(p, lr=0.05))
run(lambda p: optim.Adamax(p))
run(lambda p: optim.RMSprop(p, lr=0.01))
run(lambda p: optim.RMSprop(p, lr=0.01, momentum=0.5, centered=True))
run(lambda p: optim.Adagrad(p, lr=0.1))
run(lambda p: optim.Adadelta(p))
print(optim.Adam([torch.zeros(1, requires_grad=True)]))
try:
    optim.SGD(nn.Linear(1, 1).parameters(), lr=-1)
except ValueError as e:
    print(e)
try:
    optim.Adam([])
except ValueError as e:
    print(e)

# %% a small convolutional network
import torch.nn as nn
import torch.nn.functional as F
torch.manual_seed(0)
class CNN(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 4, 3, padding=1, bias=False)
        self.bn = nn.BatchNorm2d(4)
        self.conv2 = nn.Conv2d(4, 8, 3)
        self.fc = nn.Linear(8, 2)
    def forward(self, x):
        x = F.max_pool2d(F.relu(self.bn(self.conv1(x))), 2)
        x = F.relu(self.conv2(x))
        x = F.adaptive_avg_pool2d(x, 1)
        return self.fc(x.flatten(1))
net = CNN()
x = torch.randn(16, 1, 8, 8)
y = (x.mean((1, 2, 3)) > 0).long()
opt = torch.optim.Adam(net.parameters(), lr=0.01)
for step in range(30):
    opt.zero_grad()
    loss = F.cross_entropy(net(x), y)
    loss.backward()
    opt.step()
    if step % 10 == 0:
        print(step, f"{loss.item():.4f}")
net.eval()
print(net(x[:2]), net.bn.num_batches_tracked)

# %% embeddings, layer norm, GELU: a bigram model
import torch.nn as nn
import torch.nn.functional as F
torch.manual_seed(7)
text = "hello world, hello torch"
chars = sorted(set(text))
ids = torch.tensor([chars.index(c) for c in text])
model = nn.Sequential(nn.Embedding(len(chars), 16), nn.LayerNorm(16), nn.Linear(16, 32), nn.GELU(), nn.Linear(32, len(chars)))
opt = torch.optim.Adam(model.parameters(), lr=0.01)
for step in range(100):
    loss = F.cross_entropy(model(ids[:-1]), ids[1:])
    opt.zero_grad()
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    opt.step()
    if step % 25 == 0:
        print(f"{loss.item():.4f}")

# %% an autoencoder
import torch.nn as nn
torch.manual_seed(5)
class AE(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder = nn.Sequential(nn.Linear(8, 4), nn.ReLU(), nn.Linear(4, 2))
        self.decoder = nn.Sequential(nn.Linear(2, 4), nn.ReLU(), nn.Linear(4, 8))
    def forward(self, x):
        return self.decoder(self.encoder(x))
x = torch.randn(32, 8)
model = AE()
opt = torch.optim.RMSprop(model.parameters(), lr=0.005)
for step in range(100):
    loss = nn.functional.mse_loss(model(x), x)
    opt.zero_grad(set_to_none=True)
    loss.backward()
    opt.step()
    if step % 25 == 0:
        print(step, f"{loss.item():.4f}")

# %% two networks against each other
import torch.nn as nn
torch.manual_seed(11)
G = nn.Sequential(nn.Linear(2, 8), nn.LeakyReLU(0.2), nn.Linear(8, 1))
D = nn.Sequential(nn.Linear(1, 8), nn.LeakyReLU(0.2), nn.Linear(8, 1))
og = torch.optim.Adam(G.parameters(), lr=1e-3, betas=(0.5, 0.999))
od = torch.optim.Adam(D.parameters(), lr=1e-3, betas=(0.5, 0.999))
bce = nn.BCEWithLogitsLoss()
for step in range(100):
    real = torch.randn(16, 1) * 0.5 + 2
    fake = G(torch.randn(16, 2))
    d_loss = bce(D(real), torch.ones(16, 1)) + bce(D(fake.detach()), torch.zeros(16, 1))
    od.zero_grad(); d_loss.backward(); od.step()
    g_loss = bce(D(fake), torch.ones(16, 1))
    og.zero_grad(); g_loss.backward(); og.step()
    if step % 25 == 0:
        print(f"{d_loss.item():.4f} {g_loss.item():.4f}")

# %% attention by hand
import math
import torch.nn as nn
import torch.nn.functional as F
torch.manual_seed(2)
class Head(nn.Module):
    def __init__(self, n, h):
        super().__init__()
        self.key = nn.Linear(n, h, bias=False)
        self.query = nn.Linear(n, h, bias=False)
        self.value = nn.Linear(n, h, bias=False)
        self.register_buffer("mask", torch.tensor([[i >= j for j in range(6)] for i in range(6)]))
    def forward(self, x):
        k, q, v = self.key(x), self.query(x), self.value(x)
        w = q @ k.transpose(-2, -1) / math.sqrt(k.shape[-1])
        w = w.masked_fill(self.mask == False, float("-inf"))
        return F.softmax(w, dim=-1) @ v
head = Head(8, 8)
x = torch.randn(2, 6, 8)
y = torch.randn(2, 6, 8)
opt = torch.optim.Adam(head.parameters(), lr=0.02)
for step in range(100):
    loss = F.mse_loss(head(x), y)
    opt.zero_grad()
    loss.backward()
    opt.step()
    if step % 25 == 0:
        print(f"{loss.item():.4f}")
print(sorted(head.state_dict()))

# %% recurrent networks over sequences
import torch.nn as nn
import torch.nn.functional as F
torch.manual_seed(0)
for m in [nn.RNN(2, 3), nn.LSTM(2, 3, 2, batch_first=True, bidirectional=True), nn.GRU(2, 3, bias=False)]:
    print(m)
    out, h = m(torch.randn(4, 5, 2))
    print(out.shape, out[0, 0], h[0].shape)
    out.sum().backward()
    print([f"{p.grad.sum().item():.3f}" for p in m.parameters()])
for cell in [nn.RNNCell(2, 3), nn.LSTMCell(2, 3), nn.GRUCell(2, 3)]:
    print(cell, cell(torch.randn(2, 2)))
text = "hello world"
chars = sorted(set(text))
ids = torch.tensor([chars.index(c) for c in text])
class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed = nn.Embedding(len(chars), 8)
        self.lstm = nn.LSTM(8, 16)
        self.out = nn.Linear(16, len(chars))
    def forward(self, x):
        y, _ = self.lstm(self.embed(x)[:, None])
        return self.out(y[:, 0])
model = Model()
opt = torch.optim.Adam(model.parameters(), lr=0.02)
for i in range(24):
    loss = F.cross_entropy(model(ids[:-1]), ids[1:])
    opt.zero_grad()
    loss.backward()
    opt.step()
    if i % 8 == 0:
        print(f"{loss.item():.4f}")

# %% attention in several heads, and layers of transformers
import torch.nn as nn
import torch.nn.functional as F
torch.manual_seed(0)
m=nn.MultiheadAttention(8,2,batch_first=True); print(m, list(m.state_dict()))
x=torch.randn(2,5,8)
o,w=m(x,x,x); print(o[0,0],w[0,0])
mask=torch.tensor([[j>i for j in range(5)] for i in range(5)])
o,w=m(x,x,x,attn_mask=mask,key_padding_mask=torch.tensor([[False]*5,[False]*4+[True]])); print(o[1,1],w[1])
o,w=m(x,torch.ones(2,3,8),torch.ones(2,3,8)); print(o[0,0],w.shape)
e=nn.TransformerEncoderLayer(8,2,16,dropout=0.1,batch_first=True); print(e)
y=e(x); print(y[0,0])
print(nn.TransformerDecoderLayer(8,2,16)(torch.randn(3,2,8),torch.randn(4,2,8))[0,0])
net=nn.TransformerEncoder(nn.TransformerEncoderLayer(8,2,16,dropout=0.,activation='gelu',norm_first=True,batch_first=True),2); print(len(list(net.parameters())))
opt=torch.optim.Adam(net.parameters(),lr=1e-3)
for i in range(20):
    loss=F.mse_loss(net(x,mask=mask),x*0.5); opt.zero_grad(); loss.backward(); opt.step()
    if i%5==0: print(f"{loss.item():.4f}")
