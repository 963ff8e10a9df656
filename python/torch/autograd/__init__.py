"""torch.autograd: backward and grad, with PyTorch's checks of their arguments."""
import warnings

from .. import _bridge, _missing
from .._bridge import check, wrap
from . import function, grad_mode
from .function import Function
from .grad_mode import enable_grad, no_grad, set_grad_enabled

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
    check(
        _bridge.backward(
            where,
            _retain(retain_graph, create_graph),
            bool(create_graph),
            *_with_gradients(roots, grad_tensors),
            *((-1,) if inputs is None else _handles(_sequence(inputs), "inputs")),
        )
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
    roots = _sequence(outputs)
    if not only_inputs:
        warnings.warn(
            "only_inputs argument is deprecated and is ignored now (defaults to True). To accumulate gradient for "
            "other parts of the graph, please use torch.autograd.backward."
        )
    if is_grads_batched:
        raise NotImplementedError(
            "torch.autograd.grad(is_grads_batched=True) is not in the embedded engine (yet); the PyTorch engine has it"
        )
    count = check(
        _bridge.gradOf(
            where,
            _retain(retain_graph, create_graph),
            bool(create_graph),
            bool(allow_unused),
            *_with_gradients(roots, grad_outputs),
            *_handles(_sequence(inputs), "inputs"),
        )
    )
    handles = [_bridge.result(i) for i in range(count)]
    return tuple([wrap(h) if h else None for h in handles])


def _sequence(tensors):
    return (tensors,) if isinstance(tensors, _bridge.Tensor) else tuple(tensors)


def _retain(retain_graph, create_graph):
    return bool(create_graph if retain_graph is None else retain_graph)


def _handles(tensors, name):
    """How many, then their handles."""
    for i, tensor in enumerate(tensors):
        if not isinstance(tensor, _bridge.Tensor):
            raise TypeError(
                f"element {i} of {name} must be a Tensor, not {type(tensor).__name__}"
            )
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
