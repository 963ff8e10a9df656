"""The gradients of convolutions, as functions."""
import torch

from .modules.utils import _pair, _single, _triple


def _input(n, sized, input_size, weight, grad_output, stride, padding, dilation, groups):
    """By the transposed convolution; what the stride leaves over is put back at the end of each dimension."""
    stride, padding, dilation = sized(stride), sized(padding), sized(dilation)
    input_size = list(input_size)[-n:]
    more = []
    for d in range(n):
        size = (grad_output.size(2 + d) - 1) * stride[d] - 2 * padding[d] + dilation[d] * (weight.size(2 + d) - 1) + 1
        more.append(input_size[d] - size)
    return getattr(torch, f"conv_transpose{n}d")(
        grad_output, weight, None, stride, padding, tuple(more), groups, dilation
    )


def _weight(n, sized, input, weight_size, grad_output, stride, padding, dilation, groups):
    """By the engine: the convolution is linear in its weight."""
    weight = torch.zeros(tuple(weight_size), dtype=input.dtype, requires_grad=True)
    with torch.enable_grad():
        out = getattr(torch, f"conv{n}d")(
            input.detach(), weight, None, sized(stride), sized(padding), sized(dilation), groups
        )
    return torch.autograd.grad(out, weight, grad_output.detach())[0]


def conv1d_input(input_size, weight, grad_output, stride=1, padding=0, dilation=1, groups=1):
    """The gradient of conv1d with respect to its input."""
    return _input(1, _single, input_size, weight, grad_output, stride, padding, dilation, groups)


def conv2d_input(input_size, weight, grad_output, stride=1, padding=0, dilation=1, groups=1):
    """The gradient of conv2d with respect to its input."""
    return _input(2, _pair, input_size, weight, grad_output, stride, padding, dilation, groups)


def conv3d_input(input_size, weight, grad_output, stride=1, padding=0, dilation=1, groups=1):
    """The gradient of conv3d with respect to its input."""
    return _input(3, _triple, input_size, weight, grad_output, stride, padding, dilation, groups)


def conv1d_weight(input, weight_size, grad_output, stride=1, padding=0, dilation=1, groups=1):
    """The gradient of conv1d with respect to its weight."""
    return _weight(1, _single, input, weight_size, grad_output, stride, padding, dilation, groups)


def conv2d_weight(input, weight_size, grad_output, stride=1, padding=0, dilation=1, groups=1):
    """The gradient of conv2d with respect to its weight."""
    return _weight(2, _pair, input, weight_size, grad_output, stride, padding, dilation, groups)


def conv3d_weight(input, weight_size, grad_output, stride=1, padding=0, dilation=1, groups=1):
    """The gradient of conv3d with respect to its weight."""
    return _weight(3, _triple, input, weight_size, grad_output, stride, padding, dilation, groups)
