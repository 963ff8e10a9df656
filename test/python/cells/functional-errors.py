# %% conv errors
import torch.nn.functional as F, torch.nn as nn
r=torch.ones
x=r(1,2,5,5); w=r(3,2,3,3)
for c in ["F.conv2d(x,r(3,3,3,3))","F.conv2d(x,r(3,2,3))","F.conv2d(r(5,5),w)","F.conv2d(x,w,r(2))","F.conv2d(x,w,r(3,1))","F.conv2d(x,w,stride=0)","F.conv2d(x,w,stride=(1,2,3))","F.conv2d(x,w,padding=-1)","F.conv2d(x,w,dilation=0)","F.conv2d(x,w,groups=2)","F.conv2d(x,w,groups=0)","F.conv2d(x,r(3,2,6,6))","F.conv2d(x,w,padding='same',stride=2)","F.conv2d(x,w,padding='foo')","F.conv2d(x.double(),w)","F.conv2d(x,w,r(3).double())","F.conv_transpose2d(x,w)","F.conv_transpose2d(x,r(2,3,3,3),output_padding=1)","F.conv_transpose2d(x,r(2,3,3,3),r(2))","F.conv_transpose3d(r(2,5),r(2,3,3))","F.conv1d(r(2,5),r(3,2,2,2))","F.conv3d(r(2,5),r(3,2,2))","F.conv2d(r(0,2,5,5),w).shape","F.conv2d(r(1,0,5,5),w)","F.conv_transpose2d(x,r(2,3,3,3),padding=5)","F.conv2d(x,[1])","F.conv2d(x)","nn.Conv2d(2,3,2,groups=2)","nn.Conv2d(3,2,2,groups=2)","nn.Conv2d(2,3,2,stride=2,padding='same')","nn.Conv2d(2,3,2,groups=0)","nn.ConvTranspose2d(2,3,2,padding_mode='reflect')","nn.Conv2d(2,3,2)(r(2,2))","nn.Conv2d(2,3,2)(x.double())"]:
    try: print(c, eval(c))
    except Exception as e: print(c, type(e).__name__, e)
# %% pool errors
import torch.nn.functional as F
r=torch.ones
x=r(1,2,6,6);s=r(2,4,6);z=r(1,2,4,4,4)
for c in ["F.max_pool1d(r(6),2)","F.max_pool1d(x,2)","F.max_pool1d(s,2,padding=2)","F.max_pool1d(s,0)","F.max_pool1d(s,2,0)","F.max_pool1d(s,9).shape","F.max_pool1d(s,2,dilation=0)","F.max_pool1d(s.long(),2)","F.max_pool1d(s,2,return_indices=True,padding=2)","F.max_pool2d(r(6),2)","F.max_pool2d(r(6,6),2)","F.max_pool2d(x,2,padding=2)","F.max_pool2d(x,0)","F.max_pool2d(x,2,0)","F.max_pool2d(x,9)","F.max_pool2d(x,(2,2,2))","F.max_pool2d(x,2,dilation=0)","F.max_pool2d(x.long(),2)","F.max_pool2d(r(0,2,6,6),2).shape","F.max_pool2d(r(1,0,6,6),2)","F.max_pool2d(r(2,6,6),2,stride=(1,1,1))","F.max_pool2d(x,2,padding=(1,1,1))","F.max_pool3d(z,9)","F.max_pool3d(r(4,4,4),2)","F.max_pool3d(z,2,padding=2)","F.max_pool3d(z,(2,2))","F.max_pool3d(z,0)","F.max_pool3d(z.long(),2)","F.avg_pool1d(r(6),2)","F.avg_pool1d(s,2,padding=2)","F.avg_pool1d(s,9)","F.avg_pool1d(s.long(),2)","F.avg_pool1d(s,(2,2))","F.avg_pool1d(s,2,0)","F.avg_pool2d(r(6,6),2)","F.avg_pool2d(x,2,padding=2)","F.avg_pool2d(x,9)","F.avg_pool2d(x,0)","F.avg_pool2d(x.long(),2)[0,0]","F.avg_pool2d(x,2,divisor_override=0)","F.avg_pool2d(r(0,2,6,6),2).shape","F.avg_pool3d(r(4,4),2)","F.avg_pool3d(z,9)","F.avg_pool3d(z,2,padding=2)","F.adaptive_avg_pool1d(r(6),2)","F.adaptive_avg_pool1d(s,(2,2))","F.adaptive_avg_pool2d(r(6,6),2)","F.adaptive_avg_pool2d(x,(2,2,2))","F.adaptive_avg_pool2d(x,(None,2)).shape","F.adaptive_avg_pool2d(x,-1)","F.adaptive_avg_pool2d(r(1,2,0,3),2)","F.adaptive_avg_pool3d(z,(2,2))","F.adaptive_avg_pool3d(r(4,4),2)","F.adaptive_avg_pool2d(x.long(),2)","F.adaptive_max_pool1d(r(6),2)","F.adaptive_max_pool1d(s,(2,2))","F.adaptive_max_pool2d(r(6,6),2)","F.adaptive_max_pool2d(x,(2,2,2))","F.adaptive_max_pool2d(r(1,2,0,3),2)","F.adaptive_max_pool3d(z,(2,2))","F.adaptive_max_pool2d(x.long(),2)","F.adaptive_max_pool3d(r(4,4),2)","F.max_unpool2d(r(1,2,3,3),torch.zeros(1,2,3,3),2)","F.max_unpool2d(r(1,2,3,3),torch.full((1,2,3,3),99),2)","F.max_unpool2d(r(1,2,3,3),torch.zeros(1,2,3).long(),2)","F.max_unpool2d(r(1,2,3,3),torch.zeros(1,2,3,3).long(),2,output_size=(9,9))","F.fractional_max_pool2d(x,2)","F.fractional_max_pool2d(x,2,output_size=6)"]:
    try: print(c, eval(c))
    except Exception as e: print(c, type(e).__name__, e)
