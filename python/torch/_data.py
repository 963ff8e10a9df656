"""What PyTorch has, as data taken from PyTorch itself (see scripts/pytorch-names.py): public names and signatures."""
import json
import pkgutil

_loaded = None


def _data():
    global _loaded
    if _loaded is None:
        _loaded = json.loads(pkgutil.get_data(__package__, "pytorch.json"))
    return _loaded


def signatures(name, method):
    """The texts of PyTorch's parser for `torch.name` or `Tensor.name`, in PyTorch's order; empty where there are none."""
    return _data()["methods" if method else "functions"].get(name, ())


def has(module, name):
    """Whether PyTorch's `module` ("torch", "torch.Tensor", …) has a public attribute `name`."""
    return name in _data()["names"].get(module, ())


def modules():
    """PyTorch's public modules."""
    return _data()["names"].keys()
