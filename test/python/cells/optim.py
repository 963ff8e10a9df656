# %% every optimizer, thirty steps
import torch.optim as o
def run(cls, **kw):
    torch.manual_seed(0)
    m=torch.nn.Sequential(torch.nn.Linear(3,4),torch.nn.Tanh(),torch.nn.Linear(4,1))
    x=torch.randn(8,3); y=torch.randn(8,1)
    opt=cls(m.parameters(), **kw)
    for i in range(30):
        opt.zero_grad(); l=((m(x)-y)**2).mean(); l.backward(); opt.step()
    print(cls.__name__, kw, round(l.item(), 5)); print((m[0].weight * 100).round()) 
    sd=opt.state_dict(); print(sorted(sd['state'][0]) if sd['state'] else None, sd['param_groups'])
for c in ('Adam','AdamW','Adamax','NAdam','RAdam','Adagrad','Adadelta','RMSprop','Rprop','ASGD'):
    run(getattr(o,c)); 
    if c!='Rprop': run(getattr(o,c),weight_decay=.1)
    if c not in ('NAdam','RAdam'): run(getattr(o,c),maximize=True,lr=1e-4)
run(o.SGD,lr=.1,momentum=.9,nesterov=True); run(o.SGD,lr=.1,momentum=.9,dampening=.1,weight_decay=.1,maximize=False)
run(o.RMSprop,centered=True,momentum=.9); run(o.Adam,amsgrad=True); run(o.Adagrad,lr_decay=.1,initial_accumulator_value=.1); run(o.ASGD,t0=5,lambd=.1); run(o.Rprop,lr=.1); run(o.RAdam,lr=.1,betas=(.9,.9)); run(o.Adam,foreach=True); run(o.SGD,lr=.1,foreach=True)
# %% LBFGS, with and without a line search
import torch.optim as o
for kw in ({}, {'lr':.5}, {'line_search_fn':'strong_wolfe'}, {'max_iter':4,'history_size':2}):
    torch.manual_seed(0)
    m=torch.nn.Sequential(torch.nn.Linear(3,4),torch.nn.Tanh(),torch.nn.Linear(4,1)); x=torch.randn(8,3); y=torch.randn(8,1)
    opt=o.LBFGS(m.parameters(), **kw)
    def closure():
        opt.zero_grad(); l=((m(x)-y)**2).mean(); l.backward(); return l
    for i in range(4): print(kw, round(opt.step(closure).item(), 3))
    st=opt.state[next(m.parameters())]; print(sorted(st))
# rosenbrock
x=torch.tensor([-1.5,2.],requires_grad=True)
opt=o.LBFGS([x],line_search_fn='strong_wolfe')
def c():
    opt.zero_grad(); l=(1-x[0])**2+100*(x[1]-x[0]**2)**2; l.backward(); return l
for i in range(5): print(round(opt.step(c).item(), 2), [round(v, 2) for v in x.tolist()])
try: o.LBFGS([x],line_search_fn='foo').step(c)
except Exception as e: print(type(e).__name__, e)
# %% optimizers: refusals and what they say of themselves
import torch.optim as o
def t(f):
    try: print('ok',f())
    except Exception as e: print(type(e).__name__, e)
p=[torch.zeros(1,requires_grad=True)]
for n,kw in [('NAdam',dict(lr=-1)),('NAdam',dict(momentum_decay=-1)),('RAdam',dict(betas=(2,0))),('Rprop',dict(etas=(1,2))),('Rprop',dict(lr=-1)),('ASGD',dict(lr=-1)),('ASGD',dict(weight_decay=-1)),('LBFGS',dict(line_search_fn='foo')),('SparseAdam',dict(lr=0)),('Adam',dict(capturable=True)),('Adam',dict(fused=True)),('Adam',dict(foreach=True)),('SGD',dict(lr=.1,nesterov=True)),('RMSprop',dict(alpha=-1)),('Adamax',{}),('NAdam',{}),('RAdam',{}),('Rprop',{}),('ASGD',{}),('LBFGS',{}),('SparseAdam',{}),('Adagrad',{}),('Adadelta',{}),('AdamW',{}),('SGD',dict(lr=.1))]:
    t(lambda: getattr(o,n)(p,**kw))
