"""assert_close: PyTorch's comparison of results, with its words for what differs."""
import collections.abc
import warnings

import torch

# (rtol, atol) by dtype; integers and bools must be equal.
_TOLERANCES = {
    torch.float16: (1e-3, 1e-5),
    torch.bfloat16: (1.6e-2, 1e-5),
    torch.float32: (1.3e-6, 1e-5),
    torch.float64: (1e-7, 1e-7),
}
_CHECKS = "check_device", "check_dtype", "check_layout", "check_stride"


class _Options:
    def __init__(self, rtol, atol, equal_nan, allow_subclasses, **checks):
        if (rtol is None) != (atol is None):
            absent = "rtol" if rtol is None else "atol"
            raise ValueError(f"Both 'rtol' and 'atol' must be either specified or omitted, but got no {absent}.")
        self.rtol, self.atol, self.equal_nan, self.allow_subclasses = rtol, atol, equal_nan, allow_subclasses
        self.checks = checks

    def tolerances(self, *dtypes):
        if self.rtol is not None:
            return self.rtol, self.atol
        known = [_TOLERANCES.get(d, (0.0, 0.0)) for d in dtypes]
        return max(r for r, _ in known), max(a for _, a in known)


def assert_close(
    actual,
    expected,
    *,
    allow_subclasses=True,
    rtol=None,
    atol=None,
    equal_nan=False,
    check_device=True,
    check_dtype=True,
    check_layout=True,
    check_stride=False,
    msg=None,
):
    """An AssertionError unless |actual - expected| <= atol + rtol |expected| everywhere, in tensors, numbers and their nests."""
    options = _Options(
        rtol, atol, equal_nan, allow_subclasses, check_dtype=check_dtype, check_layout=check_layout, check_stride=check_stride
    )
    try:
        _compare(actual, expected, options, ())
    except AssertionError as error:
        if msg is None:
            raise
        raise AssertionError(msg(str(error)) if callable(msg) else msg) from None


def _at(path):
    return f"\n\nThe failure occurred for item {''.join(f'[{step}]' for step in path)}" if path else ""


def _is_nested(value, kind):
    return isinstance(value, kind) and not isinstance(value, (str, bytes))


def _compare(actual, expected, options, path):
    if _is_nested(actual, collections.abc.Sequence) and _is_nested(expected, collections.abc.Sequence):
        if len(actual) != len(expected):
            raise AssertionError(f"The length of the sequences mismatch: {len(actual)} != {len(expected)}" + _at(path))
        for i, (a, e) in enumerate(zip(actual, expected)):
            _compare(a, e, options, (*path, i))
    elif isinstance(actual, collections.abc.Mapping) and isinstance(expected, collections.abc.Mapping):
        if set(actual) != set(expected):
            missing, more = sorted(set(expected) - set(actual)), sorted(set(actual) - set(expected))
            raise AssertionError(
                "The keys of the mappings do not match:"
                + (f"\nMissing keys in the actual mapping: {missing}" if missing else "")
                + (f"\nAdditional keys in the actual mapping: {more}" if more else "")
                + _at(path)
            )
        for key in actual:
            _compare(actual[key], expected[key], options, (*path, key))
    elif isinstance(actual, torch.Tensor) and isinstance(expected, torch.Tensor):
        _compare_tensors(actual, expected, options, path)
    elif _is_number(actual) and _is_number(expected):
        _compare_numbers(actual, expected, options, path)
    elif actual is None and expected is None:
        return
    else:
        raise TypeError(
            f"No comparison pair was able to handle inputs of type {type(actual)} and {type(expected)}." + _at(path)
        )


def _is_number(value):
    return isinstance(value, (bool, int, float, complex))


def _compare_numbers(actual, expected, options, path):
    if options.checks["check_dtype"] and type(actual) is not type(expected):
        raise AssertionError(f"The (d)types do not match: {type(actual)} != {type(expected)}." + _at(path))
    dtypes = {bool: torch.bool, int: torch.int64, float: torch.float64}
    rtol, atol = options.tolerances(dtypes.get(type(actual)), dtypes.get(type(expected)))
    if options.equal_nan and actual != actual and expected != expected:
        return
    if actual == expected:
        return
    difference = abs(actual - expected)
    if difference <= atol + rtol * abs(expected):
        return
    relative = difference / abs(expected) if expected != 0 else float("inf")
    exact = rtol == 0 and atol == 0
    raise AssertionError(
        f"Scalars are not {'equal' if exact else 'close'}!\n\n"
        f"Absolute difference: {difference}{'' if exact else f' (up to {atol} allowed)'}\n"
        f"Relative difference: {relative}{'' if exact else f' (up to {rtol} allowed)'}" + _at(path)
    )


