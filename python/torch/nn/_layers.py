"""torch.nn.functional's layers: linear, dropouts, embedding."""
import torch

from .._ops import nn as _nn

__all__ = "linear dropout alpha_dropout dropout1d dropout2d dropout3d embedding".split()

linear = _nn.linear


def _dropped(name, input, p, training, inplace):
    """torch's function of that name, or its in-place form; PyTorch checks the probability here."""
    if p < 0.0 or p > 1.0:
        raise ValueError(f"dropout probability has to be between 0 and 1, but got {p}")
    return getattr(torch, name + "_" if inplace else name)(input, p, training)


def dropout(input, p=0.5, training=True, inplace=False):
    """Zeroes elements with the probability `p` while training, and scales the others up."""
    return _dropped("dropout", input, p, training, inplace)


def alpha_dropout(input, p=0.5, training=False, inplace=False):
    """Dropout that keeps mean and variance, for SELU."""
    return _dropped("alpha_dropout", input, p, training, inplace)


def dropout1d(input, p=0.5, training=True, inplace=False):
    """Zeroes whole channels; input [N, C, L] or [C, L]."""
    if input.dim() not in (2, 3):
        raise RuntimeError(
            f"dropout1d: Expected 2D or 3D input, but received a {input.dim()}D input. "
            "Note that dropout1d exists to provide channel-wise dropout on inputs with 1 "
            "spatial dimension, a channel dimension, and an optional batch dimension "
            "(i.e. 2D or 3D inputs)."
        )
    batched = input.dim() == 3
    result = _dropped("feature_dropout", input if batched else input.unsqueeze(0), p, training, inplace)
    return result if batched else result.squeeze(0)


def dropout2d(input, p=0.5, training=True, inplace=False):
    """Zeroes whole channels; input [N, C, H, W]."""
    return _dropped("feature_dropout", input, p, training, inplace)


dropout3d = dropout2d


def embedding(
    input, weight, padding_idx=None, max_norm=None, norm_type=2.0, scale_grad_by_freq=False, sparse=False
):
    """Rows of `weight` by number."""
    if padding_idx is not None:
        if padding_idx > 0:
            assert padding_idx < weight.size(0), "Padding_idx must be within num_embeddings"
        elif padding_idx < 0:
            assert padding_idx >= -weight.size(0), "Padding_idx must be within num_embeddings"
            padding_idx = weight.size(0) + padding_idx
    else:
        padding_idx = -1
    if max_norm is not None:
        raise NotImplementedError(
            "embedding(max_norm=…) is not in the embedded engine (yet); the PyTorch engine has it"
        )
    return torch.embedding(weight, input, padding_idx, scale_grad_by_freq, sparse)
