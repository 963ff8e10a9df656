"""torch.autograd.functional: Jacobians, Hessians, and their products with vectors, of a function of tensors."""
import torch

from ..autograd import grad as _grad

_SECOND = (
    "While computing the hessian, found that the jacobian of the user-provided function with respect to input {} is "
    "independent of the input. This is not allowed in strict mode. You should ensure that your function is twice "
    "differentiable and that the jacobian depends on the inputs (this would be violated by a linear function for "
    "example)."
)
_FIRST = (
    "The jacobian of the user-provided function is independent of input {}. This is not allowed in strict mode when "
    "create_graph=True."
)
_HESSIAN = (
    "The hessian of the user-provided function is independent of input {}. This is not allowed in strict mode when "
    "create_graph=True."
)
_NO_GRADIENT = (
    "Output {} of the user-provided function does not require gradients. The outputs must be computed in a "
    "differentiable manner from the input when running in strict mode."
)
_INDEPENDENT = (
    "Output {} of the user-provided function is independent of input {}. This is not allowed in strict mode."
)
_GRADIENT = (
    "The gradient with respect to input {} is independent of the inputs of the user-provided function. This is not "
    "allowed in strict mode."
)
_FORWARD_ONLY_VECTORIZED = (
    "Computing Jacobian using forward-AD or forward-over-reverse Hessian isonly implemented for `vectorize=True`."
)


def _as_tuple(given, what, caller):
    """(whether it was a tuple, the tuple), or PyTorch's complaint."""
    is_tuple = isinstance(given, tuple)
    items = given if is_tuple else (given,)
    for i, item in enumerate(items):
        if isinstance(item, torch.Tensor):
            continue
        of = "given" if what != "outputs of the user-provided function" else "given to"
        who = (
            f"The {what} given to {caller}"
            if of == "given to" or what in ("inputs", "v")
            else f"The {what}"
        )
        if is_tuple:
            raise TypeError(
                f"{who} must be either a Tensor or a tuple of Tensors but the value at index {i} has type {type(item)}."
            )
        raise TypeError(
            f"{who} must be either a Tensor or a tuple of Tensors but the given {what} has type {type(item)}."
        )
    return is_tuple, items


def _outputs(given, caller):
    return _as_tuple(given, "outputs of the user-provided function", caller)


def _fresh(inputs, create_graph):
    """The inputs as the function gets them: with their history where the result is to be differentiated again."""
    return tuple([x.view_as(x) if create_graph and x.requires_grad else x.detach().requires_grad_() for x in inputs])


def _vector_like(v, inputs):
    """PyTorch's conditions on `v`."""
    if len(v) != len(inputs):
        if len(inputs) == 1:
            raise RuntimeError("The given v should contain a single Tensor.")
        raise RuntimeError(f"v is a tuple of invalid length: should be {len(inputs)} but got {len(v)}.")
    for i, (one, x) in enumerate(zip(v, inputs)):
        if one.size() != x.size():
            entry = f"Entry {i} in " if len(v) > 1 else ""
            raise RuntimeError(f"{entry}v has invalid size: should be {x.size()} but got {one.size()}.")


def _detached(items, create_graph):
    """What is given back: without history, unless asked for."""
    if create_graph:
        return items
    return tuple(
        [_detached(item, create_graph) if isinstance(item, tuple) else item.detach() for item in items]
    )


def _unpacked(items, *were_tuples):
    """Tuples of one are given back as what they hold, where no tuple was given."""
    if len(were_tuples) == 2:
        items = type(items)([_unpacked(item, were_tuples[1]) for item in items])
    return items if were_tuples[0] else items[0]


def _gradients(outputs, inputs, grad_outputs=None, create_graph=False, retain_graph=None):
    """As autograd.grad with allow_unused, passing over outputs that need no gradient."""
    pairs = zip(outputs, grad_outputs or (None,) * len(outputs))
    pairs = [(out, g) for out, g in pairs if out is not None and out.requires_grad]
    if not pairs:
        return (None,) * len(inputs)
    return _grad(
        tuple([out for out, _ in pairs]),
        inputs,
        tuple([g for _, g in pairs]) if grad_outputs else None,
        allow_unused=True,
        create_graph=create_graph,
        retain_graph=retain_graph,
    )


