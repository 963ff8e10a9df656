"""What the runner (backstep_run) needs of this torch: reports of tensors, positions, and the finish of a recording."""
import json
import sys

from . import _bridge, _callbacks


def torch():
    """The module that a note finds under the name torch."""
    return sys.modules[__package__]


def start(check=False):
    """Begin a recording; `check`: gradients will be checked when the run has ended."""
    _callbacks.keeps_forwards = check
    _bridge.recorded[0] = True
    _bridge.check(_bridge.record(2 if check else 1))


def check():
    """Check the gradients that were recorded."""
    _callbacks.keeps_forwards = False
    _bridge.check(_bridge.checkGradients())


def see(slot, value):
    """An instrumented expression (its number) was this value, which is given back. When bound, the core's own function."""
    return _bridge.see(slot, value)


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
    from .nn.modules._calls import parameters

    whole = json.loads(meta)
    whole["parameters"] = {str(parameter._h): path for parameter, path in parameters()}
    _bridge.check(_bridge.finish(json.dumps(whole)))
