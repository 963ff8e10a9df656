"""torch.nn: modules, parameters, and functions of layers."""
from .._missing import guard
from . import functional, init, parameter
# `modules` brings `utils` in, which is made of modules.
from . import modules, utils
from .modules import *
from .parameter import Parameter, UninitializedBuffer, UninitializedParameter

# After all names of `modules` are here: this brings in modules.utils, which is not torch.nn.utils.
from . import common_types, grad, parallel
from .parallel import DataParallel

functional.grad = grad


def factory_kwargs(kwargs):
    """`device`, `dtype` and `memory_format` from the keywords of a module, checked."""
    if kwargs is None:
        return {}
    simple = {"device", "dtype", "memory_format"}
    expected = simple | {"factory_kwargs"}
    if not kwargs.keys() <= expected:
        raise TypeError(f"unexpected kwargs {kwargs.keys() - expected}")
    found = dict(kwargs.get("factory_kwargs", {}))
    for k in simple:
        if k in kwargs:
            if k in found:
                raise TypeError(f"{k} specified twice, in **kwargs and in factory_kwargs")
            found[k] = kwargs[k]
    return found


__getattr__ = guard("torch.nn")
