# %% errors: shapes, dtypes, dims, arguments
import torch.nn as nn, torch.nn.functional as F
exprs = r'''
torch.zeros(2,3) + torch.zeros(4)
torch.zeros(2,3) @ torch.zeros(2,3)
torch.mm(torch.zeros(2), torch.zeros(2,2))
torch.zeros(2,3).view(5)
torch.zeros(2,3).view(-1, 4)
torch.zeros(2,3).reshape(4, -1)
torch.zeros(2,3).t().view(6)
torch.zeros(2,3).sum(5)
torch.zeros(2,3).sum(dim=(0,0))
torch.zeros(2,3)[5]
torch.zeros(2,3)[0, 5]
torch.zeros(2,3)[0,0,0]
torch.zeros(2,3)[torch.tensor([5])]
torch.zeros(2,3)[torch.tensor([True, False, True])]
torch.zeros(2,3)["a"]
torch.zeros(2,3)[1.5]
torch.zeros(2,3)[torch.tensor([0.5])]
torch.zeros(2,3)[[0,1],[0,1,2]]
torch.cat([torch.zeros(2,3), torch.zeros(2,4)])
torch.cat([])
torch.cat(torch.zeros(2))
torch.stack([torch.zeros(2), torch.zeros(3)])
torch.stack([])
torch.cat([torch.zeros(2), 3])
torch.zeros(2).backward()
torch.zeros(2, requires_grad=True).backward()
torch.tensor([1,2], requires_grad=True)
torch.tensor([[1,2],[3]])
torch.tensor("a")
torch.tensor(["a"])
torch.tensor([1, "a"])
torch.tensor(None)
torch.tensor({})
torch.tensor([None])
torch.tensor()
torch.tensor(1, 2)
torch.tensor([1.], dtype="float")
torch.tensor([1.], dtype=float)
torch.tensor([1.], dtype=int)
torch.tensor([1.5], dtype=torch.long)
torch.zeros("a")
torch.zeros(2.5)
torch.zeros(-1)
torch.zeros((2, -3))
torch.zeros()
torch.zeros(2, 3, 4, foo=1)
torch.ones(2, dtype=3)
torch.randn()
torch.randn(2, "a")
torch.randint(3)
torch.randint(5, 2, (3,))
torch.arange()
torch.arange(0, 5, 0)
torch.arange(5, 0)
torch.linspace(0, 1)
torch.eye(-1)
torch.full((2,))
torch.full((2,), "a")
torch.exp(2)
torch.exp([1,2])
torch.exp("a")
torch.exp()
torch.exp(torch.zeros(2), torch.zeros(2))
torch.exp(torch.zeros(2), foo=1)
torch.max(torch.zeros(0))
torch.zeros(0).max()
torch.zeros(0).argmax()
torch.zeros(2, 0).max(1)
torch.zeros(3).max(2)
torch.zeros(0).mean()
torch.tensor([1,2]).mean()
torch.tensor([True]).mean()
torch.tensor([1,2]).std()
torch.tensor([1,2]).softmax(0)
torch.tensor([1,2]).var()
torch.tensor([1,2]).norm()
torch.softmax(torch.zeros(2,2))
torch.softmax(torch.zeros(2,2), 3)
torch.sum()
torch.sum(1)
torch.tensor([1,2]) ** -1
torch.tensor([True]) - torch.tensor([True])
-torch.tensor([True])
torch.tensor([1, 2]) / 0
torch.tensor([1, 2]) // 0
torch.tensor([1, 2]) % 0
~torch.tensor([1.])
torch.tensor([1.]) & torch.tensor([2.])
torch.tensor([1.]) << 1
torch.tensor([1,2]).float().long().add_(1.5)
torch.tensor([1,2]).mul_(1.5)
torch.zeros(2, dtype=torch.int).add_(torch.ones(2))
torch.zeros(2).add_(torch.zeros(3))
torch.zeros(2).add_(torch.zeros(2, 2))
torch.zeros(2).squeeze(3)
torch.zeros(2).unsqueeze(3)
torch.zeros(2).transpose(0, 1)
torch.zeros(2, 3).permute(0)
torch.zeros(2, 3).permute(0, 0)
torch.zeros(2, 3).permute(0, 2)
torch.zeros(2, 3).expand(3, 3)
torch.zeros(2, 3).expand(3)
torch.zeros(2, 3).expand(-1, 2, 3)
torch.zeros(2, 3, 4).t()
torch.zeros(2, 3).item()
torch.zeros(0).item()
float(torch.zeros(2))
int(torch.zeros(2))
bool(torch.zeros(2))
bool(torch.zeros(0))
len(torch.tensor(1))
list(torch.tensor(1))
range(torch.tensor(1.5))
range(torch.tensor(3))
[1,2,3][torch.tensor(1)]
[1,2,3][torch.tensor(1.)]
torch.tensor(3) in torch.tensor([1,2,3])
"a" in torch.tensor([1,2,3])
torch.zeros(2) == "a"
torch.zeros(2) + "a"
torch.zeros(2) + None
torch.zeros(2) + [1, 2]
"a" + torch.zeros(2)
[1, 2] * torch.zeros(2)
None * torch.zeros(2)
torch.zeros(2) < None
torch.zeros(2) @ 3
torch.zeros(2) ** "a"
torch.zeros(2).to("cuda")
torch.zeros(2).cuda()
torch.zeros(2).to("foo")
torch.zeros(2).to(3)
torch.zeros(2, device="cuda")
torch.zeros(2, device="foo")
torch.device("foo")
torch.device("cuda:1")
torch.device("cpu", 0)
torch.zeros(2).foo
torch.foo
torch.zeros(2).shape = 3
torch.zeros(2).gather(0, torch.tensor([5]))
torch.zeros(2).gather(0, torch.tensor([0.]))
torch.zeros(2, 2).gather(0, torch.tensor([0]))
torch.zeros(2).scatter_(0, torch.tensor([5]), 1.)
torch.zeros(2).scatter_(0, torch.tensor([0]), torch.tensor([1]))
torch.zeros(2).index_select(0, torch.tensor([7]))
torch.zeros(2).index_select(0, torch.tensor([[1]]))
torch.zeros(2).index_select(0, torch.tensor([1.]))
torch.zeros(2).masked_fill(torch.tensor([1, 0]), 1.)
torch.zeros(2).masked_fill(torch.tensor([True]*3), 1.)
torch.zeros(3).masked_fill(torch.tensor([1, 0, 256]), 1.)
torch.zeros(2).masked_fill(torch.tensor([1, 2]), 1.)
torch.zeros(2).masked_fill_(torch.tensor([255, 0], dtype=torch.uint8), torch.tensor(1.))
torch.zeros(2).masked_fill_(torch.tensor([-1, 0], dtype=torch.int8), 1.)
torch.zeros(2).masked_select(torch.tensor([2, 0], dtype=torch.uint8))
torch.zeros(3).masked_scatter(torch.tensor([1, 0, 257], dtype=torch.int32), torch.ones(3))
torch.zeros(2).masked_scatter(torch.tensor([3, 0]), torch.ones(2))
torch.zeros(2).masked_select(torch.tensor([1, 0]))
torch.where(torch.tensor([1, 0]), 1., 2.)
torch.where(torch.tensor([True, False]), torch.zeros(2), torch.zeros(3))
torch.where(True, torch.zeros(2), torch.zeros(2))
torch.zeros(2).split(0)
torch.zeros(5).split([2, 2])
torch.zeros(5).chunk(0)
torch.zeros(5).narrow(0, 3, 3)
torch.zeros(5).topk(6)
torch.zeros(5).kthvalue(6)
torch.zeros(5).unfold(0, 6, 1)
torch.zeros(5).repeat()
torch.zeros(2,2).repeat(2)
torch.zeros(5).flip()
torch.zeros(5).flip(1)
torch.zeros(5).roll(1, 1)
torch.zeros(5).tril()
torch.zeros(5).cumsum()
torch.zeros(5).cumsum(2)
torch.zeros(2,3).diag(5)
torch.zeros(2,3,4).diag()
torch.zeros(2,3).inverse()
torch.zeros(2,2).inverse()
torch.linalg.solve(torch.zeros(2,2), torch.zeros(2))
torch.linalg.cholesky(torch.zeros(2,2))
torch.linalg.cholesky(torch.zeros(2,3))
torch.zeros(2,3).det()
torch.einsum("ij,jk->ik", torch.zeros(2,3), torch.zeros(4,5))
torch.einsum("ij,jk", torch.zeros(2,3))
torch.einsum("ij->ik", torch.zeros(2,3))
torch.einsum("i1", torch.zeros(2,3))
torch.bmm(torch.zeros(2,3), torch.zeros(2,3))
torch.bmm(torch.zeros(2,3,4), torch.zeros(3,4,5))
torch.bmm(torch.zeros(2,3,4), torch.zeros(2,3,5))
torch.dot(torch.zeros(2,3), torch.zeros(2,3))
torch.dot(torch.zeros(2), torch.zeros(3))
torch.dot(torch.zeros(2), torch.zeros(2).double())
torch.mv(torch.zeros(2,3), torch.zeros(2))
torch.mm(torch.zeros(2,3), torch.zeros(3,2).double())
torch.zeros(2,3) @ torch.zeros(3).long()
torch.outer(torch.zeros(2,3), torch.zeros(2))
torch.cross(torch.zeros(2), torch.zeros(2))
torch.addmm(torch.zeros(3), torch.zeros(2,3), torch.zeros(3,2))
'''
exec_src = exprs.strip().splitlines()
for e in exec_src:
    try:
        try:
            r = eval(e)
        except SyntaxError:
            exec(e); r = "ok"
        print(e, "->", r if not isinstance(r, torch.Tensor) or r.numel() < 20 else r.shape)
    except Exception as x:
        print(e, "!!", type(x).__name__, str(x).split("\nException raised")[0][:700])
