"""What the runner (backstep_run) needs of this torch: reports of tensors, positions, and the finish of a recording."""
import json
import sys

from . import _bridge


def torch():
    """The module that a note finds under the name torch."""
    return sys.modules[__package__]


def start():
    """Begin a recording."""
    _bridge.check(_bridge.record(True))


def see(slot, value):
    """An instrumented expression (its number) was this value, which is given back."""
    if isinstance(value, _bridge.Tensor):
        _bridge.see(slot, value._h)
    return value


def is_hidden(filename):
    """Whether a code file is the facade's own, so that its frames are not the user's affair."""
    return filename.startswith((_bridge.HERE, "<facade"))


def sites():
    """The positions that the trace will need the ranges of."""
    return json.loads(_bridge.text(_bridge.sites()))


def instruction(site):
    """(code object, instruction offset) of a position."""
    return _bridge.instruction(site)


def reprs():
    """PyTorch's repr of each tensor that the trace will show, by handle."""
    from ._tensor import represent

    handles = json.loads(_bridge.text(_bridge.keep()))
    return {str(h): represent(_bridge.wrap(h)) for h in handles}


def finish(meta):
    """End the recording; `meta` is JSON, see FinishMeta in autograd/record.ts."""
    _bridge.check(_bridge.finish(meta))
