"""Convolutions."""
import math

import torch

from .. import functional as F
from .. import init
from ..parameter import Parameter
from ._sizes import sizes
from .module import Module

__all__ = ["Conv1d", "Conv2d"]


class _ConvNd(Module):
    """Weight [out_channels, in_channels / groups, *kernel_size]."""

    _dims = 0

    def __init__(
        self,
        in_channels,
        out_channels,
        kernel_size,
        stride=1,
        padding=0,
        dilation=1,
        groups=1,
        bias=True,
        padding_mode="zeros",
        device=None,
        dtype=None,
    ):
        super().__init__()
        if groups <= 0:
            raise ValueError("groups must be a positive integer")
        if in_channels % groups != 0:
            raise ValueError("in_channels must be divisible by groups")
        if out_channels % groups != 0:
            raise ValueError("out_channels must be divisible by groups")
        if isinstance(padding, str) and padding not in ("same", "valid"):
            raise ValueError(f"Invalid padding string {padding!r}, should be one of {{'same', 'valid'}}")
        if padding_mode not in ("zeros", "reflect", "replicate", "circular"):
            raise ValueError(
                "padding_mode must be one of {'zeros', 'reflect', 'replicate', 'circular'}, "
                f"but got padding_mode='{padding_mode}'"
            )
        self.in_channels = in_channels
        self.out_channels = out_channels
        self.kernel_size = sizes(kernel_size, self._dims)
        self.stride = sizes(stride, self._dims)
        self.padding = padding if isinstance(padding, str) else sizes(padding, self._dims)
        self.dilation = sizes(dilation, self._dims)
        self.transposed = False
        self.output_padding = (0,) * self._dims
        self.groups = groups
        self.padding_mode = padding_mode
        self.weight = Parameter(
            torch.empty((out_channels, in_channels // groups, *self.kernel_size), dtype=dtype)
        )
        if bias:
            self.bias = Parameter(torch.empty(out_channels, dtype=dtype))
        else:
            self.register_parameter("bias", None)
        self.reset_parameters()

    def reset_parameters(self):
        init.kaiming_uniform_(self.weight, a=math.sqrt(5))
        if self.bias is not None:
            fan_in = self.weight.size(1) * math.prod(self.kernel_size)
            if fan_in != 0:
                bound = 1 / math.sqrt(fan_in)
                init.uniform_(self.bias, -bound, bound)

    def extra_repr(self):
        text = f"{self.in_channels}, {self.out_channels}, kernel_size={self.kernel_size}, stride={self.stride}"
        if self.padding != (0,) * self._dims:
            text += f", padding={self.padding}"
        if self.dilation != (1,) * self._dims:
            text += f", dilation={self.dilation}"
        if self.groups != 1:
            text += f", groups={self.groups}"
        if self.bias is None:
            text += ", bias=False"
        if self.padding_mode != "zeros":
            text += f", padding_mode={self.padding_mode}"
        return text

    def forward(self, input):
        padding = self.padding
        if self.padding_mode != "zeros":
            each = [p for size in reversed(padding) for p in (size, size)]
            input, padding = F.pad(input, each, mode=self.padding_mode), 0
        function = F.conv1d if self._dims == 1 else F.conv2d
        return function(input, self.weight, self.bias, self.stride, padding, self.dilation, self.groups)


class Conv1d(_ConvNd):
    """Over sequences [N, C, L]."""

    _dims = 1


class Conv2d(_ConvNd):
    """Over images [N, C, H, W]."""

    _dims = 2
