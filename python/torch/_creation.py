"""New tensors: from Python data, filled, and ranges; with PyTorch's inference of dtype."""
import math
import warnings
from array import array

from . import _bridge
from ._bridge import check, wrap
from ._types import PYTHON_DTYPES, bool_, device, dtype, float32, float64, int64

_default = float32


def get_default_dtype():
    """The dtype that Python floats become."""
    return _default


def set_default_dtype(d):
    """Set the dtype that Python floats become: a floating-point one."""
    global _default
    if not isinstance(d, dtype):
        raise TypeError("invalid dtype object: only floating-point types are supported as the default type")
    if not d.is_floating_point:
        raise TypeError("only floating-point types are supported as the default type")
    check(_bridge.setDefaultDtype(d.code))
    _default = d


def _shape_of(data):
    """The sizes of nested sequences, by their first elements."""
    shape = []
    while True:
        if isinstance(data, _bridge.Tensor):
            return shape + list(data.shape)
        if not isinstance(data, (list, tuple, range)) and not _is_sequence(data):
            return shape
        shape.append(len(data))
        if not data:
            return shape
        if len(shape) > 128:
            raise ValueError(f"too many dimensions '{type(data).__name__}'")
        data = data[0]


def _is_sequence(value):
    return hasattr(type(value), "__len__") and hasattr(type(value), "__getitem__") and not isinstance(value, (str, dict))


def _infer(data):
    """The dtype that PyTorch gives to (nested) Python data."""
    if isinstance(data, bool):
        return bool_
    if isinstance(data, float):
        return _default
    if isinstance(data, int):
        return int64
    if isinstance(data, _bridge.Tensor):
        return data.dtype
    if isinstance(data, complex):
        raise NotImplementedError("complex tensors are not in the embedded engine (yet); the PyTorch engine has them")
    if isinstance(data, str):
        raise TypeError("new(): invalid data type 'str'")
    if not isinstance(data, (list, tuple)) and not _is_sequence(data):
        raise RuntimeError(f"Could not infer dtype of {type(data).__name__}")
    found = None
    for item in data:
        kind = _infer(item)
        found = kind if found is None else promote_types(found, kind)
        if found is float64:
            break
    return _default if found is None else found


def promote_types(a, b):
    """The dtype that holds both."""
    order = {"bool": 0, "int": 1, "float": 2}
    if a.kind != b.kind:
        return a if order[a.kind] > order[b.kind] else b
    return a if a.code >= b.code else b


def result_type(a, b):
    """The dtype of `a + b`: tensors with dimensions first, then 0-d tensors, then Python numbers, unless of a higher kind."""
    order = {"bool": 0, "int": 1, "float": 2}
    ranks = {}
    for value in (a, b):
        if isinstance(value, _bridge.Tensor):
            rank, kind = (0 if value.dim() else 1), value.dtype
        else:
            rank, kind = 2, _infer(value)
        ranks[rank] = promote_types(ranks[rank], kind) if rank in ranks else kind
    found = None
    for rank in sorted(ranks):
        if found is None or order[ranks[rank].kind] > order[found.kind]:
            found = ranks[rank]
    return found


def _flatten(data, shape, level, out):
    """Append the numbers of nested sequences to `out`; PyTorch's errors where they are ragged."""
    if level == len(shape):
        out.append(data.item() if isinstance(data, _bridge.Tensor) else data)
        return
    if isinstance(data, _bridge.Tensor):
        data = data.tolist()
    if not isinstance(data, (list, tuple, range)) and not _is_sequence(data):
        raise TypeError("not a sequence")
    if len(data) != shape[level]:
        raise ValueError(f"expected sequence of length {shape[level]} at dim {level} (got {len(data)})")
    if level == len(shape) - 1 and all([type(v) in (float, int, bool) for v in data]):
        out += data
        return
    for item in data:
        _flatten(item, shape, level + 1, out)


