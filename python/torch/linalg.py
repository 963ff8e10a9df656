"""Linear algebra: the rows that PyTorch keeps under this name."""
from . import _bridge, _missing, _ops

globals().update((name.removeprefix("linalg_"), function) for name, function in vars(_ops.linalg).items())
LinAlgError = _bridge._LinAlgError
__getattr__ = _missing.guard("torch.linalg")
