"""What Python data is as a tensor: its sizes, its dtype, its numbers in a row; PyTorch's errors where it is none."""
import math
from array import array

from . import _bridge
from ._bridge import check, wrap
from ._convert import LEAST, MOST, overflow
from ._types import DTYPES, bool_, dtype, float32, float64, int64

_default = float32


def get_default_dtype():
    """The dtype that Python floats become."""
    return _default


def set_default_dtype(d):
    """Set the dtype that Python floats become: a floating-point one."""
    global _default
    if not isinstance(d, dtype):
        raise TypeError("invalid dtype object: only floating-point types are supported as the default type")
    if not d.is_floating_point:
        raise TypeError("only floating-point types are supported as the default type")
    check(_bridge.setDefaultDtype(d.code))
    _default = d


def promoted(type1, type2, priority1=0, priority2=0):
    """The dtype of a result: of tensors with dimensions (0), 0-d tensors (1) or numbers (2)."""
    if type1 is type2:
        return type1
    return DTYPES[check(_bridge.promote(type1.code, priority1, type2.code, priority2))]


def promote_types(type1, type2):
    """The smallest dtype that holds both."""
    for position, (name, given) in enumerate((("type1", type1), ("type2", type2)), 1):
        if not isinstance(given, dtype):
            raise TypeError(
                f"promote_types(): argument '{name}' (position {position}) must be torch.dtype, not {type(given).__name__}"
            )
    return promoted(type1, type2)


def can_cast(from_, to):
    """Whether PyTorch lets numbers of one dtype be written into another in place."""
    return _KINDS.index(from_.kind) <= _KINDS.index(to.kind)


_KINDS = ("bool", "int", "float", "complex")


def result_type(tensor1, tensor2):
    """The dtype of `a + b`."""
    given = [
        (value.dtype, 1 if value.dim() == 0 else 0) if isinstance(value, _bridge.Tensor) else (dtype_of(value), 2)
        for value in (tensor1, tensor2)
    ]
    (type1, priority1), (type2, priority2) = given
    return promoted(type1, type2, priority1, priority2)


def _is_sequence(value):
    if isinstance(value, (list, tuple)):
        return True
    cls = type(value)
    return hasattr(cls, "__len__") and hasattr(cls, "__getitem__") and not isinstance(value, (dict, _bridge.Tensor))


def sizes_of(data):
    """The sizes of nested sequences, read off their first elements; a tensor among them counts as a number."""
    _refuse_text(data)
    sizes = []
    # A str is a sequence whose first element is itself: PyTorch finds too many dimensions in it.
    while _is_sequence(data):
        sizes.append(len(data))
        if len(sizes) > 128:
            raise ValueError(f"too many dimensions '{type(data).__name__}'")
        if not data:
            return sizes
        data = data[0]
    return sizes


def _refuse_text(data):
    if isinstance(data, (str, bytes)):
        raise TypeError(f"new(): invalid data type '{type(data).__name__}'")


def dtype_of(data):
    """The dtype that PyTorch gives to a number, a tensor or nested sequences."""
    if isinstance(data, bool):
        return bool_
    if isinstance(data, float):
        return _default
    if isinstance(data, int):
        return int64
    if isinstance(data, _bridge.Tensor):
        return data.dtype
    if isinstance(data, complex):
        raise NotImplementedError("complex tensors are not in the embedded engine (yet); the PyTorch engine has them")
    _refuse_text(data)
    if _bridge.is_numpy(data):
        from ._numpy import dtype_of as dtype_of_array

        return dtype_of_array(data)
    if not _is_sequence(data):
        raise RuntimeError(f"Could not infer dtype of {type(data).__name__}")
    found = None
    for item in data:
        d = dtype_of(item)
        found = d if found is None else promoted(found, d)
        if found is float64:
            break
    return _default if found is None else found


def flatten(data, sizes):
    """The numbers of nested sequences, row-major; ValueError or TypeError where the nesting is not that of `sizes`."""
    out = []
    if 0 not in sizes:
        _flatten(data, sizes, 0, out)
    return out


def _flatten(data, sizes, level, out):
    if level == len(sizes):
        out.append(data.item() if isinstance(data, _bridge.Tensor) or _bridge.is_numpy(data) else data)
        return
    if not _is_sequence(data):
        raise TypeError("not a sequence")
    if len(data) != sizes[level]:
        raise ValueError(f"expected sequence of length {sizes[level]} at dim {level} (got {len(data)})")
    for item in data:
        _flatten(item, sizes, level + 1, out)


def _as_int(d):
    """A function from a number to an int that fits `d`; PyTorch lets a negative int wrap around in an unsigned one."""
    least, most, _ = d.limits

    def convert(value):
        if not isinstance(value, (int, float)):
            raise TypeError(f"'{type(value).__name__}' object cannot be interpreted as an integer")
        if isinstance(value, int) and not LEAST <= value <= MOST:
            overflow()
        lowest = -most if isinstance(value, int) and least == 0 else least
        # The largest int64 is not a float: the next one above it does not fit.
        if not lowest <= value <= most or value == 2.0**63:
            raise RuntimeError(f"value cannot be converted to type {d.name} without overflow")
        return int(value)

    return convert


def _as_float(value):
    if not isinstance(value, (int, float)):
        raise TypeError(f"must be real number, not {type(value).__name__}")
    return float(value)


def _as_bool(value):
    if not isinstance(value, (int, float)):
        raise TypeError(f"'{type(value).__name__}' object cannot be interpreted as an integer")
    return value != 0


def from_numbers(values, sizes, d, requires_grad=False):
    """A leaf from numbers in a row, converted to dtype `d`."""
    if requires_grad and not d.is_floating_point:
        raise RuntimeError("Only Tensors of floating point and complex dtype can require gradients")
    if d.kind == "float":
        kind, buffer = 0, array("d", map(_as_float, values))
    elif d.kind == "int":
        kind, buffer = 1, array("q", map(_as_int(d), values))
    else:
        kind, buffer = 2, array("B", map(_as_bool, values))
    address = buffer.buffer_info()[0]
    return wrap(check(_bridge.fromBuffer(address, kind, d.code, requires_grad, len(sizes), *sizes)))