def _int(value):
    if isinstance(value, float) and not math.isfinite(value):
        raise RuntimeError("value cannot be converted to type int64 without overflow")
    if not isinstance(value, (int, float)):
        raise TypeError(f"an integer is required (got type {type(value).__name__})")
    value = int(value)
    if not -(2**63) <= value < 2**63:
        raise RuntimeError("Overflow when unpacking long")
    return value


def _float(value):
    if not isinstance(value, (int, float)):
        raise TypeError(f"must be real number, not {type(value).__name__}")
    return float(value)


def from_numbers(values, shape, d, requires_grad=False):
    """A leaf from flat Python numbers, converted to dtype `d`."""
    if d.kind == "float":
        kind, buffer = 0, array("d", map(_float, values))
    elif d.kind == "int":
        kind, buffer = 1, array("q", map(_int, values))
    else:
        kind, buffer = 2, array("B", [v != 0 for v in values])
    address = buffer.buffer_info()[0]
    return wrap(check(_bridge.fromBuffer(address, kind, d.code, requires_grad, len(shape), *shape)))


def _options(function, d, dev, requires_grad):
    """Check the keyword arguments that all creators share; the dtype, or None."""
    if isinstance(d, type) and d in PYTHON_DTYPES:
        d = PYTHON_DTYPES[d]
    if d is not None and not isinstance(d, dtype):
        raise TypeError(f"{function}(): argument 'dtype' must be torch.dtype, not {type(d).__name__}")
    check_device(function, dev)
    if requires_grad is not True and requires_grad is not False:
        raise TypeError(
            f"{function}(): argument 'requires_grad' must be bool, not {type(requires_grad).__name__}"
        )
    return d


def check_device(function, dev):
    """Refuse a device that is not the cpu, in PyTorch's words where it has some."""
    if dev is None:
        return
    if not isinstance(dev, (device, str, int)):
        raise TypeError(f"{function}(): argument 'device' must be torch.device, not {type(dev).__name__}")
    dev = device(dev)
    if dev.type == "cuda":
        raise AssertionError("Torch not compiled with CUDA enabled")
    if dev.type != "cpu":
        raise NotImplementedError(f"device '{dev}' is not in the embedded engine, which has the cpu only")


def tensor(data, *, dtype=None, device=None, requires_grad=False, pin_memory=False):
    """A leaf that copies Python data: numbers, nested sequences of them, tensors."""
    d = _options("tensor", dtype, device, requires_grad)
    if isinstance(data, _bridge.Tensor):
        warnings.warn(
            "To copy construct from a tensor, it is recommended to use sourceTensor.clone().detach() or "
            "sourceTensor.clone().detach().requires_grad_(True), rather than torch.tensor(sourceTensor).",
            stacklevel=2,
        )
        return as_type(data.detach().clone(), d or data.dtype).requires_grad_(requires_grad)
    d = d or _infer(data)
    shape = _shape_of(data)
    values = []
    _flatten(data, shape, 0, values)
    if requires_grad and not d.is_floating_point:
        raise RuntimeError("Only Tensors of floating point and complex dtype can require gradients")
    return from_numbers(values, shape, d, requires_grad)


def as_tensor(data, dtype=None, device=None):
    """`data` itself if it is a tensor of that dtype already, else a new tensor."""
    d = _options("as_tensor", dtype, device, False)
    if isinstance(data, _bridge.Tensor):
        return data if d is None or d is data.dtype else as_type(data, d)
    return tensor(data, dtype=d)


def as_type(source, d):
    """`source` in dtype `d`, recorded; itself where it is of that dtype."""
    if source.dtype is d:
        return source
    return wrap(check(_bridge._row_to(_bridge.here(), source, d)))


