"""gradcheck, gradgradcheck: gradients held against finite differences."""
import warnings

import torch

from . import forward_ad


class GradcheckError(RuntimeError):
    """What `gradcheck` raises."""


_REENTRANT = """Backward is not reentrant, i.e., running backward with same input and grad_output multiple times gives \
different values, although analytical gradient matches numerical gradient.The tolerance for nondeterminism was {}.

NOTE: If your op relies on non-deterministic operations i.e., it is listed here:
https://pytorch.org/docs/stable/generated/torch.use_deterministic_algorithms.html
this failure might be expected.

If you are adding a new operator, please file an issue and then use one of the
workarounds. The workaround depends on how your test invokes gradcheck/gradgradcheck.
If the test
- manually invokes gradcheck/gradgradcheck, then call gradcheck/gradgradcheck
  with `nondet_tol=<tol>` as a keyword argument.
- is OpInfo-based (e.g., in test_ops_gradients.py), then modify the OpInfo for the test
  to have `gradcheck_nondet_tol=<tol>`.
- is a Module test (e.g., in common_nn.py), then modify the corresponding
  module_test entry to have `gradcheck_nondet_tol=<tol>`
"""


def gradcheck(
    func,
    inputs,
    *,
    eps=1e-6,
    atol=1e-5,
    rtol=1e-3,
    raise_exception=True,
    check_sparse_nnz=False,
    nondet_tol=0.0,
    check_undefined_grad=True,
    check_grad_dtypes=False,
    check_batched_grad=False,
    check_batched_forward_grad=False,
    check_forward_ad=False,
    check_backward_ad=True,
    fast_mode=False,
):
    """Whether the gradients of `func` at `inputs` are those that central differences give."""
    if not (check_forward_ad or check_backward_ad):
        raise AssertionError("Expected at least one of check_forward_ad or check_backward_ad to be True")
    if check_batched_grad and not check_backward_ad:
        raise AssertionError("Setting check_batched_grad=True requires check_backward_ad to be True")
    if check_batched_forward_grad and not check_forward_ad:
        raise AssertionError("Setting check_batched_forward_grad=True requires check_forward_ad to be True")
    inputs = inputs if isinstance(inputs, tuple) else tuple(inputs) if isinstance(inputs, list) else (inputs,)
    settings = (eps, atol, rtol, nondet_tol, check_forward_ad, check_backward_ad)
    if raise_exception:
        return _check(func, inputs, *settings)
    try:
        return _check(func, inputs, *settings)
    except GradcheckError:
        return False


def _check(func, inputs, eps, atol, rtol, nondet_tol, forward, backward):
    _check_inputs(inputs)
    given = func(*inputs)
    outputs = [o for o in _tuple(given) if o.requires_grad or forward]
    tracked = [x for x in inputs if isinstance(x, torch.Tensor) and x.requires_grad]
    if not outputs:
        for i, o in enumerate(_tuple(given)):
            for n in _numerical(func, inputs, tracked, i, eps, None):
                if (n != 0).any():
                    raise GradcheckError("Numerical gradient for function expected to be zero")
        return True
    for i, out in enumerate(outputs):
        numerical = _numerical(func, inputs, tracked, i, eps, None if not backward else True)
        if forward:
            for j, (a, n) in enumerate(zip(_tangential(func, inputs, tracked, i), numerical)):
                _compare(a, n, j, i, rtol, atol, "Jacobian computed with forward mode mismatch")
        if backward:
            analytical = _analytical(out, tracked)
            for a, again in zip(analytical, _analytical(out, tracked)):
                if a.numel() and (a - again).abs().max() > nondet_tol:
                    raise GradcheckError(_REENTRANT.format(nondet_tol))
            for j, (a, n) in enumerate(zip(analytical, numerical)):
                _compare(a, n, j, i, rtol, atol, "Jacobian mismatch")
    return True


def _tuple(value):
    return value if isinstance(value, tuple) else tuple(value) if isinstance(value, list) else (value,)


def _check_inputs(inputs):
    found = False
    for i, x in enumerate(inputs):
        if not (isinstance(x, torch.Tensor) and x.requires_grad):
            continue
        found = True
        if x.dtype != torch.float64 and x.dtype != getattr(torch, "complex128", None):
            warnings.warn(
                f"Input #{i} requires gradient and is not a double precision floating point or complex. This check "
                "will likely fail if all the inputs are not of double precision floating point or complex. "
            )
        if any(stride == 0 and size > 1 for stride, size in zip(x.stride(), x.shape)):
            raise RuntimeError(
                f"The {i}th input has a dimension with stride 0. gradcheck only supports inputs that are "
                "non-overlapping to be able to compute the numerical gradients correctly. You should call .contiguous "
                "on the input before passing it to gradcheck."
            )
    if not found:
        raise ValueError(
            "gradcheck expects at least one input tensor to require gradient, but none of the them have "
            "requires_grad=True."
        )


