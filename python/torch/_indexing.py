"""`x[…]` and `x[…] = v`: chains of select, slice, unsqueeze and index, as PyTorch records them."""
import operator

from . import _bridge
from ._bridge import check, wrap
from ._infer import dtype_of, flatten, from_numbers, sizes_of
from ._types import BY_NAME, int64

uint8 = BY_NAME["uint8"]

_END = 2**63 - 1


def _op(row, where, *arguments):
    """The result of an op of the list, called by the name of its row."""
    return wrap(check(_bridge.__dict__["_row_" + row](where, *arguments)))


def _number(index):
    """The int that an index stands for if it selects: an int or a 0-d integer tensor; None otherwise."""
    if isinstance(index, bool):
        return None
    if isinstance(index, _bridge.Tensor):
        return index.item() if index.dim() == 0 and index.dtype.kind == "int" and not _is_mask(index) else None
    return index if isinstance(index, int) else None


def _select(tensor, dim, index, position, where):
    if not -(2**63) <= index < 2**63:
        raise RuntimeError("Overflow when unpacking long")
    shape = tensor.shape
    if not shape:
        raise IndexError(
            "invalid index of a 0-dim tensor. Use `tensor.item()` in Python or `tensor.item<T>()` in C++ "
            "to convert a 0-dim tensor to a number"
        )
    size = shape[dim]
    if not -size <= index < size:
        raise IndexError(f"index {index} is out of bounds for dimension {position} with size {size}")
    return _op("select_int", where, tensor, dim, index)


def _bound(value, absent):
    """A slice's bound as an int, cut to 64 bits as Python's own sequences cut it."""
    if value is None:
        return absent
    try:
        value = operator.index(value)
    except TypeError:
        raise TypeError("slice indices must be integers or None or have an __index__ method") from None
    return max(-(2**63), min(value, _END))


def _slice(tensor, dim, index, where, skip_whole):
    step = _bound(index.step, 1)
    if step == 0:
        raise ValueError("slice step cannot be zero")
    if step < 0:
        raise ValueError("step must be greater than zero")
    start = _bound(index.start, 0)
    stop = _bound(index.stop, _END)
    if not tensor.dim():
        raise IndexError("slice() cannot be applied to a 0-dim tensor.")
    # A slice that names the whole dimension makes no node; `:` does.
    if skip_whole and start == 0 and step == 1 and stop == tensor.shape[dim]:
        return tensor
    return _op("slice_Tensor", where, tensor, dim, start, stop, step)


def _as_index(index):
    """A tensor that indexes: the tensor itself, or made of a list; IndexError for what is no index."""
    if isinstance(index, _bridge.Tensor):
        if index.dtype.kind == "float":
            raise IndexError("tensors used as indices must be long, byte or bool tensors")
        return index
    if isinstance(index, str):
        raise TypeError("new(): invalid data type 'str'")
    if not isinstance(index, (list, tuple, range)):
        raise IndexError(
            "only integers, slices (`:`), ellipsis (`...`), None and long or byte Variables are valid indices "
            f"(got {type(index).__name__})"
        )
    sizes = sizes_of(index)
    values = flatten(index, sizes)
    return from_numbers(values, sizes, dtype_of(index) if values else int64)


def _is_tuple_like(index):
    """Whether a list stands for a tuple of indices: a short one with something in it that is no number."""
    if isinstance(index, tuple):
        return True
    if not isinstance(index, list) or len(index) >= 32:
        return False
    return any(isinstance(i, (slice, list, tuple, _bridge.Tensor)) or i is None or i is Ellipsis for i in index)


def _dimensions(index):
    """How many dimensions of the tensor an index uses up."""
    if index is None or index is Ellipsis or isinstance(index, bool):
        return 0
    return index.dim() if isinstance(index, _bridge.Tensor) and _is_mask(index) else 1


def _is_mask(index):
    """Whether a tensor says of each element whether it is meant: of bools, or of bytes as of old."""
    return index.dtype.kind == "bool" or index.dtype is uint8


