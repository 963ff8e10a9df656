"""The facade that programs import as torch: PyTorch's names over the embedded tensor core."""
from . import _python311

_python311.install()

import json
import pkgutil
import sys
from math import e, inf, nan, pi

from . import _bridge, _callbacks, _deprecated, _functional, _missing, _operators, _ops, _record, _sets, autograd, random
from ._broadcast import broadcast_shapes, broadcast_tensors
from ._creation import (
    as_tensor,
    asarray,
    empty,
    empty_like,
    empty_strided,
    eye,
    frombuffer,
    full,
    full_like,
    ones,
    ones_like,
    scalar_tensor,
    tensor,
    zeros,
    zeros_like,
)
from ._generator import Generator
from ._grids import cartesian_prod, combinations, meshgrid, tril_indices, triu_indices
from ._infer import can_cast, get_default_dtype, promote_types, result_type, set_default_dtype
from ._legacy import TYPES, set_default_tensor_type
from ._limits import finfo, iinfo
from ._printing import set_printoptions
from ._ranges import arange, linspace, logspace, range
from ._random import normal, rand, rand_like, randint, randint_like, randn, randn_like, randperm
from ._tensor import Tensor
from ._types import (
    BY_NAME,
    Size,
    channels_last,
    channels_last_3d,
    contiguous_format,
    device,
    dtype,
    layout,
    legacy_contiguous_format,
    memory_format,
    preserve_format,
    strided,
)
from .autograd.grad_mode import (
    enable_grad,
    inference_mode,
    is_grad_enabled,
    is_inference_mode_enabled,
    no_grad,
    set_grad_enabled,
)
from .random import default_generator, get_rng_state, initial_seed, manual_seed, seed, set_rng_state
from ._windows import bartlett_window, blackman_window, hamming_window, hann_window, kaiser_window
from .torch_version import __version__

globals().update(BY_NAME)
globals().update(TYPES)


def is_tensor(obj):
    """Whether `obj` is a torch.Tensor."""
    return isinstance(obj, Tensor)


def is_inference(input):
    """Whether it was made in inference mode."""
    return input.is_inference()


def numel(input):
    """The number of elements."""
    if not is_tensor(input):
        raise TypeError(f"numel(): argument 'input' (position 1) must be Tensor, not {type(input).__name__}")
    return input.numel()


def is_floating_point(input):
    """Whether the dtype is a floating-point one."""
    if not is_tensor(input):
        raise TypeError(
            f"is_floating_point(): argument 'input' (position 1) must be Tensor, not {type(input).__name__}"
        )
    return input.dtype.is_floating_point


def is_complex(input):
    """Whether the dtype is a complex one."""
    if not is_tensor(input):
        raise TypeError(
            f"is_complex(): argument 'input' (position 1) must be Tensor, not {type(input).__name__}"
        )
    return input.dtype.is_complex


def is_signed(input):
    """Whether the dtype has negative numbers."""
    if not is_tensor(input):
        raise TypeError(f"is_signed(): argument 'input' (position 1) must be Tensor, not {type(input).__name__}")
    return input.dtype.is_signed


def _load_ops():
    ops = json.loads(pkgutil.get_data(__name__, "ops.json"))
    (functions, methods), families = _ops.load(ops)
    for module in (_functional, _sets):
        functions.update(module.FUNCTIONS)
        methods.update(module.METHODS)
    _deprecated.with_warnings(functions, methods)
    for name, function in functions.items():
        globals().setdefault(name, function)
    for name, method in methods.items():
        if name not in Tensor.__dict__:
            setattr(Tensor, name, method)

    def callers(op):
        """Methods first; `rsub` is a function only, and so is `3 // x` among the rows of `floor_divide`."""
        found = [families[method][op] for method in (True, False) if op in families[method]]
        return {row.__name__: i for family in found for row, i in zip(family.rows, family.indexes)}

    _operators.install(Tensor, callers)


_load_ops()
# These are made of the functions above.
from . import backends, cuda, linalg, nn, optim, serialization, special, utils
from ._switches import (
    are_deterministic_algorithms_enabled,
    compile,
    compiled_with_cxx11_abi,
    get_deterministic_debug_mode,
    get_float32_matmul_precision,
    get_num_interop_threads,
    get_num_threads,
    init_num_threads,
    is_deterministic_algorithms_warn_only_enabled,
    is_storage,
    is_vulkan_available,
    is_warn_always_enabled,
    set_deterministic_debug_mode,
    set_float32_matmul_precision,
    set_flush_denormal,
    set_num_interop_threads,
    set_num_threads,
    set_warn_always,
    typename,
    use_deterministic_algorithms,
)
from .amp import (
    autocast,
    clear_autocast_cache,
    get_autocast_cpu_dtype,
    get_autocast_gpu_dtype,
    is_autocast_cache_enabled,
    is_autocast_cpu_enabled,
    is_autocast_enabled,
    set_autocast_cache_enabled,
    set_autocast_cpu_enabled,
    set_autocast_enabled,
)
from .autograd.anomaly_mode import is_anomaly_check_nan_enabled, is_anomaly_enabled, set_anomaly_enabled
from .optim import swa_utils
from ._numpy import from_numpy
from .serialization import load, save, storage_classes

globals().update(storage_classes)
del storage_classes

del swa_utils



def _bind(core):
    """Connect to the tensor core; once, after the interpreter has started."""
    _bridge.bind(core)
    _callbacks.connect()
    _record.see = _bridge.see


__getattr__ = _missing.guard("torch", lazy=("distributed", "distributions", "func", "functional", "hub", "jit", "multiprocessing", "overrides", "testing", "types"))
sys.meta_path.append(_missing.Finder)
