"""What happens when a name is asked for that PyTorch has and the embedded engine lacks: an error that says so."""
import dis
import sys

from . import _data

_IMPORT_FROM = dis.opmap["IMPORT_FROM"]
_HINT = "is not in the embedded engine (yet); the PyTorch engine has it"


def attribute(module, name):
    """The AttributeError for `module.name`: Python's own words where PyTorch does not have it either."""
    if not name.startswith("__") and _data.has(module, name):
        return AttributeError(f"{module}.{name} {_HINT}")
    return AttributeError(f"module '{module}' has no attribute '{name}'")


def tensor_attribute(cls, name):
    """The same for `Tensor.name`."""
    if not name.startswith("__") and _data.has("torch.Tensor", name):
        return AttributeError(f"torch.Tensor.{name} {_HINT}")
    return AttributeError(f"'{cls.__name__}' object has no attribute '{name}'")


def guard(module):
    """A module's `__getattr__`."""

    def __getattr__(name):
        error = attribute(module, name)
        frame = sys._getframe(1)
        if frame.f_code.co_code[frame.f_lasti] == _IMPORT_FROM and _HINT in str(error):
            # For an AttributeError Python would put words of its own.
            raise ImportError(f"cannot import name '{name}' from '{module}': it {_HINT}", name=name)
        raise error

    return __getattr__


class Finder:
    """Answers `import` of what a snippet may want and the embedded engine has not, in words."""

    # Packages that programs with PyTorch import; anything else keeps Python's own message.
    packages = frozenset(
        "numpy scipy pandas matplotlib sklearn torchvision torchaudio torchtext torchviz transformers datasets tqdm"
        " seaborn PIL cv2 einops jax tensorflow pytorch_lightning lightning gym gymnasium networkx sympy".split()
    )

    @classmethod
    def find_spec(cls, name, path=None, target=None):
        top = name.partition(".")[0]
        if top == "torch" and name in _data.modules():
            raise ModuleNotFoundError(f"No module named '{name}': it {_HINT}", name=name)
        if top in cls.packages:
            raise ModuleNotFoundError(
                f"No module named '{name}': it is not in the embedded engine, which has torch and Python's "
                "standard library",
                name=name,
            )
        return None
