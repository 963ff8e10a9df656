"""torch.autograd.profiler: blocks that are profiled run as they are; what was measured is not there, and says so."""
import functools

from .._missing import HINT, guard


class profile:
    """A context manager that runs its block; asking for what it measured is an error."""

    def __init__(self, enabled=True, **settings):
        self.enabled = enabled

    def __enter__(self):
        return self

    def __exit__(self, *_):
        return False

    def step(self):
        """The next step of a schedule."""

    def start(self):
        """Begin, without a block."""

    stop = start

    def _refuse(self, *_, **__):
        raise NotImplementedError(f"torch.autograd.profiler.profile: what was measured {HINT}")

    key_averages = total_average = table = export_chrome_trace = export_stacks = _refuse
    function_events = self_cpu_time_total = property(_refuse)


class record_function:
    """A context manager and decorator that names a block for the profiler."""

    def __init__(self, name, args=None):
        self.name = name

    def __enter__(self):
        return self

    def __exit__(self, *_):
        return False

    def __call__(self, function):
        @functools.wraps(function)
        def wrapped(*args, **kwargs):
            with self:
                return function(*args, **kwargs)

        return wrapped


__getattr__ = guard("torch.autograd.profiler")
