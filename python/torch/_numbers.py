"""Numbers out of a tensor: flat lists, nested lists, single items."""
from array import array

from . import _bridge

_TYPECODES = {"float": "d", "int": "q", "bool": "B"}


# One cell of each kind, for single numbers.
_CELLS = {kind: array(code, [0]) for kind, code in _TYPECODES.items()}


def single(tensor, kind):
    """The number in a tensor of one element."""
    cell = _CELLS[kind]
    _bridge.check(_bridge.toBuffer(tensor._h, cell.buffer_info()[0]))
    return cell[0] != 0 if kind == "bool" else cell[0]


def flat(tensor):
    """All elements, row-major, in an array of doubles, 64-bit ints or (for bool) bytes."""
    n = tensor.numel()
    numbers = array(_TYPECODES[tensor.dtype.kind], bytes(n * (1 if tensor.dtype.kind == "bool" else 8)))
    if n:
        _bridge.check(_bridge.toBuffer(tensor._h, numbers.buffer_info()[0]))
    return numbers


def nested(numbers, shape, kind):
    """Lists in the shape of the tensor; a plain number for shape ()."""
    values = [v != 0 for v in numbers] if kind == "bool" else numbers.tolist()
    if not shape:
        return values[0]
    for size in reversed(shape[1:]):
        if size == 0:
            return _empty(shape)
        values = [values[i : i + size] for i in range(0, len(values), size)]
    return values


def _empty(shape):
    return [] if len(shape) == 1 else [_empty(shape[1:]) for _ in range(shape[0])]
