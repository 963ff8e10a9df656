"""Channels of several groups among each other."""
from .. import functional as F
from .module import Module

__all__ = (
    "ChannelShuffle"
).split()


class ChannelShuffle(Module):
    """Channels of several groups among each other."""

    def __init__(self, groups):
        super().__init__()
        self.groups = groups

    def forward(self, input):
        return F.channel_shuffle(input, self.groups)

    def extra_repr(self):
        return f"groups={self.groups}"