# %% errors: nn
import torch.nn as nn, torch.nn.functional as F
exprs = r'''
nn.Linear(3, 2)(torch.zeros(2, 4))
nn.Linear(3, 2)(torch.zeros(4))
nn.Linear(3, 2)(torch.zeros(2, 3).long())
nn.Linear(3, 2)(torch.zeros(2, 3).double())
nn.Linear(3, 2)()
nn.Linear(3)
nn.Linear(3, 2)(3)
nn.Linear("a", 2)
nn.Linear(3.5, 2)
nn.Linear(3, 2)(torch.zeros(2,3), 4)
nn.Conv2d(1, 2, 3)(torch.zeros(1, 2, 5, 5))
nn.Conv2d(1, 2, 3)(torch.zeros(5, 5))
nn.Conv2d(1, 2, 3)(torch.zeros(1, 1, 2, 2))
nn.Conv2d(3, 4, 3, groups=2)
nn.Conv2d(4, 3, 3, groups=2)
nn.Conv2d(1, 2)
nn.Conv2d(1, 2, 3, stride=2, padding="same")
nn.Conv1d(1, 2, 3)(torch.zeros(1, 1))
nn.Conv1d(1, 2, 3)(torch.zeros(1, 1, 1, 1))
nn.ConvTranspose2d(1, 2, 3)(torch.zeros(1, 2, 5, 5))
nn.MaxPool2d(3)(torch.zeros(1, 1, 2, 2))
nn.MaxPool2d(2)(torch.zeros(2, 2))
nn.MaxPool2d(2)(torch.zeros(2))
nn.AvgPool2d(3)(torch.zeros(1, 1, 2, 2))
nn.MaxPool2d(2, padding=2)(torch.zeros(1, 1, 4, 4))
nn.BatchNorm1d(3)(torch.zeros(1, 3))
nn.BatchNorm1d(3)(torch.zeros(2, 4))
nn.BatchNorm1d(3)(torch.zeros(3))
nn.BatchNorm2d(3)(torch.zeros(2, 3))
nn.LayerNorm(3)(torch.zeros(2, 4))
nn.LayerNorm([2, 3])(torch.zeros(2, 4))
nn.GroupNorm(2, 3)
nn.GroupNorm(2, 4)(torch.zeros(2, 3))
nn.InstanceNorm1d(3)(torch.zeros(2, 3, 1))
nn.Embedding(3, 2)(torch.tensor([3]))
nn.Embedding(3, 2)(torch.tensor([0.5]))
nn.Embedding(3, 2)(torch.tensor([-1]))
nn.Embedding(3, 2, padding_idx=5)
nn.EmbeddingBag(3, 2)(torch.tensor([1, 2]))
nn.LSTM(3, 2)(torch.zeros(2, 4))
nn.LSTM(3, 2)(torch.zeros(1, 2, 4))
nn.LSTM(3, 2)(torch.zeros(3))
nn.LSTM(3, 2)(torch.zeros(5, 2, 3), torch.zeros(1, 2, 2))
nn.LSTM(3, 2)(torch.zeros(5, 2, 3), (torch.zeros(1, 3, 2), torch.zeros(1, 2, 2)))
nn.GRU(3, 2)(torch.zeros(5, 2, 3), torch.zeros(1, 2))
nn.RNN(3, 2, nonlinearity="foo")
nn.RNN(3, 2, dropout=2)
nn.RNNCell(3, 2)(torch.zeros(2, 4))
nn.LSTMCell(3, 2)(torch.zeros(2, 3), (torch.zeros(3, 2), torch.zeros(3, 2)))
nn.GRUCell(3, 2)(torch.zeros(2, 3), torch.zeros(2, 5))
nn.MultiheadAttention(5, 2)
nn.MultiheadAttention(4, 2)(torch.zeros(3, 1, 4), torch.zeros(3, 1, 4))
nn.MultiheadAttention(4, 2)(torch.zeros(3, 1, 5), torch.zeros(3, 1, 4), torch.zeros(3, 1, 4))
nn.MultiheadAttention(4, 2)(torch.zeros(3, 1, 4), torch.zeros(3, 1, 4), torch.zeros(3, 1, 4), attn_mask=torch.zeros(2, 2))
nn.TransformerEncoderLayer(5, 2)
nn.TransformerEncoderLayer(4, 2, activation="foo")
nn.Dropout(1.5)
nn.Dropout(-1)
nn.Softmax()(torch.zeros(2, 2))
nn.CrossEntropyLoss()(torch.zeros(2, 3), torch.tensor([0, 3]))
nn.CrossEntropyLoss()(torch.zeros(2, 3), torch.tensor([0, 1, 2]))
nn.CrossEntropyLoss()(torch.zeros(2, 3), torch.tensor([0., 1.]))
nn.CrossEntropyLoss()(torch.zeros(2, 3), torch.tensor([0, 1]).int())
nn.CrossEntropyLoss()(torch.zeros(2, 3), torch.tensor([[0], [1]]))
nn.CrossEntropyLoss(reduction="foo")(torch.zeros(2, 3), torch.tensor([0, 1]))
nn.CrossEntropyLoss(weight=torch.ones(2))(torch.zeros(2, 3), torch.tensor([0, 1]))
nn.CrossEntropyLoss()(torch.zeros(2, 3))
nn.NLLLoss()(torch.zeros(2, 3), torch.tensor([0, -1]))
nn.NLLLoss()(torch.zeros(3), torch.tensor([0, 1]))
nn.MSELoss()(torch.zeros(2, 3), torch.zeros(4))
nn.MSELoss()(torch.zeros(2), torch.zeros(2).long())
nn.MSELoss()(torch.zeros(2).long(), torch.zeros(2).long())
nn.MSELoss()(torch.zeros(2, 1), torch.zeros(2))
nn.L1Loss(reduction="none")(torch.zeros(2), torch.ones(2))
nn.BCELoss()(torch.tensor([1.5]), torch.tensor([1.]))
nn.BCELoss()(torch.tensor([0.5]), torch.tensor([1]))
nn.BCELoss()(torch.tensor([0.5, 0.5]), torch.tensor([1.]))
nn.BCEWithLogitsLoss()(torch.zeros(2), torch.zeros(3))
nn.BCEWithLogitsLoss()(torch.zeros(2), torch.zeros(2).long())
nn.KLDivLoss()(torch.zeros(2), torch.zeros(2))
nn.KLDivLoss(reduction="batchmean")(torch.zeros(2), torch.zeros(3))
nn.HuberLoss(delta=-1)(torch.zeros(2), torch.zeros(2))
nn.SmoothL1Loss(beta=-1)(torch.zeros(2), torch.zeros(2))
nn.CosineEmbeddingLoss()(torch.zeros(2, 2), torch.zeros(2, 2), torch.zeros(3))
nn.TripletMarginLoss()(torch.zeros(2), torch.zeros(2), torch.zeros(2, 3))
nn.MarginRankingLoss()(torch.zeros(2), torch.zeros(2, 2), torch.zeros(3))
nn.CTCLoss()(torch.zeros(5, 2, 3), torch.tensor([1, 2]), torch.tensor([5]), torch.tensor([1, 1]))
nn.Flatten()(torch.zeros(()))
nn.Unflatten(1, (2, 2))(torch.zeros(2, 3))
nn.Sequential(3)
nn.Sequential(nn.Linear(1, 2), nn.ReLU())[5]
nn.Sequential(nn.Linear(1, 2), nn.Linear(3, 2))(torch.zeros(1, 1))
nn.ModuleList([3])
nn.ModuleList([nn.ReLU()])(torch.zeros(1))
nn.ModuleDict({"a": 3})
nn.ModuleDict({"a": nn.ReLU()})["b"]
nn.ParameterList([3])
nn.Parameter(3)
nn.Parameter(torch.tensor([1, 2]))
nn.Module()(3)
nn.Module().foo
nn.Module().register_buffer("a.b", None)
nn.Module().register_parameter("a", torch.zeros(2))
nn.Module().register_parameter("a", torch.zeros(2, requires_grad=True) * 2)
nn.Module().add_module("", nn.ReLU())
nn.Module().add_module("a", 3)
nn.Linear(1, 1).weight = torch.zeros(1)
setattr(nn.Linear(1, 1), "weight", torch.zeros(1))
nn.Linear(1, 1).load_state_dict({})
nn.Linear(1, 1).load_state_dict({"weight": torch.zeros(2, 2), "bias": torch.zeros(1), "x": torch.zeros(1)})
nn.Linear(1, 1).load_state_dict({}, strict=False)
nn.Linear(1, 1).load_state_dict(3)
nn.Linear(1, 1).get_submodule("x")
nn.Linear(1, 1).get_parameter("x")
nn.Linear(1, 1).get_buffer("weight")
nn.Linear(1, 1).to(torch.int)
nn.Linear(1, 1).to("foo")
nn.Linear(1, 1).cuda()
nn.Linear(1, 1).type(torch.int)
nn.Linear(1, 1).train("a")
nn.Linear(1, 1).requires_grad_(False).weight.requires_grad
nn.init.xavier_uniform_(torch.zeros(3))
nn.init.kaiming_normal_(torch.zeros(3, 3), mode="foo")
nn.init.kaiming_normal_(torch.zeros(3, 3), nonlinearity="foo")
nn.init.eye_(torch.zeros(3))
nn.init.orthogonal_(torch.zeros(3))
nn.init.calculate_gain("foo")
nn.init.dirac_(torch.zeros(3, 3))
nn.utils.clip_grad_norm_([], 1.)
nn.utils.clip_grad_norm_([torch.tensor([float("nan")], requires_grad=True)], 1.)
nn.utils.clip_grad_norm_(torch.zeros(2, requires_grad=True), 1.)
nn.utils.rnn.pack_padded_sequence(torch.zeros(3, 2, 1), [2, 3])
nn.utils.rnn.pack_padded_sequence(torch.zeros(3, 2, 1), [3, 0])
nn.utils.rnn.pad_sequence([torch.zeros(2), torch.zeros(3, 1)])
F.one_hot(torch.tensor([3]), 2)
F.one_hot(torch.tensor([-1]))
F.one_hot(torch.tensor([1.]))
F.pad(torch.zeros(2), (1, 1, 1, 1))
F.pad(torch.zeros(2), (1,))
F.pad(torch.zeros(1, 1, 3), (3, 3), mode="reflect")
F.pad(torch.zeros(1, 1, 3), (3, 3), mode="foo")
F.pad(torch.zeros(3), (1, 1), mode="reflect")
F.pad(torch.zeros(3), (-4, 0))
F.interpolate(torch.zeros(1, 1, 4))
F.interpolate(torch.zeros(1, 1, 4), size=3, scale_factor=2)
F.interpolate(torch.zeros(1, 1, 4), size=3, mode="foo")
F.interpolate(torch.zeros(1, 1, 4), size=3, mode="bilinear")
F.interpolate(torch.zeros(4), size=3)
F.interpolate(torch.zeros(1, 1, 4), size=(3, 3))
F.gumbel_softmax(torch.zeros(2, 3), tau=0).shape
F.cosine_similarity(torch.zeros(2, 3), torch.zeros(4, 3))
F.embedding(torch.tensor([0]), torch.zeros(2))
F.dropout(torch.zeros(2), 3)
F.softmax(torch.zeros(2), dim=1)
F.log_softmax(torch.zeros(2, 2)).shape
F.pixel_shuffle(torch.zeros(1, 3, 2, 2), 2)
F.fold(torch.zeros(1, 4, 4), (3, 3), 3)
F.unfold(torch.zeros(1, 4), 3)
F.grid_sample(torch.zeros(1, 1, 2, 2), torch.zeros(1, 2, 2, 3))
F.glu(torch.zeros(3))
F.glu(torch.tensor(1.))
F.max_pool1d(torch.zeros(1, 1, 4), 0)
F.avg_pool1d(torch.zeros(1, 1, 4), 2, stride=0)
F.conv2d(torch.zeros(1, 1, 4, 4), torch.zeros(1, 1, 3, 3), bias=torch.zeros(2))
F.conv2d(torch.zeros(1, 1, 4, 4), torch.zeros(1, 1, 3, 3), stride=0)
F.conv2d(torch.zeros(1, 1, 4, 4), torch.zeros(1, 1, 3, 3), padding=-1)
F.conv2d(torch.zeros(1, 1, 4, 4), torch.zeros(1, 1, 3, 3), stride=(1, 1, 1))
F.linear(torch.zeros(2, 3), torch.zeros(2, 2))
F.bilinear(torch.zeros(2, 3), torch.zeros(2, 3), torch.zeros(1, 2, 2))
F.nll_loss(torch.zeros(2, 3), torch.tensor([0, 1]), reduction="foo")
F.mse_loss(torch.zeros(2), 3)
F.relu(3)
F.relu([1.])
F.cross_entropy(torch.zeros(2, 3), [0, 1])
'''
for e in exprs.strip().splitlines():
    try:
        try:
            r = eval(e)
        except SyntaxError:
            exec(e); r = "ok"
        print(e, "->", r if not isinstance(r, torch.Tensor) or r.numel() < 20 else r.shape)
    except Exception as x:
        print(e, "!!", type(x).__name__, str(x).split("\nException raised")[0][:700])
