# %% functional: values, graphs and refusals
from torch.autograd import functional as AF
def t(f):
    try: print('ok', f())
    except Exception as e: print(type(e).__name__, e)
x=torch.ones(2)
t(lambda: AF.jacobian(lambda x: 3, x))
t(lambda: AF.jacobian(lambda x: (x,3), x))
t(lambda: AF.jacobian(lambda x: x, 3))
t(lambda: AF.jacobian(lambda x: torch.ones(2), x, strict=True))
t(lambda: AF.jacobian(lambda x: x*2, x, strict=True, create_graph=True))
t(lambda: AF.jacobian(lambda x: x*2, x, strict=True, vectorize=True))
t(lambda: AF.jacobian(lambda x: x*2, x, strategy="foo"))
t(lambda: AF.jacobian(lambda x: x*2, x, strategy="forward-mode"))
t(lambda: AF.jacobian(lambda x: x*2, x, strategy="forward-mode", strict=True))
t(lambda: AF.jacobian(lambda x: x*2, x, strategy="forward-mode", create_graph=True))
t(lambda: AF.jacobian(lambda x: x.detach(), x, strict=True))
t(lambda: AF.jacobian(lambda x: (x*2, torch.ones(2)), (x), strict=True))
t(lambda: AF.jacobian(lambda x,y: x*2, (x,x), strict=True))
t(lambda: AF.hessian(lambda x: x*2, x))
t(lambda: AF.hessian(lambda x: (x.sum(),x.sum()), x))
t(lambda: AF.hessian(lambda x: (x*2).sum(), x, strict=True))
t(lambda: AF.hessian(lambda x: (x*x).sum(), x, outer_jacobian_strategy="foo"))
t(lambda: AF.hessian(lambda x: (x*x).sum(), x, outer_jacobian_strategy="forward-mode"))
t(lambda: AF.vjp(lambda x: x*2, x))
t(lambda: AF.vjp(lambda x: x*2, x, torch.ones(3)))
t(lambda: AF.vjp(lambda x: x*2, x, (torch.ones(2),torch.ones(2))))
t(lambda: AF.vjp(lambda x: torch.ones(2), x, torch.ones(2), strict=True))
t(lambda: AF.vjp(lambda x: 2*x, x, torch.ones(2), strict=True, create_graph=True))
t(lambda: AF.jvp(lambda x: x*2, x))
t(lambda: AF.jvp(lambda x: (x*2).sum(), torch.tensor(1.)))
t(lambda: AF.jvp(lambda x: x*2, x, torch.ones(3)))
t(lambda: AF.jvp(lambda x: torch.ones(2), x, torch.ones(2), strict=True))
t(lambda: AF.jvp(lambda x: torch.ones(2), x, torch.ones(2)))
t(lambda: AF.jvp(lambda x: x*2, x, torch.ones(2), strict=True, create_graph=True))
t(lambda: AF.jvp(lambda x: x*2, x, torch.ones(2), strict=True))
t(lambda: AF.jvp(lambda x: x**2, x, torch.ones(2), create_graph=True))
t(lambda: AF.hvp(lambda x: (x*2), x, torch.ones(2)))
t(lambda: AF.hvp(lambda x: (x*2).sum(), x, torch.ones(2), strict=True))
t(lambda: AF.hvp(lambda x: (x*2).sum(), x))
t(lambda: AF.hvp(lambda x: (x**3).sum(), x, torch.ones(2)))
t(lambda: AF.hvp(lambda x: (x**3).sum(), x, torch.ones(2), create_graph=True))
t(lambda: AF.vhp(lambda x: (x*2).sum(), x, torch.ones(2), strict=True))
t(lambda: AF.vhp(lambda x: (x*2).sum(), x, torch.ones(2)))
t(lambda: AF.vhp(lambda x: (x*x).sum(), x))
t(lambda: AF.vhp(lambda x: (x*x).sum(), torch.ones(1)))
t(lambda: AF.vhp(lambda x: (x**3).sum(), x, torch.ones(2)))
t(lambda: AF.vhp(lambda x,y: (x*y).sum(), (x,x), (x,x)))
t(lambda: AF.vhp(lambda x: 3, torch.ones(1), torch.ones(1)))
t(lambda: AF.vjp(lambda x: 3, torch.ones(1), torch.ones(1)))
t(lambda: AF.vjp(lambda x: x, [3], torch.ones(1)))
t(lambda: AF.jvp(lambda x: x, torch.ones(1), 3))
t(lambda: AF.jacobian(lambda x,y: x*y, (x,x), create_graph=True))
t(lambda: AF.jacobian(lambda x,y: (x*y, (x+y).sum()), (x,x*3)))
t(lambda: AF.jacobian(lambda x: x**2, x, vectorize=True))
t(lambda: AF.hessian(lambda x,y: (x*y**2).sum(), (x,x*3)))
t(lambda: AF.hessian(lambda x: (x**3).sum(), x, create_graph=True))
t(lambda: AF.hessian(lambda x: (x**3).sum(), x, vectorize=True))
y = x.clone().requires_grad_()
t(lambda: AF.hessian(lambda x: (x**3).sum(), y, create_graph=True))
t(lambda: AF.jacobian(lambda x: x.exp(), y, create_graph=True))
t(lambda: AF.vjp(lambda x: x.exp(), y, x, create_graph=True))
t(lambda: AF.vjp(lambda x: x.exp(), y, x))
t(lambda: AF.jacobian(lambda x: x.exp().reshape(1,2), torch.arange(2.)))
with torch.no_grad():
    t(lambda: AF.jacobian(lambda x: x.exp(), y))
    t(lambda: AF.vjp(lambda x: x.exp(), y, x))
    t(lambda: AF.jvp(lambda x: x.exp(), y, x))
