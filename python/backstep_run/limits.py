"""A run that passes a limit, or is interrupted, ends where Python next looks for signals."""
import signal


class LimitReached(BaseException):
    """Not an Exception: a program's own `except Exception` is not meant."""

    __module__ = "builtins"


def install():
    """For the embedded engine, whose host knows the limit in words."""
    from _host import stopWords

    def stop(*_):
        words = stopWords()
        raise LimitReached(words) if words else KeyboardInterrupt()

    signal.signal(signal.SIGINT, stop)
