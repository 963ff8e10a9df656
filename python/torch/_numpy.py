"""
NumPy: the real one where a run has it (the setting backstep.packages), and what is said where it has not. Then `import
numpy` still goes through, so that a program which only plots tensors, or imports it and never uses it, runs.
"""
import importlib.machinery
import math
import sys
import types

import torch

from ._types import BY_NAME
from ._utils import Block, flat_tensor

HOW = (
    "it is not in the embedded engine. Add \"numpy\" to the setting backstep.packages (on the command line: --packages "
    "DIR, a folder with its wheel), or run it with the PyTorch engine"
)


def missing(what="numpy"):
    """The error for whoever wants to use it."""
    return ModuleNotFoundError(f"No module named '{what}': {HOW}", name=what)


class ndarray:
    """Nothing is one."""


def _random():
    module = types.ModuleType("numpy.random")
    # Programs seed everything before they know what they will use.
    module.seed = lambda seed=None: None
    module.__getattr__ = _refuse("numpy.random")
    return module


def _refuse(module):
    def __getattr__(name):
        if name.startswith("__"):
            raise AttributeError(f"module '{module}' has no attribute '{name}'")
        raise missing()

    return __getattr__


class Absent:
    """Loads the module that stands where numpy is not: numbers and names that are true without it, and the error."""

    @staticmethod
    def create_module(spec):
        return None

    @staticmethod
    def exec_module(module):
        module._backstep_absent = True
        module.pi, module.e, module.inf, module.nan, module.newaxis = math.pi, math.e, math.inf, math.nan, None
        module.ndarray = module.generic = ndarray
        module.random = sys.modules["numpy.random"] = _random()
        module.__getattr__ = _refuse("numpy")


def spec():
    """For the import system, which has looked for a real one before."""
    return importlib.machinery.ModuleSpec("numpy", Absent, is_package=True)


def real():
    """The real module, or None."""
    import numpy

    return None if getattr(numpy, "_backstep_absent", False) else numpy


# PyTorch's names of the dtypes that NumPy has too.
_SHARED = "float64 float32 float16 complex64 complex128 int64 int32 int16 int8 uint8 bool".split()


def dtype_of(value):
    """The dtype of an array or of a number of NumPy's own; TypeError where PyTorch has none."""
    name = value.dtype.name.removesuffix("_")
    if name in _SHARED and name in BY_NAME:
        return BY_NAME[name]
    if name in _SHARED:
        raise NotImplementedError(f"{name} tensors are not in the embedded engine (yet); the PyTorch engine has them")
    raise TypeError(
        f"can't convert np.ndarray of type numpy.{name if name != 'object' else 'object_'}. The only supported types are: "
        "float64, float32, float16, complex64, complex128, int64, int32, int16, int8, uint8, and bool."
    )


def to_array(tensor):
    """
    The numbers of a tensor as an array. They are a copy: the tensor's memory is the core's, the array's is Python's.
    Raises ModuleNotFoundError where NumPy is not there.
    """
    numpy = real()
    if numpy is None:
        raise missing()
    name = tensor.dtype.name
    if name not in _SHARED:
        raise TypeError(f"Got unsupported ScalarType {name.replace('bfloat', 'BFloat')}")
    block = Block(tensor.detach().clone(memory_format=torch.contiguous_format))
    return numpy.frombuffer(bytearray(block.bytes()), dtype=name).reshape(tuple(tensor.shape))


def from_array(value):
    """A leaf with the numbers of an array (or of a number of NumPy's own); a copy, see `to_array`."""
    return flat_tensor(dtype_of(value), value.tobytes()).view(tuple(value.shape))


def _is_array(value):
    numpy = sys.modules.get("numpy")
    return numpy is not None and isinstance(value, numpy.ndarray)


def from_numpy(ndarray):
    """A tensor from an array."""
    if not _is_array(ndarray):
        raise TypeError(f"expected np.ndarray (got {type(ndarray).__name__})")
    return from_array(ndarray)


def array_of(self, dtype=None, copy=None):
    """Tensor.__array__: what `np.asarray(t)` asks for."""
    made = self.numpy()
    return made if dtype is None else made.astype(dtype, copy=False)