# %% dual tensors: values, in-place, views, refusals
import torch.autograd.forward_ad as fwAD
def t(f):
    try: print('ok', f())
    except Exception as e: print(type(e).__name__, e)
x=torch.ones(2)
t(lambda: fwAD.make_dual(x,x))
t(lambda: fwAD.unpack_dual(x))
with fwAD.dual_level():
    t(lambda: fwAD.make_dual(x,3))
    t(lambda: fwAD.make_dual(3,x))
    t(lambda: fwAD.make_dual(x,torch.ones(3)))
    t(lambda: fwAD.make_dual(x,torch.ones(2).double()))
    t(lambda: fwAD.make_dual(torch.tensor([1]),torch.tensor([1])))
    d=fwAD.make_dual(x,x*3); print(d, d.requires_grad, d.grad_fn, d._is_view(), d._base is x)
    t(lambda: fwAD.make_dual(d,x))
    t(lambda: fwAD.unpack_dual(d)); t(lambda: fwAD.unpack_dual(x)); 
    t(lambda: fwAD.unpack_dual(d*2)); t(lambda: d.exp().tolist())
    t(lambda: fwAD.dual_level().__enter__())
    t(lambda: d.sort()); t(lambda: d.detach()); t(lambda: d.clone()); t(lambda: d[0]); t(lambda: d>1)
    with torch.no_grad(): t(lambda: d*2)
    class F(torch.autograd.Function):
        @staticmethod
        def forward(ctx,x): return x*2
        @staticmethod
        def backward(ctx,g): return g
    t(lambda: F.apply(d))
    y=x.clone().requires_grad_(); e=fwAD.make_dual(y, x); t(lambda: e*e); print(fwAD.unpack_dual(e*e).tangent)
    z=x.clone(); z.mul_(d); print(z); w=z[0]; print(w); w.mul_(5); print(z)
    u=torch.zeros(3); u[1:].copy_(d); print(u)
    t(lambda: fwAD.unpack_dual(d, level=0)); t(lambda: fwAD.make_dual(x,x,level=3))
    t(lambda: torch.floor(d)); t(lambda: d.double()); 
    t(lambda: (e*e).sum().backward()); print(y.grad)
    t(lambda: torch.fmod(x, d))
