# %% inference mode
x=torch.ones(2,requires_grad=True)
def t(f):
    try: print('ok', f())
    except Exception as e: print(type(e).__name__, e)
with torch.inference_mode():
    y=x*2; print(y.requires_grad, torch.is_inference_mode_enabled(), y.is_inference(), torch.is_grad_enabled())
    z=torch.ones(2)
    t(lambda: y.add_(1)); t(lambda:z.requires_grad_())
t(lambda: x*y); t(lambda: y.add_(1)); t(lambda: (z*x)); t(lambda: z.requires_grad_()); t(lambda: x[0]*2); t(lambda: y.clone()*x); t(lambda:y._version); t(lambda: y+1); t(lambda: y.view(2)); t(lambda: z*2)
@torch.inference_mode()
def f(): return torch.is_inference_mode_enabled()
print(f(), torch.is_inference_mode_enabled())
with torch.inference_mode(False): print(torch.is_grad_enabled())
t(lambda: x.is_inference())
# %% hooks of nodes and leaves
def t(f):
    try: print('ok', f())
    except Exception as e: print(type(e).__name__, e)
x=torch.ones(2,requires_grad=True)
acc=x.expand_as(x).grad_fn.next_functions[0][0]
h=acc.register_hook(lambda *a: print('acc', a))
(x*2).sum().backward(); print(x.grad)
y=(x*3)
y=x*3
y.grad_fn.register_hook(lambda a,b: print(a,b))
y.sum().backward()
h=x.register_hook(lambda g: 3)
t(lambda: (x*2).sum().backward())
h.remove(); h.remove()
# %% a node takes no gradient where it had none
x = torch.ones(2, requires_grad=True)
y = x * 3
y.grad_fn.register_hook(lambda a, b: (a[0], a[0]))
try:
    y.sum().backward()
except RuntimeError as error:
    print(error)
# %% a hook before a node sees and changes what arrives
x = torch.ones(2, requires_grad=True)
y = x * 3
y.grad_fn.register_prehook(lambda g: (print(g), (g[0] * 2,))[1])
y.sum().backward()
print(x.grad)
# %% hooks on what is saved
log=[]
def pack(t): log.append(('pack', t.requires_grad, type(t.grad_fn).__name__, t.is_leaf, tuple(t.shape))); return t*1
def unpack(t): log.append(('unpack', tuple(t.shape))); return t
x=torch.ones(2,requires_grad=True)
with torch.autograd.graph.saved_tensors_hooks(pack,unpack):
    y=x*x; z=y.exp(); w=z*y
w.sum().backward(); print(x.grad)
for l in sorted(log): print(l)
print(type(w.grad_fn).__name__)
# %% hooks on what is saved: refusals
def t(f):
    try: print('ok', f())
    except Exception as e: print(type(e).__name__, e)
x=torch.ones(2,requires_grad=True)
with torch.autograd.graph.saved_tensors_hooks(lambda t: 3, lambda t: t):
    y=x*x
t(lambda: y.sum().backward())
t(lambda: y.grad_fn._saved_self)
with torch.autograd.graph.saved_tensors_hooks(lambda t: t, lambda t: t*2):
    y=x*x
print(y.grad_fn._saved_self)
g,=torch.autograd.grad(y.sum(), x, create_graph=True); print(g, torch.autograd.grad(g.sum(),x))
y=x*x
with torch.autograd.graph.save_on_cpu(): y=x.exp()
y.sum().backward(); print(x.grad)
with torch.autograd.graph.saved_tensors_hooks(lambda t: t.mul_(2), lambda t: t):
    t(lambda: x*x)
with torch.autograd.graph.disable_saved_tensors_hooks("no hooks"):
    def g():
        with torch.autograd.graph.saved_tensors_hooks(lambda t: t, lambda t: t): pass
    t(g)
# %% anomaly detection
def t(f):
    try: print('ok', f())
    except Exception as e: print(type(e).__name__, e)
