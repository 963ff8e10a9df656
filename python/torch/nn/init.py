"""torch.nn.init: ways to fill a parameter in place; nothing here is recorded."""
import math
import warnings

import torch

from .._missing import guard


def _unrecorded(fill):
    """A function of a tensor, run without recording; it gives the tensor back."""

    def run(tensor, *args, **kwargs):
        with torch.no_grad():
            fill(tensor, *args, **kwargs)
        return tensor

    run.__name__ = run.__qualname__ = fill.__name__
    run.__doc__ = fill.__doc__
    return run


@_unrecorded
def uniform_(tensor, a=0.0, b=1.0):
    """From the uniform distribution on [a, b)."""
    tensor.uniform_(a, b)


@_unrecorded
def normal_(tensor, mean=0.0, std=1.0):
    """From the normal distribution."""
    tensor.normal_(mean, std)


@_unrecorded
def trunc_normal_(tensor, mean=0.0, std=1.0, a=-2.0, b=2.0):
    """From the normal distribution, within [a, b]."""
    if mean < a - 2 * std or mean > b + 2 * std:
        warnings.warn(
            "mean is more than 2 std from [a, b] in nn.init.trunc_normal_. "
            "The distribution of values may be incorrect.",
            stacklevel=3,
        )

    def below(x):
        return (1.0 + math.erf(x / math.sqrt(2.0))) / 2.0

    low, high = below((a - mean) / std), below((b - mean) / std)
    tensor.uniform_(2 * low - 1, 2 * high - 1)
    tensor.erfinv_()
    tensor.mul_(std * math.sqrt(2.0))
    tensor.add_(mean)
    tensor.clamp_(min=a, max=b)


@_unrecorded
def constant_(tensor, val):
    """One number."""
    tensor.fill_(val)


@_unrecorded
def ones_(tensor):
    """1"""
    tensor.fill_(1.0)


@_unrecorded
def zeros_(tensor):
    """0"""
    tensor.zero_()


@_unrecorded
def eye_(tensor):
    """The identity, for a matrix."""
    if tensor.ndimension() != 2:
        raise ValueError("Only tensors with 2 dimensions are supported")
    tensor.copy_(torch.eye(*tensor.shape, dtype=tensor.dtype))


