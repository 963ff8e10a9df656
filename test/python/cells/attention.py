# %% mha
import torch.nn as nn
torch.manual_seed(0)
m=nn.MultiheadAttention(8,2); x=torch.randn(3,2,8); y=torch.randn(4,2,8)
for a in [(x,x,x),(x,y,y),(x,y,y+1)]:
    o,w=m(*a); print(o.sum().item().__format__('.4f'), w.shape)
m=nn.MultiheadAttention(8,2,kdim=3,vdim=5); print(list(m.state_dict())); o,w=m(x,torch.randn(4,2,3),torch.randn(4,2,5),need_weights=False); print(o.shape,w)
m=nn.MultiheadAttention(8,2,add_bias_kv=True,add_zero_attn=True); print(list(m.state_dict())); o,w=m(x,x,x,average_attn_weights=False); print(o.shape,w.shape)
m=nn.MultiheadAttention(8,2,batch_first=True); o,w=m(x[0],x[0],x[0]); print(o.shape,w.shape); print(m)
# %% mha errors
import torch.nn as nn
m=nn.MultiheadAttention(8,2); x=torch.ones(3,2,8)
for c in ["m(x[0,0],x,x)","m(x,x[0],x[0])","m(x,x,x,key_padding_mask=torch.zeros(2))","m(x,x,x,attn_mask=torch.zeros(3))","m(x,x,x,attn_mask=torch.zeros(2,3))","m(x,x,x,attn_mask=torch.zeros(1,3,3))","m(x,x,x,attn_mask=torch.zeros(3,3).long())","m(x,x,x,key_padding_mask=torch.zeros(2,3).long())","m(torch.ones(3,2,4),x,x)","m(x,x,torch.ones(4,2,8))","nn.MultiheadAttention(8,3)","m(x,x,x,key_padding_mask=torch.zeros(3,2).bool())"]:
    try: print(c, eval(c)[0].shape)
    except Exception as e: print(c, type(e).__name__, e)
# %% encoder
import torch.nn as nn
torch.manual_seed(0)
l=nn.TransformerEncoderLayer(8,2,16,batch_first=True,activation='gelu'); e=nn.TransformerEncoder(l,2,nn.LayerNorm(8)); x=torch.randn(2,4,8)
print(e); print(e(x).sum().item().__format__('.4f')); e.eval(); pad=torch.tensor([[False,False,False,True],[False,False,True,True]])
print(e(x,src_key_padding_mask=pad).shape)
with torch.no_grad(): print(e(x,src_key_padding_mask=pad)); print(e(x).shape)
try: nn.TransformerEncoderLayer(8,2,activation='foo')
except Exception as q: print(type(q).__name__,q)
# %% transformer
import torch.nn as nn
torch.manual_seed(0)
t=nn.Transformer(8,2,1,1,16,dropout=0.1); print(t)
s=torch.randn(3,2,8); g=torch.randn(4,2,8); mask=nn.Transformer.generate_square_subsequent_mask(4); print(mask)
o=t(s,g,tgt_mask=mask); print(o.shape); o.sum().backward(); print(len(list(t.state_dict())), 1)
for c in ["t(s,torch.ones(4,3,8))","t(torch.ones(3,2,7),g)"]:
    try: eval(c)
    except Exception as e: print(type(e).__name__, e)
d=nn.TransformerDecoder(nn.TransformerDecoderLayer(8,2,16,norm_first=True),2); print(d(g,s,tgt_mask=mask,memory_key_padding_mask=torch.tensor([[False,True,True],[False,False,False]])).shape)
