"""torch.Generator: a stream of random numbers of the core, by its handle; and the default one, whose handle is 0."""
from array import array

from . import _bridge
from ._bridge import check
from ._types import CPU, device

STATE_BYTES = 5056


class Generator:
    """A stream of random numbers; see PyTorch's manual."""

    __slots__ = ("_h", "__weakref__")

    def __new__(cls, device="cpu"):
        if _device(device) != "cpu":
            kind = _device(device).upper()
            raise RuntimeError(f"Device type {kind} is not supported for torch.Generator() api.")
        self = object.__new__(cls)
        self._h = check(_bridge.generator())
        return self

    def __del__(self):
        h = getattr(self, "_h", 0)
        if h:
            _bridge.freeGenerator(h)

    def __reduce__(self):
        raise TypeError("cannot pickle 'torch._C.Generator' object")

    device = property(lambda self: CPU)

    def manual_seed(self, seed, /):
        """Begin the stream of a seed."""
        if not isinstance(seed, int) or isinstance(seed, bool):
            raise RuntimeError(f"manual_seed expected a long, but got {type(seed).__name__}")
        check(_bridge.manualSeed(self._h, unsigned(seed)))
        return self

    def initial_seed(self):
        """The seed that the stream began with."""
        return check(_bridge.initialSeed(self._h))

    def seed(self):
        """Begin an arbitrary stream; its seed."""
        return check(_bridge.reseed(self._h))

    def get_state(self):
        """Where in the stream it is, as a ByteTensor in PyTorch's own layout."""
        return _as_tensor(state_bytes(self))

    def set_state(self, new_state, /):
        """Go on where a state was taken."""
        if not isinstance(new_state, _bridge.Tensor):
            raise TypeError(f"expected a torch.ByteTensor, but got {type(new_state).__name__}")
        if new_state.dtype.name != "uint8":
            raise TypeError("RNG state must be a torch.ByteTensor")
        take_state(self, bytes(new_state.reshape(-1).tolist()))
        return self

    def _cdata(self):
        return self._h


Generator.__module__ = "torch._C"
default = object.__new__(Generator)
default._h = 0


def _device(given):
    return (device(given) if isinstance(given, str) else given).type


def unsigned(seed):
    """A seed as the 64 bits that it stands for; negative ones count from 2^64 down."""
    if not -(2**63) <= seed < 2**64:
        raise RuntimeError("Overflow when unpacking long")
    return seed % 2**64


def state_bytes(generator):
    """PyTorch's state of a generator."""
    state = array("B", bytes(STATE_BYTES))
    check(_bridge.generatorState(generator._h, state.buffer_info()[0]))
    return state


def take_state(generator, state):
    """Put a generator where a state was taken."""
    state = array("B", state)
    check(_bridge.setGeneratorState(generator._h, state.buffer_info()[0], len(state)))


def _as_tensor(state):
    import torch

    from ._utils import flat_tensor

    return flat_tensor(torch.uint8, state.tobytes())
