"""grad, vjp, jvp, jacrev, jacfwd, hessian: transforms of functions, by differentiating with create_graph."""
import functools
import json

import torch

from .. import _bridge
from .._bridge import text, wrap
from . import pytree


class _Level:
    """One application of a transform: what it differentiates with respect to is of it, while it is `active`."""

    __slots__ = ("active",)

    def __init__(self):
        self.active = True


def _tracked(tree, level):
    """The tree with each tensor as the level's own: what happens to it is recorded."""

    def track(x):
        if x.requires_grad:
            return x.view_as(x)
        own = x.detach()
        if own.is_floating_point() or own.is_complex():
            own.requires_grad_()
            own._level = level
        return own

    for leaf in pytree.flatten(tree)[0]:
        if not isinstance(leaf, torch.Tensor):
            raise ValueError(f"Thing passed to transform API must be Tensor, got {type(leaf)}")
    return pytree.map_only(torch.Tensor, track, tree)


def _released(tree, keeps):
    """The results of a transform: with a history only where somebody outside may ask for it."""

    def give(x):
        if not x.requires_grad:
            return x
        if keeps:
            handles = json.loads(text(_bridge.leavesOf(x._h)))
            leaves = [wrap(h) for h in handles]
            if any(getattr(leaf, "_level", None) is None or leaf._level.active for leaf in leaves):
                return x
        return x.detach()

    return pytree.map_only(torch.Tensor, give, tree)


def _chosen(args, argnums):
    """The arguments that are differentiated with respect to."""
    if not isinstance(argnums, (int, tuple)) or isinstance(argnums, bool):
        raise RuntimeError(f"argnums must be int or Tuple[int, ...], got: {type(argnums)}")
    if isinstance(argnums, tuple):
        if len(argnums) == 0:
            raise RuntimeError("argnums must be non-empty")
        if len(set(argnums)) != len(argnums):
            raise RuntimeError(f"argnums elements must be unique, got {argnums}")
        return tuple([args[_position(n, len(args))] for n in argnums])
    return args[_position(argnums, len(args))]


def _position(n, count):
    if not isinstance(n, int):
        raise RuntimeError(f"argnum must be int, got: {type(n)}")
    if not -count <= n < count:
        raise RuntimeError(f"Got argnum={n}, but only {count} positional inputs")
    return n % count


def _with(args, argnums, chosen):
    """The arguments with the chosen ones in their places."""
    args = list(args)
    if isinstance(argnums, tuple):
        for n, one in zip(argnums, chosen):
            args[_position(n, len(args))] = one
    else:
        args[_position(argnums, len(args))] = chosen
    return args


def _pull(outputs, inputs, grad_outputs=None, retain_graph=True):
    """The gradients as far as there are any; zeros elsewhere."""
    pairs = [
        (out, None if grad_outputs is None else grad_outputs[i])
        for i, out in enumerate(outputs)
        if out.requires_grad
    ]
    wanted = [x for x in inputs if x.requires_grad]
    if not pairs or not wanted:
        return [torch.zeros_like(x) for x in inputs]
    got = iter(
        torch.autograd.grad(
            [out for out, _ in pairs],
            wanted,
            None if grad_outputs is None else [g for _, g in pairs],
            create_graph=True,
            retain_graph=retain_graph,
            allow_unused=True,
        )
    )
    found = [next(got) if x.requires_grad else None for x in inputs]
    return [torch.zeros_like(x) if g is None else g for g, x in zip(found, inputs)]


def grad_and_value(func, argnums=0, has_aux=False):
    """A function that gives the gradient of `func` and its value."""

    @functools.wraps(func)
    def wrapper(*args, **kwargs):
        keeps, level = torch.is_grad_enabled(), _Level()
        try:
            with torch.enable_grad():
                chosen = _tracked(_chosen(args, argnums), level)
                output = func(*_with(args, argnums, chosen), **kwargs)
                aux = None
                if has_aux:
                    if not (isinstance(output, tuple) and len(output) == 2):
                        raise RuntimeError(
                            "grad_and_value(f)(*args): output of function f should be a tuple: (output, aux) if "
                            "has_aux is True"
                        )
                    output, aux = output
                if not isinstance(output, torch.Tensor):
                    raise RuntimeError(
                        f"grad_and_value(f)(*args): Expected f(*args) to return a Tensor, got {type(output)}"
                    )
                if output.dim() != 0:
                    raise RuntimeError(
                        "grad_and_value(f)(*args): Expected f(*args) to return a scalar Tensor, got tensor with "
                        f"{output.dim()} dims. Maybe you wanted to use the vjp or jacrev APIs instead?"
                    )
                leaves, spec = pytree.flatten(chosen)
                gradient = pytree.unflatten(_pull([output], leaves), spec)
        finally:
            level.active = False
        gradient, output, aux = _released((gradient, output, aux), keeps)
        return (gradient, (output, aux)) if has_aux else (gradient, output)

    return wrapper


