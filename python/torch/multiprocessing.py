"""torch.multiprocessing where no process can be begun: what asks about processes answers, what begins one says so."""
import multiprocessing
import os
from multiprocessing import (  # noqa: F401
    current_process,
    active_children,
    freeze_support,
    get_all_start_methods,
    parent_process,
    set_start_method,
)

from ._missing import guard

_state = {"strategy": "file_descriptor"}


def get_all_sharing_strategies():
    return {"file_descriptor", "file_system"}


def get_sharing_strategy():
    return _state["strategy"]


def set_sharing_strategy(new_strategy):
    assert new_strategy in get_all_sharing_strategies()
    _state["strategy"] = new_strategy


def get_start_method(allow_none=False):
    # PyTorch 1.13 runs on Pythons whose first choice is to fork.
    return multiprocessing.get_start_method(allow_none=True) or (None if allow_none else "fork")


def cpu_count():
    return os.cpu_count() or 1


def _refused(name):
    def refuse(*args, **kwargs):
        raise RuntimeError(
            f"torch.multiprocessing.{name}: the embedded engine is one process and cannot begin another; "
            "the PyTorch engine can"
        )

    # A program may derive from a class.
    return type(name, (), {"__init__": refuse}) if name[0].isupper() else refuse


for _name in (
    "Process Pool Manager Queue SimpleQueue JoinableQueue Pipe Lock RLock Event Condition Semaphore Barrier Value Array"
    " spawn start_processes get_context"
).split():
    globals()[_name] = _refused(_name)

__getattr__ = guard("torch.multiprocessing")