# %% image errors
import torch.nn.functional as F, warnings
warnings.simplefilter('ignore')
r=torch.ones
x=r(1,2,6,6);s=r(2,4,6);z=r(1,2,4,4,4);a=r(2,3)
for c in ["F.pad(a,(1,))","F.pad(a,(1,1,1,1,1,1))","F.pad(a,(-4,-4))","F.pad(a,(1,1),'foo')","F.pad(r(3),(1,1),'reflect')","F.pad(a,(3,3),'reflect')","F.pad(a,(1,1,1,1),'reflect')","F.pad(x,(9,9,1,1),'reflect')","F.pad(s,(1,1),'reflect',1.0)","F.pad(x,(7,1,1,1),'circular')","F.pad(x,(1,1),'circular')","F.pad(x,(-7,-1,1,1),'replicate')","F.pad(z,(1,1,1,1,9,1),'reflect')","F.pad(torch.tensor([1,2]),(1,1),value=1.5)","F.pad(a,(1,-1))","F.pad(a,()).shape","F.pad(a,1)","F.pad(a.long(),(1,1),'reflect')","F.interpolate(a,2)","F.interpolate(s)","F.interpolate(s,2,2)","F.interpolate(s,(2,2))","F.interpolate(s,scale_factor=(2,2))","F.interpolate(s,2,mode='bilinear')","F.interpolate(x,2,mode='linear')","F.interpolate(s,2,mode='foo')","F.interpolate(s,2,align_corners=True)","F.interpolate(s,scale_factor=0.1)","F.interpolate(s,0)","F.interpolate(s,2,mode='bicubic')","F.interpolate(s,2,recompute_scale_factor=True)","F.interpolate(s,scale_factor=1.5,recompute_scale_factor=True).shape","F.interpolate(s,4,mode='area').shape","F.interpolate(x,4,antialias=True)","F.interpolate(s.long(),2)","F.interpolate(s.long(),2,mode='linear')","F.grid_sample(x,r(1,3,3,2),mode='foo')","F.grid_sample(x,r(1,3,3,2),padding_mode='foo')","F.grid_sample(x,r(1,3,3,3))","F.grid_sample(x,r(2,3,3,2))","F.grid_sample(s,r(2,3,3,2))","F.grid_sample(z,r(1,3,3,3,3),mode='bicubic')","F.affine_grid(r(1,2,3),(1,2,3))","F.affine_grid(r(1,2,2),(1,2,3,3))","F.affine_grid(r(1,2,3).long(),(1,2,3,3))","F.affine_grid(r(1,2,3),(1,2,0,3))","F.affine_grid(r(2,2,3),(1,2,3,3))","F.unfold(r(6),2)","F.unfold(x,7)","F.unfold(x,(2,2,2))","F.unfold(x,2,stride=0)","F.unfold(x.long(),2)","F.unfold(x,2,padding=-1)","F.fold(r(1,8,24),(6,6),2)","F.fold(r(1,7,25),(6,6),2)","F.fold(r(25),(6,6),2)","F.fold(r(1,8,25),(6,6,6),2)","F.pixel_shuffle(x,2)","F.pixel_shuffle(r(4,2),2)","F.pixel_unshuffle(x,4)","F.channel_shuffle(x,3)","F.pdist(s)","F.pdist(a,p=-1)","F.pdist(a.long())","F.one_hot(a)","F.one_hot(torch.tensor([1,-1]))","F.one_hot(torch.tensor([1,5]),3)","F.one_hot(torch.tensor([1]),0)"]:
    try: print(c, eval(c))
    except Exception as e: print(c, type(e).__name__, e)