def grad(func, argnums=0, has_aux=False):
    """A function that gives the gradient of `func`, which gives one number."""

    @functools.wraps(func)
    def wrapper(*args, **kwargs):
        gradient, value = grad_and_value(func, argnums, has_aux)(*args, **kwargs)
        return (gradient, value[1]) if has_aux else gradient

    return wrapper


def _tensors_only(caller, tree):
    leaves, spec = pytree.flatten(tree)
    for leaf in leaves:
        if not isinstance(leaf, torch.Tensor):
            raise RuntimeError(
                f"{caller}: expected f(*primals) to return only tensors, got unsupported type {type(leaf)}"
            )
    return leaves, spec


def _pair(caller, output):
    if not (isinstance(output, tuple) and len(output) == 2):
        raise RuntimeError(f"{caller}: output of function f should be a tuple: (output, aux) if has_aux is True")
    return output


def vjp(func, *primals, has_aux=False):
    """(func(*primals), a function of cotangents that gives those of the primals)"""
    keeps, level = torch.is_grad_enabled(), _Level()
    with torch.enable_grad():
        tracked = _tracked(primals, level)
        output, aux = func(*tracked), None
        if has_aux:
            output, aux = _pair("vjp(f, *primals)", output)
        outputs, out_spec = _tensors_only("vjp(f, *primals)", output)
    inputs, in_spec = pytree.flatten(tracked)
    level.active = False
    value, aux = _released((output, aux), keeps)

    def pull(cotangents, retain_graph=True, create_graph=None):
        given, spec = pytree.flatten(cotangents)
        if spec != out_spec:
            raise RuntimeError(
                "Expected pytree structure of cotangents to be the same as pytree structure of outputs to the "
                f"function. cotangents: {_short(spec)}, primal output: {_short(out_spec)}"
            )
        with torch.enable_grad():
            gradients = _pull(outputs, inputs, given, retain_graph)
        return _released(pytree.unflatten(gradients, in_spec), keeps and torch.is_grad_enabled())

    return (value, pull, aux) if has_aux else (value, pull)


def _short(spec):
    """A structure as PyTorch's vjp shows it."""
    if spec.type is None:
        return "*"
    inner = [_short(child) for child in spec.children]
    if spec.type is dict:
        return "{" + ", ".join(f"{key}: {one}" for key, one in zip(spec.context, inner)) + "}"
    return "[" + ", ".join(inner) + "]" if spec.type is list else "(" + ", ".join(inner) + ")"


def jvp(func, primals, tangents, *, strict=False, has_aux=False):
    """(func(*primals), its derivative along the tangents), by differentiating the vjp with respect to its cotangent."""
    caller = "jvp(f, primals, tangents)"
    if not isinstance(primals, tuple):
        raise RuntimeError(f"{caller}: Expected primals to be a tuple. E.g. it should be valid to call f(*primals).")
    given, in_spec = pytree.flatten(primals)
    along, spec = pytree.flatten(tangents)
    if spec != in_spec:
        raise RuntimeError(
            f"{caller}: Expected primals and tangents to have the same python structure. For example, if primals is a "
            f"tuple of 3 tensors, tangents also must be. Got primals with structure {in_spec} and tangents with "
            f"structure {spec}"
        )
    for what, items in (("primals", given), ("tangents", along)):
        for item in items:
            if not isinstance(item, torch.Tensor):
                raise RuntimeError(
                    f"{caller}: Expected {what} to be a tuple of Tensors, got unsupported type {type(item)}"
                )
    keeps, level = torch.is_grad_enabled(), _Level()
    try:
        with torch.enable_grad():
            tracked = _tracked(primals, level)
            output, aux = func(*tracked), None
            if has_aux:
                output, aux = _pair(caller, output)
            outputs, out_spec = _tensors_only(caller, output)
            inputs = pytree.flatten(tracked)[0]
            seeds = [torch.zeros_like(out) for out in outputs]
            for seed in seeds:
                if seed.is_floating_point() or seed.is_complex():
                    seed.requires_grad_()
                    seed._level = level
            back = _pull(outputs, inputs, seeds)
            product = pytree.unflatten(_pull(back, seeds, along), out_spec)
    finally:
        level.active = False
    output, product, aux = _released((output, product, aux), keeps)
    return (output, product, aux) if has_aux else (output, product)


