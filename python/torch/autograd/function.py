"""torch.autograd.Function: an op whose forward and backward are the user's Python code."""
import functools

from .. import _bridge, _callbacks
from .._bridge import check, wrap
from .grad_mode import no_grad, set_grad_enabled

_FREED = (
    "Trying to backward through the graph a second time (or directly access saved tensors after they have already "
    "been freed). Saved intermediate values of the graph are freed when you call .backward() or autograd.grad(). "
    "Specify retain_graph=True if you need to backward through the graph a second time or if you need to access "
    "saved tensors after calling backward."
)


class FunctionCtx:
    """What forward and backward share: `ctx`."""

    def save_for_backward(self, *tensors):
        """Keep inputs or outputs of forward for backward."""
        self.to_save = tensors

    def save_for_forward(self, *tensors):
        self.saved_for_forward = tensors

    def mark_dirty(self, *args):
        """Say that forward changed these inputs in place."""
        self.dirty_tensors = args

    def mark_non_differentiable(self, *args):
        """Say that no gradient flows through these outputs."""
        self.non_differentiable = args

    def set_materialize_grads(self, value):
        """Whether backward gets zeros, rather than None, for outputs that no gradient arrived at."""
        self.materialize_grads = value

    @property
    def saved_tensors(self):
        """What `save_for_backward` kept."""
        return self._state.unpack()


class _State:
    """What a call of a Function keeps beside `ctx`: saved tensors, and the shapes of its outputs."""

    def __init__(self):
        self.saved = ()
        self.outputs = ()
        self.freed = False

    def keep(self, tensors, outputs):
        for i, t in enumerate(tensors):
            if t is not None and not isinstance(t, _bridge.Tensor):
                raise TypeError(
                    f"save_for_backward can only save variables, but argument {i} is of type {type(t).__name__}"
                )
        # An output is kept without its history, which would hold its own node alive.
        position = {id(t): i for i, t in enumerate(outputs)}
        self.saved = [
            None
            if t is None
            else (t.detach(), position[id(t)], t._version)
            if id(t) in position
            else (t, None, t._version)
            for t in tensors
        ]

    def unpack(self):
        if self.freed:
            raise RuntimeError(_FREED)
        return tuple([None if kept is None else self._one(*kept) for kept in self.saved])

    def _one(self, tensor, output, version):
        if tensor._version != version:
            where = f"is at version {tensor._version}; expected version {version} instead"
            kind = {"float32": "Float", "float64": "Double", "int64": "Long", "bool": "Bool"}[tensor.dtype.name]
            raise RuntimeError(
                "one of the variables needed for gradient computation has been modified by an inplace operation: "
                f"[torch.{kind}Tensor {list(tensor.shape)}] {where}. Hint: enable anomaly detection to find the "
                "operation that failed to compute its gradient, with torch.autograd.set_detect_anomaly(True)."
            )
        return tensor if output is None else wrap(check(_bridge.restore(output, tensor._h)))

    def free(self):
        self.freed = True
        self.saved = ()


