"""asyncio as in a process of its own: Pyodide's event loop is the host's, and here there is no host to turn it."""
import asyncio
import time


class _Clock:
    """In the place of a selector: there are no sockets, so what a loop waits for is time."""

    def select(self, timeout):
        if timeout is None:
            raise RuntimeError("asyncio waits for something that cannot come: there are no sockets, threads or processes")
        time.sleep(timeout)
        return []


class _Loop(asyncio.BaseEventLoop):
    def __init__(self):
        super().__init__()
        self._selector = _Clock()

    def _process_events(self, events):
        pass

    def _write_to_self(self):
        pass


class _Policy(asyncio.events._AbstractEventLoopPolicy):
    def __init__(self):
        self._loop = None

    def get_event_loop(self):
        if self._loop is None:
            raise RuntimeError("There is no current event loop in thread 'MainThread'.")
        return self._loop

    def set_event_loop(self, loop):
        self._loop = loop

    def new_event_loop(self):
        return _Loop()


def install():
    """Give programs this loop instead of Pyodide's."""
    from pyodide import webloop

    asyncio.run = webloop._orig_run
    time.sleep = webloop._orig_sleep
    asyncio.events._set_running_loop(None)
    asyncio.events._set_event_loop_policy(_Policy())
