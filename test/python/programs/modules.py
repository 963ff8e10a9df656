"""Modules as objects: registration, repr, state, hooks, errors."""

# %% a module of one's own: repr, parameters, state
import torch.nn as nn
torch.manual_seed(0)
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = nn.Linear(3, 4)
        self.act = nn.ReLU(inplace=True)
        self.tail = nn.Sequential(nn.Linear(4, 2, bias=False), nn.Tanh())
        self.scale = nn.Parameter(torch.ones(2))
        self.register_buffer("seen", torch.zeros(1))
    def forward(self, x):
        return self.tail(self.act(self.first(x))) * self.scale
net = Net()
print(net)
for name, p in net.named_parameters():
    print(name, tuple(p.shape), p.requires_grad, p.is_leaf)
print(list(net.state_dict()))
print([n for n, _ in net.named_modules()], [n for n, _ in net.named_children()], [n for n, _ in net.named_buffers()])
print(net.first.weight)
print(net(torch.ones(1, 3)))
print(sum(p.numel() for p in net.parameters()))

# %% containers
import torch.nn as nn
from collections import OrderedDict
s = nn.Sequential(OrderedDict([("a", nn.Linear(2, 2)), ("b", nn.Sigmoid())]))
print(s, s.a, s[1], len(s), s[-1])
s.append(nn.Identity())
print(s[1:])
l = nn.ModuleList([nn.Linear(1, 1) for _ in range(2)])
l.append(nn.ReLU())
print(l, len(l), l[0], [type(m).__name__ for m in l])
d = nn.ModuleDict({"x": nn.Tanh(), "y": nn.Linear(2, 3)})
print(d, list(d.keys()), "x" in d)

# %% names that are taken or wrong
import torch.nn as nn
m = nn.Module()
def say(f):
    try:
        f()
    except Exception as e:
        print(type(e).__name__, e)
say(lambda: m(1))
say(lambda: m.nothing)
say(lambda: m.register_parameter("a.b", None))
say(lambda: m.register_parameter("", None))
say(lambda: m.register_parameter("training", None))
say(lambda: m.register_parameter("w", torch.ones(1)))
say(lambda: m.register_buffer("w", 3))
say(lambda: m.add_module("w", 3))
m.w = nn.Parameter(torch.ones(1))
say(lambda: setattr(m, "w", torch.ones(1)))
say(lambda: nn.Linear(3, 2)(torch.ones(1, 4)))
say(lambda: nn.Linear(3, 2)([1.0]))
say(lambda: nn.Linear(3, 2).load_state_dict({"weight": torch.ones(2, 2), "other": torch.ones(1)}))
say(lambda: nn.Sequential(nn.ReLU())[3])

# %% state goes from one module to another
import torch.nn as nn
torch.manual_seed(1)
a, b = nn.Linear(2, 2), nn.Linear(2, 2)
print(torch.equal(a.weight, b.weight) if hasattr(torch, "equal") else (a.weight == b.weight).all().item())
print(b.load_state_dict(a.state_dict()))
print((a.weight == b.weight).all().item())
import copy
c = copy.deepcopy(a)
with torch.no_grad():
    c.weight += 1
print((a.weight == c.weight).any().item(), c.weight.requires_grad)

# %% train, eval, apply, freeze, hooks
import torch.nn as nn
net = nn.Sequential(nn.Linear(2, 2), nn.Dropout(0.5))
net.eval()
print(net.training, net[1].training)
net.train()
def init(m):
    if isinstance(m, nn.Linear):
        nn.init.constant_(m.weight, 0.5)
        nn.init.zeros_(m.bias)
net.apply(init)
print(net[0].weight, net[0].bias)
h = net[0].register_forward_hook(lambda m, i, o: print("hook", tuple(i[0].shape), o.detach()))
net.eval()(torch.ones(1, 2))
h.remove()
net(torch.ones(1, 2))
net.requires_grad_(False)
print([p.requires_grad for p in net.parameters()])
print(net.double()[0].weight.dtype)

# %% what modules say of themselves
import torch.nn as nn
for m in [nn.Conv2d(1, 2, 3), nn.Conv2d(2, 4, (3, 1), stride=2, padding=1, dilation=2, groups=2, bias=False),
          nn.Conv1d(1, 2, 3), nn.MaxPool2d(2), nn.AvgPool2d(2), nn.AdaptiveAvgPool2d((1, 1)), nn.BatchNorm1d(3),
          nn.BatchNorm2d(3, affine=False), nn.LayerNorm(3), nn.Dropout(0.1), nn.Embedding(5, 3, padding_idx=0), nn.Flatten(),
          nn.LeakyReLU(0.2), nn.ELU(), nn.GELU(), nn.Softplus(), nn.Softmax(dim=1), nn.SiLU(), nn.CrossEntropyLoss(),
          nn.MSELoss(), nn.BCEWithLogitsLoss(), nn.Identity(), nn.Hardtanh(), nn.LogSoftmax(dim=-1)]:
    print(m)

