"""Modes of the program and overrides of its tensor classes do not see what the recorder itself does with tensors."""
import torch

_DISPATCH = getattr(torch._C, "_DisableTorchDispatch", None)
# Where the class for subclasses alone has a name of its own (from PyTorch 2 on), `DisableTorchFunction` is for modes too.
_SUBCLASSES_ONLY = not hasattr(torch._C, "DisableTorchFunctionSubclass")


class unseen:
    """A context; a class, for it is entered several times for each node of a pass."""

    __slots__ = ("function", "mode", "dispatch")

    def __enter__(self):
        self.function = torch._C.DisableTorchFunction()
        self.function.__enter__()
        self.mode = None
        if _SUBCLASSES_ONLY and torch._C._is_torch_function_mode_enabled():
            self.mode = torch.overrides._no_torch_function_mode()
            self.mode.__enter__()
        # It works from its making on, until it goes.
        self.dispatch = None if _DISPATCH is None else _DISPATCH()

    def __exit__(self, *_):
        self.dispatch = None
        if self.mode is not None:
            self.mode.__exit__(None, None, None)
        self.function.__exit__(None, None, None)
