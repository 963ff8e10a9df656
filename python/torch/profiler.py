"""torch.profiler: blocks that are profiled run as they are; what was measured is not there, and says so."""
import enum

from ._missing import guard
from .autograd import profiler as _plain
from .autograd.profiler import record_function

ProfilerActivity = enum.Enum("ProfilerActivity", "CPU CUDA", module=__name__)
ProfilerAction = enum.Enum("ProfilerAction", "NONE WARMUP RECORD RECORD_AND_SAVE", start=0, module=__name__)


class profile(_plain.profile):
    """As `torch.autograd.profiler.profile`, with the settings of the newer one."""

    def __init__(self, *, activities=None, schedule=None, on_trace_ready=None, **settings):
        super().__init__()
        self.schedule = schedule
        self.step_num = 0

    def step(self):
        self.step_num += 1


def schedule(*, wait, warmup, active, repeat=0, skip_first=0):
    """Which action belongs to which step, as a function of its number."""
    cycle = wait + warmup + active

    def action(step):
        step -= skip_first
        if step < 0 or (repeat > 0 and step // cycle >= repeat):
            return ProfilerAction.NONE
        at = step % cycle
        if at < wait:
            return ProfilerAction.NONE
        if at < wait + warmup:
            return ProfilerAction.WARMUP
        return ProfilerAction.RECORD_AND_SAVE if at == cycle - 1 else ProfilerAction.RECORD

    return action


def tensorboard_trace_handler(dir_name, worker_name=None, use_gzip=False):
    """What would write a trace; there is none to write."""
    return lambda prof: None


__getattr__ = guard("torch.profiler")
