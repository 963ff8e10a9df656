"""From Python values to what the bridge takes: each function gives None where PyTorch would not take the value."""
from . import _bridge
from ._types import PYTHON_DTYPES, dtype

# The bridge's kinds of a Python number.
KINDS = {bool: 1, int: 2, float: 3, complex: 4}
_TENSOR_KINDS = {"bool": 1, "int": 2, "float": 3}
MISSING_LIST = (-1,)


def _number(tensor, kinds):
    """The number in a 0-d tensor that needs no gradient, with its kind; None where it is not one of `kinds`."""
    if not isinstance(tensor, _bridge.Tensor) or tensor.requires_grad or tensor.dim() != 0:
        return None
    return tensor.item() if tensor.dtype.kind in kinds else None


def scalar_of(value):
    """(number, kind) of a subclass of a number or of a 0-d tensor without gradient; (None, None) otherwise."""
    for python, kind in KINDS.items():
        if isinstance(value, python):
            return python(value), kind
    number = _number(value, _TENSOR_KINDS)
    return (None, None) if number is None else (number, KINDS[number.__class__])


def int_of(value):
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return int(value)
    return _number(value, ("int",))


def int_list(value):
    """A tuple of ints from a list or tuple of them, or from one int."""
    if isinstance(value, (tuple, list)):
        ints = tuple([v if v.__class__ is int else int_of(v) for v in value])
        return None if None in ints else ints
    one = int_of(value)
    return None if one is None else (one,)


def float_of(value):
    if isinstance(value, float):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    number = _number(value, ("int", "float"))
    return None if number is None else float(number)


def dtype_code(value):
    if value is None:
        return -1
    if isinstance(value, dtype):
        return value.code
    python = PYTHON_DTYPES.get(value) if isinstance(value, type) else None
    return None if python is None else python.code


def tensor_list(value):
    """Handles of a list or tuple of tensors; TypeError, as in PyTorch, where a later element is not one."""
    if not isinstance(value, (tuple, list)):
        return None
    for i, v in enumerate(value):
        if not isinstance(v, _bridge.Tensor):
            raise ArgumentError(f"expected Tensor as element {i} in argument 0, but got {v.__class__.__name__}")
    return [v._h for v in value]


def optional_tensor_list(value):
    """Handles of a list or tuple of tensors and None (0)."""
    if not isinstance(value, (tuple, list)):
        return None
    if not all(v is None or isinstance(v, _bridge.Tensor) for v in value):
        return None
    return [0 if v is None else v._h for v in value]


class ArgumentError(Exception):
    """Carries the text of a TypeError through the choice of an overload, where a TypeError means: try the next."""
