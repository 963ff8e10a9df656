"""What the core calls in Python while a pass runs: hooks, and the backward of custom functions."""
import itertools
import json
from collections import OrderedDict
from weakref import ref

from . import _bridge
from ._bridge import check, wrap

_callbacks = {}
_ids = itertools.count(1)
# The exception of a callback, until the call of the pass raises it again; the objects of the last answer.
_raised = []
_kept = []


def connect():
    """Hand the core the one function that it calls; once, when the core is bound."""
    check(_bridge.connect(_dispatch))


# Whether custom functions are to be called again when the run has ended: where gradients will be checked.
keeps_forwards = False


def _dispatch(number, *handles):
    if number == 0:
        error = _raised.pop()
        _bridge.say(f"{type(error).__name__}: {error}")
        return 0
    try:
        if number == -1:
            _bridge.warn(_bridge.text(_bridge.warning()))
            return 0
        if number == -2:
            _kept.clear()
            return 0
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
    """
    What `register_hook` of a tensor, a node or a module returns: `remove()`, or leaving it as a context manager, takes the
    hook out of its table, and out of the core where `undo` does that.
    """

    __slots__ = ("id", "_table", "_undo")
    _ids = itertools.count()

    def __init__(self, hooks_dict, undo=None):
        self.id = next(RemovableHandle._ids)
        self._table = ref(hooks_dict) if hasattr(hooks_dict, "__weakref__") else (lambda: hooks_dict)
        self._undo = undo

    @classmethod
    def put(cls, hooks, hook, undo=None):
        """Add `hook` to the table and give the handle that removes it."""
        handle = cls(hooks, undo)
        hooks[handle.id] = hook
        return handle

    def remove(self):
        hooks = self._table()
        if hooks is not None:
            hooks.pop(self.id, None)
        undo, self._undo = self._undo, None
        if undo is not None:
            undo()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.remove()


RemovableHandle.__module__ = "torch.utils.hooks"


def _handle(hooks, hook, number, take_away):
    """The handle of a hook that the core knows by `number`."""

    def undo():
        take_away()
        remove(number)

    return RemovableHandle.put(hooks, hook, undo)


def _check_gradient(hook, before, changed):
    """A hook may give another gradient of the same dtype and shape."""
    if not isinstance(changed, _bridge.Tensor):
        raise TypeError(f"expected Variable, but hook returned '{type(changed).__name__}'")
    name = getattr(hook, "__name__", "<unknown>")
    if changed.dtype is not before.dtype:
        raise RuntimeError(
            f"hook '{name}' has changed the type of value (was {before.type()} got {changed.type()})"
        )
    if changed.shape != before.shape:
        raise RuntimeError(f"hook '{name}' has changed the size of value")


def tensor_hook(tensor, hook):
    """`tensor.register_hook(hook)`: called with the gradient, which it may replace."""
    if not tensor.requires_grad:
        raise RuntimeError("cannot register a hook on a tensor that doesn't require gradient")

    def call(handle):
        gradient = wrap(handle)
        changed = hook(gradient)
        if changed is None:
            return 0
        _check_gradient(hook, gradient, changed)
        return answer(changed)

    number = add(call)
    check(_bridge.hook(tensor._h, number))
    if tensor._backward_hooks is None:
        tensor._hooks = OrderedDict()
    return _handle(tensor._backward_hooks, hook, number, lambda: check(_bridge.unhook(tensor._h, number)))


def after_hook(tensor, hook):
    """`tensor.register_post_accumulate_grad_hook(hook)`: called with the leaf when its gradient has been added to."""
    if not tensor.requires_grad:
        raise RuntimeError("cannot register a hook on a tensor that doesn't require gradient")
    if tensor.grad_fn is not None:
        raise RuntimeError("post accumulate grad hooks cannot be registered on non-leaf tensors")

    def call(handle):
        hook(wrap(handle))
        return 0

    number = add(call)
    check(_bridge.afterHook(tensor._h, number))
    return _handle({}, hook, number, lambda: check(_bridge.afterUnhook(tensor._h, number)))


def node_prehook(node, hook):
    """`node.register_prehook(hook)`: called with the gradients that the node got, which it may replace."""

    def call(count, *handles):
        changed = hook(tuple([take(h) for h in handles]))
        if changed is None:
            return 0
        reply(changed if isinstance(changed, tuple) else (changed,))
        return 1

    number = add(call)
    check(_bridge.nodePrehook(node._n, number))
    return _handle({}, hook, number, lambda: check(_bridge.nodePreUnhook(node._n, number)))


def node_hook(node, hook):
    """`node.register_hook(hook)`: called with the gradients that the node sends on and those that it got."""

    def call(count, *handles):
        gradients = [take(h) for h in handles]
        changed = hook(tuple(gradients[:count]), tuple(gradients[count:]))
        if changed is None:
            return 0
        if not isinstance(changed, tuple):
            raise TypeError(f"expected tuple, but hook returned '{type(changed).__name__}'")
        if len(changed) != count:
            raise RuntimeError(
                f"hook '{getattr(hook, '__name__', '<unknown>')}' has returned an incorrect number of values "
                f"(got {len(changed)}, but expected {count})"
            )
        for one, before in zip(changed, gradients):
            if one is None:
                continue
            if before is None:
                raise RuntimeError("can't replace a None gradient with a non-None value")
            _check_gradient(hook, before, one)
        reply(changed)
        return 1

    number = add(call)
    check(_bridge.nodeHook(node._n, number))
    return _handle({}, hook, number, lambda: check(_bridge.nodeUnhook(node._n, number)))
