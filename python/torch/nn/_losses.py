"""torch.nn.functional's losses."""
import math
import warnings

import torch

from .._ops import nn as _nn
from ._activations import logsigmoid

__all__ = (
    "l1_loss mse_loss smooth_l1_loss huber_loss binary_cross_entropy binary_cross_entropy_with_logits nll_loss"
    " cross_entropy kl_div margin_ranking_loss hinge_embedding_loss cosine_embedding_loss triplet_margin_loss"
    " multi_margin_loss multilabel_margin_loss multilabel_soft_margin_loss ctc_loss triplet_margin_with_distance_loss"
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
    if size_average is not None or reduce is not None:
        number = _number_of(legacy_reduction(size_average, reduce, reduction))
    else:
        if reduction == "mean":
            warnings.warn(
                "reduction: 'mean' divides the total loss by both the batch size and the support size."
                "'batchmean' divides only by the batch size, and aligns with the KL div math definition."
                "'mean' will be changed to behave the same as 'batchmean' in the next major release."
            )
        number = _number_of("sum" if reduction == "batchmean" else reduction)
    reduced = torch.kl_div(input, target, number, log_target=log_target)
    if reduction == "batchmean" and input.dim() != 0:
        reduced = reduced / input.size()[0]
    return reduced


def margin_ranking_loss(
    input1, input2, target, margin=0, size_average=None, reduce=None, reduction="mean"
):
    """max(0, -target (input1 - input2) + margin)"""
    number = _number_of(legacy_reduction(size_average, reduce, reduction))
    if input1.dim() != input2.dim() or input1.dim() != target.dim():
        raise RuntimeError(
            "margin_ranking_loss : All input tensors should have same dimension but got sizes: "
            f"input1: {input1.size()}, input2: {input2.size()}, target: {target.size()} "
        )
    return torch.margin_ranking_loss(input1, input2, target, margin, number)


def hinge_embedding_loss(input, target, margin=1.0, size_average=None, reduce=None, reduction="mean"):
    """`input` where the target is 1, max(0, margin - input) where it is -1."""
    number = _number_of(legacy_reduction(size_average, reduce, reduction))
    return torch.hinge_embedding_loss(input, target, margin, number)


cosine_similarity = torch.cosine_similarity


def cosine_embedding_loss(
    input1, input2, target, margin=0, size_average=None, reduce=None, reduction="mean"
):
    """1 - cos where the target is 1, max(0, cos - margin) where it is -1."""
    number = _number_of(legacy_reduction(size_average, reduce, reduction))
    return torch.cosine_embedding_loss(input1, input2, target, margin, number)


pairwise_distance = torch.pairwise_distance


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
    number = _number_of(legacy_reduction(size_average, reduce, reduction))
    return torch.triplet_margin_loss(anchor, positive, negative, margin, p, eps, swap, number)


def gaussian_nll_loss(input, target, var, full=False, eps=1e-6, reduction="mean"):
    """(log var + (input - target)² / var) / 2"""
    if var.size() != input.size():
        # One variance for each sample, or for each row.
        if input.size()[:-1] == var.size():
            var = var.unsqueeze(-1)
        elif not (input.size()[:-1] == var.size()[:-1] and var.size(-1) == 1):
            raise ValueError("var is of incorrect size")
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
    reduction = legacy_reduction(size_average, reduce, reduction)
    if reduction != "none" and reduction != "mean" and reduction != "sum":
        raise ValueError(reduction + " is not valid")
    return torch.poisson_nll_loss(input, target, log_input, full, eps, _number_of(reduction))


def soft_margin_loss(input, target, size_average=None, reduce=None, reduction="mean"):
    """log(1 + exp(-target input))"""
    return _nn.soft_margin_loss(input, target, _number_of(legacy_reduction(size_average, reduce, reduction)))


def multi_margin_loss(
    input, target, p=1, margin=1.0, weight=None, size_average=None, reduce=None, reduction="mean"
):
    """Of one class against each other one: max(0, margin - input[target] + input[other])^p, over the classes' number."""
    number = _number_of(legacy_reduction(size_average, reduce, reduction))
    if p != 1 and p != 2:
        raise ValueError("only p == 1 and p == 2 supported")
    if weight is not None and weight.dim() != 1:
        raise ValueError("weight must be one-dimensional")
    return _nn.multi_margin_loss(input, target, p, margin, weight, number)


def multilabel_margin_loss(input, target, size_average=None, reduce=None, reduction="mean"):
    """The same for several classes: those before the first -1 in a row of the target."""
    return _nn.multilabel_margin_loss(input, target, _number_of(legacy_reduction(size_average, reduce, reduction)))


def multilabel_soft_margin_loss(
    input, target, weight=None, size_average=None, reduce=None, reduction="mean"
):
    """Binary cross entropy with logits for each class, over the classes' number."""
    reduction = legacy_reduction(size_average, reduce, reduction)
    loss = -(target * logsigmoid(input) + (1 - target) * logsigmoid(-input))
    if weight is not None:
        loss = loss * weight
    class_dim = input.dim() - 1
    loss = loss.sum(dim=class_dim) / input.size(class_dim)
    if reduction not in ("none", "mean", "sum"):
        raise ValueError(f"{reduction} is not valid")
    return _reduced(loss, None, None, reduction)


def ctc_loss(
    log_probs,
    targets,
    input_lengths,
    target_lengths,
    blank=0,
    reduction="mean",
    zero_infinity=False,
):
    """Of sequences of labels over all alignments; log_probs [T, N, C] or [T, C]."""
    return torch.ctc_loss(
        log_probs, targets, input_lengths, target_lengths, blank, _number_of(reduction), zero_infinity
    )


def triplet_margin_with_distance_loss(
    anchor, positive, negative, *, distance_function=None, margin=1.0, swap=False, reduction="mean"
):
    """`triplet_margin_loss` with a distance of one's own."""
    distance = pairwise_distance if distance_function is None else distance_function
    near, far = distance(anchor, positive), distance(anchor, negative)
    if swap:
        far = torch.min(far, distance(positive, negative))
    return _reduced(torch.clamp(near - far + margin, min=0.0), None, None, reduction)
