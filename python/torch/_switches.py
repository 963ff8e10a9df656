"""Switches of PyTorch that change nothing of what is computed here: threads, determinism, precision. They remember what they were set to."""
import warnings

_state = {
    "threads": 1,
    "deterministic": False,
    "warn_only": False,
    "precision": "highest",
    "warn_always": False,
    "autocast_cache": True,
}


def get_num_threads():
    """How many threads an operation may use: one, unless the program has said otherwise, and then one all the same."""
    return _state["threads"]


def _positive(name, value):
    if not isinstance(value, int) or isinstance(value, bool):
        raise RuntimeError(f"{name} expects an int, but got {type(value).__name__}")
    if value <= 0:
        raise RuntimeError(f"{name} expects a positive integer")
    return value


def set_num_threads(num):
    _state["threads"] = _positive("set_num_threads", num)


def get_num_interop_threads():
    return 1


def set_num_interop_threads(num):
    _positive("set_num_interop_threads", num)


def init_num_threads():
    pass


def set_flush_denormal(mode):
    """False: denormal numbers are kept, which this engine cannot change."""
    if not isinstance(mode, bool):
        raise RuntimeError(f"flush_denormal expects a bool, but got {type(mode).__name__}")
    return not mode


def use_deterministic_algorithms(mode, *, warn_only=False):
    """Every operation here is deterministic anyway."""
    _state.update(deterministic=bool(mode), warn_only=bool(warn_only))


def are_deterministic_algorithms_enabled():
    return _state["deterministic"]


def is_deterministic_algorithms_warn_only_enabled():
    return _state["warn_only"]


_MODES = ("default", "warn", "error")


def set_deterministic_debug_mode(debug_mode):
    if not isinstance(debug_mode, (int, str)):
        raise TypeError(f"debug_mode must be str or int, but got {type(debug_mode)}")
    if isinstance(debug_mode, str):
        if debug_mode not in _MODES:
            raise RuntimeError(
                f"invalid value of debug_mode, expected one of `default`, `warn`, `error`, but got {debug_mode}"
            )
        debug_mode = _MODES.index(debug_mode)
    if debug_mode not in (0, 1, 2):
        raise RuntimeError(f"invalid value of debug_mode, expected 0, 1, or 2, but got {debug_mode}")
    use_deterministic_algorithms(debug_mode > 0, warn_only=debug_mode == 1)


def get_deterministic_debug_mode():
    if not _state["deterministic"]:
        return 0
    return 1 if _state["warn_only"] else 2


def get_float32_matmul_precision():
    return _state["precision"]


def set_float32_matmul_precision(precision):
    """Products of matrices are computed in float32, whatever is said here."""
    if precision in ("highest", "high", "medium"):
        _state["precision"] = precision
    else:
        warnings.warn(
            f"{precision} is not one of 'highest', 'high', or 'medium'; the current"
            "setFloat32MatmulPrecision call has no effect."
        )


def is_warn_always_enabled():
    return _state["warn_always"]


def set_warn_always(b):
    _state["warn_always"] = bool(b)


def compiled_with_cxx11_abi():
    return True


def is_vulkan_available():
    return False


def typename(o):
    """The name of an object's type, or of a type, with its module; of a tensor its old-style type."""
    import torch

    if isinstance(o, torch.Tensor):
        return o.type()
    named = o if hasattr(o, "__qualname__") else type(o)
    module = getattr(named, "__module__", "builtins")
    return named.__qualname__ if module in ("builtins", "__builtin__", None) else f"{module}.{named.__qualname__}"


def is_storage(obj):
    return type(obj).__name__ in ("TypedStorage", "UntypedStorage")


def compile(model=None, *, fullgraph=False, dynamic=None, backend="inductor", mode=None, options=None, disable=False):
    """As in PyTorch 2, but nothing is compiled: the model itself, which computes the same."""
    return (lambda given: given) if model is None else model