print(d)
t(lambda: fwAD.exit_dual_level()); print(fwAD.enter_dual_level()); t(lambda: fwAD.exit_dual_level(level=5)); t(lambda:fwAD.exit_dual_level())
# %% forward derivatives follow from the rules of the ops
import torch.autograd.forward_ad as fwAD, torch.nn.functional as F
torch.manual_seed(0)
x=torch.randn(3,4,dtype=torch.float64); v=torch.randn(3,4,dtype=torch.float64); w=torch.randn(5,4,dtype=torch.float64)
def J(name,f,x=x,v=v):
    with fwAD.dual_level():
        o=f(fwAD.make_dual(x,v)); p,t=fwAD.unpack_dual(o); print(name,p.shape,t)
J('sin',torch.sin); J('mm',lambda x:x@w.t()); J('lin',lambda x:F.linear(x,w)); J('sm',lambda x:x.softmax(1)); J('lse',lambda x:x.logsumexp(1))
J('mean',lambda x:x.mean(0)); J('var',lambda x:x.var(1)); J('max',lambda x:x.max(1)[0]); J('cum',lambda x:x.cumsum(1)); J('prod',lambda x:x.prod(1))
J('bc',lambda x:x*x[0]); J('cat',lambda x:torch.cat([x,x**2])); J('where',lambda x:torch.where(x>0,x,x*2)); J('idx',lambda x:x[:,[0,2]]); 
J('gelu',F.gelu); J('elu',F.elu); J('sp',F.softplus); J('ln',lambda x:F.layer_norm(x,(4,))); J('ce',lambda x:F.cross_entropy(x,torch.tensor([0,1,2]))); J('mse',lambda x:F.mse_loss(x,x.detach()*2))
J('relu',F.relu); J('sig',torch.sigmoid); J('tanh',torch.tanh); J('div',lambda x:x/(x+3)); J('pow',lambda x:x.abs()**2.5); J('sqrt',lambda x:(x*x+1).sqrt())
J('view',lambda x:x.view(4,3).t()); J('perm',lambda x:x.unsqueeze(0).expand(2,3,4).sum(0)); J('std',lambda x:x.std()); J('clamp',lambda x:x.clamp(-.5,.5)); J('sort',lambda x:x.sort(1)[0])
J('conv',lambda x:F.conv1d(x.reshape(1,3,4),w.reshape(1,5,4)[:,:3,:2].contiguous())); J('double',lambda x:x.float()); J('bmm',lambda x:x@x.t())
J('stack',lambda x:torch.stack(x.unbind(0),1)); J('addmm',lambda x:torch.addmm(x@x.t(),x,x.t())); J('maxp',lambda x:F.max_pool1d(x.unsqueeze(0),2)); J('ls',lambda x:x.log_softmax(0)); J('emb',lambda x:F.embedding(torch.tensor([0,2]),x))
J('setitem',lambda x:(lambda z:(z.__setitem__((slice(None),0),x[:,1]),z)[1])(x.clone())); J('inpl',lambda x:(x*1).mul_(x).add_(3).exp_());  J('bn',lambda x:F.batch_norm(x,None,None,training=True))
# %% hessian forward over reverse and jacobian forward
from torch.autograd.functional import hessian, jacobian
x=torch.tensor([.3,.7,1.1])
print(jacobian(lambda x:(x**2).cumsum(0), x, vectorize=True, strategy="forward-mode"))
print(jacobian(lambda x,y:(x*y, x.sum()), (x,x+1), vectorize=True, strategy="forward-mode"))
print(hessian(lambda x:(x**3).sum()*x[0], x, vectorize=True, outer_jacobian_strategy="forward-mode"))
# %% reverse over forward
import torch.autograd.forward_ad as fwAD
x=torch.tensor([1.,2.],requires_grad=True); v=torch.tensor([.5,1.],requires_grad=True)
with fwAD.dual_level():
    d=fwAD.make_dual(x,v); o=(d**3).sum(); t=fwAD.unpack_dual(o).tangent
    print(t); t.backward(); print(x.grad,v.grad)
