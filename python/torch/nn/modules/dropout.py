"""Dropouts: active while training."""
from .. import functional as F
from .module import Module

__all__ = ["Dropout", "Dropout1d", "Dropout2d", "Dropout3d", "AlphaDropout", "FeatureAlphaDropout"]


class _Dropout(Module):
    def __init__(self, p=0.5, inplace=False):
        super().__init__()
        if p < 0 or p > 1:
            raise ValueError(f"dropout probability has to be between 0 and 1, but got {p}")
        self.p = p
        self.inplace = inplace

    def extra_repr(self):
        return f"p={self.p}, inplace={self.inplace}"

    def forward(self, input):
        return self._function(input, self.p, self.training, self.inplace)


class Dropout(_Dropout):
    """Zeroes elements."""

    _function = staticmethod(F.dropout)


class Dropout1d(_Dropout):
    """Zeroes channels of sequences."""

    _function = staticmethod(F.dropout1d)


class Dropout2d(_Dropout):
    """Zeroes channels of images."""

    _function = staticmethod(F.dropout2d)


class Dropout3d(_Dropout):
    """Zeroes channels of volumes."""

    _function = staticmethod(F.dropout3d)


class AlphaDropout(_Dropout):
    """Keeps mean and variance, for SELU."""

    _function = staticmethod(F.alpha_dropout)


class FeatureAlphaDropout(_Dropout):
    """AlphaDropout of whole channels."""

    _function = staticmethod(F.feature_alpha_dropout)
