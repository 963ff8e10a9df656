"""torch.testing: whether results are close, and tensors to try functions with."""
from .._missing import guard
from ._comparison import assert_allclose, assert_close
from ._creation import make_tensor

__getattr__ = guard("torch.testing")
