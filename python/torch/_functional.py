"""Functions that PyTorch writes in Python over its ops, so that their errors are Python's and the inner op's."""
from . import _bridge


def split(tensor, split_size_or_sections, dim=0):
    """Pieces of a size, or of the given sizes, as views."""
    return tensor.split(split_size_or_sections, dim)


def split_method(self, split_size, dim=0):
    """See `torch.split`."""
    if isinstance(split_size, _bridge.Tensor) and split_size.numel() == 1:
        split_size = int(split_size)
    if isinstance(split_size, int):
        return _bridge._function_split(self, split_size, dim)
    return _bridge._function_split_with_sizes(self, split_size, dim)


split_method.__name__, split_method.__qualname__ = "split", "Tensor.split"