# %% hvp forward over reverse
import torch.autograd.forward_ad as fwAD
x=torch.tensor([1.,2.],requires_grad=True); v=torch.tensor([.5,1.])
with fwAD.dual_level():
    d=fwAD.make_dual(x,v); g,=torch.autograd.grad((d**3*d.exp()).sum(), d, create_graph=True); print(fwAD.unpack_dual(g).tangent)
# %% vmap
import functorch, functools
from functorch import vmap, grad, jacrev, jacfwd, hessian, vjp, jvp, grad_and_value, make_functional
def t(f):
    try: print('ok', f())
    except Exception as e: print(type(e).__name__, e)
x=torch.arange(6.).reshape(2,3)
f=lambda a: a.sum()
t(lambda: vmap(f, in_dims='a')(x))
t(lambda: vmap(f)())
t(lambda: vmap(f, in_dims=(0,0))(x))
t(lambda: vmap(f, in_dims=('a',))(x))
t(lambda: vmap(f)(3))
t(lambda: vmap(f, in_dims=5)(x))
t(lambda: vmap(lambda a,b: a+b)(x, torch.ones(3)))
t(lambda: vmap(lambda a,b: a+b, in_dims=None)(x, torch.ones(3)))
t(lambda: vmap(lambda a: 3)(x))
t(lambda: vmap(lambda a: (a, 3))(x))
t(lambda: vmap(f, randomness='foo')(x))
t(lambda: vmap(lambda a: a+torch.randn(3))(x))
t(lambda: vmap(lambda a: a*2, out_dims=1)(x))
t(lambda: vmap(lambda a: a*2, in_dims=1)(x))
t(lambda: vmap(lambda a: (a*2, a.sum()), out_dims=(1,0))(x))
t(lambda: vmap(lambda a: a, out_dims=3)(x))
t(lambda: vmap(lambda a: a, out_dims=(0,0))(x))
t(lambda: vmap(lambda a: a, out_dims='x')(x))
t(lambda: vmap(lambda a: torch.ones(2))(x))
t(lambda: vmap(lambda a: {'x':a, 'y':[a,a]})(x))
t(lambda: vmap(lambda d: d['x']+d['y'], in_dims=({'x':0,'y':None},))({'x':x,'y':x[0]}))
t(lambda: vmap(vmap(lambda a: a*2))(x))
t(lambda: vmap(torch.dot)(x,x))
t(lambda: vmap(torch.dot, in_dims=(0,None))(x,x[0]))
def h(a): 
    return a.shape, a
t(lambda: vmap(lambda a: a + a.dim())(x))
torch.manual_seed(0); t(lambda: vmap(lambda a: a+torch.rand(3), randomness='different')(x))
torch.manual_seed(0); t(lambda: vmap(lambda a: a+torch.rand(3), randomness='same')(x))
t(lambda: vmap(f)(torch.ones(0,3)))
t(lambda: vmap(f)(torch.tensor(1.)))
# %% transforms of functions
from functorch import vmap, grad, jacrev, jacfwd, hessian, vjp, jvp, grad_and_value, make_functional
def t(f):
    try: print('ok', f())
    except Exception as e: print(type(e).__name__, e)
