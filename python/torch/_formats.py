"""Memory formats: copies whose channels lie last, `torch.channels_last`."""
from . import _bridge
from ._bridge import check, wrap
from ._types import CHANNELS_LAST_DIMS, preserve_format


def refuse(tensor, memory_format):
    """PyTorch's error for a tensor of too few or too many dimensions."""
    dims = CHANNELS_LAST_DIMS[memory_format]
    if tensor.dim() != dims:
        raise RuntimeError(f"required rank {dims} tensor to use {memory_format.name} format")


def copied(tensor, memory_format, dtype=None):
    """A copy in that format, by the node of `clone`, or, with a dtype, by that of `to`."""
    refuse(tensor, memory_format)
    where = _bridge.here()
    if dtype is None:
        return wrap(check(_bridge._row__clone_channels_last(where, tensor)))
    return wrap(check(_bridge._row__to_copy_channels_last(where, tensor, dtype)))


def contiguous(tensor, memory_format):
    """`tensor.contiguous(memory_format=…)`: itself where it lies so."""
    if memory_format is preserve_format:
        if tensor.is_contiguous():
            return tensor
        raise RuntimeError("preserve memory format is unsupported by the contiguous operator")
    refuse(tensor, memory_format)
    return tensor if tensor.is_contiguous(memory_format=memory_format) else copied(tensor, memory_format)