class Function(FunctionCtx):
    """Base class of custom functions: static `forward(ctx, …)` and `backward(ctx, …)`, called with `apply`."""

    def __init__(self, *args, **kwargs):
        raise RuntimeError(
            f"{type(self)} should not be instantiated. Methods on autograd functions"
            "are all static, so you should invoke them on the class itself. "
            "Instantiating an autograd function will raise an "
            "error in a future version of PyTorch."
        )

    def __call__(self, *args, **kwargs):
        raise RuntimeError(
            "Legacy autograd function with non-static forward method is deprecated. "
            "Please use new-style autograd function with static forward method. "
            "(Example: https://pytorch.org/docs/stable/autograd.html#torch.autograd.Function)"
        )

    @staticmethod
    def forward(ctx, *args, **kwargs):
        raise NotImplementedError("You must implement the forward function for custom autograd.Function.")

    @staticmethod
    def backward(ctx, *grad_outputs):
        raise NotImplementedError(
            "You must implement either the backward or vjp method for your custom autograd.Function to use it with "
            "backward mode AD."
        )

    vjp = backward

    @classmethod
    def apply(cls, *args):
        """Run forward without recording, then record one node for it."""
        where = _bridge.here()
        tensors = [a for a in args if isinstance(a, _bridge.Tensor)]
        ctx = object.__new__(_context_class(cls))
        state = ctx._state = _State()
        ctx.needs_input_grad = tuple([isinstance(a, _bridge.Tensor) and a.requires_grad for a in args])
        records = _bridge.isGradMode() == 1 and any(ctx.needs_input_grad)
        with no_grad():
            got = cls.forward(ctx, *args)
        single = not isinstance(got, tuple)
        outputs = [got] if single else list(got)
        for out in outputs:
            if single and not isinstance(out, _bridge.Tensor):
                raise TypeError(f"{cls.__name__}Backward.forward: expected Tensor or tuple of Tensor (got {type(out).__name__}) for return value 0")
        dirty = {id(t) for t in getattr(ctx, "dirty_tensors", ())}
        plain = {id(t) for t in getattr(ctx, "non_differentiable", ())}
        given = {id(t) for t in tensors}
        # An input that comes back unchanged is an output of its own.
        outputs = [
            out.detach() if id(out) in given and id(out) not in dirty and records else out for out in outputs
        ]
        if records:
            flows = [
                isinstance(o, _bridge.Tensor) and id(o) not in plain and o.dtype.is_floating_point for o in outputs
            ]
            state.outputs = [(o.shape, o.dtype) if isinstance(o, _bridge.Tensor) else None for o in outputs]
            state.keep(getattr(ctx, "to_save", ()), outputs)
            backward = functools.partial(_backward, cls, ctx, [isinstance(a, _bridge.Tensor) for a in args])
            node = check(
                _bridge.custom(
                    where,
                    cls.__name__ + "Backward",
                    _callbacks.add(backward),
                    len(tensors),
                    *[t._h for t in tensors],
                    *[o._h if flow else 0 for o, flow in zip(outputs, flows)],
                )
            )
            _bridge.freeNode(node)
        else:
            state.keep(getattr(ctx, "to_save", ()), ())
        return outputs[0] if single else tuple(outputs)


@functools.lru_cache(None)
def _context_class(cls):
    """The class of `ctx`: it has the Function's other attributes, and PyTorch's name."""
    return type(cls.__name__ + "Backward", (cls,), {"__module__": "torch.autograd.function"})


def _backward(cls, ctx, is_tensor, keeps_graph, *handles):
    """The core's call of a custom backward."""
    import torch

    state = ctx._state
    gradients = [_callbacks.take(h) for h in handles]
    if getattr(ctx, "materialize_grads", True):
        gradients = [
            torch.zeros(state.outputs[i][0], dtype=state.outputs[i][1])
            if g is None and state.outputs[i] is not None
            else g
            for i, g in enumerate(gradients)
        ]
    own, base = cls.__dict__.get("backward"), cls.backward
    function = cls.vjp if own is None and base is Function.backward and cls.vjp is not Function.vjp else base
    got = function(ctx, *gradients)
    got = got if isinstance(got, tuple) else (got,)
    name = cls.__name__ + "Backward"
    expected = len(is_tensor)
    if len(got) > expected and all(g is None for g in got[expected:]):
        got = got[:expected]
    if len(got) != expected:
        raise RuntimeError(
            f"function {name} returned an incorrect number of gradients (expected {expected}, got {len(got)})"
        )
    for i, (gradient, tensor) in enumerate(zip(got, is_tensor)):
        if gradient is not None and not tensor:
            raise RuntimeError(
                f"function {name} returned a gradient different from None at position {i + 1}, "
                "but the corresponding forward input was not a Variable"
            )
        if gradient is not None and not isinstance(gradient, _bridge.Tensor):
            raise RuntimeError(
                f"expected Variable or None (got {type(gradient).__name__})"
            )
    _callbacks.reply([g for g, tensor in zip(got, is_tensor) if tensor])
    if not keeps_graph:
        state.free()
    return 0


def once_differentiable(fn):
    """For a backward that cannot be differentiated again: its gradients say so when somebody tries."""

    @functools.wraps(fn)
    def wrapper(ctx, *args):
        with set_grad_enabled(False):
            outputs = fn(ctx, *args)
        if _bridge.isGradMode() != 1 or not any(
            isinstance(a, _bridge.Tensor) and a.requires_grad for a in args
        ):
            return outputs
        many = outputs if isinstance(outputs, tuple) else (outputs,)
        refused = tuple([None if o is None else _Refuse.apply(o.detach().requires_grad_()) for o in many])
        return refused if isinstance(outputs, tuple) else refused[0]

    return wrapper


class _Refuse(Function):
    @staticmethod
    def forward(ctx, x):
        return x.clone()

    @staticmethod
    def backward(ctx, gradient):
        raise RuntimeError(
            "trying to differentiate twice a function that was marked with @once_differentiable"
        )
