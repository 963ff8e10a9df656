"""The interpreter has one thread and is one process: what would begin another says so, as loudly as the rest."""
import _thread
import errno
import os
import threading


def _refuse(*_, **__):
    raise RuntimeError("can't start new thread: the embedded engine has only one; the PyTorch engine has more")


def _no_process(*_, **__):
    raise OSError(errno.ENOTSUP, "emscripten does not support processes.")


def install():
    """In the modules that begin threads and processes; `subprocess` and `os.popen` say it of themselves."""
    # Emscripten's own answer -1, and do nothing.
    os.system = os.fork = os.execv = os.execve = _no_process
    _thread.start_new_thread = _thread.start_joinable_thread = _refuse
    threading._start_joinable_thread = _refuse
