"""The facade that programs import as torch: PyTorch's names over the embedded tensor core."""
import json
import pkgutil
import sys
from math import e, inf, nan, pi

from . import _bridge, _callbacks, _functional, _missing, _operators, _ops, _record, autograd, random
from ._broadcast import broadcast_shapes, broadcast_tensors
from ._creation import (
    as_tensor,
    empty,
    empty_like,
    eye,
    full,
    full_like,
    ones,
    ones_like,
    tensor,
    zeros,
    zeros_like,
)
from ._generator import Generator
from ._grids import cartesian_prod, combinations, meshgrid, tril_indices, triu_indices
from ._infer import get_default_dtype, promote_types, result_type, set_default_dtype
from ._printing import set_printoptions
from ._ranges import arange, linspace, logspace, range
from ._random import normal, rand, rand_like, randint, randint_like, randn, randn_like, randperm
from ._tensor import Tensor
from ._types import (
    Size,
    bool_,
    contiguous_format,
    device,
    dtype,
    float32,
    float64,
    int64,
    layout,
    memory_format,
    preserve_format,
    strided,
)
from .autograd.grad_mode import enable_grad, is_grad_enabled, no_grad, set_grad_enabled
from .random import default_generator, get_rng_state, initial_seed, manual_seed, seed, set_rng_state
from .version import __version__

float = float32
double = float64
long = int64
bool = bool_
del bool_



def is_tensor(obj):
    """Whether `obj` is a torch.Tensor."""
    return isinstance(obj, Tensor)


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


def _load_ops():
    ops = json.loads(pkgutil.get_data(__name__, "ops.json"))
    (functions, methods), families = _ops.load(ops)
    functions["split"], methods["split"] = _functional.split, _functional.split_method
    for name, function in functions.items():
        globals().setdefault(name, function)
    for name, method in methods.items():
        if name not in Tensor.__dict__:
            setattr(Tensor, name, method)

    def callers(op):
        """Methods first; `rsub` is a function only, and so is `3 // x` among the rows of `floor_divide`."""
        found = [families[method][op] for method in (True, False) if op in families[method]]
        return list(dict.fromkeys(row.__name__ for family in found for row in family.rows))

    _operators.install(Tensor, callers)


_load_ops()
# These are made of the functions above.
from . import nn, optim, utils



def _bind(core):
    """Connect to the tensor core; once, after the interpreter has started."""
    _bridge.bind(core)
    _callbacks.connect()


__getattr__ = _missing.guard("torch")
sys.meta_path.append(_missing.Finder)