def _require_gradient(outputs, strict):
    if strict:
        for i, out in enumerate(outputs):
            if not out.requires_grad:
                raise RuntimeError(_NO_GRADIENT.format(i))


def _depends(gradients, strict, words):
    """In strict mode: each is there and can be differentiated again."""
    for i, g in enumerate(gradients if strict else ()):
        if g is None:
            raise RuntimeError(
                f"The output of the user-provided function is independent of input {i}. This is not allowed in strict "
                "mode."
            )
        if not g.requires_grad:
            raise RuntimeError(words.format(i))


def _filled(gradients, like, strict, create_graph, stage):
    """Zeros where nothing arrived; in strict mode that is an error. `stage` says which derivative it was."""
    filled = []
    for i, (g, x) in enumerate(zip(gradients, like)):
        if g is None:
            if strict:
                if stage == "back":
                    raise RuntimeError(f"The output of the user-provided function is independent of input {i}. "
                                       "This is not allowed in strict mode.")
                if stage == "back_trick":
                    raise RuntimeError(
                        f"The gradient with respect to the input is independent of entry {i} in the grad_outputs "
                        "when using the double backward trick to compute forward mode gradients. This is not allowed "
                        "in strict mode."
                    )
                if stage == "double_back":
                    raise RuntimeError(
                        f"The jacobian of the user-provided function is independent of input {i}. This is not "
                        "allowed in strict mode."
                    )
                raise RuntimeError(
                    f"The hessian of the user-provided function is independent of entry {i} in the grad_jacobian. "
                    "This is not allowed in strict mode as it prevents from using the double backward trick to "
                    "replace forward mode AD."
                )
            g = torch.zeros_like(x)
        elif strict and create_graph and not g.requires_grad:
            raise RuntimeError((_HESSIAN if stage.startswith("double") else _FIRST).format(i))
        filled.append(g)
    return tuple(filled)


def vjp(func, inputs, v=None, create_graph=False, strict=False):
    """(func(inputs), the product of `v` with the Jacobian)."""
    with torch.enable_grad():
        was_tuple, inputs = _as_tuple(inputs, "inputs", "vjp")
        inputs = _fresh(inputs, create_graph)
        outputs = func(*inputs)
        out_tuple, outputs = _outputs(outputs, "vjp")
        _require_gradient(outputs, strict)
        if v is not None:
            _, v = _as_tuple(v, "v", "vjp")
            v = tuple([one if create_graph else one.detach() for one in v])
            _vector_like(v, outputs)
        elif len(outputs) != 1 or outputs[0].nelement() != 1:
            raise RuntimeError(
                "The vector v can only be None if the user-provided function returns a single Tensor with a single "
                "element."
            )
    with torch.set_grad_enabled(True if create_graph else torch.is_grad_enabled()):
        product = _gradients(outputs, inputs, v, create_graph=create_graph)
        product = _filled(product, inputs, strict, create_graph, "back")
    return (
        _unpacked(_detached(outputs, create_graph), out_tuple),
        _unpacked(_detached(product, create_graph), was_tuple),
    )


def _vector_of_inputs(v, inputs, caller):
    if v is not None:
        _, v = _as_tuple(v, "v", caller)
        _vector_like(v, inputs)
        return v
    if len(inputs) != 1 or inputs[0].nelement() != 1:
        raise RuntimeError(
            "The vector v can only be None if the input to the user-provided function is a single Tensor with a single "
            "element."
        )
    return None


def jvp(func, inputs, v=None, create_graph=False, strict=False):
    """(func(inputs), the product of the Jacobian with `v`), by differentiating the vjp with respect to its vector."""
    with torch.enable_grad():
        was_tuple, inputs = _as_tuple(inputs, "inputs", "jvp")
        inputs = _fresh(inputs, create_graph)
        v = _vector_of_inputs(v, inputs, "jvp")
        if v is not None and not create_graph:
            v = tuple([one.detach() for one in v])
        outputs = func(*inputs)
        out_tuple, outputs = _outputs(outputs, "jvp")
        _require_gradient(outputs, strict)
        seeds = tuple([torch.zeros_like(out, requires_grad=True) for out in outputs])
        back = _gradients(outputs, inputs, seeds, create_graph=True)
        _depends(back, strict, _GRADIENT)
    if create_graph:
        with torch.enable_grad():
            product = _gradients(back, seeds, v, create_graph=True)
            product = _filled(product, outputs, strict, True, "back_trick")
    else:
        product = _filled(_gradients(back, seeds, v), outputs, strict, False, "back_trick")
    return (
        _unpacked(_detached(outputs, create_graph), out_tuple),
        _unpacked(_detached(product, create_graph), out_tuple),
    )


