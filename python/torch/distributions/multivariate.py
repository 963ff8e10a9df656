"""Distributions over vectors and matrices that need linear algebra."""
import math

import torch

from . import constraints
from .distribution import Distribution
from .utils import lazy_property, standard_normal


def _batch_mv(matrix, vector):
    return torch.matmul(matrix, vector.unsqueeze(-1)).squeeze(-1)


def _only_matrix(error, **matrices):
    """The name and the value of the one that is not None; `error` where it is none or several."""
    given = [(name, value) for name, value in matrices.items() if value is not None]
    if len(given) != 1:
        raise error("Exactly one of covariance_matrix or precision_matrix or scale_tril may be specified.")
    return given[0]


def _mahalanobis(lower, x):
    """x^T (L L^T)^-1 x for vectors in batches that broadcast."""
    lower = lower.expand(torch.broadcast_shapes(lower.shape[:-2], x.shape[:-1]) + lower.shape[-2:])
    solved = torch.linalg.solve_triangular(lower, x.unsqueeze(-1), upper=False)
    return solved.squeeze(-1).pow(2).sum(-1)


def _precision_to_tril(precision):
    """The Cholesky factor of the inverse."""
    flipped = torch.linalg.cholesky(torch.flip(precision, (-2, -1)))
    inverse = torch.transpose(torch.flip(flipped, (-2, -1)), -2, -1)
    return torch.linalg.solve_triangular(inverse, torch.eye(precision.shape[-1], dtype=precision.dtype), upper=False)


class MultivariateNormal(Distribution):
    """The normal over vectors, by a covariance, a precision or a Cholesky factor."""

    arg_constraints = {
        "loc": constraints.real_vector,
        "covariance_matrix": constraints.positive_definite,
        "precision_matrix": constraints.positive_definite,
        "scale_tril": constraints.lower_cholesky,
    }
    support = constraints.real_vector
    has_rsample = True

    def __init__(
        self, loc, covariance_matrix=None, precision_matrix=None, scale_tril=None, validate_args=None
    ):
        if loc.dim() < 1:
            raise ValueError("loc must be at least one-dimensional.")
        name, matrix = _only_matrix(
            ValueError,
            covariance_matrix=covariance_matrix,
            scale_tril=scale_tril,
            precision_matrix=precision_matrix,
        )
        if matrix.dim() < 2:
            words = {
                "scale_tril": "scale_tril matrix must be at least two-dimensional, with optional leading batch dimensions",
                "covariance_matrix": "covariance_matrix must be at least two-dimensional, with optional leading batch "
                "dimensions",
                "precision_matrix": "precision_matrix must be at least two-dimensional, with optional leading batch "
                "dimensions",
            }
            raise ValueError(words[name])
        batch = torch.broadcast_shapes(matrix.shape[:-2], loc.shape[:-1])
        matrix = matrix.expand(batch + (-1, -1))
        setattr(self, name, matrix)
        self.loc = loc.expand(batch + (-1,))
        super().__init__(batch, self.loc.shape[-1:], validate_args=validate_args)
        if name == "scale_tril":
            self._unbroadcasted_scale_tril = scale_tril
        elif name == "covariance_matrix":
            self._unbroadcasted_scale_tril = torch.linalg.cholesky(covariance_matrix)
        else:
            self._unbroadcasted_scale_tril = _precision_to_tril(precision_matrix)

    def expand(self, batch_shape, _instance=None):
        shape = torch.Size(batch_shape)
        square = shape + self.event_shape + self.event_shape
        more = {
            name: self.__dict__[name].expand(square)
            for name in ("covariance_matrix", "scale_tril", "precision_matrix")
            if name in self.__dict__
        }
        return self._expanded(
            MultivariateNormal,
            shape,
            _instance,
            self.event_shape,
            loc=self.loc.expand(shape + self.event_shape),
            _unbroadcasted_scale_tril=self._unbroadcasted_scale_tril,
            **more,
        )

    def _square(self):
        return self._batch_shape + self._event_shape + self._event_shape

    @lazy_property
    def scale_tril(self):
        return self._unbroadcasted_scale_tril.expand(self._square())

    @lazy_property
    def covariance_matrix(self):
        lower = self._unbroadcasted_scale_tril
        return torch.matmul(lower, lower.mT).expand(self._square())

    @lazy_property
    def precision_matrix(self):
        return torch.cholesky_inverse(self._unbroadcasted_scale_tril).expand(self._square())

    mean = property(lambda self: self.loc)
    mode = property(lambda self: self.loc)

    @property
    def variance(self):
        return self._unbroadcasted_scale_tril.pow(2).sum(-1).expand(self._batch_shape + self._event_shape)

    def rsample(self, sample_shape=torch.Size()):
        shape = self._extended_shape(sample_shape)
        return self.loc + _batch_mv(self._unbroadcasted_scale_tril, standard_normal(shape, self.loc.dtype))

    def log_prob(self, value):
        if self._validate_args:
            self._validate_sample(value)
        distance = _mahalanobis(self._unbroadcasted_scale_tril, value - self.loc)
        half_log_det = self._unbroadcasted_scale_tril.diagonal(dim1=-2, dim2=-1).log().sum(-1)
        return -0.5 * (self._event_shape[0] * math.log(2 * math.pi) + distance) - half_log_det

    def entropy(self):
        half_log_det = self._unbroadcasted_scale_tril.diagonal(dim1=-2, dim2=-1).log().sum(-1)
        found = 0.5 * self._event_shape[0] * (1.0 + math.log(2 * math.pi)) + half_log_det
        return found if len(self._batch_shape) == 0 else found.expand(self._batch_shape)
