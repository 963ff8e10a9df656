"""A stand-in for matplotlib: pyplot's usual calls are recorded as data, which the panel draws; others are passed over."""
from . import _shown, cm
from ._passed import passing

__version__ = "3.6.3"


class _Parameters(dict):
    """rcParams: taken and not heeded."""

    def __missing__(self, name):
        return None

    def update(self, *args, **kwargs):
        _shown.pass_over("rcParams")
        super().update(*args, **kwargs)

    def __setitem__(self, name, value):
        _shown.pass_over("rcParams")
        super().__setitem__(name, value)


rcParams = _Parameters()
colormaps = cm.Maps()


def use(backend, *, force=True):
    """There is one backend: the panel."""


def get_backend():
    """matplotlib's name for drawings that no window shows."""
    return "agg"


def rc(group, **kwargs):
    """Taken and not heeded."""
    _shown.pass_over("rc")


__getattr__ = passing("matplotlib")