def sizes_of(function, args, size):
    """Sizes given as `f(2, 3)`, `f((2, 3))` or `f(size=(2, 3))`."""
    if size is None:
        if not args:
            return ()
        size = args[0] if len(args) == 1 and isinstance(args[0], (tuple, list)) else args
    elif args:
        raise TypeError(f"{function}() got multiple values for argument 'size'")
    sizes = []
    for i, n in enumerate(size):
        if isinstance(n, _bridge.Tensor):
            n = n.__index__()
        if not isinstance(n, int) or isinstance(n, bool):
            if i == 0:
                shown = args[0] if args and args[0] is not size else n
                raise TypeError(
                    f"{function}(): argument 'size' (position 1) must be tuple of SymInts, not {type(shown).__name__}"
                )
            raise TypeError(
                f"{function}(): argument 'size' must be tuple of SymInts, "
                f"but found element of type {type(n).__name__} at pos {i + 1}"
            )
        sizes.append(n)
    for n in sizes:
        if n < 0:
            raise RuntimeError(f"Trying to create tensor with negative dimension {n}: {sizes}")
    return tuple(sizes)


def filled(sizes, value, d, requires_grad):
    made = wrap(check(_bridge._row_full(0, sizes, value, dtype=d)))
    return made.requires_grad_() if requires_grad else made


def _filler(name, value):
    def create(*args, size=None, dtype=None, device=None, requires_grad=False, layout=None, pin_memory=False):
        d = _options(name, dtype, device, requires_grad)
        return filled(sizes_of(name, args, size), value, d or _default, requires_grad)

    create.__name__ = create.__qualname__ = name
    create.__doc__ = f"A tensor of the given sizes, filled with {value}."
    return create


zeros = _filler("zeros", 0)
ones = _filler("ones", 1)
# PyTorch leaves what was in memory; zeros are one of the things that may be there.
empty = _filler("empty", 0)


def full(size, fill_value, *, dtype=None, device=None, requires_grad=False, layout=None):
    """A tensor of the given sizes, filled with a number."""
    d = _options("full", dtype, device, requires_grad)
    if not isinstance(size, (tuple, list)):
        raise TypeError(f"full(): argument 'size' (position 1) must be tuple of SymInts, not {type(size).__name__}")
    if isinstance(fill_value, _bridge.Tensor) and fill_value.dim() == 0:
        fill_value = fill_value.item()
    if not isinstance(fill_value, (int, float)):
        raise TypeError(
            f"full(): argument 'fill_value' (position 2) must be Number, not {type(fill_value).__name__}"
        )
    return filled(sizes_of("full", (size,), None), fill_value, d or _infer(fill_value), requires_grad)


def _like(name, value):
    def create(input, *, dtype=None, device=None, requires_grad=False, memory_format=None, layout=None):
        if not isinstance(input, _bridge.Tensor):
            raise TypeError(f"{name}(): argument 'input' (position 1) must be Tensor, not {type(input).__name__}")
        d = _options(name, dtype, device, requires_grad)
        return filled(tuple(input.shape), value, d or input.dtype, requires_grad)

    create.__name__ = create.__qualname__ = name
    create.__doc__ = f"A tensor of the sizes and dtype of `input`, filled with {value}."
    return create


zeros_like = _like("zeros_like", 0)
ones_like = _like("ones_like", 1)
empty_like = _like("empty_like", 0)


def full_like(input, fill_value, *, dtype=None, device=None, requires_grad=False, memory_format=None, layout=None):
    """A tensor of the sizes and dtype of `input`, filled with a number."""
    d = _options("full_like", dtype, device, requires_grad)
    return filled(tuple(input.shape), fill_value, d or input.dtype, requires_grad)


def _numbers_of(function, **values):
    for i, (name, value) in enumerate(values.items()):
        if isinstance(value, _bridge.Tensor) and value.dim() == 0:
            value = value.item()
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise TypeError(
                f"{function}(): argument '{name}' (position {i + 1}) must be Number, not {type(value).__name__}"
            )
        yield value


