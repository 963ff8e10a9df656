"""torch.nn.functional's layers: linear, dropouts, embedding."""
import math

import torch

from .._ops import nn as _nn

__all__ = (
    "linear dropout alpha_dropout dropout1d dropout2d dropout3d embedding layer_norm batch_norm instance_norm one_hot conv1d conv2d"
    " max_pool1d max_pool2d avg_pool1d avg_pool2d adaptive_avg_pool1d adaptive_avg_pool2d"
).split()

linear = _nn.linear


def _dropped(name, input, p, training, inplace):
    """torch's function of that name, or its in-place form; PyTorch checks the probability here."""
    if p < 0.0 or p > 1.0:
        raise ValueError(f"dropout probability has to be between 0 and 1, but got {p}")
    return getattr(torch, name + "_" if inplace else name)(input, p, training)


def dropout(input, p=0.5, training=True, inplace=False):
    """Zeroes elements with the probability `p` while training, and scales the others up."""
    return _dropped("dropout", input, p, training, inplace)


def alpha_dropout(input, p=0.5, training=False, inplace=False):
    """Dropout that keeps mean and variance, for SELU."""
    return _dropped("alpha_dropout", input, p, training, inplace)


def dropout1d(input, p=0.5, training=True, inplace=False):
    """Zeroes whole channels; input [N, C, L] or [C, L]."""
    if input.dim() not in (2, 3):
        raise RuntimeError(
            f"dropout1d: Expected 2D or 3D input, but received a {input.dim()}D input. "
            "Note that dropout1d exists to provide channel-wise dropout on inputs with 1 "
            "spatial dimension, a channel dimension, and an optional batch dimension "
            "(i.e. 2D or 3D inputs)."
        )
    batched = input.dim() == 3
    result = _dropped("feature_dropout", input if batched else input.unsqueeze(0), p, training, inplace)
    return result if batched else result.squeeze(0)


def dropout2d(input, p=0.5, training=True, inplace=False):
    """Zeroes whole channels; input [N, C, H, W]."""
    return _dropped("feature_dropout", input, p, training, inplace)


dropout3d = dropout2d


def embedding(
    input, weight, padding_idx=None, max_norm=None, norm_type=2.0, scale_grad_by_freq=False, sparse=False
):
    """Rows of `weight` by number."""
    if padding_idx is not None:
        if padding_idx > 0:
            assert padding_idx < weight.size(0), "Padding_idx must be within num_embeddings"
        elif padding_idx < 0:
            assert padding_idx >= -weight.size(0), "Padding_idx must be within num_embeddings"
            padding_idx = weight.size(0) + padding_idx
    else:
        padding_idx = -1
    if max_norm is not None:
        raise NotImplementedError(
            "embedding(max_norm=…) is not in the embedded engine (yet); the PyTorch engine has it"
        )
    return torch.embedding(weight, input, padding_idx, scale_grad_by_freq, sparse)


def layer_norm(input, normalized_shape, weight=None, bias=None, eps=1e-5):
    """(x - mean) / √(variance + eps) over the last dimensions, times `weight` plus `bias`."""
    return torch.layer_norm(input, normalized_shape, weight, bias, eps, True)


def _needs_several(size):
    """A batch must have more than one number per channel to have a variance."""
    if math.prod(size[2:]) * size[0] == 1:
        raise ValueError(f"Expected more than 1 value per channel when training, got input size {size}")


def batch_norm(
    input, running_mean, running_var, weight=None, bias=None, training=False, momentum=0.1, eps=1e-5
):
    """Over the batch while training, when the running numbers follow; by the running numbers otherwise."""
    if training:
        _needs_several(input.size())
    return torch.batch_norm(input, weight, bias, running_mean, running_var, training, momentum, eps, True)


def instance_norm(
    input,
    running_mean=None,
    running_var=None,
    weight=None,
    bias=None,
    use_input_stats=True,
    momentum=0.1,
    eps=1e-5,
):
    """`batch_norm` of each sample by itself."""
    size = input.size()
    if use_input_stats and math.prod(size[2:]) == 1:
        raise ValueError(f"Expected more than 1 spatial element when training, got input size {size}")
    n, c = size[:2]

    def repeated(t):
        return None if t is None else t.repeat(n)

    mean, variance = repeated(running_mean), repeated(running_var)
    flat = input.contiguous().view(1, n * c, *size[2:])
    out = torch.batch_norm(
        flat, repeated(weight), repeated(bias), mean, variance, use_input_stats, momentum, eps, True
    )
    for kept, each in ((running_mean, mean), (running_var, variance)):
        if kept is not None and use_input_stats:
            kept.copy_(each.view(n, c).mean(0))
    return out.view(*size)


