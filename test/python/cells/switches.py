# %% switches, autocast, what is scripted, Variable
import warnings
def t(f):
    try: print('ok',repr(f()) if not hasattr(f(),'__dict__') else type(f()).__name__)
    except BaseException as e: print(type(e).__name__, e)
t(lambda: torch.set_num_threads(0)); t(lambda: torch.set_num_threads('a')); t(lambda: torch.set_num_threads(2)); t(lambda: torch.get_num_threads())
t(lambda: torch.set_num_interop_threads(0)); t(lambda: torch.set_flush_denormal(3))
t(lambda: torch.use_deterministic_algorithms(True)); t(lambda: torch.are_deterministic_algorithms_enabled()); t(lambda: torch.get_deterministic_debug_mode()); t(lambda: torch.use_deterministic_algorithms(True,warn_only=True)); t(lambda: torch.get_deterministic_debug_mode()); t(lambda: torch.is_deterministic_algorithms_warn_only_enabled()); t(lambda: torch.set_deterministic_debug_mode('foo')); t(lambda: torch.set_deterministic_debug_mode(1)); t(lambda: torch.set_deterministic_debug_mode('error')); t(lambda: torch.set_deterministic_debug_mode(5)); torch.use_deterministic_algorithms(False)
t(lambda: torch.get_float32_matmul_precision()); t(lambda: torch.set_float32_matmul_precision('high')); t(lambda: torch.get_float32_matmul_precision())
t(lambda: torch.is_warn_always_enabled()); t(lambda: torch.set_warn_always(True)); t(lambda: torch.is_warn_always_enabled()); torch.set_warn_always(False)
t(lambda: torch.get_autocast_cpu_dtype()); t(lambda: torch.get_autocast_gpu_dtype()); t(lambda: torch.is_autocast_cache_enabled()); t(lambda: torch.is_autocast_enabled()); t(lambda: torch.clear_autocast_cache())
t(lambda: torch.typename(3)); t(lambda: torch.typename(torch.ones(1))); t(lambda: torch.typename(torch.nn.Linear)); t(lambda: torch.is_storage(3)); t(lambda: torch.autocast('foo'))
with torch.autocast('cuda'): print((torch.ones(2,2)@torch.ones(2,2)).dtype)
with torch.autocast('cpu',enabled=False): print((torch.ones(2,2)@torch.ones(2,2)).dtype)
@torch.jit.script
def f(x: torch.Tensor): return x*2
print(f(torch.ones(2)))
g=torch.jit.trace(lambda x: x+1, torch.ones(2)); print(g(torch.ones(3)))
print(torch.autograd.Variable(torch.ones(2), requires_grad=True), isinstance(torch.ones(1), torch.autograd.Variable))
with torch.autograd.profiler.profile(enabled=False) as p: print(1)
with torch.autograd.profiler.record_function('x'): print(2)
# %% the version is a text that is compared as a version
import torch
v = torch.__version__
print(v, type(v), v.split('.')[:2], torch.version.git_version, hash(v) == hash(str(v)))
for other in ('1.12', '1.13.0', '1.13.0a0', '1.13.dev1', '1.13a0.post1', '2', '10.0', (1, 13), (1, 12, 9), [2], 'x'):
    print(other, v > other, v >= other, v < other, v <= other, v == other, v != other)
try: v > 3
except TypeError as e: print(e)