def _walk(tensor, indices, where):
    """(the tensor after ints, slices and None; by dimension the tensors that index it, None where there is none; are some bytes)"""
    given = sum(map(_dimensions, indices))
    ndim = tensor.dim()
    if given > ndim:
        raise IndexError(f"too many indices for tensor of dimension {ndim}")
    got = tensor
    dim = 0
    found = []
    has_bytes = False
    for position, index in enumerate(indices):
        number = _number(index)
        if number is not None:
            got = _select(got, dim, number, position, where)
        elif isinstance(index, slice):
            got = _slice(got, dim, index, where, True)
            dim += 1
        elif index is Ellipsis:
            dim += ndim - given
        elif index is None:
            got = _op("unsqueeze", where, got, dim)
            dim += 1
        else:
            if isinstance(index, _bridge.Tensor) and _is_mask(index):
                has_bytes = has_bytes or index.dtype is uint8
                index = index.item() != 0 if index.dim() == 0 else index.bool()
            if isinstance(index, bool):
                got = _op("unsqueeze", where, got, dim)
                index = _mask(index)
            else:
                index = _as_index(index)
            found += [None] * (dim - len(found)) + [index]
            # Of a mask too, whatever its dimensions: PyTorch counts on so.
            dim += 1
    return got, found, has_bytes


_AT = " (Triggered internally at  ./aten/src/ATen/native/"
_BYTES = f"indexing with dtype torch.uint8 is now deprecated, please use a dtype torch.bool instead.{_AT}IndexingUtils.h:27.)"
# PyTorch fills where one mask takes one number.
_FILLED_BYTES = (
    "masked_fill_ received a mask with dtype torch.uint8, this behavior is now deprecated,please use a mask with dtype"
    f" torch.bool instead.{_AT}TensorAdvancedIndexing.cpp:1646.)"
)


def _mask(index):
    return from_numbers([index], (1,), dtype_of(True))


def _sequence(index):
    return tuple(index) if _is_tuple_like(index) else (index,)


def get(tensor, index):
    """`tensor[index]`, recorded at the caller's position."""
    where = _bridge.here()
    if index.__class__ is int:
        got = _bridge._row_select_int(where, tensor, 0, index)
        return wrap(got) if got > 0 else _select(tensor, 0, index, 0, where)
    if index is None:
        return _op("unsqueeze", where, tensor, 0)
    if index is Ellipsis:
        return _op("alias", where, tensor)
    number = _number(index)
    if number is not None:
        return _select(tensor, 0, number, 0, where)
    if isinstance(index, slice):
        return _slice(tensor, 0, index, where, False)
    got, found, has_bytes = _walk(tensor, _sequence(index), where)
    if has_bytes:
        _bridge.warn(_BYTES)
    if found:
        return _op("index_Tensor", where, got, found)
    return _op("alias", where, tensor) if got is tensor else got


def set(tensor, index, value):
    """`tensor[index] = value`: the place as a view, then copied into, filled or put."""
    where = _bridge.here()
    if not isinstance(value, _bridge.Tensor):
        if not isinstance(value, (bool, int, float)):
            raise TypeError(f"can't assign a {type(value).__name__} to a {tensor.type()}")
        value = wrap(check(_bridge._row_full(0, (), value, dtype=tensor.dtype)))
    if index is False:
        return
    if index is Ellipsis:
        return _copy(tensor, value, where)
    if index is None or index is True:
        return _copy(_op("unsqueeze", where, tensor, 0), value, where)
    number = _number(index)
    if number is not None:
        return _copy(_select(tensor, 0, number, 0, where), value, where)
    if isinstance(index, slice):
        return _copy(_slice(tensor, 0, index, where, False), value, where)
    place, found, has_bytes = _walk(tensor, _sequence(index), where)
    if not found:
        return _copy(place, value, where)
    if has_bytes:
        filled = value.numel() == 1 and sum(index is not None for index in found) == 1
        _bridge.warn(_FILLED_BYTES if filled else _BYTES)
    _op("index_put_", where, place, found, _without_leading_ones(value, where))


def _copy(place, value, where):
    if place.shape == value.shape:
        _op("copy_", where, place, value)
    elif value.dim() == 0:
        _op("fill__Tensor", where, place, value)
    else:
        value = _op("expand", where, _without_leading_ones(value, where), place.shape)
        _op("copy_", where, place, value)


def _without_leading_ones(value, where):
    """As PyTorch cuts a value's shape to fit: dimensions of size 1 in front go."""
    shape = value.shape
    ones = 0
    while ones < len(shape) and shape[ones] == 1:
        ones += 1
    return _op("view", where, value, shape[ones:]) if ones else value
