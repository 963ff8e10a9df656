"""Modules as functions of their parameters and buffers."""
import contextlib
from copy import deepcopy

import torch
from torch import nn


@contextlib.contextmanager
def swapped(module, tensors):
    """Within it the module has these tensors, by dotted name, in the place of its own."""
    before = []
    try:
        for name, tensor in tensors.items():
            path, _, attribute = name.rpartition(".")
            owner = module.get_submodule(path)
            table = owner._parameters if attribute in owner._parameters else owner._buffers
            if attribute not in table:
                raise KeyError(f"'{name}' is neither a parameter nor a buffer of {type(module).__name__}")
            before.append((table, attribute, table[attribute]))
            table[attribute] = tensor
        yield
    finally:
        for table, attribute, tensor in reversed(before):
            table[attribute] = tensor


def functional_call(module, parameters_and_buffers, args=(), kwargs=None, *, tie_weights=True, strict=False):
    """`module(*args, **kwargs)` with these parameters and buffers, by name; a tuple of dicts is taken together."""
    if isinstance(parameters_and_buffers, (tuple, list)):
        given = {}
        for part in parameters_and_buffers:
            given.update(part)
    else:
        given = parameters_and_buffers
    args = args if isinstance(args, tuple) else (args,)
    with swapped(module, given):
        return module(*args, **(kwargs or {}))


class FunctionalModule(nn.Module):
    """A module that is called with its parameters first."""

    def __init__(self, stateless_model, param_names):
        super().__init__()
        self.stateless_model = stateless_model
        self.param_names = param_names

    def forward(self, params, *args, **kwargs):
        with swapped(self.stateless_model, dict(zip(self.param_names, params))):
            return self.stateless_model(*args, **kwargs)


class FunctionalModuleWithBuffers(nn.Module):
    """A module that is called with its parameters and buffers first."""

    def __init__(self, stateless_model, param_names, buffer_names):
        super().__init__()
        self.stateless_model = stateless_model
        self.param_names = param_names
        self.buffer_names = buffer_names

    def forward(self, params, buffers, *args, **kwargs):
        tensors = {**dict(zip(self.param_names, params)), **dict(zip(self.buffer_names, buffers))}
        with swapped(self.stateless_model, tensors):
            return self.stateless_model(*args, **kwargs)


def _parts(model, disable_autograd_tracking):
    params = tuple(model.parameters())
    if disable_autograd_tracking:
        params = tuple([p.detach() for p in params])
    return tuple([name for name, _ in model.named_parameters()]), params


def make_functional(model, disable_autograd_tracking=False):
    """(the model as a function of its parameters, the parameters)"""
    if len(list(model.buffers())) > 0:
        raise ValueError(
            "make_functional(model): `model` has buffers. Please use make_functional_with_buffers(model) instead."
        )
    model = deepcopy(model)
    names, params = _parts(model, disable_autograd_tracking)
    return FunctionalModule(model, names), params


def make_functional_with_buffers(model, disable_autograd_tracking=False):
    """(the model as a function of its parameters and buffers, the parameters, the buffers)"""
    model = deepcopy(model)
    names, params = _parts(model, disable_autograd_tracking)
    buffer_names = tuple([name for name, _ in model.named_buffers()])
    return FunctionalModuleWithBuffers(model, names, buffer_names), params, tuple(model.buffers())


def _same_models(caller, models):
    if len(models) == 0:
        raise RuntimeError(f"{caller}: Expected at least one model, got 0.")
    if not (all(m.training for m in models) or all(not m.training for m in models)):
        raise RuntimeError(f"{caller}: Expected all models to have the same training/eval mode.")
    if any(type(m) is not type(models[0]) for m in models):
        raise RuntimeError(f"{caller}: Expected all models to be of the same class.")


def combine_state_for_ensemble(models):
    """(the first model as a function, the parameters of all stacked, the buffers of all stacked)"""
    _same_models("combine_state_for_ensemble", models)
    functions, params, buffers = zip(*[make_functional_with_buffers(model) for model in models])
    params = tuple([torch.stack(p).detach() for p in zip(*params)])
    buffers = tuple([torch.stack(b).detach() for b in zip(*buffers)])
    return functions[0], params, buffers


def stack_module_state(models):
    """(parameters of all models stacked, by name; buffers likewise)"""
    _same_models("stack_module_state", models)

    def stacked(tables, parameters):
        joined = {name: torch.stack([table[name] for table in tables]).detach() for name in tables[0]}
        if parameters:
            for name, tensor in joined.items():
                tensor.requires_grad_(tables[0][name].requires_grad)
        return joined

    return (
        stacked([dict(m.named_parameters()) for m in models], True),
        stacked([dict(m.named_buffers()) for m in models], False),
    )
