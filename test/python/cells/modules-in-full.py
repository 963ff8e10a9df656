# Modules: shapes, hooks, state, lazy ones, containers, attributes.
# %% reprs
import torch.nn as nn
for m in [nn.Conv3d(2,4,3,padding=1,bias=False), nn.ConvTranspose2d(4,2,3,stride=2,output_padding=1,dilation=3), nn.Conv1d(2,2,3,padding='same',padding_mode='circular'), nn.MaxPool3d(2), nn.MaxUnpool2d(2), nn.AvgPool3d(2), nn.FractionalMaxPool2d(2,output_size=3), nn.LPPool2d(2,3), nn.AdaptiveMaxPool2d((2,None)), nn.AdaptiveAvgPool3d(1), nn.ConstantPad2d(1,3.5), nn.ReflectionPad2d((1,2,3,4)), nn.ReplicationPad3d(1), nn.ZeroPad2d(2), nn.Upsample(scale_factor=2,mode='bilinear'), nn.UpsamplingNearest2d(size=4), nn.PixelShuffle(2), nn.PixelUnshuffle(2), nn.ChannelShuffle(2), nn.Fold((4,4),2), nn.Unfold(2), nn.CosineSimilarity(), nn.PairwiseDistance(), nn.GroupNorm(2,4), nn.LocalResponseNorm(2), nn.InstanceNorm3d(3,affine=True), nn.FeatureAlphaDropout(), nn.Bilinear(2,3,4), nn.Unflatten(1,(2,3)), nn.RReLU(), nn.Softmax2d(), nn.MultiMarginLoss(), nn.CTCLoss(), nn.EmbeddingBag(3,4,mode='sum'), nn.TripletMarginWithDistanceLoss(), nn.Sequential(nn.Linear(2,3),nn.ReLU(),nn.Dropout(0.3))]:
    print(m); print({k:tuple(v.shape) for k,v in m.state_dict().items()})
# %% forward values
import torch.nn as nn
torch.manual_seed(0)
x=torch.randn(2,4,6,6); s=torch.randn(2,4,6); z=torch.randn(2,4,4,4,4)
for m,i in [(nn.Conv3d(4,4,3,padding=1,groups=2),z),(nn.ConvTranspose2d(4,2,3,stride=2,output_padding=1),x),(nn.Conv1d(4,2,3,padding='same',padding_mode='circular'),s),(nn.Conv2d(4,2,3,padding=1,padding_mode='reflect'),x),(nn.Conv2d(4,2,3,padding=1,padding_mode='replicate'),x),(nn.ConvTranspose1d(4,3,2),s),(nn.ConvTranspose3d(4,3,2),z),(nn.MaxPool3d(2),z),(nn.GroupNorm(2,4),x),(nn.LocalResponseNorm(2),x),(nn.InstanceNorm3d(4,affine=True),z),(nn.InstanceNorm2d(4,track_running_stats=True),x),(nn.FeatureAlphaDropout(),x),(nn.RReLU(),x),(nn.Softmax2d(),x),(nn.FractionalMaxPool2d(2,output_ratio=0.5),x),(nn.BatchNorm3d(4),z)]:
    y=m(i); print(type(m).__name__, tuple(y.shape), format(round(y.mean().item(), 5) + 0.0, '.5f'), y.std().item().__format__('.5f'), y.grad_fn.name() if y.grad_fn else None)
m=nn.ConvTranspose2d(4,2,3,stride=2); print(m(x,output_size=(14,14)).shape)
try: m(x,output_size=(20,20))
except Exception as e: print(type(e).__name__, e)
b=nn.EmbeddingBag(5,3,padding_idx=1); print(b(torch.tensor([0,1,2,4]),torch.tensor([0,2])))
b=nn.Bilinear(4,4,2); print(b(s.transpose(1,2),s.transpose(1,2)).shape)
# %% full backward hooks
import torch.nn as nn
torch.manual_seed(0)
net=nn.Sequential(nn.Linear(2,3),nn.ReLU(),nn.Linear(3,1))
def hook(m,gi,go): print(type(m).__name__, [None if g is None else g.shape for g in gi],[g.shape for g in go])
hs=[m.register_full_backward_hook(hook) for m in net]
x=torch.randn(4,2)
y=net(x); print(type(y.grad_fn).__name__); print([type(f).__name__ for f, _ in y.grad_fn.next_functions])
y.sum().backward(); print(net[0].weight.grad)
hs[0].remove(); hs[2].remove()
x.requires_grad_()
net[1].register_full_backward_hook(lambda m,gi,go: (gi[0]*2,))
net.zero_grad(); net(x).sum().backward(); print(net[0].weight.grad, x.grad)
try: net[0].register_full_backward_hook(hook); net[0].register_backward_hook(hook)
except RuntimeError as e: print(e)
# %% old hooks
import torch.nn as nn
l=nn.Linear(2,2)
l.register_backward_hook(lambda m,gi,go: print(len(gi),len(go)))
l(torch.ones(1,2)).sum().backward()
class M(nn.Module):
    def forward(self,x): return x.exp().sin()