def _compare_tensors(actual, expected, options, path):
    def same(name, a, e):
        if a != e:
            raise AssertionError(f"The values for attribute '{name}' do not match: {a} != {e}." + _at(path))

    same("shape", actual.shape, expected.shape)
    if options.checks["check_layout"]:
        same("layout", actual.layout, expected.layout)
    if options.checks["check_dtype"]:
        same("dtype", actual.dtype, expected.dtype)
    if options.checks["check_stride"]:
        same("stride()", actual.stride(), expected.stride())
    rtol, atol = options.tolerances(actual.dtype, expected.dtype)
    with torch.no_grad():
        a, e = actual.detach(), expected.detach()
        if a.dtype is not e.dtype:
            common = torch.promote_types(a.dtype, e.dtype)
            a, e = a.to(common), e.to(common)
        close = torch.isclose(a, e, rtol=rtol, atol=atol, equal_nan=options.equal_nan)
        if bool(close.all()):
            return
        if a.dim() == 0:
            _compare_numbers_of(a, e, rtol, atol, path)
        _refuse_elements(a, e, close, rtol, atol, path)


def _compare_numbers_of(a, e, rtol, atol, path):
    a, e = a.item(), e.item()
    difference = abs(a - e)
    relative = difference / abs(e) if e != 0 else float("inf")
    exact = rtol == 0 and atol == 0
    raise AssertionError(
        f"Scalars are not {'equal' if exact else 'close'}!\n\n"
        f"Absolute difference: {difference}{'' if exact else f' (up to {atol} allowed)'}\n"
        f"Relative difference: {relative}{'' if exact else f' (up to {rtol} allowed)'}" + _at(path)
    )


def _refuse_elements(a, e, close, rtol, atol, path):
    wide = torch.float64 if a.dtype.is_floating_point else torch.int64
    a, e = a.to(wide), e.to(wide)
    flat = ~close.flatten()
    absolute = (a - e).abs().flatten()
    # Only what is not close counts.
    absolute = torch.where(flat, absolute, torch.zeros_like(absolute))
    relative = absolute / e.abs().flatten()
    relative = torch.where(flat, relative, torch.zeros_like(relative))
    exact = rtol == 0 and atol == 0
    total, bad = a.numel(), int(flat.sum())

    def greatest(name, values, allowed):
        at = int(values.argmax())
        where = tuple(int(i) for i in _unraveled(at, a.shape))
        return f"Greatest {name} difference: {values[at].item()} at index {where}" + (
            "" if exact else f" (up to {allowed} allowed)"
        )

    raise AssertionError(
        f"Tensor-likes are not {'equal' if exact else 'close'}!\n\n"
        f"Mismatched elements: {bad} / {total} ({bad / total:.1%})\n"
        f"{greatest('absolute', absolute, atol)}\n{greatest('relative', relative, rtol)}" + _at(path)
    )


def _unraveled(position, shape):
    places = []
    for size in reversed(shape):
        position, place = divmod(position, size)
        places.append(place)
    return places[::-1]


def assert_allclose(actual, expected, rtol=None, atol=None, equal_nan=True, msg=""):
    """The old form of assert_close."""
    warnings.warn(
        "`torch.testing.assert_allclose()` is deprecated since 1.12 and will be removed in a future release. "
        "Please use `torch.testing.assert_close()` instead. You can find detailed upgrade instructions in "
        "https://github.com/pytorch/pytorch/issues/61844.",
        FutureWarning,
        stacklevel=2,
    )
    actual = actual if isinstance(actual, torch.Tensor) else torch.tensor(actual)
    expected = expected if isinstance(expected, torch.Tensor) else torch.tensor(expected, dtype=actual.dtype)
    if rtol is None and atol is None:
        # Wider ones than assert_close has.
        known = {torch.float16: (1e-3, 1e-3), torch.float32: (1e-4, 1e-5), torch.float64: (1e-5, 1e-8)}
        rtol, atol = known.get(torch.promote_types(actual.dtype, expected.dtype), (0.0, 0.0))
    assert_close(actual, expected, rtol=rtol, atol=atol, equal_nan=equal_nan, check_dtype=False, msg=msg or None)


for _function in (assert_close, assert_allclose):
    _function.__module__ = "torch.testing"