def arange(*args, start=None, end=None, step=None, dtype=None, device=None, requires_grad=False, layout=None):
    """start, start + step, … below end."""
    d = _options("arange", dtype, device, requires_grad)
    if len(args) > 1 or start is not None:
        names = ("start", "end", "step")
    else:
        names = ("end",)
    given = dict(zip(names, args))
    for name, value in (("start", start), ("end", end), ("step", step)):
        if value is not None:
            given[name] = value
    if "end" not in given or len(args) > 3:
        raise TypeError("arange() takes end, or start, end and optionally step")
    values = dict(zip(given, _numbers_of("arange", **given)))
    start, end, step = values.get("start", 0), values["end"], values.get("step", 1)
    if d is None:
        d = _default if any(isinstance(v, float) for v in values.values()) else int64
    if step == 0:
        raise RuntimeError("step must be nonzero")
    for name, value in (("start", start), ("end", end)):
        if not math.isfinite(value):
            raise RuntimeError(f"unsupported range: {float(start):g} -> {float(end):g}")
    if (step > 0) != (end >= start) and end != start:
        raise RuntimeError("upper bound and larger bound inconsistent with step sign")
    if d.kind == "int":
        start, end, step = int(start), int(end), int(step)
        numbers = range(start, end, step)
    else:
        numbers = [start + step * i for i in range(math.ceil((end - start) / step))]
    return from_numbers(numbers, (len(numbers),), d, requires_grad)


def linspace(start, end, steps, *, dtype=None, device=None, requires_grad=False, layout=None):
    """`steps` numbers from start to end, both included, at equal distances."""
    d = _options("linspace", dtype, device, requires_grad) or _default
    start, end = _numbers_of("linspace", start=start, end=end)
    if isinstance(steps, bool) or not isinstance(steps, int):
        raise TypeError(f"linspace(): argument 'steps' (position 3) must be int, not {type(steps).__name__}")
    if steps < 0:
        raise RuntimeError("number of steps must be non-negative")
    # As the kernel does: in the tensor's own precision, from both ends towards the middle.
    exact = array("f", [0.0]) if d is float32 else array("d", [0.0])

    def rounded(v):
        exact[0] = v
        return exact[0]

    if d.kind == "int":
        start, end = int(start), int(end)
    start, end = rounded(start), rounded(end)
    step = rounded(rounded(end - start) / (steps - 1)) if steps > 1 else 0.0
    numbers = [
        rounded(start + rounded(step * i)) if i < steps // 2 else rounded(end - rounded(step * (steps - i - 1)))
        for i in range(steps)
    ]
    if steps == 1:
        numbers = [start]
    return from_numbers(numbers, (steps,), d, requires_grad)


def eye(n, m=None, *, dtype=None, device=None, requires_grad=False, layout=None):
    """Ones on the diagonal of an n x m matrix of zeros; m is n unless given."""
    d = _options("eye", dtype, device, requires_grad) or _default
    m = n if m is None else m
    for position, (name, value) in enumerate((("n", n), ("m", m))):
        if isinstance(value, bool) or not isinstance(value, int):
            raise TypeError(
                f"eye(): argument '{name}' (position {position + 1}) must be int, not {type(value).__name__}"
            )
        if value < 0:
            raise RuntimeError(f"{name} must be greater or equal to 0, got {value}")
    numbers = bytearray(n * m)
    numbers[:: m + 1] = bytes([1]) * len(numbers[:: m + 1])
    if m < n:
        numbers[m * m :] = bytes((n - m) * m)
    return from_numbers(numbers, (n, m), d, requires_grad)


def new_tensor(self, data, *, dtype=None, device=None, requires_grad=False):
    """A leaf of this tensor's dtype."""
    return tensor(data, dtype=dtype or self.dtype, device=device, requires_grad=requires_grad)


def _new_filler(name, value):
    def create(self, *args, size=None, dtype=None, device=None, requires_grad=False, layout=None):
        d = _options(name, dtype, device, requires_grad)
        return filled(sizes_of(name, args, size), value, d or self.dtype, requires_grad)

    create.__name__ = name
    create.__qualname__ = "Tensor." + name
    create.__doc__ = f"A tensor of this one's dtype, filled with {value}."
    return create


new_zeros = _new_filler("new_zeros", 0)
new_ones = _new_filler("new_ones", 1)
new_empty = _new_filler("new_empty", 0)


def new_full(self, size, fill_value, *, dtype=None, device=None, requires_grad=False, layout=None):
    """A tensor of this one's dtype, filled with a number."""
    return full(size, fill_value, dtype=dtype or self.dtype, device=device, requires_grad=requires_grad)
