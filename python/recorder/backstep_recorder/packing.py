"""Programs that pack what nodes keep (saved_tensors_hooks, checkpoints): their unpacking runs for the pass, not for us."""
import functools

import torch

PACKED = "the program keeps it packed with saved_tensors_hooks, and unpacks it only for the pass itself"


def guard(nodes):
    """From now on unpack hooks refuse while `nodes` reads; the function that is given ends that."""
    hooks = getattr(torch.autograd.graph, "saved_tensors_hooks", None)
    if hooks is None:
        return lambda: None
    original = hooks.__init__

    @functools.wraps(original)
    def init(self, pack_hook, unpack_hook, *rest, **more):
        @functools.wraps(unpack_hook, updated=())
        def unpack(*packed):
            if nodes.reading:
                raise RuntimeError(PACKED)
            return unpack_hook(*packed)

        original(self, pack_hook, unpack, *rest, **more)

    hooks.__init__ = init

    def unguard():
        hooks.__init__ = original

    return unguard