x=torch.tensor([-1.,4.],requires_grad=True)
with torch.autograd.detect_anomaly():
    print(torch.is_anomaly_enabled(), torch.is_anomaly_check_nan_enabled())
    y=x.sqrt().sum()
    t(lambda: y.backward())
with torch.autograd.set_detect_anomaly(False): print(torch.is_anomaly_enabled())
torch.autograd.set_detect_anomaly(True, check_nan=False); print(torch.is_anomaly_enabled(), torch.is_anomaly_check_nan_enabled()); t(lambda: x.sqrt().sum().backward())
torch.autograd.set_detect_anomaly(False)
# %% gradients for several upstream gradients at once
x=torch.tensor([1.,2.],requires_grad=True); y=x**2
print(torch.autograd.grad(y,x,torch.eye(2),is_grads_batched=True))
# %% parts that are computed again
from torch.utils.checkpoint import checkpoint, checkpoint_sequential
torch.manual_seed(0); x=torch.randn(3,4,requires_grad=True); l=torch.nn.Linear(4,4); n=[0]
def f(a): n[0]+=1; return torch.nn.functional.dropout(l(a).tanh(),.5)
y=checkpoint(f,x); print(y.grad_fn.name(), n); y.sum().backward(); print(x.grad, l.weight.grad, n)
x.grad=None; l.zero_grad(); torch.manual_seed(1); y=checkpoint(f,x,use_reentrant=False); print(y.grad_fn.name()); y.sum().backward(); print(x.grad,n)
s=torch.nn.Sequential(*[torch.nn.Linear(4,4) for _ in range(5)]); x.grad=None; o=checkpoint_sequential(s,2,x); o.sum().backward(); print(x.grad)
def t(f):
    try: print('ok', f())
    except Exception as e: print(type(e).__name__, e)
t(lambda: torch.autograd.grad(checkpoint(f,x).sum(),x)); t(lambda: checkpoint(f,x,foo=1)); t(lambda: checkpoint(f,x.detach()).requires_grad)
# %% forward mode through factors and nets whose parameters need gradients
import torch.autograd.forward_ad as fw
x, t = torch.tensor([0.6, -0.2, 0.3]), torch.tensor([1., 2., 3.])
torch.manual_seed(0)
with fw.dual_level():
    d = fw.make_dual(x, t)
    for f in (lambda q: torch.nn.RNN(3, 2)(q.view(1, 3))[0], lambda q: torch.nn.LSTM(3, 2)(q.view(1, 3))[0], lambda q: torch.linalg.eigh(torch.diag(q))[0]):
        r = f(d); print(fw.unpack_dual(r).tangent.detach())
    try: torch.cdist(d.view(1, 3), x.view(1, 3) + 1)
    except NotImplementedError as e: print(str(e).split("\n")[0])
