"""torch.cuda where there is none: the answers and the errors of a PyTorch that was built without it."""
from .. import _missing
from .._legacy import CUDA_TYPES

globals().update(CUDA_TYPES)


def is_available():
    """False: the embedded engine has the cpu only."""
    return False


def is_initialized():
    return False


def is_bf16_supported():
    return False


def device_count():
    return 0


def _nothing(*_, **__):
    """Does nothing, as in PyTorch without CUDA."""


manual_seed = manual_seed_all = seed = seed_all = empty_cache = _nothing


def memory_allocated(device=None):
    return 0


max_memory_allocated = memory_reserved = max_memory_reserved = memory_allocated


def _refuse(*_, **__):
    raise AssertionError("Torch not compiled with CUDA enabled")


init = synchronize = current_device = set_device = get_device_name = get_device_properties = _refuse
get_device_capability = current_stream = reset_peak_memory_stats = _refuse

__getattr__ = _missing.guard("torch.cuda", lazy=("amp",))
