# %% what programs import, and torch.testing
def t(f):
    try: print(f())
    except BaseException as e: print(type(e).__name__, str(e)[:600])
import torch.backends.cudnn as cudnn
cudnn.benchmark = True; cudnn.deterministic = True; print(cudnn.enabled, cudnn.is_available(), cudnn.version(), torch.backends.cudnn.benchmark)
from torch.backends import mkl, mps, cuda, openmp
import torch.backends.mkldnn
from torch.cuda.amp import autocast, GradScaler
s = GradScaler(); print(s.is_enabled(), s.get_scale())
m = torch.nn.Linear(1, 1); o = torch.optim.SGD(m.parameters(), 0.1)
with autocast(): l = m(torch.ones(1, 1)).sum()
s.scale(l).backward(); s.unscale_(o); s.step(o); s.update(); print(m.weight.grad)
g = torch.cuda.amp.GradScaler(enabled=False); print(g.scale(l) is l, g.state_dict())
with torch.cuda.amp.autocast(enabled=False): print(torch.is_autocast_enabled())
@autocast()
def f(x): return x * 2
print(f(torch.ones(1)))
from torch.testing import assert_close
t(lambda: assert_close(torch.ones(2), torch.ones(2)))
t(lambda: assert_close(torch.ones(2), torch.tensor([1., 1.1])))
t(lambda: assert_close(torch.ones(2), torch.ones(3)))
t(lambda: assert_close(torch.ones(2), torch.ones(2).double()))
t(lambda: assert_close(torch.tensor(1), torch.tensor(2)))
t(lambda: assert_close(1.0, 1.0 + 1e-9)); t(lambda: assert_close(1, 2)); t(lambda: assert_close([torch.ones(1)], [torch.zeros(1)])); t(lambda: assert_close({"a": torch.ones(1)}, {"b": torch.ones(1)})); t(lambda: assert_close(torch.tensor(float("nan")), torch.tensor(float("nan")))); t(lambda: assert_close(torch.tensor(float("nan")), torch.tensor(float("nan")), equal_nan=True)); t(lambda: assert_close(torch.ones(2), torch.zeros(2), msg="hello")); t(lambda: assert_close(torch.ones(2), torch.zeros(2), rtol=1)); t(lambda: assert_close(torch.ones(2), [1., 1.])); t(lambda: assert_close(torch.ones(2, 2), torch.tensor([[1., 1.], [2., 1.]]), rtol=0, atol=0)); t(lambda: assert_close("a", "a")); t(lambda: assert_close(torch.tensor([1, 2]), torch.tensor([1, 3]))); t(lambda: assert_close(torch.tensor([True]), torch.tensor([False]))); t(lambda: assert_close([1], [1, 2]))
t(lambda: torch.testing.assert_allclose(torch.ones(1), torch.zeros(1)))
t(lambda: torch.testing.make_tensor((2,), dtype=torch.float32, device="cpu").shape)
from torch.nn.parallel import DataParallel, DistributedDataParallel
d = torch.nn.DataParallel(torch.nn.Linear(2, 1)); print(d, d(torch.ones(1, 2)).shape, list(d.state_dict()), d.module)
import torch.types, torch.functional
print(torch.functional.split(torch.ones(2), 1)); 
from torch.utils.data.dataloader import default_collate
from torch.utils.data.dataset import random_split, Subset
from torch.utils.data.sampler import SubsetRandomSampler
from torch.nn.modules.loss import _Loss, _WeightedLoss
from torch.nn.modules.utils import _pair, _single, _triple, _ntuple
from torch.nn.modules.module import Module
from torch.nn.modules.conv import _ConvNd
from torch.nn.modules.batchnorm import _BatchNorm
from torch.nn.common_types import _size_2_t
from torch._six import inf, string_classes
from torch.optim.optimizer import Optimizer, required
from torch.optim.lr_scheduler import _LRScheduler
from torch.autograd import Variable, Function, grad, profiler
from torch.autograd.function import once_differentiable, InplaceFunction, FunctionCtx
from torch.nn.init import xavier_uniform_, _calculate_fan_in_and_fan_out
from torch.nn.utils.rnn import PackedSequence
from torch.nn.utils import clip_grad_norm_, weight_norm, spectral_norm, parameters_to_vector, vector_to_parameters, skip_init
from torch.distributions.utils import broadcast_all, logits_to_probs, probs_to_logits, lazy_property
from torch.distributions import constraints, transforms as T
from torch.distributions.kl import kl_divergence, register_kl
from torch.jit import script, Final
from torch.utils.checkpoint import checkpoint, checkpoint_sequential
from torch.utils.data import get_worker_info, default_convert
from torch.utils import data
from torch.overrides import has_torch_function, is_tensor_like
from torch.types import _size, Number, Device
from torch import Tensor, nn, optim, autograd, linalg, Generator, Size, dtype, device
# %% windows, strided room, views as copies, tuples without names
def t(f):
    try: print(f())
    except Exception as e: print(type(e).__name__, str(e)[:400])
