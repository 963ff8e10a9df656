"""torch.nn.functional's activations."""
import warnings

import torch

from .._ops import nn as _nn

__all__ = (
    "relu relu_ relu6 leaky_relu leaky_relu_ elu elu_ selu celu gelu silu softplus hardtanh hardtanh_"
    " selu_ celu_ rrelu rrelu_ threshold_ sigmoid tanh logsigmoid softsign tanhshrink mish hardsigmoid hardswish glu prelu threshold softshrink hardshrink softmax softmin log_softmax gumbel_softmax"
).split()


def _in_place(name, input, inplace, *args):
    """`torch.name(input)`, or its in-place form."""
    return getattr(input, name + "_")(*args) if inplace else getattr(torch, name)(input, *args)


def relu(input, inplace=False):
    """max(0, x)"""
    return _in_place("relu", input, inplace)


def relu_(input):
    """`relu`, in place."""
    return input.relu_()


def leaky_relu(input, negative_slope=0.01, inplace=False):
    """x where positive, negative_slope * x elsewhere."""
    return _nn.leaky_relu_(input, negative_slope) if inplace else _nn.leaky_relu(input, negative_slope)


def leaky_relu_(input, negative_slope=0.01):
    """`leaky_relu`, in place."""
    return _nn.leaky_relu_(input, negative_slope)


def relu6(input, inplace=False):
    """min(max(0, x), 6)"""
    return (_nn.hardtanh_ if inplace else _nn.hardtanh)(input, 0, 6)


def elu(input, alpha=1.0, inplace=False):
    """x where positive, alpha * (exp(x) - 1) elsewhere."""
    return (_nn.elu_ if inplace else _nn.elu)(input, alpha)


def elu_(input, alpha=1.0):
    """`elu`, in place."""
    return _nn.elu_(input, alpha)


def selu(input, inplace=False):
    """`elu` with the two numbers that keep mean and variance."""
    return (torch.selu_ if inplace else torch.selu)(input)


def celu(input, alpha=1.0, inplace=False):
    """max(0, x) + min(0, alpha * (exp(x / alpha) - 1))"""
    return _in_place("celu", input, inplace, alpha)


def gelu(input, *, approximate="none"):
    """x times the normal distribution function of x."""
    return _nn.gelu(input, approximate=approximate)


def silu(input, inplace=False):
    """x * sigmoid(x)"""
    return (_nn.silu_ if inplace else _nn.silu)(input)


softplus = _nn.softplus


def hardtanh(input, min_val=-1.0, max_val=1.0, inplace=False):
    """x held between two numbers."""
    return (_nn.hardtanh_ if inplace else _nn.hardtanh)(input, min_val, max_val)


def hardtanh_(input, min_val=-1.0, max_val=1.0):
    """`hardtanh`, in place."""
    return _nn.hardtanh_(input, min_val, max_val)


def softsign(input):
    """x / (1 + |x|)"""
    return input / (input.abs() + 1)


def tanhshrink(input):
    """x - tanh(x)"""
    return input - input.tanh()


def sigmoid(input):
    """1 / (1 + exp(-x))"""
    warnings.warn("nn.functional.sigmoid is deprecated. Use torch.sigmoid instead.")
    return input.sigmoid()


def tanh(input):
    """tanh(x)"""
    warnings.warn("nn.functional.tanh is deprecated. Use torch.tanh instead.")
    return input.tanh()


logsigmoid = _nn.log_sigmoid


def _softmax_dim(name, ndim, stacklevel):
    warnings.warn(
        f"Implicit dimension choice for {name} has been deprecated. Change the call to include dim=X as an argument.",
        stacklevel=stacklevel,
    )
    return 0 if ndim in (0, 1, 3) else 1


def softmax(input, dim=None, _stacklevel=3, dtype=None):
    """exp(x) over its sum along `dim`."""
    if dim is None:
        dim = _softmax_dim("softmax", input.dim(), _stacklevel)
    return input.softmax(dim) if dtype is None else input.softmax(dim, dtype=dtype)


def softmin(input, dim=None, _stacklevel=3, dtype=None):
    """softmax of -x."""
    if dim is None:
        dim = _softmax_dim("softmin", input.dim(), _stacklevel)
    return (-input).softmax(dim) if dtype is None else (-input).softmax(dim, dtype=dtype)


def log_softmax(input, dim=None, _stacklevel=3, dtype=None):
    """log of softmax."""
    if dim is None:
        dim = _softmax_dim("log_softmax", input.dim(), _stacklevel)
    return input.log_softmax(dim) if dtype is None else input.log_softmax(dim, dtype=dtype)


def gumbel_softmax(logits, tau=1, hard=False, eps=1e-10, dim=-1):
    """Samples from a smooth form of the categorical distribution; `hard` makes them one-hot, with the smooth gradient."""
    if eps != 1e-10:
        warnings.warn("`eps` parameter is deprecated and has no effect.")
    noise = -torch.empty_like(logits).exponential_().log()
    soft = ((logits + noise) / tau).softmax(dim)
    if not hard:
        return soft
    index = soft.max(dim, keepdim=True)[1]
    return torch.zeros_like(logits).scatter_(dim, index, 1.0) - soft.detach() + soft


def mish(input, inplace=False):
    """x * tanh(softplus(x))"""
    return (_nn.mish_ if inplace else _nn.mish)(input)


def hardsigmoid(input, inplace=False):
    """min(max(0, x + 3), 6) / 6"""
    return (_nn.hardsigmoid_ if inplace else _nn.hardsigmoid)(input)


def hardswish(input, inplace=False):
    """x * hardsigmoid(x)"""
    return (_nn.hardswish_ if inplace else _nn.hardswish)(input)


def glu(input, dim=-1):
    """The first half times the sigmoid of the second."""
    if input.dim() == 0:
        raise RuntimeError("glu does not support scalars because halving size must be even")
    return _nn.glu(input, dim)


prelu = torch.prelu


def rrelu(input, lower=1.0 / 8, upper=1.0 / 3, training=False, inplace=False):
    """x where positive; elsewhere times a number drawn between two, their mean when not training."""
    return (torch.rrelu_ if inplace else torch.rrelu)(input, lower, upper, training)


rrelu_ = torch.rrelu_


def threshold(input, threshold, value, inplace=False):
    """x above the threshold, the value elsewhere."""
    return (torch.threshold_ if inplace else torch.threshold)(input, threshold, value)


threshold_ = torch.threshold_
celu_ = torch.celu_
selu_ = torch.selu_
softshrink = _nn.softshrink


def hardshrink(input, lambd=0.5):
    """x, but 0 within ±lambd."""
    return torch.hardshrink(input, lambd)
