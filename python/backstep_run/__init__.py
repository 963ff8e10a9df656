"""Runs blocks of Python for every engine: as a script or as a notebook would, and reports what a Trace needs of Python."""
import json

from .runner import Run
from .session import Session

_engine = None
_emit = None
_session = None
# The stand-in for matplotlib.pyplot.
_pictures = None


def bind():
    """Connect to the embedded engine: its tensor core, its torch and its host. Once, after the interpreter started."""
    global _engine, _emit, _pictures
    import _core
    import _host
    import torch
    from matplotlib import pyplot

    from . import alone, loop

    alone.install()
    loop.install()
    torch._bind(_core)
    _engine = torch._record
    _emit = _host.emit
    _pictures = pyplot


def run(request):
    """
    Run a request (JSON: mode, blocks, argv, record); the exit code that `python` would end with. With `keep` it is the
    next cell of a session, of which this interpreter has one.
    """
    global _session
    request = json.loads(request)
    if not request.get("keep"):
        return Run(request, _engine, _emit, _pictures).run()
    if _session is None:
        _session = Session(request, _engine, _emit, _pictures)
    return _session.cell(request["blocks"])
