"""Runs blocks of Python for every engine: as a script or as a notebook would, and reports what a Trace needs of Python."""
import json

from .runner import Run

_engine = None
_emit = None


def bind():
    """Connect to the embedded engine: its tensor core, its torch and its host. Once, after the interpreter started."""
    global _engine, _emit
    import _core
    import _host
    import torch

    from . import loop

    loop.install()
    torch._bind(_core)
    _engine = torch._record
    _emit = _host.emit


def run(request):
    """Run a request (JSON: mode, blocks, argv, record); the exit code that `python` would end with."""
    return Run(json.loads(request), _engine, _emit).run()
