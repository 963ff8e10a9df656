"""The wire to the tensor core: its functions once bound, tensors from handles, errors, and where a call came from."""
import os
import sys
import warnings
from array import array
from weakref import ref

# The core's functions that the facade calls (see autograd/bridge.ts); all bound by `bind`.
NAMES = (
    "backward base call data detach error finish free freeNode fromBuffer grad gradFn gradMode gradOf init isGradMode"
    " keep meta module nodeName nodeNext nodeSaved nodeSavedNames nodeVariable record result retainGrad see setData"
    " setDefaultDtype setGrad setRequiresGrad sites toBuffer generator freeGenerator manualSeed initialSeed reseed"
    " generatorState setGeneratorState"
    " connect reply forgotten hook unhook nodeHook nodeUnhook custom restore nodeCustom"
).split()


def _unbound(*_):
    raise RuntimeError("the tensor core is not bound yet: torch._bind(core) comes first")


globals().update(dict.fromkeys(NAMES, _unbound))

# What `meta(handle)` fills: 16 numbers, then shape, then strides. The order of the first is the bridge's.
MAX_DIMS = 64
scratch = array("q", bytes(8 * (16 + 2 * MAX_DIMS)))
(DTYPE, NDIM, REQUIRES_GRAD, IS_LEAF, VERSION, OUTPUT_NR, NUMEL, OFFSET, IS_VIEW, RETAINS_GRAD, STORAGE) = range(11)
(CONTIGUOUS, HAS_GRAD_FN, HAS_GRAD, WRAPPED) = range(11, 15)


def bind(core):
    """Take the core's functions; once, after the interpreter has started (a memory snapshot has none of them)."""
    if core.ops().split("\n") != op_names:
        raise ImportError("the tensor core and this torch were built from different op lists: build them anew")
    for name in NAMES:
        globals()[name] = getattr(core, name)
    globals()["init"](scratch.buffer_info()[0])


# Python's names for the exceptions that the core raises.
_ERRORS = {
    e.__name__: e
    for e in (RuntimeError, TypeError, ValueError, IndexError, NotImplementedError, MemoryError, AttributeError)
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


# The op list's names in the order of their index; set by _ops.py.
op_names = []

# Every tensor that Python holds, by handle: the core gives a tensor the same handle as long as it is held.
live = {}
# Set by _tensor.py; here, because generated code finds it among these globals.
Tensor = None
_new = object.__new__


def wrap(handle):
    """The Tensor of a handle whose reference is ours now: the object that Python has already, or a new one."""
    known = live.get(handle)
    if known is not None:
        tensor = known()
        if tensor is not None:
            free(handle)  # noqa: F821 (bound by `bind`)
            return tensor
    tensor = _new(Tensor)
    tensor._h = handle
    live[handle] = ref(tensor)
    return tensor


def adopt(tensor, handle):
    """Make `tensor`, new and of a subclass, the object of a handle whose reference is ours now."""
    tensor._h = handle
    live[handle] = ref(tensor)


# Where calls come from: code objects by id. `base` is their number << 24, or 0 where the code is not a user's.
codes = {}
_seen = [None]
# The folder of the packages: the facade and the runner.
HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep
_LIBRARY = os.path.dirname(os.path.abspath(os.__file__)) + os.sep


def is_user_file(filename):
    """Whether a code object's file is the user's, neither the facade's nor Python's own."""
    return not filename.startswith((HERE, _LIBRARY, "<frozen ", "<facade"))


def _learn(code):
    base = len(_seen) << 24 if is_user_file(code.co_filename) else 0
    # Keeping the code object keeps its id from being given to another.
    _seen.append(code)
    codes[id(code)] = base
    return base


def far(frame):
    """The position of the nearest user frame, from `frame` outwards: code number << 24 | instruction; 0 for none."""
    while frame is not None:
        code = frame.f_code
        base = codes.get(id(code))
        if base is None:
            base = _learn(code)
        if base:
            return base + frame.f_lasti
        frame = frame.f_back
    return 0


def here():
    """The position of the nearest user frame outside the caller."""
    return far(sys._getframe(2))


def instruction(where):
    """The code object and the instruction offset that a position stands for."""
    return _seen[where >> 24], where & 0xFFFFFF
