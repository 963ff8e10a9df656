"""torch.autograd.Variable of old: a tensor, with requires_grad as an argument."""
import torch
from torch import _bridge


class _VariableMeta(type):
    def __instancecheck__(cls, other):
        return isinstance(other, torch.Tensor)


class Variable(metaclass=_VariableMeta):
    """`Variable(t)` is a tensor over the numbers of `t`."""

    def __new__(cls, data=None, requires_grad=False, volatile=None):
        if volatile is not None:
            _bridge.warn("volatile was removed and now has no effect. Use `with torch.no_grad():` instead.")
        tensor = torch.tensor([]) if data is None else data.detach()
        if requires_grad:
            tensor.requires_grad_()
        return tensor


def variable(*args, **kwargs):
    raise RuntimeError("torch.autograd.variable(...) is deprecated, use torch.tensor(...) instead")
