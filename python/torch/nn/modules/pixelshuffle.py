"""Channels to pixels, and back."""
from .. import functional as F
from .module import Module

__all__ = (
    "PixelShuffle PixelUnshuffle"
).split()


class PixelShuffle(Module):
    """Channels to pixels: [N, C r², H, W] to [N, C, H r, W r]."""

    def __init__(self, upscale_factor):
        super().__init__()
        self.upscale_factor = upscale_factor

    def forward(self, input):
        return F.pixel_shuffle(input, self.upscale_factor)

    def extra_repr(self):
        return f"upscale_factor={self.upscale_factor}"


class PixelUnshuffle(Module):
    """Pixels to channels: [N, C, H r, W r] to [N, C r², H, W]."""

    def __init__(self, downscale_factor):
        super().__init__()
        self.downscale_factor = downscale_factor

    def forward(self, input):
        return F.pixel_unshuffle(input, self.downscale_factor)

    def extra_repr(self):
        return f"downscale_factor={self.downscale_factor}"