# %% errors: optim and data
import torch.nn as nn, torch.optim as optim
from torch.utils.data import DataLoader, Dataset, IterableDataset, TensorDataset, ConcatDataset, Subset, RandomSampler, WeightedRandomSampler, BatchSampler, SubsetRandomSampler, SequentialSampler, random_split, ChainDataset
P = lambda: [torch.zeros(2, requires_grad=True)]
exprs = r'''
optim.SGD([], lr=0.1)
optim.SGD(P())
optim.SGD(P(), lr=-1)
optim.SGD(torch.zeros(2), lr=0.1)
optim.SGD([torch.zeros(2, requires_grad=True) * 2], lr=0.1)
optim.SGD([3], lr=0.1)
optim.SGD(P(), lr=0.1, nesterov=True)
optim.SGD(P(), lr=0.1, momentum=-1)
optim.SGD(P(), lr=0.1, weight_decay=-1)
optim.SGD([{"params": P()}, {"params": P(), "lr": 1}], lr=.1)
optim.SGD([{"params": P()}, 3], lr=.1)
optim.Adam(P(), betas=(1, 0.9))
optim.Adam(P(), eps=-1)
optim.Adam(P(), foo=1)
optim.RMSprop(P(), alpha=-1)
optim.Adagrad(P(), lr_decay=-1)
optim.Adadelta(P(), rho=2)
optim.LBFGS([{"params": P()}, {"params": P()}])
optim.LBFGS(P()).step()
optim.AdamW(P())
optim.Rprop(P(), etas=(2, 3))
optim.ASGD(P())
optim.NAdam(P())
optim.RAdam(P())
optim.Adamax(P())
optim.SparseAdam(P())
optim.lr_scheduler.StepLR(3, 1)
optim.lr_scheduler.StepLR(optim.SGD(P(), lr=1))
optim.lr_scheduler.MultiStepLR(optim.SGD(P(), lr=1), [2], last_epoch=3)
optim.lr_scheduler.LambdaLR(optim.SGD(P(), lr=1), [lambda e: 1, lambda e: 2])
optim.lr_scheduler.OneCycleLR(optim.SGD(P(), lr=1), 1.)
optim.lr_scheduler.OneCycleLR(optim.SGD(P(), lr=1), 1., total_steps=-3)
optim.lr_scheduler.CyclicLR(optim.SGD(P(), lr=1), 1., 2., mode="foo")
optim.lr_scheduler.CyclicLR(optim.Adam(P(), lr=1), 1., 2.)
optim.lr_scheduler.ReduceLROnPlateau(optim.SGD(P(), lr=1), mode="foo")
optim.lr_scheduler.ReduceLROnPlateau(optim.SGD(P(), lr=1), factor=2)
optim.lr_scheduler.ReduceLROnPlateau(optim.SGD(P(), lr=1)).step()
optim.lr_scheduler.CosineAnnealingWarmRestarts(optim.SGD(P(), lr=1), -1)
optim.lr_scheduler.SequentialLR(optim.SGD(P(), lr=1), [], [])
optim.lr_scheduler.ConstantLR(optim.SGD(P(), lr=1), factor=3)
optim.lr_scheduler.LinearLR(optim.SGD(P(), lr=1), start_factor=0)
optim.lr_scheduler.CosineAnnealingLR(optim.SGD(P(), lr=1), 3).get_last_lr()
DataLoader([1,2,3], batch_size=0)
DataLoader([1,2,3], batch_size=2, shuffle=True, sampler=[0])
DataLoader([1,2,3], num_workers=-1)
DataLoader([1,2,3], batch_sampler=[[0]], batch_size=2)
DataLoader([1,2,3], timeout=-1)
list(DataLoader([1,2,3], batch_size=2, drop_last=True))
list(DataLoader([torch.zeros(2), torch.zeros(3)], batch_size=2))
list(DataLoader(["a", "b"], batch_size=2))
list(DataLoader([None, None], batch_size=2))
list(DataLoader([{"a": 1}, {"a": 2}], batch_size=2))
list(DataLoader([(1, 2.), (3, 4.)], batch_size=2))
list(DataLoader([[1, 2], [3]], batch_size=2))
list(DataLoader(3))
TensorDataset(torch.zeros(2), torch.zeros(3))
random_split([1,2,3], [1, 1])
[list(s) for s in random_split(list("abcde"), [0.6, 0.4], generator=torch.Generator().manual_seed(0))]
random_split([1,2,3], [0.5, 0.6])
ConcatDataset([])
ConcatDataset([[1],[2]])[5]
Subset([1,2],[0])[1]
Dataset()[0]
len(Dataset())
RandomSampler([])
list(RandomSampler([1,2,3], num_samples=5))
RandomSampler([1], replacement=3)
WeightedRandomSampler([1, 2], 0)
list(WeightedRandomSampler([1., 2.], 5, generator=torch.Generator().manual_seed(1)))
list(BatchSampler(range(5), 2, False))
BatchSampler(range(5), -1, False)
list(SubsetRandomSampler([3,4,5], generator=torch.Generator().manual_seed(1)))
len(DataLoader(range(10), batch_size=3))
len(DataLoader(IterableDataset()))
'''
torch.manual_seed(0)
import re
for e in exprs.strip().splitlines():
    try:
        r = eval(e)
        print(e, "->", re.sub("0x[0-9a-f]+", "0x", str(r)))
    except Exception as x:
        print(e, "!!", type(x).__name__, str(x).split("\nException raised")[0][:700])
