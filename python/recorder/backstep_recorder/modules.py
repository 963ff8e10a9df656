"""Which `nn.Module` runs: its path as the program names it, `net.0`, from hooks around every module's call."""
import inspect
import sys
import weakref

import torch
from torch.nn.modules import module as _module

from .tensors import renews, version_of


def watch(recorder):
    """Hooks on all modules; the function that is given takes them away."""
    # (module, path before)
    stack = []
    names = {}

    def see(tensor, where):
        if tensor.grad_fn is not None:
            recorder.nodes.see(tensor, where)

    def path_of(module):
        if stack:
            outer, path = stack[0][0], stack[0][2]
            inner = _inner(names, outer, module)
            if inner is not None:
                return f"{path}.{inner}" if inner else path
            return f"{stack[-1][2]}.{type(module).__name__}"
        return _name(module, recorder) or type(module).__name__

    def name_parameters(module, path):
        for name, parameter in module._parameters.items():
            if parameter is not None and id(parameter) not in recorder.parameters:
                recorder.parameters[id(parameter)] = (weakref.ref(parameter), f"{path}.{name}")

    def before(module, given):
        if recorder.on:
            # What it is given was made outside of it.
            where = recorder.here()
            with recorder.quiet():
                for tensor in _tensors(given):
                    if not renews(tensor) or version_of(tensor) == 0:
                        see(tensor, where)
        path = path_of(module)
        name_parameters(module, path)
        stack.append((module, recorder.nodes.module, path))
        recorder.nodes.module = path

    def after(module, _, result):
        if recorder.on:
            where = recorder.here()
            with recorder.quiet():
                for tensor in _tensors(result):
                    see(tensor, where)
        # A module that raised has left without its hook being called.
        while stack:
            top, outside, _path = stack.pop()
            recorder.nodes.module = outside
            if top is module:
                break

    handles = [_module.register_module_forward_pre_hook(before)]
    options = {}
    if "always_call" in inspect.signature(_module.register_module_forward_hook).parameters:
        options["always_call"] = True
    handles.append(_module.register_module_forward_hook(after, **options))

    def unwatch():
        for handle in handles:
            handle.remove()

    return unwatch


def _inner(names, outer, module):
    known = names.get(id(outer))
    if known is None or id(module) not in known:
        known = names[id(outer)] = {id(m): name for name, m in outer.named_modules()}
    return known.get(id(module))


def _name(module, recorder):
    """The variable that holds a module where it is called."""
    frame = sys._getframe(3)
    while frame is not None:
        if recorder.sources is not None and recorder.sources.of(frame.f_code.co_filename) is not None:
            for scope in (frame.f_locals, frame.f_globals):
                for name, value in list(scope.items()):
                    if value is module and name != "self":
                        return name
        frame = frame.f_back
    return None


def _tensors(result, depth=4):
    """Those that a module gave, in whatever it packed them: tuples in tuples, dictionaries, named tuples."""
    if isinstance(result, torch.Tensor):
        return [result]
    if isinstance(result, dict):
        result = list(result.values())
    if not isinstance(result, (tuple, list)) or depth == 0:
        return []
    return [tensor for item in result for tensor in _tensors(item, depth - 1)]
