"""Prints as JSON every public name of the reported modules of the PyTorch that can be imported, with what it is."""
import json

import torch

MODULES = {
    "torch": torch,
    "torch.Tensor": torch.Tensor,
    "torch.nn": torch.nn,
    "torch.nn.functional": torch.nn.functional,
    "torch.optim": torch.optim,
    "torch.autograd": torch.autograd,
}


def kind(owner, name):
    """The object's type and the module that says it is its own: `type torch.jit`."""
    thing = owner.__dict__[name] if name in getattr(owner, "__dict__", {}) else getattr(owner, name)
    module = getattr(thing, "__module__", None)
    return f"{type(thing).__name__} {module}"


names = {
    f"{module}.{name}": kind(owner, name)
    for module, owner in MODULES.items()
    for name in dir(owner)
    if not name.startswith("_")
}
print(json.dumps({"torch": torch.__version__, "names": names}))