def _one_number(outputs, is_tuple, caller):
    if is_tuple or not isinstance(outputs[0], torch.Tensor):
        raise RuntimeError(f"The function given to {caller} should return a single Tensor")
    if outputs[0].nelement() != 1:
        raise RuntimeError(f"The Tensor returned by the function given to {caller} should contain a single element")


def vhp(func, inputs, v=None, create_graph=False, strict=False):
    """(func(inputs), the product of `v` with the Hessian)."""
    with torch.enable_grad():
        was_tuple, inputs = _as_tuple(inputs, "inputs", "vhp")
        inputs = _fresh(inputs, create_graph)
        v = _vector_of_inputs(v, inputs, "vhp")
        outputs = func(*inputs)
        out_tuple, outputs = _outputs(outputs, "vhp")
        _require_gradient(outputs, strict)
        _one_number(outputs, out_tuple, "vhp")
        first = _gradients(outputs, inputs, create_graph=True)
        _depends(first, strict, _SECOND)
    with torch.set_grad_enabled(True if create_graph else torch.is_grad_enabled()):
        product = _gradients(first, inputs, v, create_graph=create_graph)
        product = _filled(product, inputs, strict, create_graph, "double_back")
    return (
        _unpacked(_detached(outputs, create_graph), out_tuple),
        _unpacked(_detached(product, create_graph), was_tuple),
    )


def hvp(func, inputs, v=None, create_graph=False, strict=False):
    """(func(inputs), the product of the Hessian with `v`), by differentiating twice backwards."""
    with torch.enable_grad():
        was_tuple, inputs = _as_tuple(inputs, "inputs", "hvp")
        inputs = _fresh(inputs, create_graph)
        v = _vector_of_inputs(v, inputs, "hvp")
        outputs = func(*inputs)
        out_tuple, outputs = _outputs(outputs, "hvp")
        _require_gradient(outputs, strict)
        _one_number(outputs, out_tuple, "hvp")
        first = _gradients(outputs, inputs, create_graph=True)
        _depends(first, strict, _SECOND)
        seeds = tuple([torch.zeros_like(x, requires_grad=True) for x in inputs])
        double = _gradients(first, inputs, seeds, create_graph=True)
        _depends(double, strict, _GRADIENT)
    with torch.set_grad_enabled(True if create_graph else torch.is_grad_enabled()):
        product = _gradients(double, seeds, v, create_graph=create_graph)
        product = _filled(product, inputs, strict, create_graph, "double_back_trick")
    return (
        _unpacked(_detached(outputs, create_graph), out_tuple),
        _unpacked(_detached(product, create_graph), was_tuple),
    )


def jacobian(func, inputs, create_graph=False, strict=False, vectorize=False, strategy="reverse-mode"):
    """The Jacobian: for each output and input a tensor of shape output + input."""
    if strategy not in ("forward-mode", "reverse-mode"):
        raise AssertionError(
            'Expected strategy to be either "forward-mode" or "reverse-mode". Hint: If your function has more outputs '
            'than inputs, "forward-mode" tends to be more performant. Otherwise, prefer to use "reverse-mode".'
        )
    if strategy == "forward-mode":
        if create_graph:
            raise NotImplementedError(
                "torch.autograd.functional.jacobian: `create_graph=True` and `strategy=\"forward-mode\"` are not "
                "supported together (yet). Please either set `create_graph=False` or `strategy=\"reverse-mode\"`."
            )
        return _forward_jacobian(func, inputs, strict, vectorize)
    with torch.enable_grad():
        was_tuple, inputs = _as_tuple(inputs, "inputs", "jacobian")
        inputs = _fresh(inputs, create_graph)
        outputs = func(*inputs)
        out_tuple, outputs = _outputs(outputs, "jacobian")
        _require_gradient(outputs, strict)
        if vectorize and strict:
            raise RuntimeError(
                "torch.autograd.functional.jacobian: `strict=True` and `vectorized=True` are not supported together. "
                "Please either set `strict=False` or `vectorize=False`."
            )
        rows = tuple([_jacobian_of(i, out, inputs, create_graph, strict) for i, out in enumerate(outputs)])
    return _unpacked(_detached(rows, create_graph), out_tuple, was_tuple)


