"""torch.nn.functional's losses."""
import warnings

import torch

from .._ops import nn as _nn

__all__ = (
    "l1_loss mse_loss smooth_l1_loss huber_loss binary_cross_entropy binary_cross_entropy_with_logits nll_loss"
    " cross_entropy"
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
