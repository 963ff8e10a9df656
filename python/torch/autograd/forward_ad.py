"""torch.autograd.forward_ad: dual tensors, which carry a tangent along with every operation."""
from collections import namedtuple

from .. import _bridge
from .._bridge import check, wrap
from .grad_mode import _Mode

_current_level = -1

UnpackedDualTensor = namedtuple("UnpackedDualTensor", ["primal", "tangent"])
UnpackedDualTensor.__doc__ = "What `unpack_dual` gives: the tensor without its tangent, and the tangent, or None."


def enter_dual_level():
    """Begin the one level that there can be; its number."""
    global _current_level
    if _current_level >= 0:
        raise RuntimeError("Nested forward mode AD is not supported at the moment")
    check(_bridge.dualLevel(1))
    _current_level = 0
    return _current_level


def exit_dual_level(*, level=None):
    """End it: every tangent is gone."""
    global _current_level
    if level is None:
        level = _current_level
    if level != _current_level:
        raise RuntimeError(
            "Trying to exit a forward AD level that was not the last one that was created. This is not supported."
        )
    if level < 0:
        raise RuntimeError("Dual level must be a positive number.")
    check(_bridge.dualLevel(0))
    _current_level = -1


def make_dual(tensor, tangent, *, level=None):
    """A view of `tensor` that carries `tangent`."""
    if level is None:
        level = _current_level
    if level < 0:
        raise RuntimeError(
            "Trying to create a dual Tensor for forward AD but no level exists, make sure to enter_dual_level() first."
        )
    for name, given in (("primal", tensor), ("tangent", tangent)):
        if not (given.is_floating_point() or given.is_complex()):
            raise ValueError(f"Expected {name} to be floating point or complex, but got: {given.dtype}")
    if level != _current_level:
        raise RuntimeError("Invalid level given to _make_dual")
    if tangent_of(tensor) is not None:
        raise RuntimeError(
            "Making a dual Tensor based on a Tensor that already has a forward gradient at the same level "
            f"{level} is not supported."
        )
    dual = tensor.view_as(tensor)
    check(_bridge.setTangent(dual._h, tangent._h))
    return dual


def unpack_dual(tensor, *, level=None):
    """Its primal, and its tangent, or None."""
    if level is None:
        level = _current_level
    if level < 0:
        return UnpackedDualTensor(tensor, None)
    tangent = tangent_of(tensor)
    if tangent is None:
        return UnpackedDualTensor(tensor, None)
    view = tensor.view_as(tensor)
    check(_bridge.setTangent(view._h, 0))
    return UnpackedDualTensor(view, tangent)


def tangent_of(tensor):
    """The tangent of a dual tensor; None for any other."""
    h = check(_bridge.tangent(tensor._h))
    return wrap(h) if h else None


class dual_level(_Mode):
    """A context manager within which dual tensors may be made."""

    def __enter__(self):
        return enter_dual_level()

    def __exit__(self, *_):
        exit_dual_level()
