"""torch.nn.functional's losses."""
import math
import warnings

import torch

from .._ops import nn as _nn

__all__ = (
    "l1_loss mse_loss smooth_l1_loss huber_loss binary_cross_entropy binary_cross_entropy_with_logits nll_loss"
    " cross_entropy kl_div margin_ranking_loss hinge_embedding_loss cosine_embedding_loss triplet_margin_loss"
    " gaussian_nll_loss poisson_nll_loss soft_margin_loss cosine_similarity pairwise_distance"
).split()

_REDUCTIONS = {"none": 0, "mean": 1, "elementwise_mean": 1, "sum": 2}


def _number_of(reduction):
    number = _REDUCTIONS.get(reduction)
    if number is None:
        raise ValueError(f"{reduction} is not a valid value for reduction")
    if reduction == "elementwise_mean":
        warnings.warn("reduction='elementwise_mean' is deprecated, please use reduction='mean' instead.")
    return number


def legacy_reduction(size_average, reduce, reduction):
    """`reduction`, or what its two old forms say, with PyTorch's warning."""
    if size_average is None and reduce is None:
        return reduction
    average = True if size_average is None else size_average
    wanted = ("mean" if average else "sum") if reduce is None or reduce else "none"
    warnings.warn(f"size_average and reduce args will be deprecated, please use reduction='{wanted}' instead.")
    return wanted


def _broadcast(input, target):
    """Both under their common shape, with the warning that this may not be what is wanted."""
    if target.size() != input.size():
        warnings.warn(
            f"Using a target size ({target.size()}) that is different to the input size ({input.size()}). "
            "This will likely lead to incorrect results due to broadcasting. "
            "Please ensure they have the same size.",
            stacklevel=3,
        )
        return torch.broadcast_tensors(input, target)
    return input, target


def l1_loss(input, target, size_average=None, reduce=None, reduction="mean"):
    """|input - target|"""
    input, expanded = _broadcast(input, target)
    return _nn.l1_loss(input, expanded, _number_of(legacy_reduction(size_average, reduce, reduction)))


def mse_loss(input, target, size_average=None, reduce=None, reduction="mean"):
    """(input - target)²"""
    input, expanded = _broadcast(input, target)
    return _nn.mse_loss(input, expanded, _number_of(legacy_reduction(size_average, reduce, reduction)))


def smooth_l1_loss(input, target, size_average=None, reduce=None, reduction="mean", beta=1.0):
    """Quadratic below `beta`, linear above."""
    input, expanded = _broadcast(input, target)
    return _nn.smooth_l1_loss(input, expanded, _number_of(legacy_reduction(size_average, reduce, reduction)), beta)


def huber_loss(input, target, reduction="mean", delta=1.0):
    """`smooth_l1_loss` times `delta`."""
    input, expanded = _broadcast(input, target)
    return _nn.huber_loss(input, expanded, _number_of(reduction), delta)


def binary_cross_entropy(input, target, weight=None, size_average=None, reduce=None, reduction="mean"):
    """Of probabilities."""
    number = _number_of(legacy_reduction(size_average, reduce, reduction))
    if target.size() != input.size():
        raise ValueError(
            f"Using a target size ({target.size()}) that is different to the input size ({input.size()}) is "
            "deprecated. Please ensure they have the same size."
        )
    if weight is not None:
        weight = weight.expand(torch.broadcast_tensors(target, weight)[1].size())
    return _nn.binary_cross_entropy(input, target, weight, number)


def binary_cross_entropy_with_logits(
    input, target, weight=None, size_average=None, reduce=None, reduction="mean", pos_weight=None
):
    """Of logits, in a form that does not overflow."""
    number = _number_of(legacy_reduction(size_average, reduce, reduction))
    if not target.size() == input.size():
        raise ValueError(f"Target size ({target.size()}) must be the same as input size ({input.size()})")
    return torch.binary_cross_entropy_with_logits(input, target, weight, pos_weight, number)


def nll_loss(
    input, target, weight=None, size_average=None, ignore_index=-100, reduce=None, reduction="mean"
):
    """Minus the log probability of the target class; input [N, C], [N, C, …] or [C]."""
    number = _number_of(legacy_reduction(size_average, reduce, reduction))
    return _nn.nll_loss_nd(input, target, weight, number, ignore_index)


def cross_entropy(
    input,
    target,
    weight=None,
    size_average=None,
    ignore_index=-100,
    reduce=None,
    reduction="mean",
    label_smoothing=0.0,
):
    """`nll_loss` of `log_softmax`; targets are classes, or probabilities in the shape of `input`."""
    number = _number_of(legacy_reduction(size_average, reduce, reduction))
    return _nn.cross_entropy_loss(input, target, weight, number, ignore_index, label_smoothing)


def _reduced(loss, size_average, reduce, reduction):
    number = _number_of(legacy_reduction(size_average, reduce, reduction))
    return loss if number == 0 else loss.mean() if number == 1 else loss.sum()


