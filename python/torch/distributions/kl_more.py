"""kl_divergence for ContinuousBernoulli, LowRankMultivariateNormal and Wishart."""
import math

import torch

from .compound import Gumbel, Pareto
from .continuous_bernoulli import ContinuousBernoulli
from .kl import _always_infinite, register_kl
from .locations import Laplace, Normal, Uniform
from .lowrank import LowRankMultivariateNormal, log_determinant, lowrank_mahalanobis
from .matrices import Wishart, _log_diagonal, mvdigamma
from .multivariate import MultivariateNormal, _mahalanobis
from .positives import Beta, Exponential, Gamma


@register_kl(ContinuousBernoulli, ContinuousBernoulli)
def _(p, q):
    t1 = p.mean * (p.logits - q.logits)
    t2 = p._cont_bern_log_norm() + torch.log1p(-p.probs)
    t3 = -q._cont_bern_log_norm() - torch.log1p(-q.probs)
    return t1 + t2 + t3


@register_kl(ContinuousBernoulli, Exponential)
def _(p, q):
    return -p.entropy() - torch.log(q.rate) + q.rate * p.mean


@register_kl(ContinuousBernoulli, Normal)
def _(p, q):
    t1 = -p.entropy()
    t2 = 0.5 * (math.log(2.0 * math.pi) + torch.square(q.loc / q.scale)) + torch.log(q.scale)
    t3 = (p.variance + torch.square(p.mean) - 2.0 * q.loc * p.mean) / (2.0 * torch.square(q.scale))
    return t1 + t2 + t3


def _unless(outside, result):
    return torch.where(outside, torch.ones_like(result) * math.inf, result)


@register_kl(ContinuousBernoulli, Uniform)
def _(p, q):
    outside = torch.max(torch.ge(q.low, p.support.lower_bound), torch.le(q.high, p.support.upper_bound))
    return _unless(outside, -p.entropy() + (q.high - q.low).log())


def _against(p, q):
    """Of p, which lies within [0, 1], against a continuous Bernoulli."""
    return -p.entropy() - p.mean * q.logits - torch.log1p(-q.probs) - q._cont_bern_log_norm()


register_kl(Beta, ContinuousBernoulli)(_against)


@register_kl(Uniform, ContinuousBernoulli)
def _(p, q):
    outside = torch.max(torch.ge(p.high, q.support.upper_bound), torch.le(p.low, q.support.lower_bound))
    return _unless(outside, _against(p, q))


for _p in (Exponential, Gamma, Gumbel, Laplace, Normal, Pareto):
    register_kl(_p, ContinuousBernoulli)(_always_infinite)
register_kl(ContinuousBernoulli, Pareto)(_always_infinite)


def _square_sum(matrix):
    """The trace of X X^T."""
    return matrix.reshape(matrix.shape[:-2] + (-1,)).pow(2).sum(-1)


def _through(q):
    """L^-1 W^T D^-1 of a low-rank normal, L being the Cholesky factor of its capacitance."""
    factor, diagonal = q._parts()
    return torch.linalg.solve_triangular(q._capacitance_tril, factor.mT / diagonal.unsqueeze(-2), upper=False)


def _same_events(p, q, names):
    if p.event_shape != q.event_shape:
        raise ValueError(f"KL-divergence between {names} with different event shapes cannot be computed")


@register_kl(LowRankMultivariateNormal, LowRankMultivariateNormal)
def _(p, q):
    _same_events(p, q, "two Low Rank Multivariate Normals")
    (p_factor, p_diagonal), (q_factor, q_diagonal) = p._parts(), q._parts()
    term1 = log_determinant(q_factor, q_diagonal, q._capacitance_tril) - log_determinant(
        p_factor, p_diagonal, p._capacitance_tril
    )
    term3 = lowrank_mahalanobis(q_factor, q_diagonal, q.loc - p.loc, q._capacitance_tril)
    a = _through(q)
    term2 = (
        (p_diagonal / q_diagonal).sum(-1)
        + _square_sum(p_factor * q_diagonal.rsqrt().unsqueeze(-1))
        - _square_sum(a * p_diagonal.sqrt().unsqueeze(-2))
        - _square_sum(a.matmul(p_factor))
    )
    return 0.5 * (term1 + term2 + term3 - p.event_shape[0])


@register_kl(MultivariateNormal, LowRankMultivariateNormal)
def _(p, q):
    _same_events(p, q, "two (Low Rank) Multivariate Normals")
    q_factor, q_diagonal = q._parts()
    lower = p._unbroadcasted_scale_tril
    term1 = log_determinant(q_factor, q_diagonal, q._capacitance_tril) - 2 * _log_diagonal(lower)
    term3 = lowrank_mahalanobis(q_factor, q_diagonal, q.loc - p.loc, q._capacitance_tril)
    term2 = _square_sum(lower * q_diagonal.rsqrt().unsqueeze(-1)) - _square_sum(_through(q).matmul(lower))
    return 0.5 * (term1 + term2 + term3 - p.event_shape[0])


@register_kl(LowRankMultivariateNormal, MultivariateNormal)
def _(p, q):
    _same_events(p, q, "two (Low Rank) Multivariate Normals")
    p_factor, p_diagonal = p._parts()
    lower = q._unbroadcasted_scale_tril
    term1 = 2 * _log_diagonal(lower) - log_determinant(p_factor, p_diagonal, p._capacitance_tril)
    term3 = _mahalanobis(lower, q.loc - p.loc)
    shape = torch.broadcast_shapes(lower.shape[:-2], p_factor.shape[:-2])
    n = p.event_shape[0]
    wide = lower.expand(shape + (n, n))
    parts = p_factor.expand(shape + (n, p.cov_factor.size(-1))), torch.diag_embed(p_diagonal.sqrt()).expand(
        shape + (n, n)
    )
    term2 = sum(_square_sum(torch.linalg.solve_triangular(wide, part, upper=False)) for part in parts)
    return 0.5 * (term1 + term2 + term3 - p.event_shape[0])


@register_kl(Wishart, Wishart)
def _(p, q):
    p_lower, q_lower = p._unbroadcasted_scale_tril, q._unbroadcasted_scale_tril
    t1 = q.df * (_log_diagonal(q_lower) - _log_diagonal(p_lower))
    shape = torch.broadcast_shapes(p_lower.shape, q_lower.shape)
    trace = _square_sum(torch.linalg.solve_triangular(q_lower.expand(shape), p_lower.expand(shape), upper=False))
    n = p.event_shape[-1]
    half_p, half_q = p.df / 2, q.df / 2
    gammas = torch.mvlgamma(half_q, n) - torch.mvlgamma(half_p, n)
    return t1 + half_p * (trace - n) + gammas - (half_q - half_p) * mvdigamma(half_p, n)
