"""`x[…]`: ints, slices, None and Ellipsis as chains of select, slice and unsqueeze, as PyTorch records them."""
import operator

from . import _bridge
from ._bridge import check, wrap

_KINDS = (
    "only integers, slices (`:`), ellipsis (`...`), None and long or byte Variables are valid indices (got {})"
)
_LATER = (
    "indexing with a {} is not in the embedded engine (yet): use ints, slices, None and `...`, or torch.where; "
    "the PyTorch engine has it"
)


def _rows(name, *arguments):
    row = _bridge.__dict__.get("_row_" + name)
    if row is None:
        raise NotImplementedError(f"indexing by {name} is not in the embedded engine (yet)")
    return wrap(check(row(*arguments)))


def _is_int(index):
    return isinstance(index, int) and not isinstance(index, bool)


def _number(index):
    """The int that a 0-d integer tensor stands for, or None."""
    if isinstance(index, _bridge.Tensor) and index.dim() == 0 and index.dtype.kind == "int":
        return index.item()
    return index if _is_int(index) else None


def _select(tensor, dim, index, position, where):
    shape = tensor.shape
    if not shape:
        raise IndexError(
            "invalid index of a 0-dim tensor. Use `tensor.item()` in Python or `tensor.item<T>()` in C++ "
            "to convert a 0-dim tensor to a number"
        )
    size = shape[dim]
    if not -size <= index < size:
        raise IndexError(f"index {index} is out of bounds for dimension {position} with size {size}")
    return _rows("select_int", where, tensor, dim, index)


def _slice(tensor, dim, index, where, skip_whole):
    start, stop, step = index.start, index.stop, index.step
    step = 1 if step is None else operator.index(step)
    if step == 0:
        raise ValueError("slice step cannot be zero")
    if step < 0:
        raise ValueError("step must be greater than zero")
    start = 0 if start is None else operator.index(start)
    stop = 2**53 - 1 if stop is None else operator.index(stop)
    if not tensor.dim():
        raise IndexError("slice() cannot be applied to a 0-dim tensor.")
    if skip_whole and start == 0 and step == 1 and stop >= tensor.shape[dim]:
        return tensor
    return _rows("slice_Tensor", where, tensor, dim, start, stop, step)


def get(tensor, index):
    """`tensor[index]`, recorded for the caller's position."""
    where = _bridge.here()
    if index is None:
        return _rows("unsqueeze", where, tensor, 0)
    if index is Ellipsis:
        return _rows("alias", where, tensor)
    if index.__class__ is int or _number(index) is not None:
        return _select(tensor, 0, _number(index), 0, where)
    if isinstance(index, slice):
        return _slice(tensor, 0, index, where, False)
    indices = index if isinstance(index, tuple) else (index,)
    given = sum(_dimensions(i) for i in indices)
    if given > tensor.dim():
        raise IndexError(f"too many indices for tensor of dimension {tensor.dim()}")
    got = tensor
    dim = 0
    for position, i in enumerate(indices):
        number = _number(i)
        if number is not None:
            got = _select(got, dim, number, position, where)
        elif isinstance(i, slice):
            got = _slice(got, dim, i, where, True)
            dim += 1
        elif i is Ellipsis:
            dim += tensor.dim() - given
        elif i is None:
            got = _rows("unsqueeze", where, got, dim)
            dim += 1
        elif isinstance(i, bool):
            raise NotImplementedError(_LATER.format("bool"))
        elif isinstance(i, _bridge.Tensor):
            raise NotImplementedError(_LATER.format("tensor"))
        elif isinstance(i, (list, tuple, range)):
            raise NotImplementedError(_LATER.format(type(i).__name__))
        else:
            raise IndexError(_KINDS.format(type(i).__name__))
    return _rows("alias", where, tensor) if got is tensor else got


def _dimensions(index):
    """How many dimensions of the tensor an index uses up."""
    if index is None or index is Ellipsis or isinstance(index, bool):
        return 0
    if isinstance(index, _bridge.Tensor) and index.dtype.kind == "bool":
        return index.dim()
    return 1


def set(tensor, index, value):
    """`tensor[index] = value`"""
    raise NotImplementedError(
        "x[…] = value is not in the embedded engine (yet): use torch.where or torch.cat; the PyTorch engine has it"
    )
