"""torch.random: the default generator's seed and state."""
import contextlib

from . import _generator
from ._generator import Generator

default_generator = _generator.default


def set_rng_state(new_state):
    """Go on where a state of the default generator was taken."""
    default_generator.set_state(new_state)


def get_rng_state():
    """Where the default generator is in its stream, as a ByteTensor."""
    return default_generator.get_state()


def manual_seed(seed):
    """Begin the stream of a seed; gives the default generator."""
    return default_generator.manual_seed(int(seed))


def seed():
    """Begin an arbitrary stream; its seed."""
    return default_generator.seed()


def initial_seed():
    """The seed of the default generator."""
    return default_generator.initial_seed()


@contextlib.contextmanager
def fork_rng(devices=None, enabled=True, _caller="fork_rng", _devices_kw="devices"):
    """What is drawn inside does not move the default generator."""
    if not enabled:
        yield
        return
    state = _generator.state_bytes(default_generator)
    try:
        yield
    finally:
        _generator.take_state(default_generator, state)
