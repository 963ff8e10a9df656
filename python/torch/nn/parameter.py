"""Parameter: a tensor that a Module counts as its own."""
from collections import OrderedDict

from .. import _bridge
from .._bridge import check
from .._tensor import Tensor


class Parameter(Tensor):
    """A leaf over the numbers of `data` (shared, not copied) that modules register when it is assigned to them."""

    __slots__ = ()

    def __new__(cls, data=None, requires_grad=True):
        if data is None:
            from .. import empty

            data = empty(0)
        if not isinstance(data, Tensor):
            raise TypeError(f"cannot assign '{data.__class__.__name__}' object to a Parameter: it takes a Tensor")
        self = object.__new__(cls)
        _bridge.adopt(self, check(_bridge.detach(data._h)))
        if requires_grad:
            self.requires_grad_()
        return self

    def __deepcopy__(self, memo):
        if id(self) not in memo:
            memo[id(self)] = type(self)(self.data.clone(), self.requires_grad)
        return memo[id(self)]

    def __repr__(self):
        return "Parameter containing:\n" + super().__repr__()

    def __reduce_ex__(self, protocol):
        return _rebuild, (self.tolist(), self.dtype.name, self.requires_grad, OrderedDict())


def _rebuild(data, dtype, requires_grad, _hooks):
    import torch

    return Parameter(torch.tensor(data, dtype=getattr(torch, dtype)), requires_grad)
