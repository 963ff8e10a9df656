"""The normal over vectors whose covariance is a diagonal and a few directions beside it."""
import math

import torch

from . import constraints
from .distribution import Distribution
from .multivariate import _batch_mv, _mahalanobis
from .utils import lazy_property, standard_normal


def _log_diagonal(lower):
    return lower.diagonal(dim1=-2, dim2=-1).log().sum(-1)


def capacitance(factor, diagonal):
    """The Cholesky factor of I + W^T D^-1 W."""
    m = factor.size(-1)
    inner = torch.matmul(factor.mT / diagonal.unsqueeze(-2), factor).contiguous()
    inner.view(-1, m * m)[:, :: m + 1] += 1
    return torch.linalg.cholesky(inner)


def log_determinant(factor, diagonal, lower):
    """log |W W^T + D|"""
    return 2 * _log_diagonal(lower) + diagonal.log().sum(-1)


def lowrank_mahalanobis(factor, diagonal, x, lower):
    """x^T (W W^T + D)^-1 x, by Woodbury's identity."""
    inner = _batch_mv(factor.mT / diagonal.unsqueeze(-2), x)
    return (x.pow(2) / diagonal).sum(-1) - _mahalanobis(lower, inner)


class LowRankMultivariateNormal(Distribution):
    """The normal over vectors with the covariance `cov_factor` `cov_factor`^T + diag(`cov_diag`)."""

    arg_constraints = {
        "loc": constraints.real_vector,
        "cov_factor": constraints.independent(constraints.real, 2),
        "cov_diag": constraints.independent(constraints.positive, 1),
    }
    support = constraints.real_vector
    has_rsample = True

    def __init__(self, loc, cov_factor, cov_diag, validate_args=None):
        if loc.dim() < 1:
            raise ValueError("loc must be at least one-dimensional.")
        event = loc.shape[-1:]
        if cov_factor.dim() < 2:
            raise ValueError("cov_factor must be at least two-dimensional, with optional leading batch dimensions")
        if cov_factor.shape[-2:-1] != event:
            raise ValueError(f"cov_factor must be a batch of matrices with shape {event[0]} x m")
        if cov_diag.shape[-1:] != event:
            raise ValueError(f"cov_diag must be a batch of vectors with shape {event}")
        try:
            wide = torch.broadcast_tensors(loc.unsqueeze(-1), cov_factor, cov_diag.unsqueeze(-1))
        except RuntimeError as error:
            raise ValueError(
                f"Incompatible batch shapes: loc {loc.shape}, cov_factor {cov_factor.shape}, cov_diag {cov_diag.shape}"
            ) from error
        self.loc, self.cov_factor, self.cov_diag = wide[0][..., 0], wide[1], wide[2][..., 0]
        super().__init__(self.loc.shape[:-1], event, validate_args=validate_args)
        self._unbroadcasted_cov_factor = cov_factor
        self._unbroadcasted_cov_diag = cov_diag
        self._capacitance_tril = capacitance(cov_factor, cov_diag)

    def expand(self, batch_shape, _instance=None):
        shape = torch.Size(batch_shape)
        vector = shape + self.event_shape
        return self._expanded(
            LowRankMultivariateNormal,
            shape,
            _instance,
            self.event_shape,
            loc=self.loc.expand(vector),
            cov_diag=self.cov_diag.expand(vector),
            cov_factor=self.cov_factor.expand(vector + self.cov_factor.shape[-1:]),
            _unbroadcasted_cov_factor=self._unbroadcasted_cov_factor,
            _unbroadcasted_cov_diag=self._unbroadcasted_cov_diag,
            _capacitance_tril=self._capacitance_tril,
        )

    mean = property(lambda self: self.loc)
    mode = property(lambda self: self.loc)

    def _square(self):
        return self._batch_shape + self._event_shape + self._event_shape

    @lazy_property
    def variance(self):
        found = self._unbroadcasted_cov_factor.pow(2).sum(-1) + self._unbroadcasted_cov_diag
        return found.expand(self._batch_shape + self._event_shape)

    @lazy_property
    def scale_tril(self):
        n = self._event_shape[0]
        root = self._unbroadcasted_cov_diag.sqrt().unsqueeze(-1)
        scaled = self._unbroadcasted_cov_factor / root
        inner = torch.matmul(scaled, scaled.mT).contiguous()
        inner.view(-1, n * n)[:, :: n + 1] += 1
        return (root * torch.linalg.cholesky(inner)).expand(self._square())

    @lazy_property
    def covariance_matrix(self):
        factor = self._unbroadcasted_cov_factor
        found = torch.matmul(factor, factor.mT) + torch.diag_embed(self._unbroadcasted_cov_diag)
        return found.expand(self._square())

    @lazy_property
    def precision_matrix(self):
        diagonal = self._unbroadcasted_cov_diag
        inner = self._unbroadcasted_cov_factor.mT / diagonal.unsqueeze(-2)
        a = torch.linalg.solve_triangular(self._capacitance_tril, inner, upper=False)
        return (torch.diag_embed(diagonal.reciprocal()) - a.mT @ a).expand(self._square())

    def rsample(self, sample_shape=torch.Size()):
        shape = self._extended_shape(sample_shape)
        along = standard_normal(shape[:-1] + self.cov_factor.shape[-1:], self.loc.dtype)
        beside = standard_normal(shape, self.loc.dtype)
        return (
            self.loc
            + _batch_mv(self._unbroadcasted_cov_factor, along)
            + self._unbroadcasted_cov_diag.sqrt() * beside
        )

    def _parts(self):
        return self._unbroadcasted_cov_factor, self._unbroadcasted_cov_diag

    def log_prob(self, value):
        if self._validate_args:
            self._validate_sample(value)
        distance = lowrank_mahalanobis(*self._parts(), value - self.loc, self._capacitance_tril)
        log_det = log_determinant(*self._parts(), self._capacitance_tril)
        return -0.5 * (self._event_shape[0] * math.log(2 * math.pi) + log_det + distance)

    def entropy(self):
        log_det = log_determinant(*self._parts(), self._capacitance_tril)
        found = 0.5 * (self._event_shape[0] * (1.0 + math.log(2 * math.pi)) + log_det)
        return found if len(self._batch_shape) == 0 else found.expand(self._batch_shape)
