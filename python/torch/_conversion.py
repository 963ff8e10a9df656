"""Tensor.to and its short forms: dtype and device changes."""
from . import _bridge, _formats, _legacy
from ._arguments import Signature, choose
from ._creation import check_device, converted
from ._data import signatures
from ._types import BY_NAME, CHANNELS_LAST_DIMS, DTYPES, PYTHON_DTYPES


def to(self, *args, **kwargs):
    """This tensor in another dtype or like another tensor; itself where nothing changes."""
    signature, bound = choose([Signature(text) for text in signatures("to", True)], args, kwargs)
    check_device(bound.get("device"))
    other = bound.get("tensor")
    d = bound.get("dtype") if other is None else other.dtype
    memory_format = bound.get("memory_format")
    if memory_format in CHANNELS_LAST_DIMS:
        wanted = PYTHON_DTYPES.get(d, d) or self.dtype
        if wanted is not self.dtype or bound.get("copy") or not self.is_contiguous(memory_format=memory_format):
            return _formats.copied(self, memory_format, wanted)
        _formats.refuse(self, memory_format)
        return self
    made = converted(self, PYTHON_DTYPES.get(d, d) or self.dtype)
    return made.clone() if made is self and bound.get("copy") else made


def _short(name, d):
    def convert(self, *, memory_format=None):
        return converted(self, d) if memory_format is None else self.to(d, memory_format=memory_format)

    convert.__name__ = name
    convert.__qualname__ = "Tensor." + name
    convert.__doc__ = f"This tensor as {d!r}; itself where it is."
    return convert


# The methods' names are those of C's types.
SHORT = {
    name: _short(name, BY_NAME[dtype])
    for name, dtype in {
        **{name: name for name in ("float", "double", "half", "bfloat16", "long", "int", "short", "bool")},
        "char": "int8",
        "byte": "uint8",
    }.items()
}


def cpu(self, *, memory_format=None):
    """Itself: the cpu is where it is."""
    return self


def cuda(self, device=None, non_blocking=False, *, memory_format=None):
    """There is no CUDA here, in PyTorch's words."""
    raise AssertionError("Torch not compiled with CUDA enabled")


def numpy(self, *, force=False):
    """Its numbers as an array: see _numpy.py."""
    if self.requires_grad and not force:
        raise RuntimeError("Can't call numpy() on Tensor that requires grad. Use tensor.detach().numpy() instead.")
    from ._numpy import to_array

    return to_array(self)


def type(self, dtype=None, non_blocking=False):
    """The legacy type's name, or this tensor in another dtype."""
    if dtype is None:
        return self.dtype.legacy_type
    wanted = dtype
    if not isinstance(dtype, DTYPES[0].__class__) and not _legacy.is_type(dtype):
        name = dtype if isinstance(dtype, str) else getattr(dtype, "__name__", dtype)
        wanted = _legacy.typed(name)
        if wanted is None:
            raise ValueError(f"invalid type: '{name}'")
    if _legacy.is_type(wanted):
        wanted = wanted() if wanted.is_cuda else wanted.dtype
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
