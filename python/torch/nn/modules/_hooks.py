"""Hooks of modules: handles that take one away again, and those of the backward pass."""
import functools
import warnings
from collections import OrderedDict

import torch
from torch._callbacks import RemovableHandle

# Hooks of every module.
backward_hooks = OrderedDict()
forward_pre_hooks = OrderedDict()
forward_hooks = OrderedDict()
# None until a backward hook is there: those of modules are either all full ones or all of the old kind.
full = [None]

_functions = []


def _identity():
    """The custom function that stands in the graph where a module's inputs and outputs pass; made when first needed."""
    if not _functions:

        class BackwardHookFunction(torch.autograd.Function):
            @staticmethod
            def forward(ctx, *args):
                ctx.mark_non_differentiable(*[arg for arg in args if not arg.requires_grad])
                return args

            @staticmethod
            def backward(ctx, *args):
                return args

        _functions.append(BackwardHookFunction)
    return _functions[0]


class BackwardHooks:
    """The full backward hooks of one call of a module: they get what its inputs and outputs get."""

    def __init__(self, module, hooks):
        self.module = module
        self.hooks = hooks
        self.grad_outputs = None
        self.n_outputs = self.output_places = self.n_inputs = self.input_places = None

    def _spread(self, places, values, size):
        """The values at their places among `size`, None elsewhere."""
        found = [None] * size
        for place, value in zip(places, values):
            found[place] = value
        return tuple(found)

    def _passed(self, args, hook):
        """`args` with their tensors passed through a node of the graph, on which `hook` is set; the places of those."""
        places = [i for i, arg in enumerate(args) if isinstance(arg, torch.Tensor)]
        tensors = [args[i] for i in places]
        if not (torch.is_grad_enabled() and any(t.requires_grad for t in tensors)):
            return args, None
        new = _identity().apply(*tensors)
        if not tensors:
            raise RuntimeError("Cannot set Module backward hook for a Module with no input Tensors.")
        nodes = [t.grad_fn for t in new if t.grad_fn is not None and t.grad_fn.name() == "BackwardHookFunctionBackward"]
        if not nodes:
            raise RuntimeError(
                "Error while setting up backward hooks. Please open "
                "an issue with a code sample to reproduce this."
            )
        hook(nodes[0])
        found = list(args)
        for place, t in zip(places, new):
            found[place] = t
        return tuple(found), places

    def on_input(self, args):
        """The module's arguments, watched."""

        def hook(grad_input, _):
            if self.grad_outputs is None:
                # The gradient came to the input without passing through the output, as in a double backward.
                return None
            given = self._spread(self.input_places, grad_input, self.n_inputs)
            changed = None
            for each in self.hooks:
                out = each(self.module, given, self.grad_outputs)
                if out is None:
                    continue
                if len(out) != len(given):
                    raise RuntimeError(
                        "Backward hook returned an invalid number of grad_input, "
                        f"got {len(out)}, but expected {len(given)}"
                    )
                given = changed = out
            self.grad_outputs = None
            return None if changed is None else tuple(changed[i] for i in self.input_places)

        def watch(node):
            node.register_hook(hook)

        found, places = self._passed(args, watch)
        self.n_inputs, self.input_places = len(args), places
        return found

    def on_output(self, result):
        """The module's result, watched."""

        def hook(_, grad_output):
            self.grad_outputs = self._spread(self.output_places, grad_output, self.n_outputs)
            if self.input_places is not None:
                return
            # No input needs a gradient: nothing else will call them.
            for each in self.hooks:
                out = each(self.module, self._spread([], [], self.n_inputs), self.grad_outputs)
                if out is not None and not (isinstance(out, tuple) and all(el is None for el in out)):
                    raise RuntimeError(
                        "Backward hook for Modules where no input requires "
                        "gradient should always return None or None for all gradients."
                    )
            self.grad_outputs = None

        def watch(node):
            node.register_hook(hook)

        alone = not isinstance(result, tuple)
        if alone:
            result = (result,)
        found, self.output_places = self._passed(result, watch)
        self.n_outputs = len(result)
        return found[0] if alone else found


def of_module(module):
    """(full, old) backward hooks of a module, those of every module first."""
    both = ([], [])
    if full[0] is not None:
        both[not full[0]].extend(backward_hooks.values())
    if module._is_full_backward_hook is not None:
        both[not module._is_full_backward_hook].extend(module._backward_hooks.values())
    return both


def hook_result(module, hooks, inputs, result):
    """Set hooks of the old kind on the node that made the result."""
    var = result
    while not isinstance(var, torch.Tensor):
        var = next(v for v in var.values() if isinstance(v, torch.Tensor)) if isinstance(var, dict) else var[0]
    node = var.grad_fn
    if node is None:
        return
    for hook in hooks:
        node.register_hook(functools.partial(hook, module))
    _warn_of_old(inputs, result, node)


def _all_tensors(values):
    return isinstance(values, tuple) and all(isinstance(v, torch.Tensor) for v in values)


def _warn_of_old(inputs, result, node):
    """What the old kind of hook gets wrong here, in PyTorch's words."""
    if not isinstance(result, torch.Tensor):
        if not _all_tensors(result):
            warnings.warn(
                "Using non-full backward hooks on a Module that does not return a "
                "single Tensor or a tuple of Tensors is deprecated and will be removed "
                "in future versions. This hook will be missing some of the grad_output. "
                "Please use register_full_backward_hook to get the documented behavior."
            )
            return
    else:
        result = (result,)
    if not isinstance(inputs, torch.Tensor):
        if not _all_tensors(inputs):
            warnings.warn(
                "Using non-full backward hooks on a Module that does not take as input a "
                "single Tensor or a tuple of Tensors is deprecated and will be removed "
                "in future versions. This hook will be missing some of the grad_input. "
                "Please use register_full_backward_hook to get the documented behavior."
            )
            return
    else:
        inputs = (inputs,)
    nodes = {r.grad_fn for r in result if r.grad_fn is not None}
    if not nodes or (len(nodes) == 1 and node not in nodes):
        warnings.warn(
            "Using a non-full backward hook when outputs are nested in python data structure "
            "is deprecated and will be removed in future versions. This hook will be missing "
            "some grad_output."
        )
    elif len(nodes) > 1:
        warnings.warn(
            "Using a non-full backward hook when outputs are generated by different autograd Nodes "
            "is deprecated and will be removed in future versions. This hook will be missing "
            "some grad_output. Please use register_full_backward_hook to get the documented behavior."
        )
    else:
        inputs_nodes = {i.grad_fn for i in inputs if i.grad_fn is not None}
        following = {n[0] for n in node.next_functions}
        if inputs_nodes != following:
            warnings.warn(
                "Using a non-full backward hook when the forward contains multiple autograd Nodes "
                "is deprecated and will be removed in future versions. This hook will be missing "
                "some grad_input. Please use register_full_backward_hook to get the documented "
                "behavior."
            )