# %% errors: autograd
import torch.nn as nn
def f1():
    x = torch.ones(2, requires_grad=True); y = (x*x).sum(); y.backward(); y.backward()
def f2():
    x = torch.ones(2, requires_grad=True); x.add_(1)
def f3():
    x = torch.ones(2, requires_grad=True); x[0] = 3
def f4():
    x = torch.ones(2, requires_grad=True); y = x * 2; z = y * y; y += 1; z.sum().backward()
def f5():
    x = torch.ones(2, requires_grad=True); y = x.exp(); y.add_(1); y.sum().backward()
def f6():
    x = torch.ones(2, requires_grad=True); torch.autograd.grad((x*x), x)
def f7():
    x = torch.ones(2, requires_grad=True); z = torch.ones(2, requires_grad=True); torch.autograd.grad((x*x).sum(), z)
def f8():
    x = torch.ones(2); torch.autograd.grad((x*x).sum(), x)
def f9():
    x = torch.ones(2, requires_grad=True); (x*x).backward(torch.ones(3))
def f10():
    x = torch.ones(2, requires_grad=True); x.requires_grad_(False); (x * 2).requires_grad_(False)
def f11():
    x = torch.ones(2, requires_grad=True); y = x * 2; y.requires_grad = False
def f12():
    x = torch.ones(2, dtype=torch.int64); x.requires_grad = True
