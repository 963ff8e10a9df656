"""make_tensor: random numbers of any dtype within bounds."""
import math

import torch


def make_tensor(
    *shape, dtype, device, low=None, high=None, requires_grad=False, noncontiguous=False, exclude_zero=False,
    memory_format=None,
):  # fmt: skip
    """Numbers drawn evenly from [low, high): by default [-9, 9), for bytes [0, 10), for bools both."""
    shape = tuple(shape[0]) if len(shape) == 1 and isinstance(shape[0], (tuple, list)) else shape
    if dtype is torch.bool:
        made = torch.randint(0, 2, shape, dtype=dtype)
    elif dtype.is_floating_point:
        limits = torch.finfo(dtype)
        low = -9 if low is None else max(low, limits.min)
        high = 9 if high is None else min(high, limits.max)
        made = (high - low) * torch.rand(shape, dtype=dtype) + low
    else:
        limits = torch.iinfo(dtype)
        low = (0 if limits.min == 0 else -9) if low is None else max(math.floor(low), limits.min)
        high = 10 if high is None else min(math.ceil(high), limits.max)
        made = torch.randint(low, high, shape, dtype=dtype)
    if noncontiguous and made.numel() > 1:
        made = torch.repeat_interleave(made, 2, dim=-1)[..., ::2]
    if exclude_zero:
        made[made == 0] = torch.finfo(dtype).tiny if dtype.is_floating_point else 1
    return made.requires_grad_() if requires_grad else made


make_tensor.__module__ = "torch.testing"
