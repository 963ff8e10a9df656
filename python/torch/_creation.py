"""Functions that make new tensors: from data, filled; their arguments are PyTorch's own signatures."""
import functools

from . import _bridge
from ._arguments import Signature, choose
from ._bridge import check, wrap
from ._data import signatures
from ._infer import dtype_of, flatten, from_numbers, get_default_dtype, sizes_of
from ._types import CPU, PYTHON_DTYPES, device


def _parsed(method=False):
    """A function of the bound arguments becomes one that parses its call by PyTorch's signatures of its name."""

    def decorate(function):
        name = function.__name__
        known = []

        @functools.wraps(function)
        def create(*args, **kwargs):
            if not known:
                known.extend(map(Signature, signatures(name, method)))
            own, args = (args[:1], args[1:]) if method else ((), args)
            signature, bound = choose(known, args, kwargs)
            options = Options(signature.name, bound)
            if bound.get("size") is not None:
                bound["size"] = _sizes(bound["size"])
            return function(*own, options, **bound)

        create.__qualname__ = f"Tensor.{name}" if method else name
        create.__module__ = "torch"
        del create.__wrapped__
        return create

    return decorate


class Options:
    """What all creators share, taken out of the bound arguments and checked: dtype (or None), requires_grad."""

    def __init__(self, name, bound):
        d = bound.pop("dtype", None)
        self.dtype = PYTHON_DTYPES.get(d, d) if isinstance(d, type) else d
        self.requires_grad = bound.pop("requires_grad", False)
        check_device(bound.pop("device", None))
        for ignored in ("layout", "pin_memory", "memory_format"):
            bound.pop(ignored, None)
        for lacking in ("out", "names"):
            if bound.pop(lacking, None) is not None:
                raise NotImplementedError(
                    f"{name}({lacking}=…) is not in the embedded engine (yet); the PyTorch engine has it"
                )


def check_device(given):
    """Refuse a device that is not the cpu, in PyTorch's words where it has some."""
    if given is None:
        return CPU
    given = device(given)
    if given.type == "cuda":
        raise AssertionError("Torch not compiled with CUDA enabled")
    if given.type != "cpu":
        raise NotImplementedError(f"device '{given}' is not in the embedded engine, which has the cpu only")
    return CPU


def _sizes(size):
    sizes = [int(n) for n in size]
    for n in sizes:
        if n < 0:
            raise RuntimeError(f"Trying to create tensor with negative dimension {n}: {sizes}")
    return sizes


def _filled(sizes, value, d, requires_grad):
    if requires_grad and not d.is_floating_point:
        raise RuntimeError("Only Tensors of floating point and complex dtype can require gradients")
    made = wrap(check(_bridge._row_full(0, sizes, value, dtype=d)))
    return made.requires_grad_() if requires_grad else made


def _filled_like(input, value, options):
    made = wrap(check(_bridge._row_full_like(0, input, value, dtype=options.dtype)))
    return made.requires_grad_() if options.requires_grad else made


def converted(source, d):
    """`source` in dtype `d`, recorded; itself where it has that dtype."""
    if source.dtype is d:
        return source
    return wrap(check(_bridge._row_to(_bridge.here(), source, d)))


@_parsed()
def tensor(options, data):
    """A leaf that copies Python data: numbers, nested sequences of them, tensors."""
    if isinstance(data, _bridge.Tensor):
        _bridge.warn(
            "To copy construct from a tensor, it is recommended to use sourceTensor.clone().detach() or "
            "sourceTensor.clone().detach().requires_grad_(True), rather than torch.tensor(sourceTensor)."
        )
        made = converted(data.detach().clone(), options.dtype or data.dtype)
        return made.requires_grad_() if options.requires_grad else made
    d = options.dtype or dtype_of(data)
    sizes = sizes_of(data)
    return from_numbers(flatten(data, sizes), sizes, d, options.requires_grad)


@_parsed()
def as_tensor(options, data):
    """`data` itself if it is a tensor of the wanted dtype already, else a new tensor."""
    if isinstance(data, _bridge.Tensor):
        return converted(data, options.dtype or data.dtype)
    sizes = sizes_of(data)
    return from_numbers(flatten(data, sizes), sizes, options.dtype or dtype_of(data))


@_parsed()
def zeros(options, size):
    """A tensor of the given sizes, filled with 0."""
    return _filled(size, 0, options.dtype or get_default_dtype(), options.requires_grad)


@_parsed()
def ones(options, size):
    """A tensor of the given sizes, filled with 1."""
    return _filled(size, 1, options.dtype or get_default_dtype(), options.requires_grad)


@_parsed()
def empty(options, size):
    """A tensor of the given sizes. PyTorch leaves what was in memory; zeros are one of the things that may be there."""
    return _filled(size, 0, options.dtype or get_default_dtype(), options.requires_grad)


@_parsed()
def full(options, size, fill_value):
    """A tensor of the given sizes, filled with a number."""
    fill_value = _number(fill_value)
    return _filled(size, fill_value, options.dtype or dtype_of(fill_value), options.requires_grad)


@_parsed()
def zeros_like(options, input):
    """Zeros, in the sizes and dtype of `input`."""
    return _filled_like(input, 0, options)


@_parsed()
def ones_like(options, input):
    """Ones, in the sizes and dtype of `input`."""
    return _filled_like(input, 1, options)


@_parsed()
def empty_like(options, input):
    """Room for the sizes and dtype of `input`; see `empty`."""
    return _filled_like(input, 0, options)


@_parsed()
def full_like(options, input, fill_value):
    """A number, in the sizes and dtype of `input`."""
    return _filled_like(input, _number(fill_value), options)


@_parsed(method=True)
def new_tensor(self, options, data):
    """A leaf of this tensor's dtype."""
    sizes = sizes_of(data)
    return from_numbers(flatten(data, sizes), sizes, options.dtype or self.dtype, options.requires_grad)


@_parsed(method=True)
def new_zeros(self, options, size):
    """Zeros of this tensor's dtype."""
    return _filled(size, 0, options.dtype or self.dtype, options.requires_grad)


@_parsed(method=True)
def new_ones(self, options, size):
    """Ones of this tensor's dtype."""
    return _filled(size, 1, options.dtype or self.dtype, options.requires_grad)


@_parsed(method=True)
def new_empty(self, options, size):
    """Room for this tensor's dtype; see `empty`."""
    return _filled(size, 0, options.dtype or self.dtype, options.requires_grad)


@_parsed(method=True)
def new_full(self, options, size, fill_value):
    """A number, in this tensor's dtype."""
    return _filled(size, _number(fill_value), options.dtype or self.dtype, options.requires_grad)


def _number(value):
    return value.item() if isinstance(value, _bridge.Tensor) else value


@_parsed()
def eye(options, n, m=None):
    """Ones on the diagonal of an n x m matrix of zeros; m is n unless given."""
    m = n if m is None else m
    for name, value in (("n", n), ("m", m)):
        if value < 0:
            raise RuntimeError(f"{name} must be greater or equal to 0, got {value}")
    numbers = bytearray(n * m)
    for i in range(min(n, m)):
        numbers[i * m + i] = 1
    return from_numbers(numbers, (n, m), options.dtype or get_default_dtype(), options.requires_grad)