x=torch.arange(3.)
t(lambda: grad(lambda x: x*2)(x))
t(lambda: grad(lambda x: (x.sum(),x))(x))
t(lambda: grad(lambda x: 3)(x))
t(lambda: grad(lambda x: x.sum())(3))
t(lambda: grad(lambda x: x.sum(), argnums=1)(x))
t(lambda: grad(lambda x: x.sum(), argnums='a')(x))
t(lambda: grad(lambda x: (x**3).sum())(x))
t(lambda: grad(lambda x,y: (x*y).sum(), argnums=(0,1))(x,x+1))
t(lambda: grad(lambda x: ((x**2).sum(), x*5), has_aux=True)(x))
t(lambda: grad(lambda x: (x**2).sum(), has_aux=True)(x))
t(lambda: grad_and_value(lambda x: (x**3).sum())(x))
t(lambda: grad(lambda d: (d['a']*d['b']).sum())({'a':x,'b':x+1}))
t(lambda: grad(grad(lambda x: x**3))(torch.tensor(2.)))
t(lambda: grad(torch.sin)(torch.tensor(2., requires_grad=True)))
t(lambda: vmap(grad(torch.sin))(x))
t(lambda: jacrev(torch.sin)(x)); t(lambda: jacfwd(torch.sin)(x)); t(lambda: hessian(lambda x:(x**3).sum())(x))
t(lambda: jacrev(lambda x,y: (x*y, x.sum()), argnums=(0,1))(x,x+1)); t(lambda: jacfwd(lambda x,y: (x*y, x.sum()), argnums=(0,1))(x,x+1))
t(lambda: jacrev(lambda x: (x**2, x), has_aux=True)(x))
t(lambda: jacfwd(lambda x: (x**2, x), has_aux=True)(x))
t(lambda: jacrev(lambda x: 3)(x)); t(lambda: jacfwd(lambda x: 3)(x)); t(lambda: jacrev(lambda x: x, argnums=2)(x))
def g():
    o, f = vjp(torch.sin, x); return o, f(torch.ones(3))
t(g)
def g():
    o, f = vjp(lambda x,y:(x*y,x), x, x); return o, f((torch.ones(3),torch.ones(3)))
t(g)
def g():
    o, f = vjp(lambda x,y:(x*y,x), x, x); return o, f(torch.ones(3))
t(g)
def g():
    o, f = vjp(torch.sin, x); return o, f(torch.ones(2))
t(g)
t(lambda: vjp(lambda x: 3, x))
t(lambda: jvp(torch.sin, (x,), (torch.ones(3),)))
t(lambda: jvp(torch.sin, x, (torch.ones(3),)))
t(lambda: jvp(torch.sin, (x,), torch.ones(3)))
t(lambda: jvp(torch.sin, (x,), (torch.ones(3),x)))
t(lambda: jvp(lambda x: 3, (x,), (torch.ones(3),)))
t(lambda: jvp(lambda x: (x.sin(), x), (x,), (torch.ones(3),), has_aux=True))
t(lambda: jvp(lambda x: x.detach(), (x,), (torch.ones(3),)))
t(lambda: jvp(lambda y: jvp(torch.sin, (y,), (torch.ones(3),))[1], (x,), (torch.ones(3),)))
t(lambda: grad(lambda x: x.detach().sum())(x))
with torch.no_grad(): t(lambda: grad(lambda x: (x**2).sum())(x))
w=torch.tensor(3., requires_grad=True)
t(lambda: grad(lambda x: (w*x**2).sum())(x))
torch.manual_seed(0); m=torch.nn.Linear(3,2)
fm, ps = make_functional(m); t(lambda: fm(ps, x)); print(fm)
t(lambda: grad(lambda ps: fm(ps,x).sum())(ps))
mb, ps2, bs = functorch_mb = __import__('functorch').make_functional_with_buffers(torch.nn.BatchNorm1d(2)); print(ps2, bs); print(mb(ps2,bs,torch.ones(3,2)))
print(__import__('functorch').combine_state_for_ensemble([m,m])[1])
# %% custom functions
def t(f):
    try: print('ok', f())
    except Exception as e: print(type(e).__name__, e)
