"""torch.amp: autocast, which on a processor without CUDA mostly says that it does nothing."""
import functools
import warnings

import torch

from ._missing import guard

_state = {"cache": True}


def is_autocast_enabled():
    return False


is_autocast_cpu_enabled = is_autocast_enabled


def is_autocast_cache_enabled():
    return _state["cache"]


def set_autocast_cache_enabled(enabled):
    _state["cache"] = bool(enabled)


def set_autocast_enabled(enabled):
    """CUDA's: there is nothing that it would change."""


def set_autocast_cpu_enabled(enabled):
    if enabled:
        _refuse()


def get_autocast_cpu_dtype():
    return torch.bfloat16


def get_autocast_gpu_dtype():
    return torch.float16


def clear_autocast_cache():
    pass


def _refuse():
    raise NotImplementedError(
        "torch.autocast on the CPU (in bfloat16) is not in the embedded engine (yet); the PyTorch engine has it"
    )


class autocast:
    """For CUDA it warns and does nothing, as PyTorch without CUDA does; for the CPU it is refused unless disabled."""

    def __init__(self, device_type, dtype=None, enabled=True, cache_enabled=None):
        self.device = device_type
        if device_type not in ("cuda", "cpu"):
            raise RuntimeError("User specified autocast device_type must be 'cuda' or 'cpu'")
        self.fast_dtype = dtype or (torch.float16 if device_type == "cuda" else torch.bfloat16)
        self._cache_enabled = is_autocast_cache_enabled() if cache_enabled is None else cache_enabled
        if enabled and device_type == "cuda":
            warnings.warn("User provided device_type of 'cuda', but CUDA is not available. Disabling")
            enabled = False
        elif enabled and self.fast_dtype is not torch.bfloat16:
            warnings.warn(
                "In CPU autocast, but the target dtype is not supported. Disabling autocast.\n"
                "CPU Autocast only supports dtype of torch.bfloat16 currently."
            )
            enabled = False
        self._enabled = enabled

    def __enter__(self):
        if self._enabled:
            _refuse()
        if self.device == "cpu" and self.fast_dtype is not torch.bfloat16:
            raise RuntimeError("Currently, AutocastCPU only support Bfloat16 as the autocast_cpu_dtype")
        return self

    def __exit__(self, *_):
        return False

    def __call__(self, function):
        @functools.wraps(function)
        def decorate_autocast(*args, **kwargs):
            with self:
                return function(*args, **kwargs)

        return decorate_autocast


autocast.__module__ = "torch.amp.autocast_mode"

__getattr__ = guard("torch.amp")
