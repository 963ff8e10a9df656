"""The wire to the tensor core: its functions once bound, tensors from handles, errors, and where a call came from."""
import os
import sys
import warnings
from array import array

# The core's functions that the facade calls (see autograd/bridge.ts, and for those that take objects of tensors
# engines/embedded/realm/core-module.ts); all bound by `bind`.
NAMES = (
    "backward base call cut data detach error finish free freeNode fromBuffer grad gradFn gradMode gradOf init isGradMode"
    " keep meta module nodeName nodeNext nodeSaved nodeSavedNames nodeVariable record result retainGrad see setData"
    " setDefaultDtype promote setGrad setRequiresGrad sites toBuffer generator freeGenerator manualSeed initialSeed reseed"
    " generatorState setGeneratorState"
    " readBytes writeBytes inference isInference afterHook afterUnhook savedHooks packSaved anomaly leavesOf dualLevel tangent setTangent connect reply forgotten warning hook unhook nodeHook nodeUnhook nodePrehook nodePreUnhook custom again customSaved say checkGradients restore nodeCustom"
    " tensors objectOf become gone apply applyMethod applyEach gradients apply1 apply2 position"
).split()


def _unbound(*_):
    raise RuntimeError("the tensor core is not bound yet: torch._bind(core) comes first")


globals().update(dict.fromkeys(NAMES, _unbound))

# Is a recording on?
recorded = [False]

# What `meta(handle)` fills: 16 numbers, then shape, then strides. The order of the first is the bridge's.
MAX_DIMS = 64
scratch = array("q", bytes(8 * (16 + 2 * MAX_DIMS)))
(DTYPE, NDIM, REQUIRES_GRAD, IS_LEAF, VERSION, OUTPUT_NR, NUMEL, OFFSET, IS_VIEW, RETAINS_GRAD, STORAGE) = range(11)
(CONTIGUOUS, HAS_GRAD_FN, HAS_GRAD, WRAPPED, STORAGE_BYTES) = range(11, 16)


def bind(core):
    """Take the core's functions; once, after the interpreter has started (a memory snapshot has none of them)."""
    if core.ops().split("\n") != op_names:
        raise ImportError("the tensor core and this torch were built from different op lists: build them anew")
    for name in NAMES:
        globals()[name] = getattr(core, name)
    recorded[0] = False
    globals()["init"](scratch.buffer_info()[0])
    _connect_tensors()


def _connect_tensors():
    """Tell the core what an object of a tensor looks like: its type, and one with a marker where the handle goes."""
    probe, marker = object.__new__(Tensor), object()
    probe._h = marker
    globals()["tensors"](Tensor, probe, marker, fail, base_of)
    del probe._h


class _LinAlgError(RuntimeError):
    """A matrix that cannot be inverted or factored; `torch.linalg.LinAlgError`."""


_LinAlgError.__module__ = "torch._C"

# Python's names for the exceptions that the core raises.
_ERRORS = {
    e.__name__: e
    for e in (RuntimeError, TypeError, ValueError, IndexError, NotImplementedError, MemoryError, AttributeError, _LinAlgError)
}


def fail():
    """Raise what the core's last call left."""
    kind, _, message = globals()["error"]().partition("\n")
    if kind == "PythonRaised":
        from ._callbacks import take_raised

        raise take_raised()
    raise _ERRORS.get(kind, RuntimeError)(message)


def check(got):
    """Give back `got`, a core call's result, or raise its error."""
    if got == -1:
        fail()
    return got


def text(got):
    """Give back a text answer of the core, or raise its error: an empty one is that."""
    if got == "":
        fail()
    return got


def warn(message):
    """A UserWarning at the user's line."""
    warnings.warn(message, UserWarning, skip_file_prefixes=(HERE, "<facade"))


def is_numpy(value):
    """Whether a value is an array or a number of a real NumPy; asks for no import."""
    numpy = sys.modules.get("numpy")
    return numpy is not None and isinstance(value, (numpy.ndarray, getattr(numpy, "generic", numpy.ndarray)))


# The op list's names in the order of their index; set by _ops.py.
op_names = []

# Set by _tensor.py; here, because generated code finds it among these globals.
Tensor = None


def wrap(handle):
    """The Tensor of a handle whose reference is ours now: the object that Python has already, or a new one."""
    return objectOf(handle)  # noqa: F821 (bound by `bind`)


def adopt(tensor, handle):
    """Make `tensor`, new and of a subclass, the object of a handle whose reference is ours now."""
    tensor._h = handle
    become(tensor, handle)  # noqa: F821 (bound by `bind`)


# Where calls come from: the user's code objects by number, and the numbers << 24 by the object's id.
_bases = {}
_seen = [None]
# The folder of the packages: the facade and the runner.
HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep
_LIBRARY = os.path.dirname(os.path.abspath(os.__file__)) + os.sep


def is_user_file(filename):
    """Whether a code object's file is the user's, neither the facade's nor Python's own."""
    return not filename.startswith((HERE, _LIBRARY, "<frozen ", "<facade"))


def base_of(code):
    """What the positions in a code object begin at: its number << 24, or 0 where the code is not the user's."""
    base = _bases.get(id(code))
    if base is None:
        base = _bases[id(code)] = len(_seen) << 24 if is_user_file(code.co_filename) else 0
        # Keeping the code object keeps its id from being given to another.
        _seen.append(code)
    return base


def here():
    """The position of the nearest user frame: code number << 24 | instruction; 0 for none, and while nothing is recorded."""
    return position()  # noqa: F821 (bound by `bind`)


def instruction(where):
    """The code object and the instruction offset that a position stands for."""
    return _seen[where >> 24], where & 0xFFFFFF
