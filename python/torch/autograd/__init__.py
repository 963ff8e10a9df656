"""torch.autograd: backward and grad, with PyTorch's checks of their arguments."""
import functools
import warnings

from .. import _bridge, _missing
from .._bridge import check, wrap
from . import forward_ad, function, grad_mode
from .function import Function
from .grad_mode import enable_grad, inference_mode, no_grad, set_grad_enabled

__getattr__ = _missing.guard("torch.autograd")


def backward(
    tensors, grad_tensors=None, retain_graph=None, create_graph=False, grad_variables=None, inputs=None
):
    """Accumulate into the leaves (or into `inputs` only) the gradients of `tensors`, one or a sequence."""
    where = _bridge.here()
    if grad_variables is not None:
        warnings.warn("'grad_variables' is deprecated. Use 'grad_tensors' instead.")
        if grad_tensors is not None:
            raise RuntimeError(
                "'grad_tensors' and 'grad_variables' (deprecated) arguments both passed to backward(). "
                "Please only use 'grad_tensors'."
            )
        grad_tensors = grad_variables
    if inputs is not None and len(inputs) == 0:
        raise RuntimeError("'inputs' argument to backward() cannot be empty.")
    roots = _sequence(tensors)
    given = _with_gradients(roots, grad_tensors)
    if create_graph:
        _warn_of_cycle()
    _passes.append(inputs is None)
    try:
        check(
            _bridge.backward(
                where,
                _retain(retain_graph, create_graph),
                bool(create_graph),
                *given,
                *((-1,) if inputs is None else _handles(_sequence(inputs))),
            )
        )
    finally:
        _passes.pop()


@functools.lru_cache(None)
def _warn_of_cycle():
    """Once, as PyTorch."""
    _bridge.warn(
        "Using backward() with create_graph=True will create a reference cycle between the parameter and its gradient "
        "which can cause a memory leak. We recommend using autograd.grad when creating the graph to avoid this. If you "
        "have to use this function, make sure to reset the .grad fields of your parameters to None after use to break "
        "the cycle and avoid the leak. (Triggered internally at  ./torch/csrc/autograd/engine.cpp:1059.)"
    )


def grad(
    outputs,
    inputs,
    grad_outputs=None,
    retain_graph=None,
    create_graph=False,
    only_inputs=True,
    allow_unused=False,
    is_grads_batched=False,
):
    """The gradients of `outputs` with respect to `inputs`, a tuple; None for an unused input if `allow_unused`."""
    where = _bridge.here()
    roots, inputs = _sequence(outputs), _sequence(inputs)
    if not inputs:
        raise ValueError("grad requires non-empty inputs.")
    if not only_inputs:
        warnings.warn(
            "only_inputs argument is deprecated and is ignored now (defaults to True). To accumulate gradient for "
            "other parts of the graph, please use torch.autograd.backward."
        )
    if is_grads_batched:
        return _batched(roots, inputs, _sequence(grad_outputs), retain_graph, create_graph, allow_unused)
    _passes.append(False)
    try:
        count = check(
            _bridge.gradOf(
                where,
                _retain(retain_graph, create_graph),
                bool(create_graph),
                bool(allow_unused),
                *_with_gradients(roots, grad_outputs),
                *_handles(inputs),
            )
        )
    finally:
        _passes.pop()
    handles = [_bridge.result(i) for i in range(count)]
    return tuple([wrap(h) if h else None for h in handles])


def _batched(outputs, inputs, grad_outputs, retain_graph, create_graph, allow_unused):
    """A pass for each slice of `grad_outputs`; the gradients stacked."""
    from torch import stack

    for i, (out, g) in enumerate(zip(outputs, grad_outputs)):
        # The message leaves out a dimension too many; so it does in PyTorch.
        if g is not None and g.shape[1:] != out.shape:
            raise RuntimeError(
                f"If `is_grads_batched=True`, we interpret the first dimension of each grad_output as the batch "
                f"dimension. The sizes of the remaining dimensions are expected to match the shape of corresponding "
                f"output, but a mismatch was detected: grad_output[{i}] has a shape of {g.shape[2:]} and output[{i}] has a "
                f"shape of {out.shape}. If you only want some tensors in `grad_output` to be considered batched, "
                "consider using vmap."
            )
    count = next(g.shape[0] for g in grad_outputs if g is not None)
    rows = []
    for k in range(count):
        keeps = True if k < count - 1 else retain_graph
        given = [None if g is None else g[k] for g in grad_outputs]
        rows.append(
            grad(outputs, inputs, given, retain_graph=keeps, create_graph=create_graph, allow_unused=allow_unused)
        )
    return tuple([None if column[0] is None else stack(column) for column in zip(*rows)])


def is_tensor_like(inp):
    """Whether it is a tensor, or acts as one."""
    return isinstance(inp, _bridge.Tensor) or hasattr(inp, "__torch_function__")


def has_torch_function(relevant_args):
    """Whether one of the arguments overrides PyTorch's functions."""
    return any(type(a) is not _bridge.Tensor and hasattr(type(a), "__torch_function__") for a in relevant_args)


def kineto_available():
    return False


# Whether each pass that is running accumulates into every leaf.
_passes = []


def _is_checkpoint_valid():
    """Whether the pass that is running accumulates into every leaf, as a checkpoint needs it."""
    return not _passes or _passes[-1]


def _sequence(tensors):
    return (tensors,) if isinstance(tensors, _bridge.Tensor) else tuple(tensors)


def _retain(retain_graph, create_graph):
    return bool(create_graph if retain_graph is None else retain_graph)


def _handles(tensors):
    """How many, then their handles."""
    for tensor in tensors:
        if not isinstance(tensor, _bridge.Tensor):
            raise RuntimeError(f"all inputs have to be Tensors, but got {type(tensor).__name__}")
    return [len(tensors), *[tensor._h for tensor in tensors]]


def _with_gradients(roots, gradients):
    """Number of roots, then for each its handle and that of its gradient (0: ones, for a single number)."""
    if gradients is None:
        gradients = (None,) * len(roots)
    else:
        gradients = _sequence(gradients)
    flat = [len(roots)]
    for i, (root, gradient) in enumerate(zip(roots, gradients)):
        if isinstance(gradient, _bridge.Tensor):
            if gradient.shape != root.shape:
                raise RuntimeError(
                    f"Mismatch in shape: grad_output[{i}] has a shape of {gradient.shape} "
                    f"and output[{i}] has a shape of {root.shape}."
                )
        elif gradient is not None:
            raise TypeError("gradients can be either Tensors or None, but got " + type(gradient).__name__)
        elif root.requires_grad and root.numel() != 1:
            raise RuntimeError("grad can be implicitly created only for scalar outputs")
        flat += [root._h, 0 if gradient is None else gradient._h]
    if len(gradients) != len(roots):
        raise RuntimeError(f"got {len(roots)} tensors and {len(gradients)} gradients")
    return flat


# These are made of the functions above.
from . import anomaly_mode, functional, graph, profiler  # noqa: E402
from .anomaly_mode import detect_anomaly, set_detect_anomaly  # noqa: E402
from .gradcheck import gradcheck, gradgradcheck  # noqa: E402
from .variable import Variable, variable  # noqa: E402
