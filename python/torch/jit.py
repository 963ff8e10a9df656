"""torch.jit where nothing is compiled: what would be scripted or traced runs as the Python that it is, and computes the same."""
from ._missing import HINT, guard
from .nn.modules.module import Module


def script(obj, optimize=None, _frames_up=0, _rcb=None, example_inputs=None):
    """The function, class or module itself."""
    return obj


def trace(func, example_inputs=None, *args, **kwargs):
    """The function or module itself, once it has run on the example."""
    inputs = example_inputs if isinstance(example_inputs, tuple) else (example_inputs,)
    func(*inputs)
    return func


def _mark(function):
    return function


export = unused = script_if_tracing = interface = _mark


def ignore(drop=False, **kwargs):
    """A decorator, with or without arguments, that leaves the function as it is."""
    return drop if callable(drop) else _mark


def is_scripting():
    return False


def is_tracing():
    return False


def annotate(the_type, the_value):
    return the_value


class Final:
    """`Final[T]` as an annotation."""

    def __class_getitem__(cls, item):
        return item


class ScriptModule(Module):
    """What scripting makes: nothing is scripted here, so nothing is one."""

    def __init__(self):
        raise NotImplementedError(f"torch.jit.ScriptModule {HINT}")


def save(m, f, _extra_files=None):
    raise NotImplementedError(f"torch.jit.save {HINT}")


def load(f, map_location=None, _extra_files=None):
    raise NotImplementedError(f"torch.jit.load {HINT}")


def freeze(mod, preserved_attrs=None, optimize_numerics=True):
    return mod


def optimize_for_inference(mod, other_methods=None):
    return mod


__getattr__ = guard("torch.jit")
