"""From Python values to what the bridge takes: each function gives None where PyTorch would not take the value."""
import operator

from . import _bridge
from ._generator import Generator
from ._types import PYTHON_DTYPES, dtype

# The bridge's kinds of a Python number.
KINDS = {bool: 1, int: 2, float: 3, complex: 4}
MISSING_LIST = (-1,)
LEAST, MOST = -(2**63), 2**63 - 1


def overflow():
    """What PyTorch says of an int beyond 64 bits."""
    raise RuntimeError("Overflow when unpacking long")


def _number(tensor, kinds):
    """The number in a 0-d tensor that needs no gradient, with its kind; None where it is not one of `kinds`."""
    if not isinstance(tensor, _bridge.Tensor) or tensor.requires_grad or tensor.dim() != 0:
        return None
    return tensor.item() if tensor.dtype.kind in kinds else None


def scalar_of(value):
    """A plain Python number from one of a subclass or from a 0-d tensor without gradient; None otherwise."""
    for python in KINDS:
        if isinstance(value, python):
            number = python(value)
            if python is int and not LEAST <= number <= MOST:
                overflow()
            return number
    if _bridge.is_numpy(value):
        return scalar_of(value.item()) if value.shape == () else None
    return _number(value, ("bool", "int", "float"))


def int_of(value):
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return int(value)
    return _number(value, ("int",))


def index_of(value):
    """The int that a value is by its `__index__`, as PyTorch takes them in lists of sizes: 2, True, a tensor of one integer."""
    if isinstance(value, _bridge.Tensor):
        return int(value.item()) if value.dtype.kind != "float" and value.numel() == 1 else None
    if not hasattr(value, "__index__"):
        return None
    return operator.index(value)


def is_int_list(value):
    """Whether PyTorch's parser takes it for a list of ints: it looks at the first, which may not be a bool."""
    return isinstance(value, (tuple, list)) and (
        not value or (not isinstance(value[0], bool) and index_of(value[0]) is not None)
    )


def int_list(value):
    """A tuple of ints from a list or tuple of them."""
    if not is_int_list(value):
        return None
    ints = tuple([v if v.__class__ is int else index_of(v) for v in value])
    return None if None in ints else ints


def float_list(value):
    """The count of a list or tuple of floats, and they; the count of a list that is left out for None."""
    if value is None:
        return MISSING_LIST
    if not isinstance(value, (tuple, list)):
        return None
    floats = [float_of(v) for v in value]
    return None if None in floats else (len(floats), *floats)


def float_of(value):
    if isinstance(value, float):
        return value
    if isinstance(value, int):
        return float(value)
    number = _number(value, ("int", "float"))
    return None if number is None else float(number)


def generator_of(value):
    """A generator's handle; 0, the default one's, for None."""
    if value is None:
        return 0
    return value._h if isinstance(value, Generator) else None


def dtype_code(value):
    if value is None:
        return -1
    if isinstance(value, dtype):
        return value.code
    python = PYTHON_DTYPES.get(value) if isinstance(value, type) else None
    return None if python is None else python.code


def tensor_list(value):
    """Handles of a list or tuple of tensors."""
    if not isinstance(value, (tuple, list)) or not all([isinstance(v, _bridge.Tensor) for v in value]):
        return None
    return [v._h for v in value]


def optional_tensor_list(value):
    """Handles of a list or tuple of tensors and None (0)."""
    if not isinstance(value, (tuple, list)):
        return None
    if not all(v is None or isinstance(v, _bridge.Tensor) for v in value):
        return None
    return [0 if v is None else v._h for v in value]
