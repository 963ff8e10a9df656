"""Functions that spread tensors over grids, and positions in them, made of other functions."""
import functools
import itertools
import math

from . import _bridge
from ._creation import _parsed
from ._infer import from_numbers
from ._record import torch
from ._types import int64



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
        raise RuntimeError(f"\"{name}\" not implemented for '{options.dtype.scalar_type}'")
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


def histogram_of_points(points, bins, ranges, weight, density):
    """`torch.histogramdd`: how many of the points, which lie along the last dimension, are in each cell of a grid."""
    import torch

    from ._ops import record

    if points.dim() < 2:
        raise RuntimeError(
            f"torch.histogramdd: input tensor should have at least 2 dimensions, but got {points.dim()}"
        )
    count = points.shape[-1]
    bins = [bins] * count if isinstance(bins, int) else list(bins)
    if len(bins) != count:
        what = "expected" if isinstance(bins[0], torch.Tensor) else "The size of bins must be equal to the innermost dimension of the input."
        raise RuntimeError(
            f"torch.histogramdd: {what}"
            if what != "expected"
            else f"torch.histogramdd: expected {count} sequences of bin edges for a {count}-dimensional histogram but got {len(bins)}"
        )
    flat = points.reshape(-1, count)
    edges = [
        b if isinstance(b, torch.Tensor) else _edges(flat[:, d], b, None if ranges is None else ranges[2 * d : 2 * d + 2], d)
        for d, b in enumerate(bins)
    ]
    sizes = [e.numel() - 1 for e in edges]
    place, inside = torch.zeros(len(flat), dtype=torch.int64), torch.ones(len(flat), dtype=torch.bool)
    for d, e in enumerate(edges):
        x = flat[:, d].contiguous()
        # The last cell has its right edge too.
        at = torch.where(x == e[-1], sizes[d] - 1, torch.searchsorted(e, x, right=True) - 1)
        inside &= (x >= e[0]) & (x <= e[-1])
        place = place * sizes[d] + at
    weights = torch.ones(len(flat), dtype=points.dtype) if weight is None else weight.reshape(-1)
    hist = torch.zeros(math.prod(sizes), dtype=points.dtype)
    hist.index_add_(0, place[inside], weights[inside])
    hist = hist.reshape(sizes)
    if density:
        hist = hist / hist.sum()
        for d, e in enumerate(edges):
            hist = hist / e.diff().reshape([-1 if i == d else 1 for i in range(count)])
    return record("histogramdd", ["hist", "bin_edges"])((hist, tuple(edges)))


def _edges(values, bins, limits, d):
    """The edges of equal cells from where to where the values go, or where `limits` says."""
    import torch

    if bins <= 0:
        raise RuntimeError(f"torch.histogramdd(): bins must be > 0, but got {bins} for dimension {d}")
    low, high = limits or ((0.0, 0.0) if values.numel() == 0 else (values.min().item(), values.max().item()))
    if low == high:
        low, high = low - 0.5, high + 0.5
    return torch.linspace(low, high, bins + 1, dtype=values.dtype)
