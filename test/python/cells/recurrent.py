# %% packed
import torch.nn as nn
from torch.nn.utils import rnn
for cls in (nn.LSTM, nn.GRU, nn.RNN):
    torch.manual_seed(0)
    net=cls(2,3,2,bidirectional=True,dropout=0.2)
    x=torch.randn(4,3,2,requires_grad=True)
    p=rnn.pack_padded_sequence(x,[2,4,1],enforce_sorted=False)
    y,h=net(p); out,l=rnn.pad_packed_sequence(y)
    print(out, l, h); (out**2).sum().backward(); print((x.grad * 100).round(), (net.weight_hh_l0.grad * 100).round())
    y,h=net(x[:,0]); print(y.shape, h[0].shape)
# %% rnn utils
from torch.nn.utils import rnn
x=torch.randn(3,2,1)
for c in ["rnn.pack_padded_sequence(x,[3,0])","rnn.pack_padded_sequence(x,[2,3])","rnn.pack_padded_sequence(x,[3])","rnn.pad_packed_sequence(rnn.pack_padded_sequence(x,[3,2]),total_length=2)","rnn.pad_packed_sequence(rnn.pack_padded_sequence(x,[3,2]),total_length=5)[1]","rnn.pad_sequence([torch.ones(2),torch.ones(3)],padding_value=7)","rnn.pad_sequence(torch.ones(2,3))","rnn.pad_sequence(3)","rnn.pack_sequence([torch.ones(1),torch.ones(2)])","rnn.pack_sequence([torch.ones(2),torch.ones(1)])","rnn.unpad_sequence(torch.ones(3,2),torch.tensor([2,3]))","rnn.unpack_sequence(rnn.pack_sequence([torch.ones(2),torch.ones(1)]))","rnn.pack_padded_sequence(torch.ones(0,0),[])","rnn.PackedSequence(torch.ones(2))","rnn.pack_padded_sequence(x.requires_grad_(),[3,2]).data.grad_fn.name()","rnn.invert_permutation(torch.tensor([1,2,0]))","rnn.pack_padded_sequence(x,[3,2]).is_cuda"]:
    try: print(c, eval(c))
    except Exception as e: print(c, type(e).__name__, e)
# %% errors of recurrent layers
import torch.nn as nn
r=torch.ones
for c in ["nn.LSTMCell(2,3)(r(1,4))","nn.LSTMCell(2,3)(r(1,2),(r(1,4),r(1,3)))","nn.LSTMCell(2,3)(r(1,2),(r(2,3),r(1,3)))","nn.GRUCell(2,3)(r(1,4))","nn.RNNCell(2,3)(r(1,1,2))","nn.LSTM(2,3)(r(2))","nn.LSTM(2,3)(r(2,1,3))","nn.LSTM(2,3)(r(2,1,2),(r(1,2,3),r(1,1,3)))","nn.LSTM(2,3)(r(2,1,2),(r(1,3),r(1,1,3)))","nn.GRU(2,3)(r(2,1,2),r(1,3))","nn.GRU(2,3)(r(2,2),r(1,1,3))","nn.GRU(2,3)(r(2,1,2),r(2,1,3))","nn.RNN(2,3,proj_size=1)","nn.LSTM(2,3,proj_size=3)","nn.LSTM(2,3,proj_size=-1)","nn.RNN(2,3,nonlinearity='x')","nn.RNNCell(2,3,nonlinearity='x')(r(1,2))","nn.LSTM(2,3,dropout=2)","nn.LSTM(2,3,dropout=0.5)","nn.LSTM(2,3,2,dropout=0.5,bidirectional=True,batch_first=True,bias=False)","nn.LSTM(2,3,proj_size=2)","nn.GRUCell(2,3,bias=False)","nn.RNNCell(2,3,nonlinearity='relu')","nn.RNN(2,3)(r(1,1,1,2))","list(nn.LSTM(2,3,bidirectional=True).state_dict())","nn.RNN(2,3,nonlinearity='relu')"]:
    try: print(c, eval(c))
    except Exception as e: print(c, type(e).__name__, e)
# %% a char lstm learns
import torch.nn as nn
torch.manual_seed(1)
text="hello world, hello torch. "*2
chars=sorted(set(text)); ix=torch.tensor([chars.index(c) for c in text])
class Net(nn.Module):
    def __init__(s):
        super().__init__(); s.e=nn.Embedding(len(chars),8); s.l=nn.LSTM(8,16,batch_first=True); s.o=nn.Linear(16,len(chars))
    def forward(s,x,h=None):
        y,h=s.l(s.e(x),h); return s.o(y),h
net=Net(); opt=torch.optim.Adam(net.parameters(),0.005)
for i in range(100):
    out,_=net(ix[None,:-1]); loss=nn.functional.cross_entropy(out.reshape(-1,len(chars)),ix[1:])
    opt.zero_grad(); loss.backward(); nn.utils.clip_grad_norm_(net.parameters(),1.0); opt.step()
    if i%10==9: print(i, loss.item().__format__('.4f'))

# %% what turns a batch-first result round
import torch.nn as nn
torch.manual_seed(0)
for cls in (nn.RNN, nn.GRU, nn.LSTM):
    for kw in (dict(), dict(bias=False), dict(num_layers=2), dict(bidirectional=True)):
        m = cls(3, 4, batch_first=True, **kw)
        x = torch.randn(2, 5, 3, requires_grad=True)
        o, _ = m(x)
        f = o.grad_fn
        o.sum().backward()
        print(cls.__name__, kw, f.name(), f.next_functions[0][0].name(), o._version, o.is_contiguous(), x.grad)
        print(m(x[0])[0].grad_fn.next_functions[0][0].name())
