"""torch.nn.functional's activations."""
import warnings

import torch

from .._ops import nn as _nn

__all__ = "relu relu_ leaky_relu leaky_relu_ sigmoid tanh logsigmoid softmax softmin log_softmax".split()


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


def sigmoid(input):
    """1 / (1 + exp(-x))"""
    return input.sigmoid()


def tanh(input):
    """tanh(x)"""
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