# %% loss errors
import torch.nn.functional as F
a=torch.full((2,3),0.5)
for c in ["F.multi_margin_loss(a,torch.tensor([0]))","F.multi_margin_loss(a,torch.tensor([0,3]))","F.multi_margin_loss(a,torch.tensor([0,1]),p=3)","F.multi_margin_loss(a,torch.tensor([0.,1]))","F.multilabel_margin_loss(a,torch.tensor([[0,1,-1]]))","F.multilabel_margin_loss(a,torch.tensor([[0,1,3],[0,1,2]]))","F.multilabel_margin_loss(a,a)","F.soft_margin_loss(a.long(),a)","F.ctc_loss(torch.ones(4,2,3),torch.tensor([[1,2],[1,1]]),(4,4),(2,2),blank=5)","F.ctc_loss(torch.ones(4,2,3),torch.tensor([[1,2],[1,1]]),(4,),(2,2))","F.ctc_loss(torch.ones(4,2,3),torch.tensor([[1,2],[1,1]]),(4,5),(2,2))","F.ctc_loss(torch.ones(4,2,3),torch.tensor([1,2,1]),(4,4),(2,2))","F.cosine_embedding_loss(a,a,torch.ones(2,2))","F.cosine_embedding_loss(a,a[0],torch.ones(2))","F.triplet_margin_loss(a,a,a[0])","F.kl_div(a,a,reduction='foo')","F.nll_loss(a,torch.tensor([0,5]))","F.nll_loss(a,torch.tensor([0]))","F.cross_entropy(a,torch.tensor([0,1]),label_smoothing=2)","F.cross_entropy(a,a.long())","F.cross_entropy(a,torch.tensor([0,-1]))","F.cross_entropy(a,torch.tensor([0,1]),weight=torch.ones(2))","F.binary_cross_entropy(a*5,a)","F.binary_cross_entropy(a,a[0])","F.binary_cross_entropy_with_logits(a,a[0])","F.mse_loss(a,a,reduction='foo')","F.huber_loss(a,a,delta=0)","F.smooth_l1_loss(a,a,beta=-1)","F.gaussian_nll_loss(a,a,a[:,:1],reduction='foo')","F.gaussian_nll_loss(a,a,torch.ones(2,5))","F.gaussian_nll_loss(a,a,-a)","F.poisson_nll_loss(a,a,reduction='foo')","F.margin_ranking_loss(a,a,a[0])","F.gaussian_nll_loss(a,a,torch.ones(2))","F.embedding(torch.tensor([5]),a)","F.embedding(torch.tensor([0.]),a)","F.embedding(torch.tensor([0]),a,padding_idx=7)","F.dropout(a,2)","F.dropout1d(a[0])","F.layer_norm(a,(4,))","F.batch_norm(a[:1],None,None,training=True)","F.group_norm(a,2)","F.instance_norm(torch.ones(1,2,1))","F.embedding_bag(torch.tensor([0,1]),a)","F.embedding_bag(torch.tensor([[0,1]]),a,torch.tensor([0]))","F.embedding_bag(torch.tensor([[0,1]]),a,mode='x')","F.bilinear(a,a,torch.ones(2,3,4))","F.linear(a,torch.ones(2,4))","F.softmax(a,5)","F.gumbel_softmax(a,tau=0)[0,0].isnan()","F.normalize(a)","F.local_response_norm(a,2)"]:
    try: print(c, eval(c))
    except Exception as e: print(c, type(e).__name__, e)
