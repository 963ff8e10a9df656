"""Lists of tensors in one call of the core."""
from . import _bridge, _ops


def gradients(tensors):
    """The `.grad` of each, as a list."""
    found = _bridge.gradients(tensors)
    return [t.grad for t in tensors] if found is None else found


def begin_zero_(tensors):
    """Call `zero_` on each, up to the first one with a graph; how many are done."""
    [zero_] = _ops.methods["zero_"].indexes
    return _bridge.applyEach(tensors, zero_)