@_unrecorded
def dirac_(tensor, groups=1):
    """For convolutions: keeps as many channels as it can."""
    sizes = tensor.size()
    if len(sizes) not in (3, 4, 5):
        raise ValueError("Only tensors with 3, 4, or 5 dimensions are supported")
    if sizes[0] % groups != 0:
        raise ValueError("dim 0 must be divisible by groups")
    out = sizes[0] // groups
    tensor.zero_()
    middle = tuple(n // 2 for n in sizes[2:])
    for group in range(groups):
        for d in range(min(out, sizes[1])):
            tensor[(group * out + d, d, *middle)] = 1


def calculate_gain(nonlinearity, param=None):
    """The factor on the standard deviation that suits an activation."""
    if nonlinearity in ("linear", "conv1d", "conv2d", "conv3d", "sigmoid") or nonlinearity.startswith("conv_transpose"):
        return 1
    if nonlinearity == "tanh":
        return 5.0 / 3
    if nonlinearity == "relu":
        return math.sqrt(2.0)
    if nonlinearity == "leaky_relu":
        if param is None:
            slope = 0.01
        elif isinstance(param, (int, float)) and not isinstance(param, bool):
            slope = param
        else:
            raise ValueError(f"negative_slope {param} not a valid number")
        return math.sqrt(2.0 / (1 + slope**2))
    if nonlinearity == "selu":
        return 3.0 / 4
    raise ValueError(f"Unsupported nonlinearity {nonlinearity}")


def _calculate_fan_in_and_fan_out(tensor):
    if tensor.dim() < 2:
        raise ValueError("Fan in and fan out can not be computed for tensor with fewer than 2 dimensions")
    area = math.prod(tensor.shape[2:])
    return tensor.size(1) * area, tensor.size(0) * area


def _calculate_correct_fan(tensor, mode):
    mode = mode.lower()
    if mode not in ("fan_in", "fan_out"):
        raise ValueError(f"Mode {mode} not supported, please use one of ['fan_in', 'fan_out']")
    fan_in, fan_out = _calculate_fan_in_and_fan_out(tensor)
    return fan_in if mode == "fan_in" else fan_out


@_unrecorded
def xavier_uniform_(tensor, gain=1.0):
    """Uniform, with the variance 2 gain² / (fan in + fan out)."""
    bound = math.sqrt(3.0) * gain * math.sqrt(2.0 / float(sum(_calculate_fan_in_and_fan_out(tensor))))
    tensor.uniform_(-bound, bound)


@_unrecorded
def xavier_normal_(tensor, gain=1.0):
    """Normal, with the variance 2 gain² / (fan in + fan out)."""
    tensor.normal_(0.0, gain * math.sqrt(2.0 / float(sum(_calculate_fan_in_and_fan_out(tensor)))))


def _kaiming(tensor, a, mode, nonlinearity):
    """The standard deviation gain / √fan; None for a tensor of nothing, with PyTorch's warning."""
    if 0 in tensor.shape:
        warnings.warn("Initializing zero-element tensors is a no-op", stacklevel=4)
        return None
    return calculate_gain(nonlinearity, a) / math.sqrt(_calculate_correct_fan(tensor, mode))


@_unrecorded
def kaiming_uniform_(tensor, a=0, mode="fan_in", nonlinearity="leaky_relu"):
    """Uniform, with the variance gain² / fan."""
    std = _kaiming(tensor, a, mode, nonlinearity)
    if std is not None:
        tensor.uniform_(-math.sqrt(3.0) * std, math.sqrt(3.0) * std)


@_unrecorded
def kaiming_normal_(tensor, a=0, mode="fan_in", nonlinearity="leaky_relu"):
    """Normal, with the variance gain² / fan."""
    std = _kaiming(tensor, a, mode, nonlinearity)
    if std is not None:
        tensor.normal_(0, std)


@_unrecorded
def orthogonal_(tensor, gain=1):
    """A (semi) orthogonal matrix, from the QR decomposition of normal numbers."""
    if tensor.ndimension() < 2:
        raise ValueError("Only tensors with 2 or more dimensions are supported")
    if tensor.numel() == 0:
        return
    rows = tensor.size(0)
    columns = tensor.numel() // rows
    flat = tensor.new_empty((rows, columns)).normal_(0, 1)
    if rows < columns:
        flat.t_()
    q, r = torch.linalg.qr(flat)
    q *= r.diag().sign()
    if rows < columns:
        q.t_()
    tensor.view_as(q).copy_(q)
    tensor.mul_(gain)


@_unrecorded
def sparse_(tensor, sparsity, std=0.01):
    """Normal numbers, with a fraction of each column zero."""
    if tensor.ndimension() != 2:
        raise ValueError("Only tensors with 2 dimensions are supported")
    rows, columns = tensor.shape
    tensor.normal_(0, std)
    for column in range(columns):
        tensor[torch.randperm(rows)[: math.ceil(sparsity * rows)], column] = 0


def _old_name(fill):
    """The name without the underscore, which PyTorch warns of."""
    new = fill.__name__
    old = new[:-1]

    def run(*args, **kwargs):
        warnings.warn(f"nn.init.{old} is now deprecated in favor of nn.init.{new}.", stacklevel=2)
        return fill(*args, **kwargs)

    run.__name__ = run.__qualname__ = old
    run.__doc__ = f"The old name of `{new}`."
    return run


uniform = _old_name(uniform_)
normal = _old_name(normal_)
constant = _old_name(constant_)
eye = _old_name(eye_)
dirac = _old_name(dirac_)
xavier_uniform = _old_name(xavier_uniform_)
xavier_normal = _old_name(xavier_normal_)
kaiming_uniform = _old_name(kaiming_uniform_)
kaiming_normal = _old_name(kaiming_normal_)
orthogonal = _old_name(orthogonal_)
sparse = _old_name(sparse_)

__getattr__ = guard("torch.nn.init")
