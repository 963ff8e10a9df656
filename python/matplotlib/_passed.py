"""What stands for everything of matplotlib that is not recorded: it can be called and used, and does nothing."""
from . import _shown


class Passed:
    """The result of a call that was passed over; whatever is asked of it is passed over too."""

    def __init__(self, name):
        self._name = name

    def __call__(self, *args, **kwargs):
        _shown.pass_over(self._name)
        return Passed(self._name)

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return Passed(f"{self._name}.{name}")

    def __getitem__(self, key):
        return self

    def __setitem__(self, key, value):
        pass

    def __iter__(self):
        return iter(())

    def __enter__(self):
        return self

    def __exit__(self, *error):
        return False

    def __repr__(self):
        return f"<{self._name}: passed over>"


def passing(module):
    """A module's `__getattr__`."""

    def __getattr__(name):
        if name.startswith("__"):
            raise AttributeError(f"module '{module}' has no attribute '{name}'")
        return Passed(name)

    return __getattr__
