"""Functions that make new tensors: from data, filled; their arguments are PyTorch's own signatures."""
import functools

from . import _bridge, _formats
from ._arguments import Signature, choose
from ._bridge import check, wrap
from ._data import signatures
from ._infer import dtype_of, flatten, from_numbers, get_default_dtype, sizes_of
from ._types import BY_NAME, CHANNELS_LAST_DIMS, CPU, PYTHON_DTYPES, contiguous_format, device, dtype


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
            if options.contiguous and "input" in bound:
                bound["input"] = bound["input"].detach().contiguous()
            if bound.get("size") is not None:
                bound["size"] = _sizes(bound["size"])
            made = function(*own, options, **bound)
            if options.channels_last is None:
                return made
            last = _formats.copied(made.detach(), options.channels_last)
            return last.requires_grad_() if made.requires_grad else last

        create.__qualname__ = f"Tensor.{name}" if method else name
        create.__module__ = "torch"
        del create.__wrapped__
        return create

    return decorate


class Options:
    """
    What all creators share, taken out of the bound arguments and checked: dtype (or None), requires_grad, and whether
    the result is to lie row by row even where a tensor that it is like does not.
    """

    def __init__(self, name, bound):
        d = bound.pop("dtype", None)
        self.dtype = PYTHON_DTYPES.get(d, d) if isinstance(d, type) else d
        self.requires_grad = bound.pop("requires_grad", False)
        check_device(bound.pop("device", None))
        memory_format = bound.pop("memory_format", None)
        self.contiguous = memory_format is contiguous_format
        self.channels_last = memory_format if memory_format in CHANNELS_LAST_DIMS else None
        for ignored in ("layout", "pin_memory"):
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
    if requires_grad:
        check_gradient(d)
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


def _array(data):
    """The tensor of an array, or of a number of NumPy's own."""
    from ._numpy import from_array

    return from_array(data)


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
    if _bridge.is_numpy(data):
        made = _array(data)
        made = converted(made, options.dtype or made.dtype).detach()
        return made.requires_grad_() if options.requires_grad else made
    sizes = sizes_of(data)
    d = options.dtype or dtype_of(data)
    return from_numbers(flatten(data, sizes), sizes, d, options.requires_grad)


@_parsed()
def as_tensor(options, data):
    """`data` itself if it is a tensor of the wanted dtype already, else a new tensor."""
    if isinstance(data, _bridge.Tensor):
        return converted(data, options.dtype or data.dtype)
    if _bridge.is_numpy(data):
        made = _array(data)
        return converted(made, options.dtype or made.dtype)
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


def asarray(*args, **kwargs):
    """`obj` as a tensor without a history: the same memory where it can be, unless `copy` says otherwise."""

    def parsed(obj, *, dtype=None, device=None, copy=None, requires_grad=False):
        return obj, dtype, device, copy, requires_grad

    if not args and "obj" not in kwargs:
        raise TypeError('asarray() missing 1 required positional arguments: "obj"')
    obj, d, place, copy, requires_grad = parsed(*args, **kwargs)
    d = PYTHON_DTYPES.get(d, d) if isinstance(d, type) else d
    if d is not None and not isinstance(d, dtype):
        raise TypeError(f"asarray(): argument 'dtype' must be torch.dtype, not {type(d).__name__}")
    check_device(place)
    if isinstance(obj, _bridge.Tensor):
        other = d is not None and d is not obj.dtype
        if other and copy is False:
            raise ValueError(
                f"can't alias tensor with dtype '{obj.dtype.scalar_type}' into dtype '{d.scalar_type}'."
            )
        made = obj.detach()
        if other:
            made = converted(made, d)
        elif copy:
            made = made.clone()
    elif isinstance(obj, (bytes, bytearray, memoryview)) or hasattr(obj, "typecode"):
        made = frombuffer(obj, dtype=d or get_default_dtype())
    else:
        if copy is False:
            raise ValueError("can't alias arbitrary sequence into a tensor.")
        made = tensor(obj, dtype=d)
    return made.requires_grad_() if requires_grad and check_gradient(made.dtype) else made


