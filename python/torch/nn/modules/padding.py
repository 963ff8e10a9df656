"""Padding."""
from .. import functional as F
from ._sizes import sizes
from .module import Module, own_init

__all__ = (
    "ConstantPad1d ConstantPad2d ConstantPad3d ZeroPad2d ReflectionPad1d ReflectionPad2d"
    " ReflectionPad3d ReplicationPad1d ReplicationPad2d ReplicationPad3d"
).split()


class _ConstantPadNd(Module):
    """A border of one number."""

    _dims = 0

    def __init__(self, padding, value):
        super().__init__()
        self.padding = sizes(padding, 2 * self._dims)
        self.value = value

    def forward(self, input):
        return F.pad(input, self.padding, "constant", self.value)

    def extra_repr(self):
        return f"padding={self.padding}, value={self.value}"


class ConstantPad1d(_ConstantPadNd):
    """Of sequences."""

    _dims = 1


class ConstantPad2d(_ConstantPadNd):
    """Of images."""

    _dims = 2


class ConstantPad3d(_ConstantPadNd):
    """Of volumes."""

    _dims = 3


class ZeroPad2d(ConstantPad2d):
    """A border of zeros."""

    def __init__(self, padding):
        super().__init__(padding, 0.0)

    def extra_repr(self):
        return f"{self.padding}"


class _EdgePadNd(Module):
    """A border that follows from what lies within it."""

    _dims = 0
    _mode = ""

    def __init__(self, padding):
        super().__init__()
        self.padding = sizes(padding, 2 * self._dims)

    def forward(self, input):
        return F.pad(input, self.padding, self._mode)

    def extra_repr(self):
        return f"{self.padding}"


class _ReflectionPadNd(_EdgePadNd):
    _mode = "reflect"


class _ReplicationPadNd(_EdgePadNd):
    _mode = "replicate"


class ReflectionPad1d(_ReflectionPadNd):
    """Sequences reflected at their ends."""

    _dims = 1


class ReflectionPad2d(_ReflectionPadNd):
    """Images reflected at their edges."""

    _dims = 2


class ReflectionPad3d(_ReflectionPadNd):
    """Volumes reflected at their faces."""

    _dims = 3


class ReplicationPad1d(_ReplicationPadNd):
    """The ends of sequences again and again."""

    _dims = 1


class ReplicationPad2d(_ReplicationPadNd):
    """The edges of images again and again."""

    _dims = 2


class ReplicationPad3d(_ReplicationPadNd):
    """The faces of volumes again and again."""

    _dims = 3


own_init(
    ConstantPad1d, ConstantPad2d, ConstantPad3d, ReflectionPad1d, ReflectionPad2d, ReflectionPad3d,
    ReplicationPad1d, ReplicationPad2d, ReplicationPad3d,
)
