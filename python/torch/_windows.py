"""torch.hann_window and its kin: windows for the analysis of signals, as tensors without a history."""
from math import pi

from ._creation import _parsed, check_float, leaf
from ._infer import get_default_dtype
from .autograd.grad_mode import no_grad


def _window(name, options, window_length, periodic, shape):
    """The leaf that `shape(arange, length)` gives; a periodic window is the beginning of one that is longer by 1."""
    from . import arange, ones

    d = options.dtype or get_default_dtype()
    check_float(name, d)
    if window_length < 0:
        raise RuntimeError(f"{name} requires non-negative window_length, got window_length={window_length}")
    if window_length < 2:
        return ones(window_length, dtype=d, requires_grad=options.requires_grad)
    length = window_length + 1 if periodic else window_length
    with no_grad():
        made = shape(arange(length, dtype=d), length)[:window_length].clone()
    return leaf(made, options)


@_parsed()
def bartlett_window(options, window_length, periodic=True):
    """A triangle."""

    def shape(x, length):
        x *= 2.0 / (length - 1)
        x[((length - 1) >> 1) + 1 :].mul_(-1).add_(2)
        return x

    return _window("bartlett_window", options, window_length, periodic, shape)


@_parsed()
def blackman_window(options, window_length, periodic=True):
    """0.42 - 0.5 cos 2πt + 0.08 cos 4πt"""

    def shape(x, length):
        x *= pi / (length - 1)
        return (x * 4).cos_().mul_(0.08) - (x * 2).cos_().mul_(0.5) + 0.42

    return _window("blackman_window", options, window_length, periodic, shape)


def _raised_cosine(name, options, window_length, periodic, alpha, beta):
    def shape(x, length):
        return x.mul_(pi * 2 / (length - 1)).cos_().mul_(-beta).add_(alpha)

    return _window(name, options, window_length, periodic, shape)


@_parsed()
def hamming_window(options, window_length, periodic=True, alpha=0.54, beta=0.46):
    """alpha - beta cos 2πt"""
    return _raised_cosine("hamming_window", options, window_length, periodic, alpha, beta)


@_parsed()
def hann_window(options, window_length, periodic=True):
    """sin² πt"""
    return _raised_cosine("hann_window", options, window_length, periodic, 0.5, 0.5)


@_parsed()
def kaiser_window(options, window_length, periodic=True, beta=12.0):
    """I₀(beta √(1 - (2t - 1)²)) / I₀(beta)"""

    def shape(x, length):
        from . import full, i0

        t = x * (2.0 / (length - 1)) - 1
        root = (1 - t * t).clamp_(min=0).sqrt_()
        return i0(root * beta) * i0(full((), beta, dtype=x.dtype)).reciprocal()

    return _window("kaiser_window", options, window_length, periodic, shape)
