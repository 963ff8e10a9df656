"""torch.utils."""
from .._missing import guard
from . import data

__getattr__ = guard("torch.utils")
