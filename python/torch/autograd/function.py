"""torch.autograd.Function: an op whose forward and backward are the user's Python code."""
import functools
import io
import warnings
from contextlib import redirect_stderr, redirect_stdout

from .. import _bridge, _callbacks
from .._bridge import check, wrap
from . import forward_ad
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

    @property
    def saved_variables(self):
        warnings.warn("'saved_variables' is deprecated; use 'saved_tensors'", DeprecationWarning)
        return self.saved_tensors


class _State:
    """What a call of a Function keeps beside `ctx`: saved tensors, and the shapes of its outputs."""

    def __init__(self, cls):
        self.cls = cls
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
            made = tensor.grad_fn
            if output is not None:
                origin = f"output {output} of {self.cls.__name__}Backward"
            else:
                origin = None if made is None else f"output {tensor.output_nr} of {made.name()}"
            if origin is not None:
                where = f"which is {origin}, {where}"
            raise RuntimeError(
                "one of the variables needed for gradient computation has been modified by an inplace operation: "
                f"[{tensor.dtype.tensor_type} {list(tensor.shape)}]{',' if origin is not None else ''} {where}. Hint: enable anomaly detection to find the "
                "operation that failed to compute its gradient, with torch.autograd.set_detect_anomaly(True)."
            )
        return tensor if output is None else wrap(check(_bridge.restore(output, tensor._h)))

    def free(self):
        self.freed = True
        self.saved = ()


