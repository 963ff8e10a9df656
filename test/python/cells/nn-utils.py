# %% weight norm
import torch.nn as nn
torch.manual_seed(0)
m=nn.utils.weight_norm(nn.Linear(2,3)); print(m, sorted(m.state_dict())); y=m(torch.ones(1,2)); print(y); y.sum().backward(); print(m.weight_g.grad, m.weight_v.grad)
try: nn.utils.weight_norm(m)
except Exception as e: print(e)
nn.utils.remove_weight_norm(m); print(sorted(m.state_dict()), m.weight)
try: nn.utils.remove_weight_norm(m)
except Exception as e: print(e)
# %% spectral norm
import torch.nn as nn
torch.manual_seed(0)
m=nn.utils.spectral_norm(nn.Linear(3,2)); print(sorted(m.state_dict())); y=m(torch.ones(1,3)); print(y); y.sum().backward(); print(m.weight_orig.grad); m.eval(); print(m(torch.ones(1,3))); nn.utils.remove_spectral_norm(m); print(m.weight)
c=nn.utils.spectral_norm(nn.Conv2d(1,2,3)); print(c(torch.ones(1,1,3,3)).shape)
p=nn.utils.parametrizations.spectral_norm(nn.Linear(3,2)); print(p, sorted(p.state_dict())); print(p(torch.ones(1,3)))
# %% parametrize
import torch.nn as nn
from torch.nn.utils import parametrize
class Sym(nn.Module):
    def forward(s,X): return X.triu()+X.triu(1).transpose(-1,-2)
    def right_inverse(s,A): return A.triu()
torch.manual_seed(0)
l=nn.Linear(3,3); parametrize.register_parametrization(l,'weight',Sym()); print(l); print((l.weight == l.weight.t()).all()); print(sorted(l.state_dict())); l.weight=torch.eye(3); print(l.weight)
with parametrize.cached(): print(l.weight is l.weight)
print(parametrize.is_parametrized(l), parametrize.is_parametrized(l,'bias'), parametrize.type_before_parametrizations(l))
try: parametrize.register_parametrization(l,'foo',Sym())
except Exception as e: print(type(e).__name__,e)
class Bad(nn.Module):
    def forward(s,X): return X[0]
try: parametrize.register_parametrization(nn.Linear(2,2),'weight',Bad())
except Exception as e: print(type(e).__name__,e)
parametrize.remove_parametrizations(l,'weight'); print(l, l.weight)
import copy; l=nn.Linear(3,3); parametrize.register_parametrization(l,'weight',Sym()); print(copy.deepcopy(l))
# %% prune
import torch.nn as nn
import torch.nn.utils.prune as prune
torch.manual_seed(0)
m=nn.Linear(3,4); prune.l1_unstructured(m,'weight',0.3); print(m.weight_mask, sorted(m.state_dict()), prune.is_pruned(m)); prune.random_unstructured(m,'weight',2); print(m.weight_mask.sum()); prune.remove(m,'weight'); print(m.weight)
prune.ln_structured(m,'weight',2,n=1,dim=0); print(m.weight_mask)
n=nn.Linear(2,2); prune.custom_from_mask(n,'bias',torch.tensor([0,1])); print(n.bias, n(torch.zeros(1,2)))
a,b=nn.Linear(2,2),nn.Linear(2,2); prune.global_unstructured([(a,'weight'),(b,'weight')],prune.L1Unstructured,amount=3); print(a.weight_mask, b.weight_mask)
for c in ["prune.l1_unstructured(nn.Linear(2,2),'weight',-1)","prune.l1_unstructured(nn.Linear(2,2),'weight',99)","prune.remove(nn.Linear(2,2),'weight')","prune.l1_unstructured(nn.Linear(2,2),'weight','a')"]:
    try: eval(c)
    except Exception as e: print(type(e).__name__, e)
# %% rest of utils
import torch.nn as nn
from torch.nn.utils.stateless import functional_call
torch.manual_seed(0)
l=nn.Linear(2,1); print(functional_call(l,{'weight':torch.ones(1,2),'bias':torch.zeros(1)},torch.tensor([[1.,2.]]))); print(l.weight)
net=nn.Sequential(nn.Conv2d(1,2,2),nn.BatchNorm2d(2)).eval(); f=nn.utils.fuse_conv_bn_eval(net[0],net[1]); x=torch.randn(1,1,3,3); print(((f(x) - net(x)).abs().max() < 1e-6))
print(nn.utils.skip_init(nn.Linear,2,3))
p=[torch.ones(2,requires_grad=True)]; (p[0]*3).sum().backward(); print(nn.utils.clip_grad_norm_(p,1.0), p[0].grad); nn.utils.clip_grad_value_(p,0.1); print(p[0].grad)
v=nn.utils.parameters_to_vector(l.parameters()); print(v); nn.utils.vector_to_parameters(v*0,l.parameters()); print(l.weight)