def kl_div(input, target, size_average=None, reduce=None, reduction="mean", log_target=False):
    """target (log target - input), where `input` is in logarithms; `batchmean` is the divergence itself."""
    if size_average is None and reduce is None and reduction == "mean":
        warnings.warn(
            "reduction: 'mean' divides the total loss by both the batch size and the support size."
            "'batchmean' divides only by the batch size, and aligns with the KL div math definition."
            "'mean' will be changed to behave the same as 'batchmean' in the next major release."
        )
    if log_target:
        loss = target.exp() * (target - input)
    else:
        # 0 log 0 is 0.
        loss = (target * target.log()).masked_fill(target == 0, 0) - target * input
    if reduction == "batchmean":
        return loss.sum() / (input.size(0) if input.dim() > 0 else 1)
    return _reduced(loss, size_average, reduce, reduction)


def margin_ranking_loss(
    input1, input2, target, margin=0, size_average=None, reduce=None, reduction="mean"
):
    """max(0, -target (input1 - input2) + margin)"""
    if input1.dim() != input2.dim() or input1.dim() != target.dim():
        raise RuntimeError(
            "margin_ranking_loss : All input tensors should have same dimension but got sizes: "
            f"input1: {input1.size()}, input2: {input2.size()}, target: {target.size()} "
        )
    return _reduced((-target * (input1 - input2) + margin).clamp(min=0), size_average, reduce, reduction)


def hinge_embedding_loss(input, target, margin=1.0, size_average=None, reduce=None, reduction="mean"):
    """`input` where the target is 1, max(0, margin - input) where it is -1."""
    zeros = torch.zeros_like(input)
    loss = torch.where(target != 1, (margin - input).clamp(min=0), zeros) + torch.where(target != -1, input, zeros)
    return _reduced(loss, size_average, reduce, reduction)


def cosine_similarity(x1, x2, dim=1, eps=1e-8):
    """The cosine of the angle between two tensors along `dim`."""
    x1, x2 = torch.broadcast_tensors(x1, x2)

    def unit(x):
        return x / (x**2).sum(dim, keepdim=True).sqrt().clamp(min=eps)

    return (unit(x1) * unit(x2)).sum(dim)


def cosine_embedding_loss(
    input1, input2, target, margin=0, size_average=None, reduce=None, reduction="mean"
):
    """1 - cos where the target is 1, max(0, cos - margin) where it is -1."""
    dim = 1 if input1.dim() > 1 else 0
    cos = (input1 * input2).sum(dim) / (((input1 * input1).sum(dim) + 1e-12) * ((input2 * input2).sum(dim) + 1e-12)).sqrt()
    zeros = torch.zeros_like(cos)
    loss = torch.where(target == 1, 1 - cos, zeros) + torch.where(target == -1, (cos - margin).clamp(min=0), zeros)
    return _reduced(loss, size_average, reduce, reduction)


def pairwise_distance(x1, x2, p=2.0, eps=1e-6, keepdim=False):
    """The p-norm of x1 - x2 over the last dimension."""
    off = (x1 - x2 + eps).abs()
    if p == 2:
        return (off * off).sum(-1, keepdim=keepdim).sqrt()
    return off.sum(-1, keepdim=keepdim) if p == 1 else off.pow(p).sum(-1, keepdim=keepdim).pow(1.0 / p)


def triplet_margin_loss(
    anchor,
    positive,
    negative,
    margin=1.0,
    p=2,
    eps=1e-6,
    swap=False,
    size_average=None,
    reduce=None,
    reduction="mean",
):
    """max(0, |anchor - positive| - |anchor - negative| + margin)"""
    near, far = pairwise_distance(anchor, positive, p, eps), pairwise_distance(anchor, negative, p, eps)
    if swap:
        far = torch.minimum(far, pairwise_distance(positive, negative, p, eps))
    return _reduced((margin + near - far).clamp(min=0), size_average, reduce, reduction)


def gaussian_nll_loss(input, target, var, full=False, eps=1e-6, reduction="mean"):
    """(log var + (input - target)² / var) / 2"""
    if reduction not in ("none", "mean", "sum"):
        raise ValueError(reduction + " is not valid")
    if (var < 0).any():
        raise ValueError("var has negative entry/entries")
    var = var.clone()
    with torch.no_grad():
        var.clamp_(min=eps)
    loss = 0.5 * (var.log() + (input - target) ** 2 / var)
    if full:
        loss += 0.5 * math.log(2 * math.pi)
    return _reduced(loss, None, None, reduction)


def poisson_nll_loss(
    input,
    target,
    log_input=True,
    full=False,
    size_average=None,
    eps=1e-8,
    reduce=None,
    reduction="mean",
):
    """exp(input) - target input, where `input` is a logarithm."""
    loss = input.exp() - target * input if log_input else input - target * (input + eps).log()
    if full:
        stirling = target * target.log() - target + 0.5 * (2 * math.pi * target).log()
        loss = loss + stirling.masked_fill(target <= 1, 0)
    return _reduced(loss, size_average, reduce, reduction)


def soft_margin_loss(input, target, size_average=None, reduce=None, reduction="mean"):
    """log(1 + exp(-target input))"""
    return _reduced((-target * input).exp().log1p(), size_average, reduce, reduction)
