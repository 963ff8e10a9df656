"""Special functions: the rows that PyTorch keeps under this name."""
from . import _missing, _ops

globals().update((name.removeprefix("special_"), function) for name, function in vars(_ops.special).items())
__getattr__ = _missing.guard("torch.special")
