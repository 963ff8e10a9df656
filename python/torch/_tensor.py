"""torch.Tensor: a handle of the core, and what of it is Python by nature. Methods that compute come from the op list."""
import functools

from . import _bridge, _callbacks, _conversion, _creation, _grad_fn, _indexing, _infer, _legacy, _members, _missing, _numbers, _printing, _random, _storage
from . import autograd
from ._bridge import check, scratch, wrap
from ._types import CPU, DTYPES, Size, strided

_size = tuple.__new__


def _flag(position):
    """A property that reads one of the numbers of `meta` as a bool."""

    def get(self):
        _bridge.meta(self._h)
        return scratch[position] != 0

    return property(get)


class Tensor:
    """A tensor; see PyTorch's manual."""

    # `_h` is the handle, of which this object owns one reference; `_grad` keeps `.grad` the same object.
    # `_hooks`: its hooks by the ids of their handles, if it has had any.
    __slots__ = ("_h", "_grad", "_hooks", "__weakref__", "__dict__")

    def __new__(cls, *args, **kwargs):
        return _legacy.tensor_of(cls, args, kwargs)

    def __del__(self):
        _bridge.gone(self)

    def __getattr__(self, name):
        raise _missing.tensor_attribute(type(self), name)

    # Shape and type

    @property
    def shape(self):
        _bridge.meta(self._h)
        return _size(Size, scratch[16 : 16 + scratch[1]])

    def size(self, dim=None):
        _bridge.meta(self._h)
        n = scratch[1]
        if dim is None:
            return _size(Size, scratch[16 : 16 + n])
        return scratch[16 + _dimension(dim, n)]

    def stride(self, dim=None):
        _bridge.meta(self._h)
        n = scratch[1]
        if dim is None:
            return tuple(scratch[16 + n : 16 + 2 * n])
        return scratch[16 + n + _dimension(dim, n)]

    def dim(self):
        _bridge.meta(self._h)
        return scratch[_bridge.NDIM]

    ndim = property(dim)
    ndimension = dim

    def numel(self):
        _bridge.meta(self._h)
        return scratch[_bridge.NUMEL]

    nelement = numel

    def element_size(self):
        return self.dtype.size

    storage = _storage.storage

    def storage_offset(self):
        _bridge.meta(self._h)
        return scratch[_bridge.OFFSET]

    @property
    def dtype(self):
        _bridge.meta(self._h)
        return DTYPES[scratch[_bridge.DTYPE]]

    def is_floating_point(self):
        return self.dtype.is_floating_point

    def is_complex(self):
        return False

    def is_signed(self):
        return self.dtype.is_signed

    device = property(lambda self: CPU)
    layout = property(lambda self: strided)
    is_cuda = is_sparse = is_quantized = is_mkldnn = is_meta = is_nested = property(lambda self: False)
    names = property(lambda self: (None,) * self.dim())

    def get_device(self):
        return -1

    new_tensor, new_zeros, new_ones = _creation.new_tensor, _creation.new_zeros, _creation.new_ones
    new_empty, new_full = _creation.new_empty, _creation.new_full
    random_ = _random.random_
    to, type, type_as, numpy = _conversion.to, _conversion.type, _conversion.type_as, _conversion.numpy
    # So that `array * tensor` is the tensor's affair.
    __array_priority__ = 1000

    def __array__(self, dtype=None, copy=None):
        from ._numpy import array_of

        return array_of(self, dtype, copy)

    locals().update(_conversion.SHORT)
    cpu, cuda = _conversion.cpu, _conversion.cuda

    @property
    def T(self):
        n = self.dim()
        if n not in (0, 2):
            _warn_of_reversal()
        return self.permute(tuple(range(n - 1, -1, -1)))

    @property
    def mT(self):
        if self.dim() < 2:
            raise RuntimeError(
                f"tensor.mT is only supported on matrices or batches of matrices. Got {self.dim()}-D tensor."
            )
        return self.transpose(-2, -1)

    @property
    def H(self):
        if self.dim() not in (0, 2):
            hint = " For batches of matrices, consider using tensor.mH" if self.dim() > 2 else ""
            raise RuntimeError(
                f"tensor.H is only supported on matrices (2-D tensors). Got {self.dim()}-D tensor.{hint}"
            )
        return self.transpose(0, 1)

    # Autograd

    is_leaf = _flag(_bridge.IS_LEAF)
    retains_grad = _flag(_bridge.RETAINS_GRAD)

    def _is_view(self):
        _bridge.meta(self._h)
        return scratch[_bridge.IS_VIEW] != 0

    @property
    def _version(self):
        if self.is_inference():
            raise RuntimeError("Inference tensors do not track version counter.")
        _bridge.meta(self._h)
        return scratch[_bridge.VERSION]

    @property
    def output_nr(self):
        _bridge.meta(self._h)
        return scratch[_bridge.OUTPUT_NR]

    @property
    def _base(self):
        h = check(_bridge.base(self._h))
        return wrap(h) if h else None

    @property
    def requires_grad(self):
        _bridge.meta(self._h)
        return scratch[_bridge.REQUIRES_GRAD] != 0

    @requires_grad.setter
    def requires_grad(self, value):
        if value is not True and value is not False:
            raise RuntimeError("requires_grad must be a bool")
        if value and not self.is_leaf:
            raise RuntimeError("you can only change requires_grad flags of leaf variables.")
        check(_bridge.setRequiresGrad(self._h, value))

    def requires_grad_(self, requires_grad=True):
        if requires_grad is not True and requires_grad is not False:
            raise TypeError(
                "requires_grad_(): argument 'requires_grad' (position 1) must be bool, not "
                + requires_grad.__class__.__name__
            )
        if requires_grad and not self.dtype.is_floating_point:
            raise RuntimeError("only Tensors of floating point dtype can require gradients")
        check(_bridge.setRequiresGrad(self._h, requires_grad))
        return self

    @property
    def grad(self):
        h = check(_bridge.grad(self._h))
        if not h:
            self._grad = None
            _bridge.meta(self._h)
            if not scratch[_bridge.IS_LEAF] and not scratch[_bridge.RETAINS_GRAD] and scratch[_bridge.REQUIRES_GRAD]:
                _grad_fn.warn_non_leaf()
            return None
        self._grad = grad = wrap(h)
        return grad

    @grad.setter
    def grad(self, value):
        _grad_fn.check_new_grad(self, value)
        check(_bridge.setGrad(self._h, 0 if value is None else value._h))
        self._grad = value

    @grad.deleter
    def grad(self):
        self.grad = None

    @property
    def grad_fn(self):
        n = check(_bridge.gradFn(self._h))
        return _grad_fn.node(n) if n else None

    @property
    def data(self):
        return wrap(check(_bridge.data(self._h)))

    @data.setter
    def data(self, value):
        if not isinstance(value, Tensor):
            raise TypeError("Variable data has to be a tensor, but got " + value.__class__.__name__)
        if self.requires_grad and not value.dtype.is_floating_point:
            raise RuntimeError("data set to a tensor that requires gradients must be floating point or complex dtype")
        check(_bridge.setData(self._h, value._h))

    def detach(self):
        return wrap(check(_bridge.detach(self._h)))

    @property
    def _backward_hooks(self):
        try:
            return object.__getattribute__(self, "_hooks")
        except AttributeError:
            return None

    def register_hook(self, hook):
        """Have `hook(gradient)` called when the gradient is computed; what it returns takes its place."""
        return _callbacks.tensor_hook(self, hook)

    def register_post_accumulate_grad_hook(self, hook):
        """As in PyTorch 2: have `hook(leaf)` called when a pass has added to the leaf's gradient."""
        return _callbacks.after_hook(self, hook)

    def is_inference(self):
        return check(_bridge.isInference(self._h)) == 1

    def __reduce_ex__(self, protocol):
        from ._utils import reduce_tensor

        return reduce_tensor(self)

    def retain_grad(self):
        check(_bridge.retainGrad(self._h))

    def backward(self, gradient=None, retain_graph=None, create_graph=False, inputs=None):
        autograd.backward(self, gradient, retain_graph, create_graph, inputs=inputs)

    # Python values

    def item(self):
        _bridge.meta(self._h)
        if scratch[_bridge.NUMEL] != 1:
            raise ValueError("only one element tensors can be converted to Python scalars")
        return _numbers.single(self, DTYPES[scratch[_bridge.DTYPE]].kind)

    def tolist(self):
        return _numbers.nested(_numbers.flat(self), self.shape, self.dtype.kind)

    def __bool__(self):
        n = self.numel()
        if n != 1:
            which = "no values" if n == 0 else "more than one value"
            raise RuntimeError(f"Boolean value of Tensor with {which} is ambiguous")
        return bool(self.item())

    def __int__(self):
        return int(self.item())

    def __float__(self):
        return float(self.item())

    def __complex__(self):
        return complex(self.item())

    def __index__(self):
        if self.dtype.kind == "float" or self.numel() != 1:
            raise TypeError("only integer tensors of a single element can be converted to an index")
        return int(self.item())

    def __len__(self):
        if self.dim() == 0:
            raise TypeError("len() of a 0-d tensor")
        return self.shape[0]

    def __iter__(self):
        if self.dim() == 0:
            raise TypeError("iteration over a 0-d tensor")
        return iter(self.unbind(0))

    def __contains__(self, element):
        if isinstance(element, (Tensor, int, float, complex)):
            return (element == self).any().item()
        raise RuntimeError(
            f"Tensor.__contains__ only supports Tensor or scalar, but you passed in a {element.__class__}."
        )

    def __reversed__(self):
        return self if self.dim() == 0 else self.flip(0)

    def __hash__(self):
        return id(self)

    def __getitem__(self, index):
        return _indexing.get(self, index)

    def __setitem__(self, index, value):
        _indexing.set(self, index, value)

    def __delitem__(self, index):
        raise TypeError("Tensor does not support deleting items")

    def __deepcopy__(self, memo):
        if not self.is_leaf:
            raise RuntimeError(
                "Only Tensors created explicitly by the user "
                "(graph leaves) support the deepcopy protocol at the moment"
            )
        if id(self) in memo:
            return memo[id(self)]
        copy = memo[id(self)] = self.detach().clone().requires_grad_(self.requires_grad)
        if self.grad is not None:
            copy.grad = self.grad.__deepcopy__(memo)
        copy.__dict__.update(_deep_items(self.__dict__, memo))
        return copy

    def __repr__(self, *, tensor_contents=None):
        return represent(self)

    def __format__(self, spec):
        if type(self) is Tensor and self.dim() == 0:
            return self.item().__format__(spec)
        return object.__format__(self, spec)

    def __dir__(self):
        return sorted(set(dir(type(self))) | set(self.__dict__))


