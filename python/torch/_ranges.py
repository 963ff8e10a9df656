"""Functions that make tensors of numbers at equal distances; the numbers come from the op rows."""
from . import _bridge
from ._bridge import check, wrap
from ._creation import _number, _parsed, leaf


def _made(options, name, *args):
    """The tensor that an op row gives, as a leaf."""
    made = wrap(check(getattr(_bridge, "_row_" + name)(_bridge.here(), *args, dtype=options.dtype)))
    return leaf(made, options)


@_parsed()
def arange(options, end, start=0, step=1):
    """start, start + step, … below end; ints where all three are, unless a dtype is given."""
    return _made(options, "arange", *map(_number, (start, end, step)))


@_parsed()
def linspace(options, start, end, steps):
    """`steps` numbers from start to end, both included, at equal distances."""
    return _made(options, "linspace", _number(start), _number(end), steps)


@_parsed()
def logspace(options, start, end, steps, base=10.0):
    """`steps` powers of base, from base ** start to base ** end, their exponents at equal distances."""
    return _made(options, "logspace", _number(start), _number(end), steps, base)


@_parsed()
def range(options, start, end, step=1):
    """As arange, with the end; floats unless a dtype is given."""
    _bridge.warn(
        "torch.range is deprecated and will be removed in a future release because its behavior is inconsistent with"
        " Python's range builtin. Instead, use torch.arange, which produces values in [start, end)."
    )
    return _made(options, "range", *map(_number, (start, end, step)))
