"""What happens when a name is asked for that PyTorch has and the embedded engine lacks: an error that says so."""
import dis
import importlib
import sys

from . import _data

_IMPORT_FROM = dis.opmap["IMPORT_FROM"]
HINT = "is not in the embedded engine (yet); the PyTorch engine has it"


def attribute(module, name):
    """The AttributeError for `module.name`: Python's own words where PyTorch does not have it either."""
    if not name.startswith("__") and _data.has(module, name):
        return AttributeError(f"{module}.{name} {HINT}")
    return AttributeError(f"module '{module}' has no attribute '{name}'")


def tensor_attribute(cls, name):
    """The same for `Tensor.name`."""
    if not name.startswith("__") and _data.has("torch.Tensor", name):
        return AttributeError(f"torch.Tensor.{name} {HINT}")
    return AttributeError(f"'{cls.__name__}' object has no attribute '{name}'")


def guard(module, lazy=()):
    """A module's `__getattr__`. `lazy`: its parts that are imported when they are first asked for."""

    def __getattr__(name):
        if name in lazy:
            return importlib.import_module(f"{module}.{name}")
        error = attribute(module, name)
        frame = sys._getframe(1)
        if frame.f_code.co_code[frame.f_lasti] == _IMPORT_FROM and HINT in str(error):
            # For an AttributeError Python would put words of its own.
            raise ImportError(f"cannot import name '{name}' from '{module}': it {HINT}", name=name)
        raise error

    return __getattr__


class Finder:
    """Answers `import` of what a snippet may want and the embedded engine has not, in words."""

    # Packages that programs with PyTorch import; anything else keeps Python's own message.
    packages = frozenset(
        "scipy pandas matplotlib sklearn torchvision torchaudio torchtext torchviz transformers datasets tqdm"
        " seaborn PIL cv2 einops jax tensorflow pytorch_lightning lightning gym gymnasium networkx sympy requests bs4"
        " torchmetrics torchsummary torchinfo tensorboard wandb accelerate timm nltk plotly yaml h5py psutil skimage".split()
    )

    @classmethod
    def find_spec(cls, name, path=None, target=None):
        top = name.partition(".")[0]
        if top == "torch" and name in _data.modules():
            raise ModuleNotFoundError(f"No module named '{name}': it {HINT}", name=name)
        if name == "numpy":
            from ._numpy import spec

            return spec()
        if top == "matplotlib":
            raise ModuleNotFoundError(
                f"No module named '{name}': it is not in the embedded engine, which has a stand-in for matplotlib.pyplot "
                "and no more of matplotlib",
                name=name,
            )
        if top in cls.packages or top == "numpy":
            raise ModuleNotFoundError(
                f"No module named '{name}': it is not in the embedded engine, which has torch and Python's "
                "standard library. The setting backstep.packages adds packages that Pyodide has; the PyTorch engine has "
                "what is installed beside PyTorch",
                name=name,
            )
        return None