# %% padding of every rank, size and mode
import torch
import torch.nn.functional as F
def t(f):
    try: r = f(); print('ok', tuple(r.shape), r.flatten()[:6])
    except Exception as e: print(type(e).__name__, e)
for shape in ((3,), (2, 3), (1, 2, 3), (1, 1, 2, 3), (1, 1, 2, 3, 2), (1, 1, 1, 1, 2, 2)):
    for pad in ((1, 1), (1, 1, 1, 1), (1, 1, 1, 1, 1, 1), (1,), (0, 0), (-1, 1), (5, 0)):
        for mode in ('circular', 'reflect', 'replicate', 'constant'):
            print(shape, pad, mode, end=' '); t(lambda: F.pad(torch.arange(24.)[:torch.Size(shape).numel()].reshape(shape), pad, mode=mode))
# %% losses by the number of their reduction, also one that is none of the three
import torch
torch.manual_seed(0)
a, b = torch.rand(2, 3, requires_grad=True), torch.rand(2, 3)
c, y = torch.tensor([[0., 1, 0], [1, 1, 0]]), torch.tensor([1., -1])
losses = {
    'bce': lambda *r: torch.binary_cross_entropy_with_logits(a, c, None, None, *r),
    'hinge': lambda *r: torch.hinge_embedding_loss(a, c * 2 - 1, 1., *r),
    'cosine': lambda *r: torch.cosine_embedding_loss(a, b, y, 0., *r),
    'kl': lambda *r: torch.kl_div(a.log(), b, *r),
    'ranking': lambda *r: torch.margin_ranking_loss(a[:, 0], b[:, 0], y, 0., *r),
    'triplet': lambda *r: torch.triplet_margin_loss(a, b, c, 1., 2, 1e-6, False, *r),
}
for name, loss in losses.items():
    for number in ([], [0], [1], [2], [7]):
        print(name, number, loss(*number))
print(a.as_subclass(torch.Tensor).grad_fn.name())

# %% shapes that do not go together: which sizes the error names
import torch.nn.functional as F
def t(f):
    try: print('ok', f())
    except Exception as e: print(type(e).__name__, e)
a = torch.ones(2, 3)
for s in [(5, 2, 3), (3, 2, -1), (-1, 2, 3), (-1, -1, 2, 3), (-1, 5, 3), (-1, 2, 5), (-5, 3)]: t(lambda: a.expand(s).shape)
for s in [(0, -1), (-1, 0), (3, -1, 0), (7, -1)]: t(lambda: a.reshape(s)); t(lambda: torch.ones(0, 3).reshape(s)); t(lambda: a.view(s))
for x, y in [((2, 3), (3, 4)), ((2, 3), (4,)), ((2, 1), (3, 4, 5))]:
    p, q = torch.ones(x), torch.ones(y)
    for f in (torch.broadcast_tensors, lambda p, q: p.masked_select(q > 0), F.mse_loss, F.l1_loss): t(lambda: f(p, q))
t(lambda: F.batch_norm(a, None, None)); t(lambda: F.batch_norm(a, torch.zeros(3), None)); t(lambda: F.multilabel_soft_margin_loss(a, a, reduction='batchmean'))