@functools.lru_cache(None)
def _warn_of_reversal():
    """Once, as PyTorch."""
    _bridge.warn(
        "The use of `x.T` on tensors of dimension other than 2 to reverse their shape is deprecated and it will throw "
        "an error in a future release. Consider `x.mT` to transpose batches of matrices or "
        "`x.permute(*torch.arange(x.ndim - 1, -1, -1))` to reverse the dimensions of a tensor. "
        "(Triggered internally at  ./aten/src/ATen/native/TensorShape.cpp:3277.)"
    )


def _deep_items(items, memo):
    from copy import deepcopy

    return {name: deepcopy(value, memo) for name, value in items.items()}


def _dimension(dim, ndim):
    if ndim == 0:
        raise IndexError(f"Dimension specified as {dim} but tensor has no dimensions")
    n = ndim
    if not -n <= dim < n:
        raise IndexError(f"Dimension out of range (expected to be in range of [{-n}, {n - 1}], but got {dim})")
    return dim % n


def represent(tensor):
    """PyTorch's `repr` of a tensor."""
    grad_fn = tensor.grad_fn
    # A Parameter's repr says its class before this; a class of the user's stands in the place of `tensor`.
    cls = type(tensor)
    prefix = "tensor(" if cls.__module__.startswith("torch") else cls.__name__ + "("
    return _printing.tensor_repr(
        prefix,
        tuple(tensor.shape),
        _numbers.flat(tensor),
        tensor.dtype,
        _infer.get_default_dtype(),
        None if grad_fn is None else type(grad_fn).__name__,
        tensor.requires_grad,
        autograd.forward_ad.tangent_of(tensor),
    )


def _unwritable(name):
    def refuse(self, value):
        raise AttributeError(f"attribute '{name}' of 'torch._C._TensorBase' objects is not writable")

    return refuse


_members.install(Tensor)
for _name, _value in list(vars(Tensor).items()):
    if isinstance(_value, property) and _value.fset is None:
        setattr(Tensor, _name, _value.setter(_unwritable(_name)))
Tensor.__module__ = "torch"
_bridge.Tensor = Tensor