def _compare(analytical, numerical, j, i, rtol, atol, what):
    numerical = numerical.to(analytical.dtype)
    if not ((analytical - numerical).abs() <= atol + rtol * numerical.abs()).all():
        raise GradcheckError(
            f"{what} for output {i} with respect to input {j},\nnumerical:{numerical}\nanalytical:{analytical}\n"
        )


def _numerical(func, inputs, tracked, i, eps, differentiable):
    """For each tracked input a matrix: a row for each of its elements, a column for each of the output's."""

    def value():
        outputs = [o for o in _tuple(func(*inputs)) if differentiable is None or o.requires_grad]
        return outputs[i].detach().clone()

    tables = []
    for x in tracked:
        flat = x.data
        rows = []
        for at in range(x.numel()):
            index = _position(at, x.shape)
            before = flat[index].item()
            flat[index] = before - eps
            low = value()
            flat[index] = before + eps
            high = value()
            flat[index] = before
            rows.append(((high - low) / (2 * eps)).reshape(-1))
        tables.append(torch.stack(rows) if rows else torch.zeros(0, value().numel(), dtype=x.dtype))
    return tables


def _position(at, shape):
    index = []
    for size in reversed(shape):
        index.append(at % size)
        at //= size
    return tuple(reversed(index))


def _analytical(out, tracked):
    """The same from backward passes, one for each element of the output."""
    columns = [[] for _ in tracked]
    for at in range(out.numel()):
        seed = torch.zeros_like(out)
        seed[_position(at, out.shape)] = 1
        gradients = torch.autograd.grad(out, tracked, seed, retain_graph=True, allow_unused=True)
        for column, g, x in zip(columns, gradients, tracked):
            column.append((torch.zeros_like(x) if g is None else g.detach()).reshape(-1).clone())
    return [
        torch.stack(column, 1) if column else torch.zeros(x.numel(), 0, dtype=x.dtype)
        for column, x in zip(columns, tracked)
    ]


def _tangential(func, inputs, tracked, i):
    """The same from dual numbers, one run for each element of an input."""
    tables = []
    for x in tracked:
        rows = []
        for at in range(x.numel()):
            with forward_ad.dual_level():
                tangent = torch.zeros_like(x)
                tangent[_position(at, x.shape)] = 1
                duals = [forward_ad.make_dual(y.detach(), tangent) if y is x else y for y in inputs]
                primal, along = forward_ad.unpack_dual(_tuple(func(*duals))[i])
                rows.append((torch.zeros_like(primal) if along is None else along).detach().reshape(-1).clone())
        tables.append(torch.stack(rows))
    return tables


def gradgradcheck(
    func,
    inputs,
    grad_outputs=None,
    *,
    eps=1e-6,
    atol=1e-5,
    rtol=1e-3,
    gen_non_contig_grad_outputs=False,
    raise_exception=True,
    nondet_tol=0.0,
    check_undefined_grad=True,
    check_grad_dtypes=False,
    check_batched_grad=False,
    check_fwd_over_rev=False,
    check_rev_over_rev=True,
    fast_mode=False,
):
    """The same for the gradients of `func` as functions of its inputs and of the upstream gradients."""
    inputs = _tuple(inputs)
    if grad_outputs is None:
        from ..testing import make_tensor

        outputs = [o for o in _tuple(func(*inputs)) if o.requires_grad]
        how = {"device": "cpu", "low": -1, "high": 1, "requires_grad": True, "noncontiguous": gen_non_contig_grad_outputs}
        upstream = tuple([make_tensor(o.shape, dtype=o.dtype, **how) for o in outputs])
    else:
        upstream = _tuple(grad_outputs)
    count = len(upstream)

    def gradients(*args):
        given = args[:-count]
        given = tuple([x.requires_grad_() if isinstance(x, torch.Tensor) and x.is_leaf and o.requires_grad else x
                       for x, o in zip(given, inputs)])
        outputs = [o for o in _tuple(func(*given)) if o.requires_grad]
        wanted = [x for x in given if isinstance(x, torch.Tensor) and x.requires_grad]
        got = torch.autograd.grad(outputs, wanted, args[-count:], create_graph=True, allow_unused=True)
        return tuple([g for g in got if g is not None])

    return gradcheck(
        gradients,
        inputs + upstream,
        eps=eps,
        atol=atol,
        rtol=rtol,
        raise_exception=raise_exception,
        nondet_tol=nondet_tol,
        check_forward_ad=check_fwd_over_rev,
        check_backward_ad=check_rev_over_rev,
    )
