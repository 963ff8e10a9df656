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
            raise AttributeError(f"'{data.__class__.__name__}' object has no attribute 'detach'")
        if requires_grad and not data.dtype.is_floating_point:
            raise RuntimeError("Only Tensors of floating point and complex dtype can require gradients")
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
        text = super().__repr__()
        return "Parameter containing:\n" + (text if type(self) is Parameter else f"Parameter({text})")

    def __reduce_ex__(self, protocol):
        from .._utils import _rebuild_parameter

        return _rebuild_parameter, (self.data, self.requires_grad, OrderedDict())


class UninitializedTensorMixin:
    """A tensor whose shape is not known yet: it has none until `materialize` gives it one."""

    def materialize(self, shape, device=None, dtype=None):
        """Become a tensor of that shape, with arbitrary numbers."""
        from .. import empty

        self.data = empty(shape, dtype=self.data.dtype if dtype is None else dtype)
        self.__class__ = self.cls_to_become

    @property
    def shape(self):
        raise RuntimeError(
            "Can't access the shape of an uninitialized parameter or buffer. "
            "This error usually happens in `load_state_dict` when trying to load "
            "an uninitialized parameter into an initialized one. "
            "Call `forward` to initialize the parameters before accessing their attributes."
        )

    def share_memory_(self):
        raise RuntimeError(
            "Can't share memory on an uninitialized parameter or buffer. "
            "Call `forward` to initialize the parameters before calling "
            "`module.share_memory()`."
        )

    def __repr__(self):
        return f"<{type(self).__name__}>"


class UninitializedParameter(UninitializedTensorMixin, Parameter):
    """A parameter whose shape is not known yet."""

    __slots__ = ()
    cls_to_become = Parameter

    def __new__(cls, requires_grad=True, device=None, dtype=None):
        from .. import empty

        return super().__new__(cls, empty(0, dtype=dtype), requires_grad)

    def __deepcopy__(self, memo):
        if id(self) not in memo:
            memo[id(self)] = type(self)(self.requires_grad, dtype=self.data.dtype)
        return memo[id(self)]


class UninitializedBuffer(UninitializedTensorMixin, Tensor):
    """A buffer whose shape is not known yet."""

    __slots__ = ()
    cls_to_become = Tensor

    def __new__(cls, requires_grad=False, device=None, dtype=None):
        from .. import empty

        self = object.__new__(cls)
        data = empty(0, dtype=dtype)
        _bridge.adopt(self, check(_bridge.detach(data._h)))
        return self


def is_lazy(param):
    """Is its shape not known yet?"""
    return isinstance(param, UninitializedTensorMixin)