def f13():
    x = torch.ones(2, requires_grad=True); x.grad = torch.zeros(3)
def f14():
    x = torch.ones(2, requires_grad=True); x.grad = torch.zeros(2).double()
def f15():
    x = torch.ones(2, requires_grad=True); x.grad = 3
def f16():
    x = torch.ones(2, requires_grad=True); x.data = torch.zeros(3).long()
def f17():
    x = torch.ones(2, requires_grad=True); x.detach_(); print(x.requires_grad); y = x.requires_grad_()[:1]; y.detach_()
def f18():
    with torch.inference_mode(): x = torch.ones(2)
    w = torch.ones(2, requires_grad=True); (x * w).sum().backward()
def f19():
    with torch.inference_mode(): x = torch.ones(2)
    x.add_(1)
def f20():
    x = torch.ones(2, requires_grad=True)
    for c in x.unbind(): c.add_(1)
def f21():
    x = torch.ones(2, requires_grad=True) * 1
    a, b = x.unbind(); a.add_(1)
def f22():
    x = torch.ones(2, requires_grad=True)
    with torch.no_grad(): v = x[:1]
    v.add_(1)
def f23():
    class F(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x): return x * 2
        @staticmethod
        def backward(ctx, g): return g, g
    F.apply(torch.ones(1, requires_grad=True)).backward()
