"""Functions that make random tensors, and the methods that overwrite one; the numbers come from the op rows."""
from . import _bridge
from ._bridge import check, wrap
from ._creation import _parsed

def _call(name, *args, **kwargs):
    """The tensor that an op row gives."""
    return wrap(check(getattr(_bridge, "_row_" + name)(_bridge.here(), *args, **kwargs)))


def _leaf(options, made):
    if not options.requires_grad:
        return made
    if not made.dtype.is_floating_point:
        raise RuntimeError("Only Tensors of floating point and complex dtype can require gradients")
    return made.requires_grad_()


@_parsed()
def rand(options, size, generator=None):
    """Numbers between 0 and 1."""
    return _leaf(options, _call("rand", size, generator=generator, dtype=options.dtype))


@_parsed()
def rand_like(options, input):
    """Numbers between 0 and 1, in the sizes and dtype of `input`."""
    return _leaf(options, _call("rand_like", input.detach(), dtype=options.dtype))


@_parsed()
def randn(options, size, generator=None):
    """Standard normal numbers."""
    return _leaf(options, _call("randn", size, generator=generator, dtype=options.dtype))


@_parsed()
def randn_like(options, input):
    """Standard normal numbers, in the sizes and dtype of `input`."""
    return _leaf(options, _call("randn_like", input.detach(), dtype=options.dtype))


@_parsed()
def randint(options, high, size, low=0, generator=None):
    """Integers from low to high - 1."""
    _warn_integers(options.dtype, low, high)
    return _leaf(options, _call("randint", low, high, size, generator=generator, dtype=options.dtype))


@_parsed()
def randint_like(options, input, high, low=0):
    """Integers from low to high - 1, in the sizes and dtype of `input`."""
    _warn_integers(options.dtype or input.dtype, low, high)
    return _leaf(options, _call("randint_like", input.detach(), low, high, dtype=options.dtype))


@_parsed()
def randperm(options, n, generator=None):
    """0 … n - 1 in random order."""
    return _leaf(options, _call("randperm", n, generator=generator, dtype=options.dtype))


@_parsed()
def normal(options, mean, std=1.0, size=None, generator=None):
    """Normal numbers about one mean or a tensor of means."""
    if size is not None:
        made = _call("normal_float_float", mean, std, size, generator=generator, dtype=options.dtype)
        return _leaf(options, made)
    row = "_".join("Tensor" if isinstance(x, _bridge.Tensor) else "float" for x in (mean, std))
    return _call("normal_" + row, mean, std, generator=generator)


def _over(self, name, *args, generator):
    check(getattr(_bridge, "_row_" + name)(_bridge.here(), self, *args, generator=generator))
    return self


@_parsed(method=True)
def random_(self, options, generator=None, **bound):
    """Overwrite with integers: from `from` to `to` - 1, or as far as the dtype holds them all."""
    if "from" in bound:
        _warn_integers(self.dtype, bound["from"], bound.get("to"))
        return _over(self, "random__from", bound["from"], bound.get("to"), generator=generator)
    if "to" in bound:
        _warn_integers(self.dtype, 0, bound["to"])
        return _over(self, "random__to", bound["to"], generator=generator)
    return _over(self, "random_", generator=generator)


def _warn_integers(d, low, high):
    """PyTorch's warning where a float cannot hold a bound."""
    if d is None or d.kind != "float":
        return
    limit = 2 ** d.limits[2]
    for name, value in (("from", low), ("to - 1", None if high is None else high - 1)):
        if value is not None and not -limit <= value <= limit:
            _bridge.warn(
                f"{name} is out of bounds [-(2^{limit.bit_length() - 1}), 2^{limit.bit_length() - 1}]. Due to precision"
                f" limitations {d.cxx} can support discrete uniform distribution only within this range."
                " This warning will become an error in version 1.7 release, please fix the code in advance"
                " (Triggered internally at  ./aten/src/ATen/native/DistributionTemplates.h:95.)"
            )