x=torch.ones(2,requires_grad=True)
def mk(fw, bw=None, **kw):
    return type('Op',(torch.autograd.Function,),dict(forward=staticmethod(fw), **({'backward':staticmethod(bw)} if bw else {}), **kw))
def inc(ctx,x): x.add_(1); ctx.mark_dirty(x); return x
Inc=mk(inc, lambda ctx,g: g*3)
t(lambda: Inc.apply(x))
y=x*2; z=Inc.apply(y); print(z is y, y.grad_fn.name(), y._version, y); y.sum().backward(); print(x.grad)
def bad(ctx,x): ctx.mark_dirty(x); return x*2
t(lambda: mk(bad, lambda ctx,g:g).apply(x*2))
def idt(ctx,x): return x
y=mk(idt,lambda ctx,g:g*5).apply(x); print(y is x, y.grad_fn.name()); 
def view(ctx,x): return x.view(2,1)
y=mk(view,lambda ctx,g:g.view(2)).apply(x); print(y._is_view(), y); t(lambda: y.add_(1))
def two(ctx,x): ctx.set_materialize_grads(False); return x*2, x*3
def twob(ctx,a,b): print(a,b); return a
a,b=mk(two,twob).apply(x); a.sum().backward()
def nd(ctx,x): r=x>0; q=x*2; ctx.mark_non_differentiable(q); return q, x*3
q,r=mk(nd,lambda ctx,a,b:(print(a,b),b)[1]).apply(x); print(q.requires_grad,r.requires_grad); r.sum().backward()
t(lambda: mk(lambda ctx,x:3).apply(x)); t(lambda: mk(lambda ctx,x:(x*2,'s')).apply(x)); t(lambda: mk(lambda ctx,x:None).apply(x))
y=mk(lambda ctx,x:x*2).apply(x); t(lambda: y.sum().backward())
def sv(ctx,x): ctx.save_for_backward(3); return x*2
t(lambda: mk(sv).apply(x))
def sv(ctx,x,y): ctx.save_for_backward(x,None,y); ctx.foo=7; return x*y
y=mk(sv,lambda ctx,g:(g*ctx.saved_tensors[2],None)).apply(x, torch.tensor(3.)); print(y.grad_fn.saved_tensors, y.grad_fn.foo, y.grad_fn.needs_input_grad, y.grad_fn.next_functions[0][0].name(), y.grad_fn.name()); y.sum().backward(); t(lambda: y.grad_fn.saved_tensors)
w=torch.tensor(3.); y=mk(sv,lambda ctx,g:(g*ctx.saved_tensors[2],None)).apply(x, w); w.add_(1); t(lambda: y.sum().backward())
w=torch.tensor(3.,requires_grad=True)*2; y=mk(sv,lambda ctx,g:(g*ctx.saved_tensors[2],None)).apply(x, w); w.add_(1); t(lambda: y.sum().backward())
t(lambda: mk(sv,lambda ctx,g:(g,g)).apply(x, 3))
y=mk(lambda ctx,x,k:x*k,lambda ctx,g:(g,g)).apply(x,3); t(lambda: y.sum().backward())
y=mk(lambda ctx,x,k:x*k,lambda ctx,g:g).apply(x,3); t(lambda: y.sum().backward())
y=mk(lambda ctx,x,k:x*k,lambda ctx,g:(g,None,None)).apply(x,3); t(lambda: y.sum().backward())
y=mk(lambda ctx,x,k:x*k,lambda ctx,g:(3,None)).apply(x,3); t(lambda: y.sum().backward())
y=mk(lambda ctx,x:x.sum(),lambda ctx,g:g).apply(x); t(lambda: y.sum().backward())
y=mk(lambda ctx,x:x*2,lambda ctx,g:g.double()).apply(x); x.grad=None; y.sum().backward(); print(x.grad)
y=mk(lambda ctx,x:x*2,lambda ctx,g:torch.ones(3)).apply(x); t(lambda: y.sum().backward())
from torch.autograd.function import once_differentiable
y=mk(lambda ctx,x:x*2,once_differentiable(lambda ctx,g:g*2)).apply(x); g,=torch.autograd.grad(y.sum(),x,create_graph=True); print(g); t(lambda: g.sum().backward())
y=mk(lambda ctx,x:x**2,once_differentiable(lambda ctx,g:g*2)).apply(x); g,=torch.autograd.grad((y**2).sum(),x,create_graph=True); print(g.requires_grad); t(lambda: g.sum().backward())
t(lambda: mk(lambda ctx,x:x*2).apply(x=x))
with torch.no_grad(): y=mk(lambda ctx,x:(print(ctx.needs_input_grad),x*2)[1]).apply(x); print(y.requires_grad)
y=mk(lambda ctx,d:d['x']*2,lambda ctx,g:None).apply({'x':x}); print(y.requires_grad)
# %% custom functions in forward mode
import torch.autograd.forward_ad as fwAD
class F(torch.autograd.Function):
    @staticmethod
    def forward(ctx,x): ctx.save_for_forward(x); return x**2
    @staticmethod
    def backward(ctx,g): return g
    @staticmethod
    def jvp(ctx, xt): x,=ctx.saved_tensors; return 2*x*xt