# %% losses
import torch.nn as nn
import torch.nn.functional as F
torch.manual_seed(0)
x = torch.randn(4, 3, requires_grad=True)
y = torch.tensor([0, 2, 1, 1])
t = torch.rand(4, 3)
for loss in [F.cross_entropy(x, y), F.cross_entropy(x, y, label_smoothing=0.1), F.cross_entropy(x, t.softmax(1)),
             F.cross_entropy(x, y, weight=torch.tensor([1.0, 2.0, 3.0]), ignore_index=1), F.nll_loss(F.log_softmax(x, 1), y),
             F.mse_loss(x, t), F.l1_loss(x, t, reduction="sum"), F.smooth_l1_loss(x, t), F.huber_loss(x, t, delta=0.5),
             F.binary_cross_entropy(x.sigmoid(), t), F.binary_cross_entropy_with_logits(x, t, pos_weight=torch.ones(3) * 2),
             nn.CrossEntropyLoss(reduction="none")(x, y).sum()]:
    g, = torch.autograd.grad(loss, x)
    print(loss, g[0])
try:
    F.mse_loss(x, t, reduction="mode")
except ValueError as e:
    print(e)
try:
    F.cross_entropy(x, torch.tensor([0, 1, 2, 3]))
except IndexError as e:
    print(e)

# %% data sets and loaders shuffle as PyTorch does
from torch.utils.data import DataLoader, Dataset, TensorDataset, random_split
torch.manual_seed(0)
data = TensorDataset(torch.arange(7.0), torch.arange(7) * 2)
for _ in range(2):
    for batch in DataLoader(data, batch_size=3, shuffle=True):
        print(batch)
class Squares(Dataset):
    def __len__(self):
        return 5
    def __getitem__(self, i):
        return {"x": torch.ones(2) * i, "y": i * i, "name": str(i)}
for batch in DataLoader(Squares(), batch_size=2, drop_last=True):
    print(batch)
a, b = random_split(Squares(), [3, 2])
print(a.indices, b.indices, torch.rand(1))
print([x[0].tolist() for x in DataLoader(data, batch_size=4, shuffle=True, generator=torch.Generator().manual_seed(1))])

# %% learning rates over time
import torch.optim as optim
from torch.optim import lr_scheduler as S
def rates(make, n=8):
    p = torch.nn.Parameter(torch.zeros(1))
    o = optim.SGD([p], lr=0.1)
    s = make(o)
    out = []
    for _ in range(n):
        o.step()
        out.append(round(o.param_groups[0]["lr"], 6))
        s.step()
    print(type(s).__name__, out)
rates(lambda o: S.StepLR(o, 3))
rates(lambda o: S.MultiStepLR(o, [2, 5], gamma=0.5))
rates(lambda o: S.ExponentialLR(o, 0.9))
rates(lambda o: S.CosineAnnealingLR(o, 5))
rates(lambda o: S.LambdaLR(o, lambda e: 1 / (e + 1)))
rates(lambda o: S.LinearLR(o))
rates(lambda o: S.ConstantLR(o, total_iters=3))
rates(lambda o: S.PolynomialLR(o, 4, power=2.0))

# %% rarer losses and activations
import warnings
import torch.nn as nn
import torch.nn.functional as F
warnings.simplefilter("ignore")
torch.manual_seed(0)
x=torch.randn(4,6,requires_grad=True); y=torch.randn(4,6); t=torch.sign(torch.randn(4,6)); t1=torch.tensor([1.,-1.,1.,-1.])
def s(n,l):
    l=l.sum(); g,=torch.autograd.grad(l,x); print(n,l.item().__round__(4),[round(v,4) for v in g[0].tolist()])
s("kl",F.kl_div(x.log_softmax(1),y.softmax(1),reduction="batchmean")); s("kl0",nn.KLDivLoss()(x,torch.tensor([0.,.2,.3,.1,.4,0.]).expand(4,6))); s("kll",F.kl_div(x,y,log_target=True,reduction="sum"))
s("mr",nn.MarginRankingLoss(.1)(x,y,t)); s("he",nn.HingeEmbeddingLoss()(x,t)); s("ce",nn.CosineEmbeddingLoss()(x,y,t1)); s("tm",nn.TripletMarginLoss()(x,y,y * 2))
s("ga",nn.GaussianNLLLoss(full=True)(x,y,y.abs())); s("po",nn.PoissonNLLLoss()(x,y.abs())); s("sm",nn.SoftMarginLoss()(x,t))
s("cs",F.cosine_similarity(x,y)); s("pd",F.pairwise_distance(x,y)); s("pd1",F.pairwise_distance(x,y,p=3,keepdim=True))
for n in "mish hardsigmoid hardswish glu softshrink hardshrink softsign tanhshrink relu6 selu celu logsigmoid softplus".split(): s(n,getattr(F,n)(x*3))
s("pr",nn.PReLU(6)(x)); s("th",nn.Threshold(.1,20)(x)); print(nn.Softshrink(),nn.Hardswish(),nn.PReLU(3).weight)
print(F.gumbel_softmax(x.detach(),hard=True)[0], F.one_hot(torch.tensor([0,2])))
