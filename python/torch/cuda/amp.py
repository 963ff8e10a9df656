"""torch.cuda.amp where there is no CUDA: autocast and GradScaler warn and do nothing, as in PyTorch."""
import functools
import warnings

from .. import amp
from .._missing import guard


class autocast(amp.autocast):
    """See torch.autocast."""

    def __init__(self, enabled=True, dtype=None, cache_enabled=True):
        super().__init__("cuda", dtype=dtype, enabled=enabled, cache_enabled=cache_enabled)


class GradScaler:
    """Losses are scaled by 1, and steps are the optimizer's own."""

    def __init__(self, init_scale=2.0**16, growth_factor=2.0, backoff_factor=0.5, growth_interval=2000, enabled=True):
        if enabled:
            warnings.warn("torch.cuda.amp.GradScaler is enabled, but CUDA is not available.  Disabling.")

    def scale(self, outputs):
        return outputs

    def unscale_(self, optimizer):
        """Nothing was scaled."""

    def step(self, optimizer, *args, **kwargs):
        return optimizer.step(*args, **kwargs)

    def update(self, new_scale=None):
        """The scale stays 1."""

    def get_scale(self):
        return 1.0

    def get_growth_factor(self):
        return 1.0

    get_backoff_factor = get_growth_factor

    def get_growth_interval(self):
        return 0

    def is_enabled(self):
        return False

    def state_dict(self):
        return {}

    def load_state_dict(self, state_dict):
        """There is no state."""


def custom_fwd(fwd=None, **kwargs):
    """For the forward of a Function under autocast: here as it is."""
    if fwd is None:
        return functools.partial(custom_fwd, **kwargs)
    return fwd


def custom_bwd(bwd):
    """For the backward of such a Function: here as it is."""
    return bwd


__getattr__ = guard("torch.cuda.amp")