class Function(FunctionCtx):
    """Base class of custom functions: static `forward(ctx, …)` and `backward(ctx, …)`, called with `apply`."""

    def __init__(self, *args, **kwargs):
        warnings.warn(
            f"{type(self)} should not be instantiated. Methods on autograd functionsare all static, so you should "
            "invoke them on the class itself. Instantiating an autograd function will raise an error in a future "
            "version of PyTorch.",
            DeprecationWarning,
            stacklevel=2,
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

    def __call__(self, *args, **kwargs):
        raise RuntimeError(
            "Legacy autograd function with non-static forward method is deprecated. Please use new-style autograd "
            "function with static forward method. (Example: "
            "https://pytorch.org/docs/stable/autograd.html#torch.autograd.Function)"
        )

    def name(self):
        """What the node of the call is called."""
        return type(self).__name__

    @staticmethod
    def setup_context(ctx, inputs, output):
        """As in PyTorch 2: where a Function has it, its forward takes no `ctx`."""
        raise NotImplementedError("setup_context is not implemented.")

    @staticmethod
    def jvp(ctx, *grad_inputs):
        raise NotImplementedError(
            "You must implement the jvp function for custom autograd.Function to use it with forward mode AD."
        )

    @classmethod
    def apply(cls, *args, **kwargs):
        """Run forward without recording, then record one node for it."""
        if kwargs:
            raise TypeError("apply() takes no keyword arguments")
        where = _bridge.here()
        tensors = [a for a in args if isinstance(a, _bridge.Tensor)]
        tangents = [forward_ad.tangent_of(a) if isinstance(a, _bridge.Tensor) else None for a in args]
        dual = any(t is not None for t in tangents)
        ctx = object.__new__(_context_class(cls))
        state = ctx._state = _State(cls)
        ctx.needs_input_grad = tuple([isinstance(a, _bridge.Tensor) and a.requires_grad for a in args])
        records = _bridge.isGradMode() == 1 and any(ctx.needs_input_grad)
        again = _Again(cls, args) if records and _callbacks.keeps_forwards else None
        if dual:
            check(_bridge.dualLevel(2))
        try:
            with no_grad():
                if cls.setup_context is Function.setup_context:
                    got = cls.forward(ctx, *args)
                else:
                    got = cls.forward(*args)
                    cls.setup_context(ctx, args, got)
        finally:
            if dual:
                check(_bridge.dualLevel(1))
        single = not isinstance(got, tuple)
        outputs = [got] if single else list(got)
        dirty = {id(t) for t in getattr(ctx, "dirty_tensors", ())}
        plain = {id(t) for t in getattr(ctx, "non_differentiable", ())}
        given = {id(t) for t in tensors}
        if records:
            _check_dirty(getattr(ctx, "dirty_tensors", ()), outputs)
        # An input that comes back unchanged is an output of its own: a view.
        with no_grad():
            outputs = [
                out.view_as(out) if id(out) in given and id(out) not in dirty and records else out for out in outputs
            ]
        if records:
            flows = [
                isinstance(o, _bridge.Tensor) and id(o) not in plain and o.dtype.is_floating_point for o in outputs
            ]
            state.outputs = [(o.shape, o.dtype) if isinstance(o, _bridge.Tensor) else None for o in outputs]
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
            try:
                # After the node has counted that its dirty inputs were changed.
                state.keep(getattr(ctx, "to_save", ()), outputs)
                if _bridge.recorded[0] and state.saved:
                    check(_bridge.customSaved(node, *[0 if t is None else t._h for t in ctx.to_save]))
                if again is not None:
                    check(_bridge.again(node, _callbacks.add(again), again.draws(), *[t._h for t in again.tensors]))
            finally:
                _bridge.freeNode(node)
        else:
            # Nobody looks at what was saved, not even at whether they are tensors.
            state.keep([t for t in getattr(ctx, "to_save", ()) if t is None or isinstance(t, _bridge.Tensor)], ())
        if dual:
            _give_tangents(cls, ctx, tangents, outputs)
        return outputs[0] if single else tuple(outputs)


class _Again:
    """Calls a Function's forward again, in float64 and with the random numbers of its first call."""

    def __init__(self, cls, args):
        from .. import get_rng_state

        self.cls = cls
        self.state = get_rng_state()
        # What they were before forward may have changed them.
        self.args = [a.detach().clone() if isinstance(a, _bridge.Tensor) else a for a in args]
        self.tensors = [a for a in self.args if isinstance(a, _bridge.Tensor)]

    def draws(self):
        """Whether random numbers were drawn since; in float64 they come out differently."""
        from .. import equal, get_rng_state

        return int(not equal(self.state, get_rng_state()))

    def __call__(self, *handles):
        from .. import set_rng_state

        given = iter(handles)
        args = []
        for a in self.args:
            if isinstance(a, _bridge.Tensor):
                handle = next(given)
                a = _callbacks.take(handle) if handle else a.double() if a.dtype.is_floating_point else a.clone()
            args.append(a)
        set_rng_state(self.state)
        with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
            got = self.cls.apply(*args)
        got = got if isinstance(got, tuple) else (got,)
        _callbacks.reply([out if isinstance(out, _bridge.Tensor) else None for out in got])
        return 0


def _check_dirty(dirty, outputs):
    """PyTorch's conditions on what `mark_dirty` was given."""
    returned = {id(out) for out in outputs}
    if any(id(t) not in returned for t in dirty):
        raise RuntimeError(
            "Some elements marked as dirty during the forward method were not returned as output. The inputs that "
            "are modified inplace must all be outputs of the Function."
        )
    if any(t.is_leaf and t.requires_grad for t in dirty):
        raise RuntimeError("a leaf Variable that requires grad has been used in an in-place operation.")


def _give_tangents(cls, ctx, tangents, outputs):
    """The outputs' tangents, from the Function's own jvp."""
    state = ctx._state
    backward_needs = state.saved
    state.keep(getattr(ctx, "saved_for_forward", ()), ())
    check(_bridge.dualLevel(2))
    try:
        got = cls.jvp(ctx, *tangents)
    finally:
        check(_bridge.dualLevel(1))
        state.saved = backward_needs
    for out, tangent in zip(outputs, got if isinstance(got, tuple) else (got,)):
        if tangent is not None and isinstance(out, _bridge.Tensor):
            check(_bridge.setTangent(out._h, tangent._h))


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
                f"function {name} returned a gradient different than None at position {i + 1}, "
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


class InplaceFunction(Function):
    """Of old: a Function that is told whether it works in place."""

    def __init__(self, inplace=False):
        super().__init__()
        self.inplace = inplace


class _Refuse(Function):
    @staticmethod
    def forward(ctx, x):
        return x.clone()

    @staticmethod
    def backward(ctx, gradient):
        raise RuntimeError(
            "trying to differentiate twice a function that was marked with @once_differentiable"
        )
