"""The side file of a trace: elements of large tensors, one after the other, read by slices while the trace is looked at."""
import torch

from .tensors import place_of

# Bytes that a side file may have.
LIMIT = 512 * 2**20


class Store:
    """Row-major, little-endian, in the dtype's own size; nothing between two tensors. No file where nothing is kept."""

    def __init__(self, path, limit=LIMIT):
        self._path = path
        self._file = None
        self._size = 0
        self._known = {}
        self.limit = limit
        # Was there something that did not fit?
        self.full = False

    def keep(self, numbers):
        """The offset of the elements in the file; None where they do not fit any more."""
        tensor = numbers.held
        # The tensor is alive as long as the store is, so that its place in memory stays its own.
        key = (place_of(tensor), tensor.storage_offset(), tensor.stride(), tuple(tensor.shape), tensor.dtype)
        known = self._known.get(key)
        if known is not None:
            return known[0]
        size = tensor.numel() * tensor.element_size()
        if self._size + size > self.limit:
            self.full = True
            return None
        offset = self._size
        plain = tensor.detach().contiguous().cpu().reshape(-1)
        if self._file is None:
            self._file = open(self._path, "wb")
        self._file.write(plain.view(torch.uint8).numpy().tobytes())
        self._size += size
        self._known[key] = (offset, tensor)
        return offset

    def close(self):
        if self._file is not None:
            self._file.close()
        self._known.clear()
