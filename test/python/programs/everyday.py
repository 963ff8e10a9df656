# %% values, indexing, types and errors in passing
x = torch.arange(24).reshape(2,3,4); print(x[:, ::2, 1:], x[..., -1], x[1, [0,2]], x[x % 5 == 0], x[None, 0].shape, x[[0,1],[1,2]], x[:, [True,False,True]])
y = x.clone().float(); y[0, 1:, ::2] = -1; y[y > 20] = 0; y[:, 0] += torch.tensor([1.,2.,3.,4.]); y[1, torch.tensor([0,2]), torch.tensor([1,3])] = 99; print(y)
a = torch.zeros(3); a.index_add_(0, torch.tensor([0,2,0]), torch.tensor([1.,2.,3.])); print(a); b = torch.zeros(2,3).scatter_(1, torch.tensor([[0,2],[1,1]]), torch.tensor([[1.,2.],[3.,4.]])); print(b); print(b.gather(1, torch.tensor([[2],[1]]))); print(torch.zeros(3).scatter_add(0, torch.tensor([0,0,1]), torch.ones(3)))
print(torch.arange(10).unfold(0, 3, 2), torch.arange(6).view(2,3).repeat(2,2), torch.arange(3).repeat_interleave(torch.tensor([1,2,3])), torch.rot90(torch.arange(4).view(2,2)), torch.roll(torch.arange(5), 2), torch.flip(torch.arange(6).view(2,3), [0,1]))
t = torch.randn(2,3, generator=torch.Generator().manual_seed(5)); print(t.stride(), t.t().stride(), t.t().is_contiguous(), t.t().contiguous().stride(), t.storage_offset(), t[1].storage_offset(), t.data_ptr() == t.view(-1).data_ptr(), t.element_size(), t.nelement())
print(torch.tensor([1, 2.5, True]), torch.tensor([[1,2],[3,4]]).dtype, torch.tensor(True) + 1, torch.tensor([1]) / 2, torch.tensor([7]) // 2, torch.tensor([-7]) % 3, torch.tensor(-7) // 2, torch.tensor([1,2]) ** -1.)
try: torch.tensor([1,2]) ** -1
except Exception as e: print(e)
print(torch.result_type(torch.tensor([1], dtype=torch.int8), 2.), torch.can_cast(torch.float, torch.int), torch.promote_types(torch.int8, torch.uint8), (torch.ones(2, dtype=torch.half) + torch.ones(2)).dtype, (torch.ones(2, dtype=torch.bfloat16) * 1.1))
print(torch.finfo(torch.float32), torch.iinfo(torch.int8), torch.get_default_dtype(), torch.float16, torch.device('cpu'), torch.Size([1,2]) + (3,), x.size(), x.size(-1), x.dim(), x.shape[1:], x.numel())
print(torch.unique(torch.tensor([3,1,2,3,1]), return_counts=True, return_inverse=True), torch.topk(torch.tensor([1.,5.,3.]), 2), torch.sort(torch.tensor([[3,1],[2,9]]), dim=1, descending=True), torch.kthvalue(torch.tensor([3.,1.,2.]), 2), torch.mode(torch.tensor([1,2,2])), torch.median(torch.tensor([1.,3.,2.,4.])), torch.cummax(torch.tensor([1,3,2]), 0))
print(torch.linalg.svd(torch.tensor([[3.,0.],[4.,5.]])), torch.linalg.eigh(torch.tensor([[2.,1.],[1.,2.]])), torch.linalg.qr(torch.tensor([[1.,2.],[3.,4.]])), torch.inverse(torch.tensor([[1.,2.],[3.,4.]])), torch.det(torch.tensor([[1.,2.],[3.,4.]])), torch.linalg.solve(torch.tensor([[2.,0.],[0.,4.]]), torch.tensor([2.,4.])), torch.linalg.lstsq(torch.tensor([[1.,1.],[1.,2.],[1.,3.]]), torch.tensor([[1.],[2.],[2.]])).solution, torch.linalg.matrix_rank(torch.eye(3)), torch.linalg.norm(torch.arange(4.)), torch.linalg.cond(torch.eye(2)))
print(torch.arange(0, 1, .3), torch.linspace(-1, 1, 4), torch.logspace(0, 2, 3), torch.full((2,), 3), torch.eye(2, 3), torch.empty(0), torch.tensor([]), torch.zeros(2, 0), torch.tensor(3.14159265), torch.tensor([1e-8, 1.]), torch.tensor([1e10, 1.]), torch.tensor([float('nan'), float('inf'), -1.]), torch.tensor([[1e5, 1.234567]]), torch.rand(0,3).sum(), torch.tensor([1234567., .001]))
torch.set_printoptions(precision=2, sci_mode=False); print(torch.tensor([1e-8, 123456.789])); torch.set_printoptions(profile='default'); print(torch.arange(2000)); print(torch.arange(1200.).view(30,40))
print(torch.where(torch.tensor([True,False]), 1., torch.tensor([5.,6.])), torch.bincount(torch.tensor([0,1,1,3])), torch.histc(torch.tensor([1.,2.,1.]), 4, 0, 3), torch.bucketize(torch.tensor([3,6]), torch.tensor([1,4,7])), torch.cartesian_prod(torch.tensor([1,2]), torch.tensor([3,4])), torch.combinations(torch.arange(3)), torch.tril_indices(3,3), torch.meshgrid(torch.arange(2), torch.arange(3), indexing='ij'), torch.nonzero(torch.tensor([[0,1],[1,0]])), torch.tensor([[0,1],[1,0]]).nonzero(as_tuple=True))
print(x.tolist()[0], x[0,0,1].item(), list(x[0,0]), [int(v) for v in x[0,0]], len(x), x[0,0] == torch.arange(4), torch.equal(x, x.clone()), torch.allclose(t, t+1e-9), torch.isclose(t, t*1.1), 3 in torch.tensor([1,3]), hash(torch.float32) == hash(torch.float32))
for row in torch.eye(2): print(row)
print(f"{torch.tensor(3.14159):.2f} {torch.tensor(5)} {torch.tensor([1.5])}", repr(torch.tensor(2)), str(torch.tensor([True])), torch.tensor(2.).__format__('.1f'), '%.3f' % torch.tensor(2.), format(torch.tensor(7), '03d'))
for bad in ["torch.ones(2,3) @ torch.ones(2,3)", "torch.ones(2).reshape(3)", "torch.ones(3)[3]", "torch.ones(2,2).squeeze(5)", "torch.stack([torch.ones(2), torch.ones(3)])", "torch.ones(2).expand(3)", "torch.tensor([[1,2],[3]])", "torch.zeros(2).item()", "torch.ones(2, dtype=torch.long).softmax(0)", "torch.arange(3).float().long().log_()", "torch.ones(3).index_select(0, torch.tensor([5]))", "torch.ones(2,3).T.view(6)", "torch.randint(5, (2,)).normal_()", "torch.zeros(3).masked_select(torch.tensor([1,0,1]))", "torch.sum(1)", "torch.ones(2).foo()", "torch.foo(1)", "torch.ones(2, foo=1)", "torch.max(torch.ones(2,2), dim=3)", "torch.ones(2) + 'a'", "torch.ones('a')", "torch.tensor(None)", "torch.from_numpy(3)", "torch.ones(2).to('cuda')", "torch.ones(2).cuda()", "torch.eye(2).inverse().cholesky().bar", "torch.linalg.inv(torch.zeros(2,2))", "torch.linalg.cholesky(-torch.eye(2))", "torch.gather(torch.ones(2,2), 1, torch.tensor([[3]]))", "torch.nn.functional.conv1d(torch.ones(1,2,3), torch.ones(1,3,1))", "torch.nn.functional.embedding(torch.tensor([5]), torch.ones(3,2))", "torch.nn.functional.cross_entropy(torch.ones(2,3), torch.ones(3).long())", "torch.nn.functional.mse_loss(torch.ones(2), 'x')", "torch.optim.SGD([torch.ones(2)], lr=-1)", "torch.optim.Adam([])", "torch.nn.Linear(2)", "torch.nn.Sequential(1)", "torch.distributions.Normal(0., -1.)", "torch.ones(2).requires_grad_().numpy()"]:
    try: print(bad, eval(bad))
    except Exception as e: print(bad, '->', type(e).__name__, str(e).split('\n')[0])

# %% distributions, functional transforms, modules, hooks and schedules
from torch import nn
from torch.distributions import *
from torch.distributions import kl
import functorch
torch.manual_seed(9)
for d in [Normal(0.,1.), Bernoulli(.3), Categorical(torch.tensor([.2,.3,.5])), Uniform(0.,2.), Beta(2.,3.), Gamma(2.,1.), Exponential(1.5), Poisson(3.), Dirichlet(torch.tensor([1.,2.,3.])), MultivariateNormal(torch.zeros(2), torch.eye(2)), Laplace(0.,1.), Geometric(.4), StudentT(3.), LogNormal(0.,.5), Multinomial(5, torch.tensor([.5,.5])), Binomial(4, torch.tensor(.5)), Independent(Normal(torch.zeros(2), torch.ones(2)), 1)]:
    s = d.sample(torch.Size([2])); print(d, s, d.log_prob(s), d.mean, d.variance)
    try: print(d.entropy())
    except NotImplementedError: print('no entropy')
print(kl_divergence(Normal(0.,1.), Normal(1.,2.)), kl_divergence(Beta(1.,2.5), Beta(2.,1.)), kl_divergence(Categorical(logits=torch.zeros(3)), Categorical(torch.tensor([.1,.2,.7]))))
mu = torch.tensor(.5, requires_grad=True); sd = torch.tensor(1., requires_grad=True); z = Normal(mu, sd).rsample((5,)); z.sum().backward(); print(mu.grad, sd.grad)
f = lambda w, x: torch.tanh(x @ w).sum(); w = torch.randn(3); X = torch.randn(4,3)
print(functorch.grad(f)(w, X[0])); print(functorch.vmap(functorch.grad(f), in_dims=(None,0))(w, X)); print(functorch.jacrev(lambda x: x.sin())(w), functorch.hessian(lambda x: (x**3).sum())(w), functorch.jvp(lambda x: x*2, (w,), (torch.ones(3),)))
net = nn.Linear(3,1); fm, ps = functorch.make_functional(net); print(functorch.grad(lambda p, x: fm(p, x).sum())(ps, X))
class Net(nn.Module):
    def __init__(self):
        super().__init__(); self.a = nn.ParameterList([nn.Parameter(torch.ones(2)*i) for i in range(2)]); self.d = nn.ModuleDict({'x': nn.Linear(2,2), 'y': nn.ReLU()}); self.register_parameter('s', None); self.register_buffer('buf', torch.zeros(1), persistent=False)
    def forward(self, x):
        for p in self.a: x = x * p
        return self.d['y'](self.d['x'](x))
    def extra_repr(self): return 'hello=1'
n = Net(); print(n); print(n.state_dict().keys(), [k for k,_ in n.named_modules()], [k for k,_ in n.named_buffers()])
h = n.d['x'].register_forward_hook(lambda m, i, o: print('fwd', type(m).__name__, i[0].shape, o.shape)); g = n.register_full_backward_hook(lambda m, gi, go: print('bwd', [None if v is None else v.shape for v in gi], go[0].shape)); p = n.register_forward_pre_hook(lambda m, i: (i[0]+1,))
n(torch.ones(1,2, requires_grad=True)).sum().backward(); h.remove(); print({k: None if v.grad is None else v.grad.tolist() for k, v in n.named_parameters()})
n.zero_grad(); n.requires_grad_(False); print(any(p.requires_grad for p in n.parameters())); n.double(); print(next(n.parameters()).dtype); n.apply(lambda m: print(type(m).__name__))
opt = torch.optim.Adam([{'params': [torch.nn.Parameter(torch.ones(2))], 'lr': .1}, {'params': [torch.nn.Parameter(torch.zeros(1))]}], lr=.01); print(opt); sch = torch.optim.lr_scheduler.CosineAnnealingLR(opt, 10)
for _ in range(3): opt.step(); sch.step()
print(sch.get_last_lr(), opt.state_dict()['param_groups'][0]['lr'])
for S in [torch.optim.lr_scheduler.StepLR(opt,2,.5), torch.optim.lr_scheduler.ExponentialLR(opt,.9), torch.optim.lr_scheduler.LambdaLR(opt, lambda e: .95**e), torch.optim.lr_scheduler.ReduceLROnPlateau(opt, patience=0)]:
    for i in range(3): (S.step(1.) if isinstance(S, torch.optim.lr_scheduler.ReduceLROnPlateau) else S.step())
    print(type(S).__name__, [g['lr'] for g in opt.param_groups])
from torch.utils.checkpoint import checkpoint
x = torch.randn(2, requires_grad=True); y = checkpoint(lambda v: v.exp().sum(), x); y.backward(); print(x.grad - x.detach().exp())
class Q(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, n): ctx.n = n; ctx.mark_non_differentiable(m := x > 0); ctx.set_materialize_grads(False); return x * n, m
    @staticmethod
    def backward(ctx, g, _): return g * ctx.n, None
a = torch.tensor([1.,-1.], requires_grad=True); o, m = Q.apply(a, 3); print(o, m, o.grad_fn.name()); o.sum().backward(); print(a.grad)

# %% transformer parts, embeddings, losses and packed sequences
import math
import torch.nn as nn, torch.nn.functional as F
torch.manual_seed(1)
enc = nn.TransformerEncoder(nn.TransformerEncoderLayer(d_model=8, nhead=2, dim_feedforward=16, batch_first=True, norm_first=True, activation='gelu'), num_layers=2)
x = torch.randn(2, 5, 8, requires_grad=True)
mask = nn.Transformer.generate_square_subsequent_mask(5); print(mask)
mha = nn.MultiheadAttention(8, 2, dropout=.1); q = torch.randn(4, 2, 8); o, w = mha(q, q, q, key_padding_mask=torch.tensor([[0,0,0,1],[0,0,1,1]]).bool()); print(o.shape, w)
tr = nn.Transformer(8, 2, 1, 1, 16); out = tr(torch.randn(5,2,8), torch.randn(3,2,8)); print(out.shape, f"{out.abs().sum():.4f}")
class PE(nn.Module):
    def __init__(self, d, n=50):
        super().__init__(); pe = torch.zeros(n, d); p = torch.arange(0, n).unsqueeze(1).float(); div = torch.exp(torch.arange(0, d, 2).float() * -(math.log(10000.) / d))
        pe[:, 0::2] = torch.sin(p * div); pe[:, 1::2] = torch.cos(p * div); self.register_buffer('pe', pe.unsqueeze(0))
    def forward(self, x): return x + self.pe[:, :x.size(1)]
print(PE(8)(torch.zeros(1,3,8)))
emb = nn.Embedding(10, 4, padding_idx=0, max_norm=1.); print(emb(torch.tensor([[0,1],[2,0]]))); e = emb(torch.tensor([1,2,1])).sum(); e.backward(); print(emb.weight.grad)
eb = nn.EmbeddingBag(5, 3, mode='mean'); print(eb(torch.tensor([0,1,2,3]), torch.tensor([0,2])))
A = torch.tensor([[0,1,1],[1,0,0],[1,0,0.]]); D = torch.diag(A.sum(1)**-.5); X = torch.randn(3,4); W = nn.Linear(4,2,bias=False); print(torch.relu(D@A@D@W(X)))
print(torch.einsum('bij,bjk->bik', torch.ones(2,2,3), torch.ones(2,3,2)), torch.einsum('ii', torch.eye(3)), torch.einsum('i,j->ij', torch.arange(3.), torch.arange(2.)))
s = F.gumbel_softmax(torch.randn(2,3), tau=.5, hard=True); print(s)
print(F.cosine_similarity(torch.randn(3,4), torch.randn(3,4)), F.pairwise_distance(torch.ones(2,3), torch.zeros(2,3)), F.normalize(torch.arange(4.).view(2,2)))
print(F.interpolate(torch.arange(4.).view(1,1,2,2), scale_factor=2, mode='bilinear', align_corners=False)); print(F.pad(torch.ones(2,2), (1,1,0,1), value=7)); print(F.unfold(torch.arange(9.).view(1,1,3,3), 2)); print(F.grid_sample(torch.arange(4.).view(1,1,2,2), F.affine_grid(torch.eye(2,3).unsqueeze(0), (1,1,2,2), align_corners=True), align_corners=True))
print(F.one_hot(torch.tensor([0,2,1])), F.glu(torch.arange(4.)), F.softplus(torch.tensor([-1.,30.])), F.hardtanh(torch.tensor([-3.,.5])), F.mish(torch.tensor(1.)), F.ctc_loss(torch.randn(6,1,4).log_softmax(2), torch.tensor([[1,2]]), torch.tensor([6]), torch.tensor([2])))
print(F.triplet_margin_loss(torch.ones(2,3), torch.zeros(2,3), torch.ones(2,3)*3), F.kl_div(torch.randn(2,3).log_softmax(1), torch.randn(2,3).softmax(1), reduction='batchmean'), F.hinge_embedding_loss(torch.randn(3), torch.tensor([1,-1,1])), F.poisson_nll_loss(torch.randn(3), torch.ones(3)))
m = nn.utils.parametrizations.weight_norm(nn.Linear(3,2)) if hasattr(nn.utils.parametrizations,'weight_norm') else nn.utils.weight_norm(nn.Linear(3,2)); print(m); print([n for n,_ in m.named_parameters()])
sn = nn.utils.spectral_norm(nn.Linear(3,2)); print(sn(torch.ones(1,3)))
pk = nn.utils.rnn.pack_padded_sequence(torch.randn(4,2,3), torch.tensor([4,2])); print(pk); o,_ = nn.LSTM(3,2)(pk); print(nn.utils.rnn.pad_packed_sequence(o))