def f24():
    class F(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x): return x * 2
    F.apply(torch.ones(1, requires_grad=True)).backward()
def f25():
    class F(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x): return x * 2
        @staticmethod
        def backward(ctx, g): return torch.ones(3)
    F.apply(torch.ones(1, requires_grad=True)).backward()
def f26():
    class F(torch.autograd.Function):
        def forward(self, x): return x * 2
        def backward(self, g): return g
    F()(torch.ones(1, requires_grad=True))
def f27():
    class F(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x): ctx.save_for_backward(3); return x * 2
        @staticmethod
        def backward(ctx, g): return g
    F.apply(torch.ones(1, requires_grad=True))
def f28():
    class F(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x): return 3
        @staticmethod
        def backward(ctx, g): return g
    F.apply(torch.ones(1, requires_grad=True))
def f29():
    class F(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x): ctx.save_for_backward(x); return x * 2
        @staticmethod
        @torch.autograd.function.once_differentiable
        def backward(ctx, g): return g * 2
    x = torch.ones(1, requires_grad=True)
    (g,) = torch.autograd.grad(F.apply(x), x, create_graph=True); print(g); g.backward()
def f30():
    class F(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x): x.add_(1); ctx.mark_dirty(x); return x
        @staticmethod
        def backward(ctx, g): return g
    F.apply(torch.ones(1, requires_grad=True))
