"""torch.FloatTensor and its kin, and torch.Tensor(…): the constructors of old."""

from . import _bridge, _creation, _infer
from ._types import DTYPES, Size


def _options(d):
    return (
        f"TensorOptions(dtype={d.cxx}, device=cpu, layout=Strided, requires_grad=false (default), "
        "pinned_memory=false (default), memory_format=(nullopt))"
    )


def new(args, kwargs, d=None):
    """What such a constructor makes: of no arguments, sizes, a tensor or data. `d` is None for torch.Tensor itself."""
    if kwargs.pop("device", None) is not None:
        _creation.check_device(kwargs.get("device"))
    args = (*args, *kwargs.values())
    wanted = d or _infer.get_default_dtype()
    first = args[0] if args else ()
    if isinstance(first, _bridge.Tensor) and len(args) == 1 and first.dim() == 0 and d is None:
        return first.detach()
    if isinstance(first, _bridge.Tensor) and len(args) == 1:
        if first.dtype is not wanted:
            raise TypeError(f"expected {_options(wanted)} (got {_options(first.dtype)})")
        return first.detach()
    if isinstance(first, Size) and len(args) == 1:
        return _creation.zeros(first, dtype=wanted)
    if not args or (isinstance(first, int) and not isinstance(first, bool)):
        for i, size in enumerate(args, 1):
            if not isinstance(size, int) or isinstance(size, bool):
                raise TypeError(
                    "new(): argument 'size' must be tuple of ints, but found element of type "
                    f"{type(size).__name__} at pos {i}"
                )
        return _creation.zeros(args or (0,), dtype=wanted)
    if isinstance(first, (str, bytes)):
        raise TypeError(f"new(): invalid data type '{type(first).__name__}'")
    if not _infer._is_sequence(first):
        raise TypeError(f"new(): data must be a sequence (got {type(first).__name__})")
    sizes = _infer.sizes_of(first)
    return _infer.from_numbers(_infer.flatten(first, sizes), sizes, wanted)


class _TensorType(type):
    """`isinstance(x, torch.FloatTensor)` asks for the dtype."""

    def __instancecheck__(cls, instance):
        return isinstance(instance, _bridge.Tensor) and instance.dtype is cls.dtype

    def __call__(cls, *args, **kwargs):
        return new(args, kwargs, cls.dtype)


def _tensor_type(d):
    return _TensorType(f"{d.scalar_type}Tensor", (), {"__module__": "torch", "dtype": d, "is_cuda": False})


TYPES = {cls.__name__: cls for cls in map(_tensor_type, DTYPES)}


class _CudaType(type):
    def __instancecheck__(cls, instance):
        return False

    def __call__(cls, *args, **kwargs):
        raise TypeError(f"type {cls.__module__}.{cls.__name__} not available. Torch not compiled with CUDA enabled.")


CUDA_TYPES = {
    name: _CudaType(name, (), {"__module__": "torch.cuda", "dtype": cls.dtype, "is_cuda": True})
    for name, cls in TYPES.items()
}


def typed(name):
    """The tensor type of a name such as `torch.IntTensor`; None where there is none."""
    return {f"torch.{n}": cls for n, cls in TYPES.items()}.get(name)


def set_default_tensor_type(t):
    """Set the dtype that Python floats become, by the type of its tensors."""
    if isinstance(t, str):
        named = typed(t) or {f"torch.cuda.{n}": cls for n, cls in CUDA_TYPES.items()}.get(t)
        if named is None:
            raise ValueError(f"invalid type: '{t}'")
        t = named
    if isinstance(t, _CudaType):
        raise TypeError(f"type torch.cuda.{t.__name__} not available. Torch not compiled with CUDA enabled.")
    if not isinstance(t, _TensorType):
        raise TypeError("invalid type object: only floating-point types are supported as the default type")
    _infer.set_default_dtype(t.dtype)


def tensor_of(cls, args, kwargs):
    """`torch.Tensor(…)`, or the same for a class made of it."""
    if cls is not _bridge.Tensor:
        raise NotImplementedError(
            "a class made of torch.Tensor is not in the embedded engine (yet); the PyTorch engine has it"
        )
    return new(args, kwargs)


def is_type(value):
    return isinstance(value, (_TensorType, _CudaType))


