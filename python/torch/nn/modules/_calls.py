"""Which module's forward is running: the recorder notes it beside every node (`MLP.0`)."""
from contextlib import contextmanager
from weakref import WeakKeyDictionary

from ... import _bridge

_stack = []
# For each outermost module, the dotted path of every module below it; made anew where a module is not in it.
_paths = WeakKeyDictionary()


def _path(module):
    """The path from the outermost module that is being called, which goes by its class's name."""
    root = _stack[0][0] if _stack else module
    known = _paths.get(root)
    if known is None or id(module) not in known:
        known = _paths[root] = {id(m): name for name, m in root.named_modules()}
    inner = known.get(id(module))
    name = type(root).__name__
    if inner is None:
        return f"{_stack[-1][1]}.{type(module).__name__}" if _stack else type(module).__name__
    return f"{name}.{inner}" if inner else name


@contextmanager
def called(module):
    """While the block runs, ops belong to this module."""
    path = _path(module)
    _stack.append((module, path))
    _bridge.module(path)
    try:
        yield
    finally:
        _stack.pop()
        _bridge.module(_stack[-1][1] if _stack else "")
