"""typing_extensions, which comes with PyTorch: what it adds to old Pythons stands in the typing of this one."""
import typing
from typing import *  # noqa: F403


def __getattr__(name):
    try:
        return getattr(typing, name)
    except AttributeError:
        raise AttributeError(f"module 'typing_extensions' has no attribute '{name}'") from None
