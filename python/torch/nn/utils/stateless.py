"""Modules called with other parameters than their own."""
from contextlib import contextmanager

import torch


__all__ = ["functional_call"]


def _owner(module, path):
    *parents, name = path.split(".")
    for part in parents:
        module = getattr(module, part)
    return module, name


def _swap(module, name, value):
    """Put a tensor in place of a parameter or buffer; gives what was there."""
    for table in (module._parameters, module._buffers):
        if name in table:
            before = table[name]
            table[name] = value
            return before
    before = module.__dict__.get(name)
    if name in module.__dict__:
        module.__dict__[name] = value
        return before
    raise KeyError(f"{name} not found")


@contextmanager
def _reparametrize_module(module, parameters_and_buffers):
    swapped = []
    try:
        for path, value in parameters_and_buffers.items():
            owner, name = _owner(module, path)
            known = name in owner._parameters or name in owner._buffers
            if not known:
                # PyTorch takes such names, and sets an attribute.
                had = name in owner.__dict__
                swapped.append((owner, name, owner.__dict__.get(name), "attribute" if had else "new"))
                owner.__dict__[name] = value
                continue
            swapped.append((owner, name, _swap(owner, name, value), "table"))
        yield
    finally:
        for owner, name, before, how in reversed(swapped):
            if how == "table":
                _swap(owner, name, before)
            elif how == "attribute":
                owner.__dict__[name] = before
            else:
                owner.__dict__.pop(name, None)


def functional_call(module, parameters_and_buffers, args, kwargs=None):
    """`module(*args)`, with the tensors named in the dictionary in place of its own."""
    if isinstance(args, torch.Tensor) or not isinstance(args, tuple):
        args = (args,)
    kwargs = {} if kwargs is None else kwargs
    with _reparametrize_module(module, parameters_and_buffers):
        return module(*args, **kwargs)