t(lambda: o.LBFGS([{'params':p},{'params':[torch.zeros(1)]}]))
t(lambda: o.SGD(p)); t(lambda: o.SGD([{'params':p,'lr':.1},{'params':[torch.zeros(1)]}])); t(lambda: o.SGD([],.1)); t(lambda: o.SGD(torch.zeros(1),.1)); t(lambda: o.SGD([3],.1)); t(lambda: o.SGD([{'params':{torch.zeros(1)}}],.1)); t(lambda: o.SGD([p[0]*2],.1)); t(lambda: o.SGD(p+p,.1)); t(lambda: o.SGD([{'params':p},{'params':p}],.1)); t(lambda: o.SGD(p,.1).add_param_group(3)); t(lambda: o.SGD(p,.1).load_state_dict({'state':{},'param_groups':[]})); t(lambda: o.SGD(p,.1).load_state_dict({'state':{},'param_groups':[{'params':[0,1]}]}))
t(lambda: o.SGD(p,-.1)); t(lambda: o.SGD(p,.1,momentum=-1)); t(lambda: o.Adam(p,betas=(1,0))); t(lambda: o.Adam(p,eps=-1)); t(lambda: o.Optimizer(p,{'a':1}).step())
q=torch.zeros(2,requires_grad=True); s=o.SparseAdam([q]); q.sum().backward(); t(lambda: s.step())
class My(o.Optimizer):
    def __init__(self,params,lr=.1): super().__init__(params,dict(lr=lr))
    @torch.no_grad()
    def step(self, closure=None):
        for g in self.param_groups:
            for p in g['params']:
                if p.grad is None: continue
                st=self.state[p]; st['n']=st.get('n',0)+1; p.add_(p.grad, alpha=-g['lr'])
o2=My([q]); o2.step(); print(q, o2.state_dict(), o2)
# %% every scheduler
import torch.optim as o
L=o.lr_scheduler
def mk(**kw): return o.SGD([{'params':[torch.zeros(1,requires_grad=True)]},{'params':[torch.zeros(1,requires_grad=True)],'lr':.5}], .1, momentum=.9)
def run(f,n=12,more=lambda opt:''):
    opt=mk(); s=f(opt)
    out=[]
    for i in range(n):
        opt.step(); out.append([round(x,8) for x in s.get_last_lr()]+[more(opt)]); s.step()
    print(out)
mom=lambda opt: round(opt.param_groups[0]['momentum'],6)
run(lambda op: L.OneCycleLR(op,.3,total_steps=13),12,mom); run(lambda op: L.OneCycleLR(op,[.3,.4],epochs=4,steps_per_epoch=3,anneal_strategy='linear',three_phase=True),11,mom)
run(lambda op: L.CyclicLR(op,.1,.4,step_size_up=3),12,mom); run(lambda op: L.CyclicLR(op,.1,.4,step_size_up=3,step_size_down=2,mode='triangular2'),12,mom); run(lambda op: L.CyclicLR(op,.1,.4,3,mode='exp_range',gamma=.9,cycle_momentum=False)); run(lambda op: L.CyclicLR(op,.1,.4,3,scale_fn=lambda x:1/x,scale_mode='cycle'))
run(lambda op: L.CosineAnnealingWarmRestarts(op,3)); run(lambda op: L.CosineAnnealingWarmRestarts(op,3,T_mult=2,eta_min=.01))
run(lambda op: L.SequentialLR(op,[L.ConstantLR(op,.1,2),L.ExponentialLR(op,.9)],[4])); run(lambda op: L.SequentialLR(op,[L.LinearLR(op,.1,total_iters=3),L.CosineAnnealingLR(op,5),L.StepLR(op,2)],[3,7]))
run(lambda op: L.ChainedScheduler([L.ConstantLR(op,.1,2),L.ExponentialLR(op,.9)]))
run(lambda op: L.MultiplicativeLR(op,lambda e:.95)); run(lambda op: L.LambdaLR(op,[lambda e:.9**e,lambda e:1/(1+e)])); run(lambda op: L.PolynomialLR(op,5,2.)); run(lambda op: L.LinearLR(op)); run(lambda op: L.StepLR(op,3)); run(lambda op: L.MultiStepLR(op,[2,2,5])); run(lambda op: L.ExponentialLR(op,.8)); run(lambda op: L.CosineAnnealingLR(op,4,.01)); run(lambda op: L.ConstantLR(op))
opt=o.Adam([torch.zeros(1,requires_grad=True)],.1); s=L.OneCycleLR(opt,.1,total_steps=10)
for i in range(4): opt.step(); s.step(); print(opt.param_groups[0]['betas'])
opt=mk(); s=L.CosineAnnealingWarmRestarts(opt,3,2)
for e in (0,.5,1.2,4.7,9.1,10): s.step(e); print(s.get_last_lr(), s.T_cur, s.T_i)
opt=mk(); s=L.ReduceLROnPlateau(opt,patience=1,cooldown=1,factor=.5,min_lr=.01,verbose=True)
for m in (1,.9,.9,.9,.9,.95,.8,.8,.8,.8,.8): s.step(m); print([g['lr'] for g in opt.param_groups], s.num_bad_epochs)
print({k:v for k,v in s.state_dict().items()})
opt=mk(); s=L.StepLR(opt,2,verbose=True); opt.step(); s.step(); print(s.state_dict()); s2=L.StepLR(mk(),5); s2.load_state_dict(s.state_dict()); print(s2.state_dict())
s.step(5); print(s.get_last_lr())
def t(f):
    try: print('ok',f() and 1)
    except Exception as e: print(type(e).__name__, e)
