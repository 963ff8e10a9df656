"""Which module's forward is running: the recorder notes it beside every node (`net.0`), and calls parameters by it."""
import sys
from weakref import WeakKeyDictionary, ref

from ... import _bridge

# (module, path) of those that are being called, the outermost first.
_stack = []
# For each outermost module, the dotted path of every module below it by its id; made anew where a module is not in it.
_paths = WeakKeyDictionary()
# Those of the outermost module that is being called.
_below = {}
# Of each parameter of a module that was called, by its id: (weak reference, path such as `net.0.weight`).
_parameters = {}


def parameters():
    """(parameter, its path) of those that are still there."""
    found = [(known(), path) for known, path in _parameters.values()]
    return [(parameter, path) for parameter, path in found if parameter is not None]


def _path(module):
    """The path from the outermost module that is being called, which goes by the variable that holds it."""
    global _below
    if not _stack:
        _below = {}
        return _variable(module) or type(module).__name__
    root, path = _stack[0]
    if id(module) not in _below:
        _below = _paths_below(root, module)
    inner = _below.get(id(module))
    if inner is None:
        return f"{_stack[-1][1]}.{type(module).__name__}"
    return f"{path}.{inner}" if inner else path


def _paths_below(root, module):
    """The paths below `root`; looked for anew where those that are known have no such module."""
    known = _paths.get(root)
    if known is None or id(module) not in known:
        known = _paths[root] = {id(m): name for name, m in root.named_modules()}
    return known


def _variable(module):
    """What the program calls a module where it calls it."""
    frame = sys._getframe(1)
    while frame is not None:
        if _bridge.is_user_file(frame.f_code.co_filename):
            for scope in (frame.f_locals, frame.f_globals):
                for name, value in list(scope.items()):
                    if value is module and name != "self":
                        return name
        frame = frame.f_back
    return None


def _name_parameters(module, path):
    for name, parameter in module._parameters.items():
        if parameter is None:
            continue
        known = _parameters.get(id(parameter))
        if known is None or known[0]() is not parameter:
            _parameters[id(parameter)] = (ref(parameter), f"{path}.{name}")


def entered(module):
    """From now on ops belong to this module, where a recorder wants to know; whether `left` is to be called."""
    if not _bridge.recorded[0]:
        return False
    path = _path(module)
    _name_parameters(module, path)
    _stack.append((module, path))
    _bridge.module(path)
    return True


def left():
    """They belong to the module around it again."""
    _stack.pop()
    _bridge.module(_stack[-1][1] if _stack else "")
