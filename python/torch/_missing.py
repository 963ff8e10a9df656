"""What happens when a name is asked for that PyTorch has and the embedded engine lacks: an error that says so."""
from . import _data

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
        raise attribute(module, name)

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
        if top in cls.packages or (top == "torch" and name in _data.modules()):
            raise ModuleNotFoundError(f"No module named '{name}': it is not in the embedded engine", name=name)
        return None
