"""vmap: the function of each slice, and the results stacked. Slower than a batched kernel, and the same numbers."""
import functools

import torch

from .. import _generator
from . import pytree

_RANDOM = (
    "vmap: called random operation while in randomness error mode. Please either use the 'same' or 'different' "
    "randomness flags on vmap or perform the randomness operation out of vmap"
)


def name_of(func):
    return func.__name__ if hasattr(func, "__name__") else repr(func)


def vmap(func, in_dims=0, out_dims=0, randomness="error", *, chunk_size=None):
    """`func` over the slices of its arguments along `in_dims`; each result is stacked along `out_dims`."""
    if randomness not in ("error", "different", "same"):
        raise RuntimeError(f"Only allowed values for randomness are 'error', 'different', or 'same'. Got {randomness}")

    @functools.wraps(func)
    def wrapped(*args, **kwargs):
        _check_out_dims(out_dims, func)
        leaves, dims, spec, size = _inputs(func, in_dims, args)
        results, out_spec = [], None
        state = _generator.state_bytes(_generator.default)
        for k in range(max(size, 1)):
            if randomness == "same":
                _generator.take_state(_generator.default, state)
            some = [_slice(leaf, dim, k, size) for leaf, dim in zip(leaves, dims)]
            flat, out_spec = pytree.flatten(func(*pytree.unflatten(some, spec), **kwargs))
            if randomness == "error" and _generator.state_bytes(_generator.default) != state:
                _generator.take_state(_generator.default, state)
                raise RuntimeError(_RANDOM)
            for out in flat:
                if not isinstance(out, torch.Tensor):
                    raise ValueError(
                        f"vmap({name_of(func)}, ...): `{name_of(func)}` must only return Tensors, got type {type(out)} "
                        "as a return."
                    )
            results.append(flat)
        flat_dims = _flat_out_dims(out_dims, out_spec, func)
        stacked = [torch.stack(column, dim) for column, dim in zip(zip(*results), flat_dims)]
        if size == 0:
            stacked = [t.narrow(dim, 0, 0) for t, dim in zip(stacked, flat_dims)]
        return pytree.unflatten(stacked, out_spec)

    return wrapped


def _slice(leaf, dim, k, size):
    if dim is None:
        return leaf
    if size == 0:
        shape = list(leaf.shape)
        del shape[dim]
        return leaf.new_zeros(shape)
    return leaf.select(dim, k)


def _inputs(func, in_dims, args):
    """(leaves, the dimension of each, their structure, how many slices)"""
    name = name_of(func)
    if not isinstance(in_dims, (int, tuple)):
        raise ValueError(
            f"vmap({name}, in_dims={in_dims}, ...)(<inputs>): expected `in_dims` to be int or a (potentially nested) "
            f"tuple matching the structure of inputs, got: {type(in_dims)}."
        )
    if len(args) == 0:
        raise ValueError(
            f"vmap({name})(<inputs>): got no inputs. Maybe you forgot to add inputs, or you are trying to vmap over a "
            "function with no inputs. The latter is unsupported."
        )
    leaves, spec = pytree.flatten(args)
    dims = pytree.broadcast(in_dims, spec)
    if dims is None:
        raise ValueError(
            f"vmap({name}, in_dims={in_dims}, ...)(<inputs>): in_dims is not compatible with the structure of "
            f"`inputs`. in_dims has structure {pytree.flatten(in_dims)[1]} but inputs has structure {spec}."
        )
    for i, (leaf, dim) in enumerate(zip(leaves, dims)):
        start = f"vmap({name}, in_dims={in_dims}, ...)(<inputs>): Got in_dim={dim} for"
        if dim is not None and not isinstance(dim, int):
            raise ValueError(f"{start} an input but in_dim must be either an integer dimension or None.")
        if isinstance(dim, int) and not isinstance(leaf, torch.Tensor):
            raise ValueError(
                f"{start} an input but the input is of type {type(leaf)}. We cannot vmap over non-Tensor arguments, "
                "please use None as the respective in_dim"
            )
        if dim is not None and not -leaf.dim() <= dim < leaf.dim():
            raise ValueError(
                f"{start} some input, but that input is a Tensor of dimensionality {leaf.dim()} so expected in_dim to "
                f"satisfy -{leaf.dim()} <= in_dim < {leaf.dim()}."
            )
        if dim is not None and dim < 0:
            dims[i] = dim + leaf.dim()
    sizes = [leaf.size(dim) for leaf, dim in zip(leaves, dims) if dim is not None]
    if len(sizes) == 0:
        raise ValueError("vmap: Expected at least one Tensor to vmap over")
    if any(size != sizes[0] for size in sizes):
        raise ValueError(
            f"vmap: Expected all tensors to have the same size in the mapped dimension, got sizes {sizes} for the "
            "mapped dimension"
        )
    return leaves, dims, spec, sizes[0]


def _check_out_dims(out_dims, func):
    if isinstance(out_dims, int):
        return
    if all(isinstance(dim, int) for dim in pytree.flatten(out_dims)[0]):
        return
    raise ValueError(
        f"vmap({name_of(func)}, ..., out_dims={out_dims}): `out_dims` must be an int or a python collection of ints "
        "representing where in the outputs the vmapped dimension should appear."
    )


def _flat_out_dims(out_dims, spec, func):
    # A single output may have a tuple of one.
    if spec.type is None and isinstance(out_dims, tuple) and len(out_dims) == 1:
        out_dims = out_dims[0]
    found = pytree.broadcast(out_dims, spec)
    if found is None:
        raise ValueError(
            f"vmap({name_of(func)}, ..., out_dims={out_dims})(<inputs>): out_dims is not compatible with the structure "
            f"of `outputs`. out_dims has structure {pytree.flatten(out_dims)[1]} but outputs has structure {spec}."
        )
    return found
