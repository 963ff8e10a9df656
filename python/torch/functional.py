"""torch.functional: those functions of torch that PyTorch writes in Python."""
import torch

from ._missing import guard

__all__ = (
    "atleast_1d atleast_2d atleast_3d align_tensors broadcast_shapes broadcast_tensors cartesian_prod block_diag cdist"
    " chain_matmul einsum istft lu norm meshgrid split stft tensordot unique unique_consecutive unravel_index"
).split()
__all__ = [name for name in __all__ if name in vars(torch)]
globals().update({name: getattr(torch, name) for name in __all__})

__getattr__ = guard("torch.functional")
