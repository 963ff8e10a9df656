"""Tensor.to and its short forms: dtype and device changes."""
from . import _bridge
from ._arguments import Signature, choose
from ._creation import check_device, converted
from ._data import signatures
from ._types import DTYPES, PYTHON_DTYPES, bool_, dtype, float32, float64, int64

_NAMES = {"float32": "Float", "float64": "Double", "int64": "Long", "bool": "Bool"}


def to(self, *args, **kwargs):
    """This tensor in another dtype or like another tensor; itself where nothing changes."""
    signature, bound = choose([Signature(text) for text in signatures("to", True)], args, kwargs)
    check_device(bound.get("device"))
    other = bound.get("tensor")
    d = bound.get("dtype") if other is None else other.dtype
    made = converted(self, PYTHON_DTYPES.get(d, d) or self.dtype)
    return made.clone() if made is self and bound.get("copy") else made


def _short(name, d):
    def convert(self, *, memory_format=None):
        return converted(self, d)

    convert.__name__ = name
    convert.__qualname__ = "Tensor." + name
    convert.__doc__ = f"This tensor as {d!r}; itself where it is."
    return convert


float = _short("float", float32)
double = _short("double", float64)
long = _short("long", int64)
bool = _short("bool", bool_)


def cpu(self, *, memory_format=None):
    """Itself: the cpu is where it is."""
    return self


def cuda(self, device=None, non_blocking=False, *, memory_format=None):
    """There is no CUDA here, in PyTorch's words."""
    raise AssertionError("Torch not compiled with CUDA enabled")


def numpy(self, *, force=False):
    """numpy is not there; PyTorch's own refusal comes first."""
    if self.requires_grad and not force:
        raise RuntimeError("Can't call numpy() on Tensor that requires grad. Use tensor.detach().numpy() instead.")
    raise ModuleNotFoundError("No module named 'numpy': it is not in the embedded engine", name="numpy")


def type(self, dtype=None, non_blocking=False):
    """The legacy type's name, or this tensor in another dtype."""
    if dtype is None:
        return f"torch.{_NAMES[self.dtype.name]}Tensor"
    wanted = PYTHON_DTYPES.get(dtype, dtype)
    if isinstance(dtype, str):
        wanted = {f"torch.{_NAMES[d.name]}Tensor": d for d in DTYPES}.get(dtype)
        if wanted is None:
            raise ValueError(f"invalid type: '{dtype}'")
    if wanted not in DTYPES:
        raise TypeError("dtype must be a type, str, or dtype object")
    return converted(self, wanted)


def type_as(self, other):
    """This tensor in the dtype of another."""
    if not isinstance(other, _bridge.Tensor):
        raise TypeError(
            f"type_as(): argument 'other' (position 1) must be Tensor, not {other.__class__.__name__}"
        )
    return converted(self, other.dtype)