with fwAD.dual_level():
    print(F.apply(fwAD.make_dual(torch.tensor([1.,3.]),torch.ones(2))))
class G(torch.autograd.Function):
    @staticmethod
    def forward(ctx,x): return x**2
    @staticmethod
    def backward(ctx,g): return g
def t(f):
    try: print('ok', f())
    except Exception as e: print(type(e).__name__, e)
with fwAD.dual_level():
    t(lambda: G.apply(fwAD.make_dual(torch.tensor([1.,3.]),torch.ones(2))))
# %% gradients held against differences
from torch.autograd import gradcheck, gradgradcheck
def t(f):
    try: print('ok', f())
    except Exception as e: print(type(e).__name__, e)
x=torch.tensor([.5,1.2],dtype=torch.float64,requires_grad=True)
t(lambda: gradcheck(torch.sin,(x,)))
t(lambda: gradcheck(torch.sin,x))
t(lambda: gradcheck(lambda a,b:a*b,(x,x.detach()*2)))
t(lambda: gradcheck(torch.sin,(x.detach(),)))
class Bad(torch.autograd.Function):
    @staticmethod
    def forward(ctx,x): ctx.save_for_backward(x); return x*x
    @staticmethod
    def backward(ctx,g): x,=ctx.saved_tensors; return g*x
t(lambda: gradcheck(Bad.apply,(x,)))
t(lambda: gradcheck(Bad.apply,(x,),raise_exception=False))
t(lambda: gradcheck(lambda x:x.detach(),(x,)))
t(lambda: gradcheck(lambda x:(x*2,x.sum()),(x,)))
t(lambda: gradcheck(lambda x:3,(x,)))
t(lambda: gradgradcheck(lambda x:x**3,(x,)))
t(lambda: gradgradcheck(lambda x:x*2,(x,)))
t(lambda: gradgradcheck(Bad.apply,(x,)))
t(lambda: gradcheck(torch.exp,(x,),check_forward_ad=True))
t(lambda: gradcheck(torch.exp,(x,),fast_mode=True))
t(lambda: gradcheck(lambda x:x.expand(2,2).clone(),(x.detach()[0].expand(3).requires_grad_(),)))
t(lambda: gradcheck(torch.exp,(x,),check_batched_grad=True))
class Nondet(torch.autograd.Function):
    @staticmethod
    def forward(ctx,x): return x*2
    @staticmethod
    def backward(ctx,g): return g*2+torch.rand(1,dtype=torch.double)*1e-3
t(lambda: gradcheck(Nondet.apply,(x,),atol=1e-1))
t(lambda: gradcheck(lambda x: x.int(),(x,)))
