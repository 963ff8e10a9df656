"""A backward pass beside a program that stands still: the engine runs, and nothing of the program is other afterwards."""
import collections
import contextlib
import gc
import io
import random
import sys
import warnings

import torch
from torch.nn.modules import module as _module

from .unseen import unseen


@contextlib.contextmanager
def untouched(functions):
    """
    While it lasts the program's hooks are silent and what is printed is kept back; afterwards random numbers, `.grad` of
    tensors that retain it, and the hooks are as they were. `functions` are the nodes that will run. Gives an object with
    `printed` (after the end) and `hooks` (how many were silenced).
    """
    left = Left()
    with contextlib.ExitStack() as undo:
        undo.callback(_restore, _random_state())
        undo.callback(_put_back, _retained())
        undo.callback(_restore_hooks, _silence(functions, left))
        out = io.StringIO()
        undo.callback(lambda: setattr(left, "printed", out.getvalue()))
        undo.enter_context(contextlib.redirect_stdout(out))
        undo.enter_context(contextlib.redirect_stderr(out))
        undo.enter_context(_same_warnings())
        undo.enter_context(unseen())
        yield left


class Left:
    """What there is to tell afterwards."""

    def __init__(self):
        self.hooks = 0
        self.printed = ""


@contextlib.contextmanager
def _same_warnings():
    """Without making Python forget which warnings the program has shown."""
    shown, warnings.showwarning = warnings.showwarning, lambda *_, **__: None
    registries = [
        (module.__dict__, dict(module.__dict__["__warningregistry__"]))
        for module in list(sys.modules.values())
        if isinstance(getattr(module, "__dict__", {}).get("__warningregistry__"), dict)
    ]
    known = {id(scope) for scope, _ in registries}
    try:
        yield
    finally:
        warnings.showwarning = shown
        for scope, registry in registries:
            scope["__warningregistry__"].clear()
            scope["__warningregistry__"].update(registry)
        for module in list(sys.modules.values()):
            scope = getattr(module, "__dict__", {})
            if id(scope) not in known and isinstance(scope.get("__warningregistry__"), dict):
                del scope["__warningregistry__"]


def _random_state():
    """Every generator that a backward function of the program might draw from."""
    numpy = sys.modules.get("numpy")
    cuda = torch.cuda.is_available() and torch.cuda.is_initialized()
    return (
        torch.get_rng_state(),
        torch.cuda.get_rng_state_all() if cuda else None,
        random.getstate(),
        numpy.random.get_state() if numpy is not None else None,
    )


def _restore(state):
    cpu, cuda, python, numpy = state
    torch.set_rng_state(cpu)
    if cuda is not None:
        torch.cuda.set_rng_state_all(cuda)
    random.setstate(python)
    if numpy is not None:
        sys.modules["numpy"].random.set_state(numpy)


def _retained():
    """(tensor, .grad) of all that were told to retain their gradient: PyTorch does that with hooks that cannot be silenced."""
    found = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for thing in gc.get_objects():
            if issubclass(type(thing), torch.Tensor) and _retains(thing):
                found.append((thing, thing.grad))
    return found


def _retains(tensor):
    try:
        return bool(getattr(tensor, "retains_grad", False))
    except RuntimeError:
        return False


def _put_back(retained):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for tensor, grad in retained:
            if tensor.grad is not grad:
                tensor.grad = grad


def _silence(functions, left):
    """
    Empties the tables of hooks; (table, what was in it) of each. PyTorch keeps a node's hooks in a dictionary that
    `register_hook` gives back a handle of, a tensor's in an OrderedDict of numbers and functions. (Modules have such tables
    for hooks of the forward pass, which are left alone.)
    """
    tables = []
    for function in functions:
        for register in ("register_hook", "register_prehook"):
            if hasattr(function, register):
                tables.append(_table_of(getattr(function, register)))
    everything = gc.get_objects()
    others = {id(table) for table in _module.__dict__.values()}
    for thing in everything:
        if issubclass(type(thing), torch.nn.Module):
            others.update(map(id, thing.__dict__.values()))
    tables += [t for t in everything if type(t) is collections.OrderedDict and id(t) not in others and _is_hooks(t)]
    silenced = []
    for table in tables:
        if table:
            silenced.append((table, dict(table)))
            left.hooks += len(table)
            table.clear()
    return silenced


def _table_of(register):
    try:
        handle = register(lambda *_: None)
    except RuntimeError:
        return None
    table = handle.hooks_dict_ref()
    handle.remove()
    return table


def _is_hooks(table):
    return bool(table) and all(type(key) is int and callable(hook) for key, hook in table.items())


def _restore_hooks(silenced):
    for table, hooks in silenced:
        table.clear()
        table.update(hooks)
