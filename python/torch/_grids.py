"""Functions that spread tensors over grids, and positions in them, made of other functions."""
import functools
import itertools

from . import _bridge
from ._creation import _parsed
from ._infer import from_numbers
from ._record import torch
from ._types import int64


_SCALARS = {"float32": "Float", "float64": "Double", "bool": "Bool"}


def _tensors(tensors):
    """The tensors of `f(x, y)` or `f([x, y])`."""
    if len(tensors) == 1 and isinstance(tensors[0], (list, tuple)):
        tensors = tensors[0]
    for i, t in enumerate(tensors):
        if not isinstance(t, _bridge.Tensor):
            raise TypeError(f"expected Tensor as element {i} in argument 0, but got {type(t).__name__}")
    return list(tensors)


@functools.lru_cache(None)
def _warn_indexing():
    _bridge.warn(
        "torch.meshgrid: in an upcoming release, it will be required to pass the indexing argument. (Triggered"
        " internally at  ./aten/src/ATen/native/TensorShape.cpp:3190.)"
    )


def meshgrid(*tensors, indexing=None):
    """Each vector along a dimension of its own, repeated along those of the others; "xy" swaps the first two."""
    tensors = _tensors(tensors)
    if indexing is None:
        _warn_indexing()
        indexing = "ij"
    if not tensors:
        raise RuntimeError("meshgrid expects a non-empty TensorList")
    for t in tensors:
        if t.dim() > 1:
            sizes = " ".join(f" {n}" for n in t.shape)
            raise RuntimeError(f"torch.meshgrid: Expected 0D or 1D tensor in the tensor list but got: {sizes}")
    if any(t.dtype is not tensors[0].dtype for t in tensors):
        raise RuntimeError("meshgrid expects all tensors to have the same dtype")
    if indexing not in ("ij", "xy"):
        raise RuntimeError(f'torch.meshgrid: indexing must be one of "xy" or "ij", but received: {indexing}')
    along = list(range(len(tensors)))
    if indexing == "xy" and len(tensors) > 1:
        along[:2] = [1, 0]
    sizes = [1] * len(tensors)
    for t, dim in zip(tensors, along):
        sizes[dim] = t.numel()
    grids = []
    for t, dim in zip(tensors, along):
        alone = [1] * len(tensors)
        alone[dim] = t.numel()
        grids.append(t.view(alone).expand(sizes))
    return tuple(grids)


def cartesian_prod(*tensors):
    """Every choice of one element of each vector, in rows."""
    tensors = _tensors(tensors)
    for t in tensors:
        if t.dim() != 1:
            raise RuntimeError(f"Expect a 1D vector, but got shape {list(t.shape)}")
    if len(tensors) == 1:
        return tensors[0]
    grids = meshgrid(tensors, indexing="ij")
    return torch().stack([grid.flatten() for grid in grids], 1)


def combinations(input, r=2, with_replacement=False):
    """Every choice of r elements of a vector, in rows, in their order."""
    if input.dim() != 1:
        raise RuntimeError(f"Expect a 1D vector, but got shape {list(input.shape)}")
    if r < 0:
        raise RuntimeError(f"Expect a non-negative number, but got {r}")
    choose = itertools.combinations_with_replacement if with_replacement else itertools.combinations
    rows = list(choose(range(input.numel()), r))
    if r == 0:
        return input.new_empty((0,))
    positions = from_numbers([row[i] for i in range(r) for row in rows], (r, len(rows)), int64)
    return torch().stack([input[positions[i]] for i in range(r)], 1)


def _triangle(options, name, row, col, keep):
    if options.dtype not in (None, int64):
        raise RuntimeError(f"\"{name}\" not implemented for '{_SCALARS[options.dtype.name]}'")
    for which, n in (("row", row), ("col", col)):
        if n < 0:
            raise RuntimeError(f"{which} must be non-negative, got{n}")
    places = [(i, j) for i in range(row) for j in range(col) if keep(i, j)]
    numbers = [i for i, _ in places] + [j for _, j in places]
    return from_numbers(numbers, (2, len(places)), options.dtype or int64, options.requires_grad)


@_parsed()
def tril_indices(options, row, col, offset=0):
    """Rows and columns of the places on and below a diagonal."""
    return _triangle(options, "tril_indices", row, col, lambda i, j: j - i <= offset)


@_parsed()
def triu_indices(options, row, col, offset=0):
    """Rows and columns of the places on and above a diagonal."""
    return _triangle(options, "triu_indices", row, col, lambda i, j: j - i >= offset)
