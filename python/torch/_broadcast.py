"""torch.broadcast_shapes and torch.broadcast_tensors."""
from ._types import Size


def _common(shapes, mismatch):
    """The shape that all of them can be repeated to; `mismatch(a, b, dim)` is what to raise where there is none."""
    n = max(map(len, shapes), default=0)
    common = [1] * n
    for shape in shapes:
        for i, size in reversed(list(enumerate(shape, n - len(shape)))):
            if size != 1 and common[i] not in (1, size):
                raise mismatch(common[i], size, i)
            if common[i] == 1:
                common[i] = size
    return Size(common)


def broadcast_shapes(*shapes):
    """The shape to which all of the given ones broadcast; ints stand for shapes of one dimension."""
    shapes = [(shape,) if isinstance(shape, int) else tuple(shape) for shape in shapes]
    return _common(
        shapes, lambda *_: RuntimeError("Shape mismatch: objects cannot be broadcast to a single shape")
    )


def broadcast_tensors(*tensors):
    """The tensors under their common shape; views, where they are repeated."""
    if len(tensors) == 1 and isinstance(tensors[0], (list, tuple)):
        tensors = tensors[0]
    shape = _common(
        [tensor.shape for tensor in tensors],
        lambda a, b, dim: RuntimeError(
            f"The size of tensor a ({a}) must match the size of tensor b ({b}) at non-singleton dimension {dim}"
        ),
    )
    return tuple(tensor if tensor.shape == shape else tensor.expand(shape) for tensor in tensors)
