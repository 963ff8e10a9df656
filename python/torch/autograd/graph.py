"""torch.autograd.graph: hooks on what operations save for backward."""
import contextlib

from .. import _bridge, _callbacks
from .._bridge import check, wrap
from .grad_mode import no_grad

_stack = []
_refused = []


class saved_tensors_hooks:
    """Inside, what is saved goes through `pack_hook`; when backward needs it, what that gave through `unpack_hook`."""

    def __init__(self, pack_hook, unpack_hook):
        self.pack_hook = pack_hook
        self.unpack_hook = unpack_hook

    def __enter__(self):
        if _refused:
            raise RuntimeError(_refused[-1])
        _stack.append(_callbacks.add(packer(self.pack_hook, self.unpack_hook)))
        check(_bridge.savedHooks(_stack[-1]))

    def __exit__(self, *_):
        _callbacks.remove(_stack.pop())
        check(_bridge.savedHooks(_stack[-1] if _stack else 0))


def packer(pack_hook, unpack_hook):
    """The core's call when a tensor is saved: the number of the callback that gives it back."""

    def pack(handle):
        tensor = wrap(handle)
        version = tensor._version
        # What the hook itself saves is not its own affair.
        check(_bridge.savedHooks(0))
        try:
            with no_grad():
                packed = pack_hook(tensor)
        finally:
            check(_bridge.savedHooks(_stack[-1] if _stack else 0))
        if tensor._version != version:
            raise RuntimeError(
                "A saved tensor pack hook is modifying its input in place. Tensors provided as input to pack hook can "
                "not be modified by in-place operations as this can lead to unexpected side-effects. Please open an "
                "issue if you need to perform in-place operations on the input to a pack hook."
            )
        return _callbacks.add(_unpacker(unpack_hook, packed))

    return pack


def _unpacker(unpack_hook, packed):
    def unpack():
        tensor = unpack_hook(packed)
        if not isinstance(tensor, _bridge.Tensor):
            raise TypeError(
                f"Output of saved tensor unpack_hook expected to be a Tensor but got result of type "
                f"{type(tensor).__name__}"
            )
        return _callbacks.answer(tensor)

    return unpack


class save_on_cpu(saved_tensors_hooks):
    """Keeps what is saved in the memory of the processor, where it is anyway."""

    def __init__(self, pin_memory=False):
        super().__init__(lambda tensor: (tensor.device, tensor), lambda packed: packed[1])


@contextlib.contextmanager
def disable_saved_tensors_hooks(error_message):
    """Inside, `saved_tensors_hooks` raises a RuntimeError with these words."""
    _refused.append(error_message)
    try:
        yield
    finally:
        _refused.pop()