def f31():
    class F(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x): raise ValueError("in forward")
    F.apply(torch.ones(1, requires_grad=True))
def f32():
    class F(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x): return x.clone()
        @staticmethod
        def backward(ctx, g): raise ValueError("in backward")
    F.apply(torch.ones(1, requires_grad=True)).backward()
def f33():
    class F(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x): return x.clone()
        @staticmethod
        def backward(ctx, g): return 3
    F.apply(torch.ones(1, requires_grad=True)).backward()
def f34():
    x = torch.ones(2, requires_grad=True); x.register_hook(3)
def f35():
    x = torch.ones(2); x.register_hook(print)
def f36():
    x = torch.ones(2, requires_grad=True); x.register_hook(lambda g: torch.ones(5)); x.sum().backward()
def f37():
    x = torch.ones(2, requires_grad=True); x.register_hook(lambda g: "a"); x.sum().backward()
def f38():
    x = torch.ones(2); x.retain_grad()
def f39():
    x = torch.ones(2, requires_grad=True); y = (x*2); y.retain_grad(); y.sum().backward(inputs=[y]); print(y.grad, x.grad); y.sum().backward(inputs=[])
def f40():
    import copy
    x = torch.ones(2, requires_grad=True) * 2; copy.deepcopy(x)
def f41():
    x = torch.ones(2, requires_grad=True); torch.autograd.backward([x.sum(), x.prod()], [torch.ones(())])
