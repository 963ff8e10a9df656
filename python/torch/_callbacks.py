"""What the core calls in Python while a pass runs: hooks, and the backward of custom functions."""
import itertools
import json

from . import _bridge
from ._bridge import check, wrap

_callbacks = {}
_ids = itertools.count(1)
# The exception of a callback, until the call of the pass raises it again; the objects of the last answer.
_raised = []
_kept = []


def connect():
    """Hand the core the one function that it calls; once, when the core is bound."""
    from pyodide.ffi import create_proxy

    check(_bridge.connect(create_proxy(_dispatch)))


def _dispatch(number, *handles):
    try:
        return _callbacks[number](*handles) or 0
    except BaseException as error:
        _raised.append(error)
        return -1


def take_raised():
    """The exception that ended the pass."""
    return _raised.pop()


def add(function):
    """The number under which the core may call `function` with handles."""
    for number in json.loads(_bridge.text(_bridge.forgotten())):
        _callbacks.pop(number, None)
    number = next(_ids)
    _callbacks[number] = function
    return number


def context(number):
    """The `ctx` of a custom function's callback."""
    return _callbacks[number].args[1]


def remove(number):
    _callbacks.pop(number, None)


def take(handle):
    """The tensor of a handle that the core gave with a call; None for 0."""
    return wrap(handle) if handle else None


def reply(tensors):
    """Give tensors (or None) back from a callback."""
    _kept[:] = tensors
    for tensor in tensors:
        check(_bridge.reply(0 if tensor is None else tensor._h))


def answer(tensor):
    """Give one tensor back from a callback."""
    _kept[:] = [tensor]
    return tensor._h


class RemovableHandle:
    """What `register_hook` returns: `remove()`, or leaving it as a context manager, takes the hook away."""

    __slots__ = ("id", "_owner", "_take_away")

    def __init__(self, owner, number, take_away):
        self.id = number
        self._owner = owner
        self._take_away = take_away

    def remove(self):
        if self._owner is not None:
            self._take_away(self._owner, self.id)
            remove(self.id)
            self._owner = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.remove()


def tensor_hook(tensor, hook):
    """`tensor.register_hook(hook)`: called with the gradient, which it may replace."""
    if not tensor.requires_grad:
        raise RuntimeError("cannot register a hook on a tensor that doesn't require gradient")

    def call(handle):
        gradient = wrap(handle)
        changed = hook(gradient)
        if changed is None:
            return 0
        if not isinstance(changed, _bridge.Tensor):
            raise TypeError(
                f"expected Variable, but hook returned '{type(changed).__name__}'"
            )
        if changed.shape != gradient.shape:
            raise RuntimeError("hook '" + getattr(hook, "__name__", "<unknown>") + "' has changed the size of value")
        return answer(changed)

    number = add(call)
    check(_bridge.hook(tensor._h, number))
    return RemovableHandle(tensor, number, lambda owner, n: check(_bridge.unhook(owner._h, n)))


def node_hook(node, hook):
    """`node.register_hook(hook)`: called with the gradients that the node sends on and those that it got."""

    def call(count, *handles):
        gradients = [take(h) for h in handles]
        changed = hook(tuple(gradients[:count]), tuple(gradients[count:]))
        if changed is None:
            return 0
        changed = changed if isinstance(changed, tuple) else (changed,)
        if len(changed) != count:
            raise RuntimeError(
                f"hook '{getattr(hook, '__name__', '<unknown>')}' has returned an incorrect number of values "
                f"(got {len(changed)}, but expected {count})"
            )
        reply(changed)
        return 1

    number = add(call)
    check(_bridge.nodeHook(node._n, number))
    return RemovableHandle(node, number, lambda owner, n: check(_bridge.nodeUnhook(owner._n, n)))