for d in (torch.int64, torch.int32, torch.uint8): print(torch.iinfo(d), torch.iinfo(d).max)
a = torch.ones(2, requires_grad=True)
t(lambda: torch.hann_window(0)); t(lambda: torch.hann_window(1)); t(lambda: torch.hann_window(-1)); t(lambda: torch.hann_window(4, False)); t(lambda: torch.hann_window(4, periodic=False, dtype=torch.float64)); t(lambda: torch.hann_window(4, dtype=torch.int)); t(lambda: torch.hann_window()); t(lambda: torch.hann_window(2.5)); t(lambda: torch.hamming_window(5, True, 0.5, 0.4)); t(lambda: torch.bartlett_window(5)); t(lambda: torch.bartlett_window(6, False)); t(lambda: torch.blackman_window(7)); t(lambda: torch.kaiser_window(5)); t(lambda: torch.kaiser_window(5, False, 8.)); t(lambda: torch.kaiser_window(1)); t(lambda: torch.hann_window(3, requires_grad=True)); t(lambda: torch.kaiser_window(0)); t(lambda: torch.blackman_window(-2)); t(lambda: torch.hann_window(5, dtype=torch.half)); t(lambda: torch.bartlett_window(5, dtype=torch.double)); t(lambda: torch.kaiser_window(6, dtype=torch.double)); t(lambda: torch.blackman_window(1)); t(lambda: torch.kaiser_window(-1)); t(lambda: torch.bartlett_window(-1));t(lambda: torch.hamming_window(-1))
t(lambda: torch.scalar_tensor(3)); t(lambda: torch.scalar_tensor(True)); t(lambda: torch.scalar_tensor(2.5, dtype=torch.int)); t(lambda: torch.scalar_tensor([1]));   t(lambda: torch.scalar_tensor(1., requires_grad=True))
t(lambda: torch.empty_strided((2,3),(1,2)).stride()); t(lambda: torch.empty_strided((2,3),(1,))); t(lambda: torch.empty_strided((2,3),(-1,1))); t(lambda: torch.empty_strided((2,3),(1,2), requires_grad=True).requires_grad); t(lambda: torch.empty_strided((2,),(3,), dtype=torch.int).dtype)
t(lambda: torch.frexp(torch.tensor([0., 1., -3.5, float("inf"), float("nan"), 1e-40, 8.]))); t(lambda: torch.frexp(torch.tensor([1, 2]))); t(lambda: torch.frexp(torch.tensor(5., dtype=torch.double)))
t(lambda: torch.trapz(torch.tensor([1., 2., 3.]))); t(lambda: torch.trapz(torch.tensor([1., 2., 3.]), dx=0.5)); t(lambda: torch.trapz(torch.tensor([1., 2., 3.]), torch.tensor([1., 2., 4.]))); t(lambda: torch.trapz(3))
x = torch.arange(6.).view(2, 3); t(lambda: x.swapaxes_(0, 1)); t(lambda: x.swapdims_(0, 1)); t(lambda: x.greater_(2)); t(lambda: x.less_equal_(torch.tensor(1))); t(lambda: x.not_equal_(1)); t(lambda: x.greater_equal_(x))
print(torch.var_mean(a)); print(torch.nn.functional.adaptive_max_pool1d(torch.arange(4.).view(1,1,4), 2, return_indices=True)); print(torch.std_mean(a, 0)); print(torch.native_group_norm(torch.ones(1,2,1), None, None, 1, 2, 1, 1, 1e-5)); print(torch.max(torch.ones(2,2), 0)); print(torch._C) if False else None
for s in "alias_copy(a) as_strided_copy(a,(1,),(1,)) expand_copy(a,(2,2)) t_copy(a) squeeze_copy(a) unbind_copy(a) view_copy(a,(2,1)) permute_copy(a,(0,)) transpose_copy(a,0,0) unsqueeze_copy(a,0) select_copy(a,0,1) slice_copy(a,0,0,1,1) unfold_copy(a,0,1,1) split_copy(a,1) split_with_sizes_copy(a,[1,1]) as_strided_scatter(a,a*2,(2,),(1,))".split(): t(lambda: eval("torch."+s))
t(lambda: torch.as_strided_(torch.arange(6.)*a[0], (2, 2), (1, 2)))