s=mk()
t(lambda: L.OneCycleLR(s,.1)); t(lambda: L.OneCycleLR(s,.1,total_steps=-1)); t(lambda: L.OneCycleLR(s,.1,total_steps=10,pct_start=2)); t(lambda: L.OneCycleLR(s,.1,total_steps=10,anneal_strategy='x')); t(lambda: L.OneCycleLR(s,.1,total_steps=10))
t(lambda: L.OneCycleLR(s,.1,epochs=-1,steps_per_epoch=3))
t(lambda: L.CyclicLR(s,.1,.2)); t(lambda: L.CyclicLR(s,.1,.2,mode='x',cycle_momentum=False)); t(lambda: L.CosineAnnealingWarmRestarts(s,0)); t(lambda: L.CosineAnnealingWarmRestarts(s,3,T_mult=.5)); t(lambda: L.SequentialLR(s,[],[]));
a=L.ConstantLR(s); t(lambda: L.SequentialLR(s,[a],[3])); t(lambda: L.SequentialLR(s,[a,L.ExponentialLR(mk(),.9)],[3])); t(lambda: L.ChainedScheduler([a,L.ExponentialLR(mk(),.9)])); t(lambda: L.MultiplicativeLR(s,[1,2,3])); t(lambda: L.LambdaLR(s,[1])); t(lambda: L.CyclicLR(s,[.1,.2,.3],.2)); t(lambda: L.StepLR(3,1)); t(lambda: L.OneCycleLR(o.Adagrad([torch.zeros(1)]),.1,total_steps=3)); t(lambda: L.LinearLR(s,start_factor=2)); t(lambda: L.LinearLR(s,end_factor=2)); t(lambda: L.ConstantLR(s,2)); t(lambda: L.ReduceLROnPlateau(s,factor=2)); t(lambda: L.StepLR(s,1,last_epoch=3)); t(lambda: L.ReduceLROnPlateau(s,mode='x'))
sd=L.OneCycleLR(mk(),.1,total_steps=10).state_dict(); del sd['anneal_func']; print(sd); print(L.CosineAnnealingWarmRestarts(mk(),3).state_dict()); s=mk(); print(L.SequentialLR(s,[L.ConstantLR(s),L.ExponentialLR(s,.9)],[2]).state_dict())
L.StepLR(mk(),1).get_lr(); o3=mk(); s=L.StepLR(o3,1); s.step(); s=L.OneCycleLR(o3,.1,total_steps=3)
for i in range(3): 
    o3.step(); s.step()
t(lambda: s.step())
# %% averages of weights
from torch.optim.swa_utils import AveragedModel, SWALR, update_bn
torch.manual_seed(0)
m=torch.nn.Sequential(torch.nn.Linear(2,3),torch.nn.BatchNorm1d(3),torch.nn.Linear(3,1)); opt=torch.optim.SGD(m.parameters(),.1)
swa=AveragedModel(m); s=SWALR(opt,swa_lr=.05,anneal_epochs=3)
x=torch.randn(10,2); y=torch.randn(10,1)
for i in range(6):
    opt.zero_grad(); ((m(x)-y)**2).mean().backward(); opt.step(); swa.update_parameters(m); s.step(); print(s.get_last_lr(), swa.n_averaged)
update_bn([x,x[:5]],swa); print(swa(x)[:2], swa.module[1].running_mean); print(list(swa.state_dict())); print(swa)
e=AveragedModel(m, avg_fn=lambda a,p,n:.9*a+.1*p); e.update_parameters(m); e.update_parameters(m); print(e.module[0].weight)
def t(f):
    try: print('ok',f() and 1)
    except Exception as e: print(type(e).__name__, e)
