"""What Python data is as a tensor: its sizes, its dtype, its numbers in a row; PyTorch's errors where it is none."""
import math
from array import array

from . import _bridge
from ._bridge import check, wrap
from ._convert import LEAST, MOST, overflow
from ._types import bool_, dtype, float32, float64, int64

_default = float32
_ORDER = {"bool": 0, "int": 1, "float": 2}


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


def promote_types(type1, type2):
    """The dtype that holds both."""
    if type1.kind != type2.kind:
        return type1 if _ORDER[type1.kind] > _ORDER[type2.kind] else type2
    return type1 if type1.code >= type2.code else type2


def result_type(tensor1, tensor2):
    """The dtype of `a + b`: tensors with dimensions, 0-d tensors, numbers; a later one counts if of a higher kind."""
    ranks = {}
    for value in (tensor1, tensor2):
        if isinstance(value, _bridge.Tensor):
            rank, d = (1 if value.dim() == 0 else 0), value.dtype
        else:
            rank, d = 2, dtype_of(value)
        ranks[rank] = promote_types(ranks[rank], d) if rank in ranks else d
    found = None
    for rank in sorted(ranks):
        if found is None or _ORDER[ranks[rank].kind] > _ORDER[found.kind]:
            found = ranks[rank]
    return found


def _is_sequence(value):
    if isinstance(value, (list, tuple)):
        return True
    cls = type(value)
    return hasattr(cls, "__len__") and hasattr(cls, "__getitem__") and not isinstance(value, (dict, _bridge.Tensor))


def sizes_of(data):
    """The sizes of nested sequences, read off their first elements; a tensor among them counts as a number."""
    _refuse_text(data)
    sizes = []
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
    if not _is_sequence(data):
        raise RuntimeError(f"Could not infer dtype of {type(data).__name__}")
    found = None
    for item in data:
        d = dtype_of(item)
        found = d if found is None else promote_types(found, d)
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
        out.append(data.item() if isinstance(data, _bridge.Tensor) else data)
        return
    if not _is_sequence(data):
        raise TypeError("not a sequence")
    if len(data) != sizes[level]:
        raise ValueError(f"expected sequence of length {sizes[level]} at dim {level} (got {len(data)})")
    for item in data:
        _flatten(item, sizes, level + 1, out)


def _as_int(value):
    if not isinstance(value, (int, float)):
        raise TypeError(f"'{type(value).__name__}' object cannot be interpreted as an integer")
    if isinstance(value, float) and not -(2.0**63) <= value < 2.0**63:
        raise RuntimeError("value cannot be converted to type int64 without overflow")
    value = int(value)
    if not LEAST <= value <= MOST:
        overflow()
    return value


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
        kind, buffer = 1, array("q", map(_as_int, values))
    else:
        kind, buffer = 2, array("B", map(_as_bool, values))
    address = buffer.buffer_info()[0]
    return wrap(check(_bridge.fromBuffer(address, kind, d.code, requires_grad, len(sizes), *sizes)))