def _basis(x):
    """One tensor for each element of `x`: one there, zero elsewhere."""
    flat = torch.eye(x.numel(), dtype=x.dtype)
    return [flat[j].view(x.shape) for j in range(x.numel())]


def jacrev(func, argnums=0, *, has_aux=False, chunk_size=None):
    """A function that gives the Jacobian of `func`, row by row."""

    @functools.wraps(func)
    def wrapper(*args):
        def of_chosen(*chosen):
            return func(*_with(args, argnums, chosen if isinstance(argnums, tuple) else chosen[0]))

        chosen = _chosen(args, argnums)
        got = vjp(of_chosen, *(chosen if isinstance(argnums, tuple) else (chosen,)), has_aux=has_aux)
        output, pull = got[0], got[1]
        outputs, out_spec = pytree.flatten(output)
        inputs, in_spec = pytree.flatten(chosen)
        blocks = []
        for i, out in enumerate(outputs):
            rows = []
            for one in _basis(out):
                cotangents = [one if k == i else torch.zeros_like(other) for k, other in enumerate(outputs)]
                rows.append(pytree.flatten(pull(pytree.unflatten(cotangents, out_spec)))[0])
            block = [torch.stack([row[k] for row in rows]).view(out.shape + x.shape) for k, x in enumerate(inputs)]
            blocks.append(pytree.unflatten(block, in_spec))
        jacobian = pytree.unflatten(blocks, out_spec)
        return (jacobian, got[2]) if has_aux else jacobian

    return wrapper


def jacfwd(func, argnums=0, has_aux=False, *, randomness="error"):
    """A function that gives the Jacobian of `func`, column by column."""

    @functools.wraps(func)
    def wrapper(*args):
        chosen = _chosen(args, argnums)
        inputs, in_spec = pytree.flatten(chosen)

        def of_inputs(*leaves):
            return func(*_with(args, argnums, pytree.unflatten(list(leaves), in_spec)))

        columns, out_spec, aux, shapes = [], None, None, []
        for k, x in enumerate(inputs):
            of_input = []
            for one in _basis(x):
                tangents = tuple([one if n == k else torch.zeros_like(other) for n, other in enumerate(inputs)])
                got = jvp(of_inputs, tuple(inputs), tangents, has_aux=has_aux)
                outs, out_spec = pytree.flatten(got[1])
                aux = got[2] if has_aux else None
                shapes = [out.shape for out in outs]
                of_input.append(outs)
            columns.append(of_input)
        blocks = [
            pytree.unflatten(
                [
                    torch.stack([outs[o] for outs in of_input], -1).reshape(shape + x.shape)
                    for of_input, x in zip(columns, inputs)
                ],
                in_spec,
            )
            for o, shape in enumerate(shapes)
        ]
        jacobian = pytree.unflatten(blocks, out_spec)
        return (jacobian, aux) if has_aux else jacobian

    return wrapper


def hessian(func, argnums=0):
    """A function that gives the Hessian of `func`: jacfwd of jacrev."""
    return jacfwd(jacrev(func, argnums), argnums)


def linearize(func, *primals):
    """(func(*primals), its derivative there as a function of tangents)"""
    output = func(*primals)
    return output, lambda *tangents: jvp(func, primals, tangents)[1]


def functionalize(func, *, remove="mutations"):
    """The function itself: in-place changes are kept apart by what is recorded, not by rewriting."""
    return func