def f42():
    torch.autograd.functional.jacobian(lambda x: 3, torch.ones(2))
def f43():
    torch.autograd.functional.hessian(lambda x: x, torch.ones(2))
def f44():
    torch.autograd.gradcheck(lambda x: x * 1.5 if x.requires_grad else x, torch.ones(2, dtype=torch.double, requires_grad=True))
def f45():
    class F(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x): return x * 2
        @staticmethod
        def backward(ctx, g): return g * 3
    torch.autograd.gradcheck(F.apply, (torch.ones(2, dtype=torch.double, requires_grad=True),))
def f46():
    torch.autograd.gradcheck(lambda x: x, torch.ones(2))
def f47():
    with torch.autograd.detect_anomaly():
        x = torch.zeros(1, requires_grad=True); (x.sqrt() * 0).sum().backward()
def f48():
    x = torch.ones(2, requires_grad=True); torch.sum(x, out=torch.zeros(()))
def f49():
    x = torch.ones(2, requires_grad=True); x.resize_(3)
def f50():
    x = torch.ones(2, 3, requires_grad=True); y = x * 1; y.t_(); print(y.shape); y.set_(torch.zeros(2))
def f51():
    x = torch.ones(2, requires_grad=True); torch.tensor(x); torch.tensor([x[0], x[1]]); float(x[0]); x.tolist()
def f52():
    x = torch.ones(2, requires_grad=True); x.grad.zero_()
def f53():
    x = torch.ones(2, requires_grad=True); y = x.sum(); y.backward(retain_graph=True); y.backward(gradient=None); print(x.grad); y.backward(torch.ones(1))
def f54():
    x = torch.ones(2, requires_grad=True); x.sum().backward(torch.tensor([1., 2.]))
def f55():
    x = torch.ones(2, requires_grad=True); x.sum().backward(3)
def f56():
    x = torch.ones(2, requires_grad=True); torch.autograd.grad([x.sum(), x.prod()], [x, x], [None, None]); torch.autograd.grad(x.sum(), [3])
def f57():
    x = torch.ones(2, requires_grad=True); x.sum().backward(); x.is_leaf = False
def f58():
    x = torch.ones(2, requires_grad=True); x.grad_fn = 3
def f59():
    a = torch.ones(2, requires_grad=True); b = a.argmax(); b.backward()
def f60():
    a = torch.ones(2, requires_grad=True); b = a.round().sum(); b.backward(); print(a.grad); (a > 0).sum().backward()
for i in range(1, 61):
    try:
        globals()[f"f{i}"]() 
        print(i, "fine")
    except Exception as x:
        import re
        print(i, type(x).__name__, re.sub("0x[0-9a-f]+", "0x", str(x))[:900])
