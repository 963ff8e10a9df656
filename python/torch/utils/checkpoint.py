"""torch.utils.checkpoint: a part of a model computed again in backward, in the place of keeping what it needs."""
import warnings

import torch

from ..autograd import graph


def detach_variable(inputs):
    """The inputs without their history."""
    if not isinstance(inputs, tuple):
        raise RuntimeError(
            "Only tuple of tensors is supported. Got Unsupported input type: ", type(inputs).__name__
        )
    found = []
    for value in inputs:
        if isinstance(value, torch.Tensor):
            copy = value.detach()
            copy.requires_grad = value.requires_grad
            value = copy
        found.append(value)
    return tuple(found)


def check_backward_validity(inputs):
    if not any(x.requires_grad for x in inputs if isinstance(x, torch.Tensor)):
        warnings.warn("None of the inputs have requires_grad=True. Gradients will be None")


class CheckpointFunction(torch.autograd.Function):
    @staticmethod
    def forward(ctx, run_function, preserve_rng_state, *args):
        check_backward_validity(args)
        ctx.run_function = run_function
        ctx.preserve_rng_state = preserve_rng_state
        if preserve_rng_state:
            ctx.fwd_cpu_state = torch.get_rng_state()
        ctx.inputs = [None if isinstance(a, torch.Tensor) else a for a in args]
        ctx.tensor_indices = [i for i, a in enumerate(args) if isinstance(a, torch.Tensor)]
        ctx.save_for_backward(*[args[i] for i in ctx.tensor_indices])
        with torch.no_grad():
            return run_function(*args)

    @staticmethod
    def backward(ctx, *grads):
        if not torch.autograd._is_checkpoint_valid():
            raise RuntimeError(
                "Checkpointing is not compatible with .grad() or when an `inputs` parameter is passed to .backward(). "
                "Please use .backward() and do not pass its `inputs` argument."
            )
        inputs = list(ctx.inputs)
        for i, tensor in zip(ctx.tensor_indices, ctx.saved_tensors):
            inputs[i] = tensor
        with torch.random.fork_rng(enabled=ctx.preserve_rng_state):
            if ctx.preserve_rng_state:
                torch.set_rng_state(ctx.fwd_cpu_state)
            detached = detach_variable(tuple(inputs))
            with torch.enable_grad():
                outputs = ctx.run_function(*detached)
        if isinstance(outputs, torch.Tensor):
            outputs = (outputs,)
        pairs = [
            (out, g) for out, g in zip(outputs, grads) if isinstance(out, torch.Tensor) and out.requires_grad
        ]
        if not pairs:
            raise RuntimeError("none of output has requires_grad=True, this checkpoint() is not necessary")
        torch.autograd.backward([out for out, _ in pairs], [g for _, g in pairs])
        return (None, None) + tuple([x.grad if isinstance(x, torch.Tensor) else None for x in detached])


def checkpoint(function, *args, use_reentrant=True, **kwargs):
    """`function(*args)`, run again in backward."""
    preserve = kwargs.pop("preserve_rng_state", True)
    if kwargs and use_reentrant:
        raise ValueError("Unexpected keyword arguments: " + ",".join(arg for arg in kwargs))
    if use_reentrant:
        return CheckpointFunction.apply(function, preserve, *args)
    return _without_reentrant(function, preserve, *args, **kwargs)


def _without_reentrant(function, preserve, *args, **kwargs):
    """By hooks on what is saved: the first that is asked for in backward has all computed again."""
    state = torch.get_rng_state() if preserve else None
    kept, again = [], {}

    def pack(tensor):
        kept.append(None)
        return len(kept) - 1

    def unpack(number):
        if number not in again:
            found = []

            def collect(tensor):
                found.append(tensor)
                return len(found) - 1

            def refuse(_):
                raise RuntimeError(
                    "You are calling backwards on a tensor that is never exposed. Please open an issue."
                )

            with torch.random.fork_rng(enabled=preserve):
                if preserve:
                    torch.set_rng_state(state)
                with torch.enable_grad(), graph.saved_tensors_hooks(collect, refuse):
                    function(*args, **kwargs)
            again.update(enumerate(t.detach() for t in found))
        return again.pop(number)

    with graph.saved_tensors_hooks(pack, unpack):
        return function(*args, **kwargs)


def checkpoint_sequential(functions, segments, input, **kwargs):
    """A sequence of modules in `segments` parts, each computed again in backward but the last."""
    preserve = kwargs.pop("preserve_rng_state", True)
    if kwargs:
        raise ValueError("Unexpected keyword arguments: " + ",".join(arg for arg in kwargs))

    def part(start, end):
        def forward(x):
            for j in range(start, end + 1):
                x = functions[j](x)
            return x

        return forward

    if isinstance(functions, torch.nn.Sequential):
        functions = list(functions.children())
    size = len(functions) // segments
    end = -1
    for start in range(0, size * (segments - 1), size):
        end = start + size - 1
        input = checkpoint(part(start, end), input, preserve_rng_state=preserve)
    return part(end + 1, len(functions) - 1)(input)