t(lambda: SWALR(opt,[.1,.2])); t(lambda: SWALR(opt,.1,anneal_strategy='x')); t(lambda: SWALR(opt,.1,anneal_epochs=-1))
# %% foreach and differentiable steps
from torch import nn, optim
for name in ("NAdam", "RAdam", "Adagrad"):
    for kw in ({}, {"weight_decay": .1}, {"lr_decay": .1}):
        torch.manual_seed(0)
        net, x = nn.Linear(3, 2), torch.randn(5, 3)
        try: o = getattr(optim, name)(net.parameters(), lr=.1, foreach=True, **kw)
        except TypeError: continue
        for _ in range(6):
            o.zero_grad(); net(x).exp().sum().backward(); o.step()
        print(name, kw, net.weight.detach().view(torch.int32).tolist())
p = torch.ones(2, requires_grad=True)
for c, kw in ((optim.Adam, {}), (optim.SGD, {"lr": .1, "momentum": .9}), (optim.RMSprop, {})):
    o = c([p], differentiable=True, **kw)
    (p * 2).sum().backward()
    try: o.step()
    except RuntimeError as e: print(c.__name__, e)
w = p * 2
o.param_groups[0]["params"] = [w]
w.retain_grad()
w.grad = torch.ones(2)
o.step()
print(w)
# %% lists of parameters, some of them odd
def t(f):
    try: print('ok',f())
    except Exception as e: print(type(e).__name__, e)
class P(torch.nn.Parameter): pass
a=torch.nn.Parameter(torch.tensor([1.,2.])); b=P(torch.tensor([[3.]])); c=torch.nn.Parameter(torch.tensor([5.],dtype=torch.float64)); d=torch.nn.Parameter(torch.tensor([7.])); h=torch.nn.Parameter(torch.tensor([.1,.3],dtype=torch.float16))
opt=torch.optim.SGD([a,b,c,d,h],lr=.1)
(a.sum()**3*b.sum()+c.float().exp().sum()+h.float().sum()*.7).backward(); kept=a.grad; kept.mark=1
opt.step(); print(a,b.data,c,d,h,d.grad,a._version,a.grad is kept,a.grad.mark,dict(opt.state)[d] if d in opt.state else None,opt.state[b])
opt.zero_grad(); print(a.grad,a.grad is kept,kept,b.grad,c.grad,d.grad,h.grad)
# gradients with a graph, and one that asks for gradients by itself
g,=torch.autograd.grad((a**3).sum(),a,create_graph=True); a.grad=g; b.grad=torch.tensor([[2.]],requires_grad=True)
(a.grad.sum()*b.grad.sum()).backward(); opt.zero_grad(); print(a.grad,a.grad.grad_fn,a.grad.requires_grad,b.grad,b.grad.requires_grad)
a.grad=torch.ones(2,2)[0]; a.grad.add_(1); opt.step(); print(a); opt.zero_grad(); print(a.grad,a.grad._base)
v=torch.ones(2,requires_grad=True); w=v*2; a.grad=w[:2]; t(opt.zero_grad); print(a.grad)
opt.zero_grad(set_to_none=True); print(a.grad,b.grad); opt.step(); print(a,b.data)
# parameters that share numbers, and one that is there twice
r=torch.tensor([1.,2.,3.],requires_grad=True); s=r.detach()[:2].requires_grad_()
for settings in ({}, {'weight_decay':.1}, {'momentum':.9}, {'momentum':.9,'weight_decay':.1,'nesterov':True}, {'maximize':True}):
    opt=torch.optim.SGD([r,s],lr=.1,**settings); r.grad=torch.tensor([1.,-1.,2.]); s.grad=torch.tensor([.5,.25])
    opt.step(); opt.step(); print(settings,r,s,r._version,s._version)
opt=torch.optim.SGD([r],lr=.1); r.grad=r.detach(); opt.step(); print(r,r.grad); r.grad=r.detach().clone().to(torch.float32); opt.param_groups[0]['lr']=torch.tensor(.5); t(opt.step); print(r)
opt.param_groups[0]['lr']=1; r.grad=torch.ones(3); opt.step(); print(r); opt.param_groups[0]['lr']=0; opt.step(); print(r,r._version)
opt.param_groups[0]['lr']=.1; x=r.exp(); opt.step(); t(lambda: x.sum().backward()); x=r*r; opt.step(); t(lambda: x.sum().backward())
opt.param_groups[0]['params'].append(3); t(opt.step); t(opt.zero_grad)
