"""Tensor.storage(): the numbers of a tensor's whole block of memory, as a view that is read and written by position."""


class TypedStorage:
    """The block of memory that a tensor and its views share, as numbers of the tensor's dtype."""

    def __init__(self, tensor):
        self._flat = tensor.detach().as_strided((_length(tensor),), (1,), 0)

    dtype = property(lambda self: self._flat.dtype)
    device = property(lambda self: self._flat.device)
    is_cuda = False

    def __len__(self):
        return self._flat.numel()

    size = __len__

    def nbytes(self):
        return len(self) * self.element_size()

    def element_size(self):
        return self._flat.element_size()

    def data_ptr(self):
        return self._flat.data_ptr()

    def tolist(self):
        return self._flat.tolist()

    def __iter__(self):
        return iter(self.tolist())

    def __getitem__(self, index):
        if isinstance(index, slice):
            return TypedStorage(self._flat[index].clone())
        return self._flat[index].item()

    def __setitem__(self, index, value):
        self._flat[index] = value

    def fill_(self, value):
        self._flat.fill_(value)
        return self

    def __repr__(self):
        lines = "\n ".join(map(str, self.tolist()))
        return (
            f" {lines}\n[torch.storage.TypedStorage(dtype={self.dtype!r}, device={self.device}) of size {len(self)}]"
        )


TypedStorage.__module__ = "torch.storage"


def _length(tensor):
    """How many elements the block has room for."""
    base = tensor if tensor._base is None else tensor._base
    sizes, strides = base.shape, base.stride()
    if 0 in sizes:
        return base.storage_offset()
    last = base.storage_offset() + sum((n - 1) * step for n, step in zip(sizes, strides)) + 1
    return last * base.element_size() // tensor.element_size()


def storage(self):
    """The block of memory that it shares with its views."""
    return TypedStorage(self)
