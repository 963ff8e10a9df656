"""torch.utils.hooks: what `register_hook` gives."""
from .._callbacks import RemovableHandle
from .._missing import guard

__getattr__ = guard("torch.utils.hooks")