def frombuffer(buffer, *, dtype=None, count=-1, offset=0, requires_grad=False):
    """The numbers that lie in a Python buffer: here copies of them."""
    if dtype is None:
        raise TypeError('frombuffer() missing 1 required positional arguments: "dtype"')
    try:
        view = memoryview(buffer).cast("B")
    except TypeError:
        raise ValueError("object does not implement Python buffer protocol.") from None
    size, whole = dtype.size, len(view)
    if whole == 0 or count == 0:
        raise ValueError(f"both buffer length ({whole}) and count ({count}) must not be 0")
    if not 0 <= offset < whole:
        raise ValueError(f"offset ({offset} bytes) must be non-negative and no greater than buffer length ({whole} bytes) minus 1")
    if count < 0:
        if (whole - offset) % size:
            raise ValueError(
                f"buffer length ({whole - offset} bytes) after offset ({offset} bytes) must be a multiple of element size ({size})"
            )
        count = (whole - offset) // size
    elif offset + count * size > whole:
        raise ValueError(
            f"requested buffer length ({count} * {size} bytes) after offset ({offset} bytes) must not be greater than "
            f"actual buffer length ({whole} bytes)"
        )
    bytes_ = from_numbers(list(view[offset : offset + count * size]), (count * size,), BY_NAME["uint8"])
    made = bytes_.view(dtype)
    return made.requires_grad_() if requires_grad and check_gradient(dtype) else made


@_parsed()
def scalar_tensor(options, s):
    """A number as a tensor without dimensions: of the default dtype, whatever the number is."""
    return _filled((), _number(s), options.dtype or get_default_dtype(), options.requires_grad)


@_parsed()
def empty_strided(options, size, stride):
    """Room for these sizes, laid out by these strides; see `empty`."""
    stride = tuple(stride)
    if len(size) != len(stride):
        raise RuntimeError(
            f"dimensionality of sizes ({len(size)}) must match dimensionality of strides ({len(stride)})"
        )
    if min(stride, default=0) < 0:
        raise RuntimeError(
            f"Storage size calculation overflowed with sizes={list(size)} and strides={list(stride)}"
        )
    count = 0 if 0 in size else 1 + sum((n - 1) * s for n, s in zip(size, stride))
    d = options.dtype or get_default_dtype()
    return leaf(_filled((count,), 0, d, False).as_strided(tuple(size), stride), options)


def leaf(made, options):
    """`made`, as the caller's options want it."""
    return made.requires_grad_() if options.requires_grad and check_gradient(made.dtype) else made


def check_gradient(d):
    """True; an error for a dtype that has no gradients."""
    if not d.is_floating_point:
        raise RuntimeError("Only Tensors of floating point and complex dtype can require gradients")
    return True


def check_float(name, d):
    """PyTorch's error where a function makes floats only."""
    if not d.is_floating_point:
        raise RuntimeError(
            f"{name} expects floating point dtypes, got: TensorOptions(dtype={d.cxx}, device=cpu, layout=Strided (default), "
            "requires_grad=false (default), pinned_memory=false, memory_format=(nullopt))"
        )


@_parsed(method=True)
def new_tensor(self, options, data):
    """A leaf of this tensor's dtype."""
    if _bridge.is_numpy(data):
        made = converted(_array(data), options.dtype or self.dtype).detach()
        return made.requires_grad_() if options.requires_grad else made
    if isinstance(data, _bridge.Tensor):
        _bridge.warn(
            "To copy construct from a tensor, it is recommended to use sourceTensor.clone().detach() or "
            "sourceTensor.clone().detach().requires_grad_(True), rather than tensor.new_tensor(sourceTensor)."
        )
        made = converted(data.detach().clone(), options.dtype or self.dtype)
        return made.requires_grad_() if options.requires_grad else made
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
    kind = options.dtype or get_default_dtype()
    if kind is BY_NAME["bfloat16"]:
        raise RuntimeError("\"eye\" not implemented for 'BFloat16'")
    numbers = bytearray(n * m)
    for i in range(min(n, m)):
        numbers[i * m + i] = 1
    return from_numbers(numbers, (n, m), kind, options.requires_grad)