m=M(); m.register_backward_hook(lambda m,gi,go: print(gi,go)); m(torch.ones(2,requires_grad=True)).sum().backward()
# %% global hooks
import torch.nn as nn
from torch.nn.modules.module import register_module_forward_hook, register_module_forward_pre_hook, register_module_full_backward_hook
h1=register_module_forward_pre_hook(lambda m,i: print('pre',type(m).__name__)); h2=register_module_forward_hook(lambda m,i,o: print('post',type(m).__name__)); h3=register_module_full_backward_hook(lambda m,gi,go: print('back',type(m).__name__))
net=nn.Sequential(nn.Linear(2,2),nn.Tanh()); net(torch.ones(1,2)).sum().backward()
h1.remove();h2.remove();h3.remove()
# %% state dict
import torch.nn as nn
net=nn.Sequential(nn.Linear(2,3),nn.BatchNorm1d(3))
print(list(net.state_dict()._metadata.items()))
print(list(net.state_dict(prefix='a.')))
try: net.load_state_dict({'0.weight':torch.ones(2,2),'x':torch.ones(1),'0.bias':3})
except Exception as e: print(e)
print(net.load_state_dict({'0.bias':torch.ones(3)},strict=False))
try: net.load_state_dict([1])
except Exception as e: print(type(e).__name__,e)
class E(nn.Linear):
    def get_extra_state(self): return {'k':1}
    def set_extra_state(self,s): print('got',s)
e=E(1,1); sd=e.state_dict(); print(list(sd)); print(e.load_state_dict(sd))
try: nn.Linear(1,1).load_state_dict(sd)
except Exception as x: print(x)
net.state_dict(None,'',True)
h=net.register_load_state_dict_post_hook(lambda m,k: print('post',k)); net.load_state_dict(net.state_dict()); h.remove()
net[0]._register_load_state_dict_pre_hook(lambda sd,p,*a: print('pre',p,sorted(sd))); net.load_state_dict(net.state_dict())
# %% lazies
import torch.nn as nn
torch.manual_seed(0)
l=nn.LazyLinear(3); print(l, l.weight); print(l(torch.ones(2,4)).shape, type(l).__name__, l, type(l.weight).__name__)
c=nn.LazyConv2d(3,2); print(c); print(c(torch.ones(1,2,4,4)).shape, c)
b=nn.LazyBatchNorm1d(); print(b); print(b(torch.randn(4,3)).shape, b)
try: nn.LazyLinear(3).weight.shape
except Exception as e: print(type(e).__name__,e)
n=nn.Sequential(nn.LazyLinear(4),nn.ReLU(),nn.LazyLinear(1)); print(n(torch.ones(1,3)).shape, n)
t=nn.LazyConvTranspose1d(2,3); print(t(torch.ones(1,5,4)).shape,t)
a=nn.LazyLinear(2); a.load_state_dict(nn.Linear(5,2).state_dict()); print(a.weight.shape)
# %% containers
import torch.nn as nn
s=nn.Sequential(nn.Linear(1,2),nn.ReLU()); print(s+nn.Sequential(nn.Tanh())); print(s*2); s.insert(1,nn.Tanh()); print(s); print(s.pop(0)); print(len(s)); s.extend(nn.Sequential(nn.Sigmoid())); print(s[-1], s[1:]); del s[0]; print(s)
for bad in [lambda: s.append(3), lambda: s.insert(9,nn.ReLU()), lambda: s+[1], lambda: s*0, lambda: s[5], lambda: nn.Sequential(3), lambda: nn.ModuleList([1]), lambda: nn.ModuleList(3), lambda: nn.ModuleDict([('a',nn.ReLU(),3)]), lambda: nn.ModuleDict(3), lambda: nn.ModuleList([nn.ReLU()])(1), lambda: s*1.5]:
    try: print(bad())
    except Exception as e: print(type(e).__name__, e)
