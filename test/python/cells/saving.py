# %% saving, loading, copying
import io, copy, pickle, os
from collections import OrderedDict
f=io.BytesIO(); b=torch.arange(6.).reshape(2,3)
obj={'a':b[:,1:],'base':b,'p':torch.nn.Parameter(torch.ones(2)),'l':[torch.tensor(3),torch.tensor(True)],'d':torch.ones(2,dtype=torch.float64),'e':torch.empty(0),'s':torch.float32,'sz':torch.Size([1,2]),'dev':torch.device('cpu'),'t':b.t(),'n':None,'g':torch.ones(2,requires_grad=True),'h':torch.tensor([1.5,2],dtype=torch.float16),'bf':torch.tensor([1.5,2],dtype=torch.bfloat16),'i8':torch.tensor([1,-2],dtype=torch.int8)}
torch.save(obj,f); print(len(f.getvalue())>0); f.seek(0); o=torch.load(f); print(o)
print(o['a']._is_view(), o['a'].storage_offset(), o['a'].stride(), o['t'].is_contiguous()); o['base'][0,1]=99; print(o['a'])
m=torch.nn.Sequential(torch.nn.Linear(2,3),torch.nn.BatchNorm1d(3)); torch.save(m.state_dict(),'m.pt'); m2=torch.nn.Sequential(torch.nn.Linear(2,3),torch.nn.BatchNorm1d(3)); print(m2.load_state_dict(torch.load('m.pt',map_location='cpu')), (m[0].weight == m2[0].weight).all())
os.remove('m.pt')
torch.save(m,'m2.pt'); m3=torch.load('m2.pt'); print(m3, (m3[0].weight==m[0].weight).all()); os.remove('m2.pt')
opt=torch.optim.Adam(m.parameters()); m(torch.ones(2,2)).sum().backward(); opt.step(); f=io.BytesIO(); torch.save(opt.state_dict(),f); f.seek(0); sd=torch.load(f); print(sd['param_groups'], sorted(sd['state'][0])); opt.load_state_dict(sd)
p=pickle.loads(pickle.dumps(b)); print(p); p=pickle.loads(pickle.dumps({'x':torch.nn.Parameter(b)})); print(p)
print(copy.copy(b) is b, copy.deepcopy([b,b])[0] is b); q=copy.deepcopy([b,b]); print(q[0] is q[1])
x=torch.ones(2,requires_grad=True); y=x*2
def t(f):
    try: print('ok', f())
    except Exception as e: print(type(e).__name__, e)
t(lambda: copy.deepcopy(y)); t(lambda: torch.load(3)); t(lambda: torch.save(1, '/nonexistent/dir/x.pt'))
f=io.BytesIO(); torch.save(y,f); f.seek(0); z=torch.load(f); print(z, z.is_leaf)
r=torch.get_rng_state(); f=io.BytesIO(); torch.save(r,f); f.seek(0); print((torch.load(f)==r).all())
c=copy.deepcopy(m); print(c[0].weight.requires_grad, c[0].weight is m[0].weight)