print(r)
# %% a custom function that changes its input in place and keeps it
class InplaceRelu(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.mark_dirty(x); x.clamp_(min=0); ctx.save_for_backward(x)
        return x
    @staticmethod
    def backward(ctx, g):
        x, = ctx.saved_tensors
        return g * (x > 0)
z = torch.tensor([1., -2., 3.], requires_grad=True)
h = z * 2
r = InplaceRelu.apply(h)
print(r is h, type(h.grad_fn).__name__, h._version)
(r * torch.arange(1., 4)).sum().backward()
print(z.grad)
h = z * 2
r = InplaceRelu.apply(h)
h.mul_(2)
try: h.sum().backward()
except RuntimeError as e: print(e)
# %% gradgradcheck draws as PyTorch does
from torch.autograd import gradcheck, gradgradcheck
torch.manual_seed(0)
x = torch.randn(3, dtype=torch.double, requires_grad=True)
print(gradcheck(torch.sin, x), torch.rand(1), gradgradcheck(torch.sin, x), torch.rand(1))
print(gradgradcheck(lambda a: (a.sin(), a * 2), x, gen_non_contig_grad_outputs=True), torch.rand(1))
# %% a gradient lies in memory as its leaf does, and is a copy only where PyTorch copies
import torch
def told(leaf): print(leaf.grad.stride(), leaf.grad._version)
x = torch.ones(2, 3).t().detach().requires_grad_(); (x * torch.arange(6.).view(3, 2)).sum().backward(); told(x)
x = torch.ones(2, 3)[:, ::2].detach().requires_grad_(); (x * 2).sum().backward(); told(x)
x = torch.ones(3, requires_grad=True); x.sum().backward(); told(x); x.sum().backward(); told(x)
x = torch.ones(3, requires_grad=True); x.backward(torch.ones(3)); told(x)
x = torch.ones(4, requires_grad=True); x.view(2, 2).mul(2).sum().backward(); told(x)
x = torch.ones(2, 3).t().detach().requires_grad_(); (x.sum() * 2).backward(create_graph=True); told(x)
w = torch.nn.Linear(3, 2); w(torch.ones(4, 3)).sum().backward(); told(w.weight); told(w.bias)
# %% a node that is not implemented has its name as well
import torch
x = torch.rand(3, requires_grad=True)
print(torch.heaviside(x, x).grad_fn.name(), type(torch.heaviside(x, x).grad_fn).__name__)
# %% views of inference tensors, and going out of the mode within
with torch.inference_mode():
    i=torch.ones(3)
    with torch.inference_mode(False): print(torch.zeros(2).is_inference(), (i*2).is_inference(), i[0].is_inference(), i.detach().is_inference(), i.clone().is_inference())
print(i.view(1,3).is_inference(), i.detach().is_inference(), i.data.is_inference(), (i+1).is_inference(), i.clone().is_inference())
# %% what a hook gives is the leaf's own gradient
a=torch.ones(2,requires_grad=True); a.register_hook(lambda g: g*3); (a*1).sum().backward(); print(a.grad, a.grad._version); (a*1).sum().backward(); print(a.grad, a.grad._version)
kept=[]
a=torch.ones(2,requires_grad=True); a.register_hook(lambda g: kept.append(g*2) or kept[-1]); (a*3).sum().backward(); print(a.grad._version, a.grad is kept[0]); a.grad.zero_(); print(kept)
a=torch.ones(2,requires_grad=True); b=a.exp(); b.grad_fn.register_hook(lambda gi,go: (gi[0]*2,)); b.sum().backward(); print(a.grad._version)
class Double(torch.autograd.Function):
    @staticmethod
    def forward(ctx, a, b): return a*2+b
    @staticmethod
    def backward(ctx, g): return g*2, g*3
a=torch.ones(2,requires_grad=True); y=Double.apply(a, torch.ones(2)); y.grad_fn.register_hook(lambda gi,go: print(gi)); y.sum().backward(); print(a.grad, a.grad._version)
# %% what hooks of nodes may not give
def t(f):
    try: print('ok', f())
    except Exception as e: print(type(e).__name__, e)
def given(hook):
    a=torch.ones(2,requires_grad=True); b=a.exp(); b.grad_fn.register_hook(hook); b.sum().backward(); return a.grad
def named(gi, go): return (gi[0][:1],)
t(lambda: given(named)); t(lambda: given(lambda gi,go: (gi[0].double(),))); t(lambda: given(lambda gi,go: (3,))); t(lambda: given(lambda gi,go: (None,)))
l=torch.nn.Linear(2,2); l.register_full_backward_hook(lambda m,gi,go: gi[0]*10); t(lambda: l(torch.ones(1,2,requires_grad=True)).sum().backward())
class Dirty(torch.autograd.Function):
    @staticmethod
    def forward(ctx, a): a.add_(1); ctx.mark_dirty(a); return a*2
    @staticmethod
    def backward(ctx, g): return g
t(lambda: Dirty.apply(torch.ones(2,requires_grad=True)))
t(lambda: torch.nn.Sequential(torch.nn.Linear))
