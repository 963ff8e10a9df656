"""The interpreter has one thread: what would begin another says so, and who has more."""
import _thread
import threading


def _refuse(*_, **__):
    raise RuntimeError("can't start new thread: the embedded engine has only one; the PyTorch engine has more")


def install():
    """In the modules that begin threads."""
    _thread.start_new_thread = _thread.start_joinable_thread = _refuse
    threading._start_joinable_thread = _refuse
