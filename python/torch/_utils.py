"""How tensors are pickled: under the names that PyTorch's files have."""
from array import array
from collections import OrderedDict

import torch

from . import _bridge
from ._bridge import check, scratch


class Block:
    """A tensor's whole block of memory, as it is written to a file: what PyTorch calls a storage."""

    def __init__(self, tensor):
        self._keeps = tensor
        self.dtype = tensor.dtype
        _bridge.meta(tensor._h)
        self.key = scratch[_bridge.STORAGE]
        self.nbytes = scratch[_bridge.STORAGE_BYTES]

    def numel(self):
        return self.nbytes // self._keeps.element_size()

    def bytes(self):
        block = array("B", bytes(self.nbytes))
        if self.nbytes:
            check(_bridge.readBytes(self._keeps._h, block.buffer_info()[0]))
        return block.tobytes()

    def flat(self):
        """The block as a tensor of one dimension, over the same memory."""
        return self._keeps.detach().as_strided((self.numel(),), (1,), 0).detach()

    def __reduce__(self):
        return _load_block, (self.dtype, self.bytes())


def flat_tensor(dtype, data):
    """A tensor of one dimension from the bytes of its elements."""
    block = array("B", data)
    size = torch.empty(0, dtype=dtype).element_size()
    flat = torch.empty(len(block) // size, dtype=dtype)
    if block:
        check(_bridge.writeBytes(flat._h, block.buffer_info()[0]))
    return flat


_load_block = flat_tensor


def reduce_tensor(tensor):
    """What pickle keeps of a tensor."""
    arguments = (
        Block(tensor),
        tensor.storage_offset(),
        tuple(tensor.size()),
        tuple(tensor.stride()),
        tensor.requires_grad,
        OrderedDict(),
    )
    return _rebuild_tensor_v2, arguments


def _rebuild_tensor(flat, storage_offset, size, stride):
    if isinstance(flat, Block):
        flat = flat.flat()
    with torch.no_grad():
        whole = storage_offset == 0 and len(size) == 1 and size[0] == flat.numel() and stride == (1,)
        return (flat if whole else flat.as_strided(size, stride, storage_offset)).detach()


def _rebuild_tensor_v2(flat, storage_offset, size, stride, requires_grad, backward_hooks):
    tensor = _rebuild_tensor(flat, storage_offset, size, stride)
    if requires_grad:
        tensor.requires_grad_()
    return tensor


def _rebuild_parameter(data, requires_grad, backward_hooks):
    return torch.nn.Parameter(data, requires_grad)


def _rebuild_from_type_v2(function, new_type, arguments, state):
    tensor = function(*arguments)
    if type(tensor) is not new_type:
        tensor = tensor.as_subclass(new_type)
    if state and hasattr(tensor, "__dict__"):
        tensor.__dict__.update(state[0] if isinstance(state, tuple) else state)
    return tensor