def one_hot(tensor, num_classes=-1):
    """1 at the class's place in a new last dimension."""
    if tensor.dtype is not torch.int64:
        raise RuntimeError("one_hot is only applicable to index tensor.")
    if tensor.numel() == 0:
        if num_classes <= 0:
            raise RuntimeError("Can not infer total number of classes from empty tensor.")
        return torch.zeros((*tensor.shape, num_classes), dtype=torch.int64)
    if tensor.min().item() < 0:
        raise RuntimeError("Class values must be non-negative.")
    most = tensor.max().item()
    if num_classes == -1:
        num_classes = most + 1
    elif num_classes < 1:
        raise RuntimeError("num_classes should be positive")
    elif num_classes <= most:
        raise RuntimeError("Class values must be smaller than num_classes.")
    return torch.zeros((*tensor.shape, num_classes), dtype=torch.int64).scatter_(-1, tensor.unsqueeze(-1), 1)


def _same_padding(weight, stride, dilation):
    """Zeros on each side so that the output is as large as the input, where both sides get as many."""
    steps = stride if isinstance(stride, (tuple, list)) else (stride,)
    if any(step != 1 for step in steps):
        raise RuntimeError("padding='same' is not supported for strided convolutions")
    sizes = weight.shape[2:]
    dilations = dilation if isinstance(dilation, (tuple, list)) else (dilation,) * len(sizes)
    totals = [d * (n - 1) for d, n in zip(dilations, sizes)]
    if any(total % 2 for total in totals):
        raise NotImplementedError(
            "padding='same' with an even kernel is not in the embedded engine (yet); the PyTorch engine has it"
        )
    return [total // 2 for total in totals]


def _convolution(function, input, weight, bias, stride, padding, dilation, groups):
    if isinstance(padding, str):
        if padding not in ("valid", "same"):
            raise RuntimeError("Invalid padding string: '" + padding + "'")
        padding = 0 if padding == "valid" else _same_padding(weight, stride, dilation)
    return function(input, weight, bias, stride, padding, dilation, groups)


def conv1d(input, weight, bias=None, stride=1, padding=0, dilation=1, groups=1):
    """Weights [O, C / groups, L] slid over [N, C, L] or [C, L]."""
    return _convolution(torch.conv1d, input, weight, bias, stride, padding, dilation, groups)


def conv2d(input, weight, bias=None, stride=1, padding=0, dilation=1, groups=1):
    """Weights [O, C / groups, H, W] slid over [N, C, H, W] or [C, H, W]."""
    return _convolution(torch.conv2d, input, weight, bias, stride, padding, dilation, groups)


def max_pool2d(input, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False, return_indices=False):
    """The largest of each window."""
    stride = [] if stride is None else stride
    if return_indices:
        return tuple(_nn.max_pool2d_with_indices(input, kernel_size, stride, padding, dilation, ceil_mode))
    return torch.max_pool2d(input, kernel_size, stride, padding, dilation, ceil_mode)


def _one(value):
    return value[0] if isinstance(value, (tuple, list)) else value


def max_pool1d(input, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False, return_indices=False):
    """The largest of each window of a sequence."""
    size = _one(kernel_size)
    step = size if stride is None else _one(stride)
    sizes = ((1, size), (1, step), (0, _one(padding)), (1, _one(dilation)), ceil_mode)
    values, indices = _nn.max_pool2d_with_indices(input.unsqueeze(-2), *sizes)
    return (values.squeeze(-2), indices.squeeze(-2)) if return_indices else values.squeeze(-2)


def avg_pool2d(
    input, kernel_size, stride=None, padding=0, ceil_mode=False, count_include_pad=True, divisor_override=None
):
    """The mean of each window."""
    stride = [] if stride is None else stride
    return _nn.avg_pool2d(input, kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override)


def avg_pool1d(input, kernel_size, stride=None, padding=0, ceil_mode=False, count_include_pad=True):
    """The mean of each window of a sequence."""
    size = _one(kernel_size)
    step = size if stride is None else _one(stride)
    sizes = ((1, size), (1, step), (0, _one(padding)), ceil_mode, count_include_pad)
    return _nn.avg_pool2d(input.unsqueeze(-2), *sizes).squeeze(-2)


def adaptive_avg_pool2d(input, output_size):
    """Means of as many windows as asked for."""
    pair = output_size if isinstance(output_size, (tuple, list)) else (output_size,) * 2
    return _nn.adaptive_avg_pool2d(input, [n if m is None else m for m, n in zip(pair, input.shape[-2:])])


def adaptive_avg_pool1d(input, output_size):
    """Means of as many windows of a sequence as asked for."""
    return _nn.adaptive_avg_pool2d(input.unsqueeze(-2), (1, _one(output_size))).squeeze(-2)