def _jacobian_of(i, out, inputs, create_graph, strict):
    """One tensor for each input: the gradients of the output's elements, stacked."""
    columns = [[] for _ in inputs]
    for j in range(out.nelement()):
        gradients = _gradients((out.reshape(-1)[j],), inputs, retain_graph=True, create_graph=create_graph)
        for k, (g, x, column) in enumerate(zip(gradients, inputs, columns)):
            if g is None:
                if strict:
                    raise RuntimeError(_INDEPENDENT.format(i, k))
                g = torch.zeros_like(x)
            elif strict and create_graph and not g.requires_grad:
                raise RuntimeError(_FIRST.format(k))
            column.append(g)
    return tuple(
        [
            torch.stack(column, dim=0).view(out.size() + x.size())
            if column
            else x.new_zeros(out.size() + x.size())
            for column, x in zip(columns, inputs)
        ]
    )


def _forward_jacobian(func, inputs, strict, vectorize):
    """Column by column, with dual numbers."""
    from . import forward_ad

    if strict:
        raise RuntimeError(
            'torch.autograd.functional.jacobian: `strict=True` and `strategy="forward-mode"` are not supported '
            'together (yet). Please either set `strict=False` or `strategy="reverse-mode"`.'
        )
    was_tuple, inputs = _as_tuple(inputs, "inputs", "jacobian")
    if not vectorize:
        raise NotImplementedError(_FORWARD_ONLY_VECTORIZED)
    columns, out_tuple, shapes = [], False, ()
    for k, x in enumerate(inputs):
        of_input = []
        for j in range(x.numel()):
            with forward_ad.dual_level():
                tangent = torch.zeros(x.numel(), dtype=x.dtype)
                tangent[j] = 1
                duals = [
                    forward_ad.make_dual(other.detach(), tangent.view_as(x) if n == k else torch.zeros_like(other))
                    for n, other in enumerate(inputs)
                ]
                out_tuple, outputs = _outputs(func(*duals), "jacobian")
                shapes = [out.shape for out in outputs]
                parts = [forward_ad.unpack_dual(out) for out in outputs]
                of_input.append(
                    [torch.zeros_like(p) if t is None else t.clone() for p, t in parts]
                )
        columns.append(of_input)
    rows = list(
        [
            list(
                [
                    torch.stack([column[o] for column in of_input], dim=-1).reshape(tuple(shape) + tuple(x.shape))
                    for of_input, x in zip(columns, inputs)
                ]
            )
            for o, shape in enumerate(shapes)
        ]
    )
    return _unpacked(rows, out_tuple, was_tuple)


def hessian(
    func, inputs, create_graph=False, strict=False, vectorize=False, outer_jacobian_strategy="reverse-mode"
):
    """The Hessian of a function that gives one number: the Jacobian of its gradient."""
    was_tuple, inputs = _as_tuple(inputs, "inputs", "hessian")
    if outer_jacobian_strategy not in ("forward-mode", "reverse-mode"):
        raise AssertionError('Expected strategy to be either "forward-mode" or "reverse-mode".')

    def one_number(*args):
        out = func(*args)
        is_tuple, outputs = _outputs(out, "hessian")
        if is_tuple:
            raise RuntimeError("The function given to hessian should return a single Tensor")
        if outputs[0].nelement() != 1:
            raise RuntimeError("The Tensor returned by the function given to hessian should contain a single element")
        return outputs[0].squeeze()

    def gradient(*args):
        forward = outer_jacobian_strategy == "forward-mode"
        if forward:
            args = tuple([x if x.requires_grad else x.requires_grad_() for x in args])
        jac = jacobian(one_number, args, create_graph=True)
        _depends(jac, strict, _SECOND)
        return jac

    result = jacobian(
        gradient,
        inputs,
        create_graph=create_graph,
        strict=strict,
        vectorize=vectorize,
        strategy=outer_jacobian_strategy,
    )
    return _unpacked(result, was_tuple, was_tuple)