l=nn.ModuleList([nn.ReLU()]); l.insert(0,nn.Tanh()); l+=[nn.Sigmoid()]; print(l, l[1:], l+[nn.Tanh()], l.pop(0)); l.extend([nn.ELU()]); print(len(l),l[-1])
d=nn.ModuleDict({'b':nn.ReLU(),'a':nn.Tanh()}); print(d, list(d), 'a' in d, d.pop('a')); d.update({'z':nn.Sigmoid()}); print(d); d.clear(); print(len(d))
p=nn.ParameterList([torch.ones(2),torch.zeros(3)]); print(p); p.append(torch.ones(1)); print(len(p), p[0:2], [type(x).__name__ for x in p]); p[0]=torch.zeros(2); print(p[0])
q=nn.ParameterDict({'a':torch.ones(2)}); q['b']=torch.zeros(1); print(q); print(list(q.keys()), q.get('c',5), 'a' in q); q.update({'c':torch.ones(3)}); print(len(q)); q2=q|nn.ParameterDict({'d':torch.ones(1)}); print(sorted(q2.keys())); print(q.popitem()[0]); print(list(reversed(q))); print(q.setdefault('n',torch.ones(2))); print(q.copy()); print(q.fromkeys(['u'],torch.ones(1)))
# %% attributes
import torch.nn as nn
class A(nn.Sequential): pass
a=A()
for bad in ["a.register_parameter('p',torch.ones(1))","a.register_parameter('',None)","a.register_parameter('x.y',None)","a.register_parameter(1,None)","a.register_parameter('training',None)","a.register_buffer('b',3)","a.register_buffer('training',None)","a.register_buffer('b.c',None)","a.add_module('m',3)","a.add_module('',nn.ReLU())","a.add_module('training',nn.ReLU())","a.register_parameter('p',nn.Parameter(torch.ones(1))*1)","a.get_parameter('q')","a.get_submodule('q.r')","a.get_buffer('training')","a.foo","a(1)","a.train(3)","a.to(torch.int32)","a.register_forward_hook()"]:
    try: print(bad, eval(bad))
    except Exception as e: print(bad, type(e).__name__, e)
a.w=nn.Parameter(torch.ones(2)); a.m=nn.ReLU(); a.register_buffer('buf',torch.ones(1))
for bad in ["a.w=3","a.m=3","a.buf=3","a.w=torch.ones(2)"]:
    try: exec(bad)
    except Exception as e: print(bad, type(e).__name__, e)
a.w=None; a.m=None; a.buf=None; print(a.state_dict(), list(a.named_parameters()))
class B(nn.Module):
    def __init__(self): self.l=nn.Linear(1,1)
try: B()
except Exception as e: print(type(e).__name__,e)
class C(nn.Module):
    def __init__(self): self.l=nn.Parameter(torch.ones(1))
try: C()
except Exception as e: print(type(e).__name__,e)
a.l=nn.Linear(1,1); a.k=a.l; print([n for n,_ in a.named_modules()],[n for n,_ in a.named_modules(remove_duplicate=False)],[n for n,_ in a.named_parameters()],[n for n,_ in a.named_parameters(prefix='q')]); print(dir(a)[-5:]); del a.k; print(a)
print(a.half().l.weight.dtype, a.double().l.weight.dtype, a.to(torch.float32).l.weight.dtype, a.to('cpu').l.weight.dtype)
import copy,pickle
b=copy.deepcopy(a); print(b, b.l.weight is a.l.weight); s=nn.Sequential(nn.Linear(1,2)); c=pickle.loads(pickle.dumps(s)); print((c[0].weight == s[0].weight).all().item())
a.zero_grad(set_to_none=True); a.requires_grad_(False); print([p.requires_grad for p in a.parameters()]); print(a.apply(lambda m: print(type(m).__name__)))

# %% the old local response norm is a Function
import torch.nn as nn
torch.manual_seed(0)
for s, sh in ((3, (2, 4, 3, 3)), (2, (1, 5, 2, 2)), (5, (1, 3, 2, 2)), (1, (1, 2, 1, 1))):
    x = torch.randn(sh, requires_grad=True)
    y = nn.CrossMapLRN2d(s, alpha=0.5)(x)
    print(y.grad_fn.name(), y)
    try:
        (y * torch.arange(y.numel()).reshape(sh)).sum().backward()
        print(x.grad)
    except RuntimeError as error:
        print(error)
