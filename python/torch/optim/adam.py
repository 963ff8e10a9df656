"""Adam and its kin: running averages of the gradient and of its square."""
import math

import torch

from .optimizer import SteppingOptimizer, at_least_zero, betas_within_one, gradients


class Adam(SteppingOptimizer):
    """Weight decay is added to the gradient; `AdamW` takes it from the parameter instead."""

    _decoupled = False

    def __init__(
        self,
        params,
        lr=1e-3,
        betas=(0.9, 0.999),
        eps=1e-8,
        weight_decay=0,
        amsgrad=False,
        *,
        foreach=None,
        maximize=False,
        capturable=False,
        differentiable=False,
        fused=False,
    ):
        at_least_zero(lr=lr, eps=eps)
        betas_within_one(betas)
        at_least_zero(weight_decay=weight_decay)
        defaults = dict(
            lr=lr,
            betas=betas,
            eps=eps,
            weight_decay=weight_decay,
            amsgrad=amsgrad,
        )
        # The order in which PyTorch's `param_groups` show them.
        switches = dict(maximize=maximize, foreach=foreach)
        defaults.update(reversed(switches.items()) if self._decoupled else switches, capturable=capturable)
        if not self._decoupled:
            defaults.update(differentiable=differentiable, fused=fused)
        super().__init__(params, defaults)
        if fused:
            raise RuntimeError("FusedAdam requires all the params to be CUDA, floating point")

    def _update(self, group):
        beta1, beta2 = group["betas"]
        for p, grad in gradients(group):
            state = self.state[p]
            if not state:
                state["step"] = torch.tensor(0.0)
                state["exp_avg"] = torch.zeros_like(p)
                state["exp_avg_sq"] = torch.zeros_like(p)
                if group["amsgrad"]:
                    state["max_exp_avg_sq"] = torch.zeros_like(p)
            state["step"] += 1
            step = state["step"].item()
            if group["weight_decay"] != 0:
                if self._decoupled:
                    p.mul_(1 - group["lr"] * group["weight_decay"])
                else:
                    grad = grad.add(p, alpha=group["weight_decay"])
            elif self._decoupled:
                p.mul_(1 - group["lr"] * group["weight_decay"])
            average, square = state["exp_avg"], state["exp_avg_sq"]
            average.mul_(beta1).add_(grad, alpha=1 - beta1)
            square.mul_(beta2).addcmul_(grad, grad, value=1 - beta2)
            correction1 = 1 - beta1**step
            correction2 = math.sqrt(1 - beta2**step)
            if group["amsgrad"]:
                largest = state["max_exp_avg_sq"]
                largest.copy_(torch.maximum(largest, square))
                square = largest
            denominator = (square.sqrt() / correction2).add_(group["eps"])
            p.addcdiv_(average, denominator, value=-(group["lr"] / correction1))


class AdamW(Adam):
    """Adam with decoupled weight decay."""

    _decoupled = True

    def __init__(
        self,
        params,
        lr=1e-3,
        betas=(0.9, 0.999),
        eps=1e-8,
        weight_decay=1e-2,
        amsgrad=False,
        *,
        maximize=False,
        foreach=None,
        capturable=False,
    ):
        super().__init__(
            params,
            lr,
            betas,
            eps,
            weight_decay,
            amsgrad,
            maximize=maximize,
            foreach=foreach,
            capturable=capturable,
        )


class Adamax(SteppingOptimizer):
    """Adam with the infinity norm in the place of the square."""

    def __init__(
        self,
        params,
        lr=2e-3,
        betas=(0.9, 0.999),
        eps=1e-8,
        weight_decay=0,
        foreach=None,
        *,
        maximize=False,
    ):
        at_least_zero(lr=lr, eps=eps)
        betas_within_one(betas)
        at_least_zero(weight_decay=weight_decay)
        super().__init__(
            params,
            dict(
                lr=lr,
                betas=betas,
                eps=eps,
                weight_decay=weight_decay,
                foreach=foreach,
                maximize=maximize,
            ),
        )

    def _update(self, group):
        beta1, beta2 = group["betas"]
        for p, grad in gradients(group):
            state = self.state[p]
            if not state:
                state["step"] = torch.tensor(0.0)
                state["exp_avg"] = torch.zeros_like(p)
                state["exp_inf"] = torch.zeros_like(p)
            state["step"] += 1
            if group["weight_decay"] != 0:
                grad = grad.add(p, alpha=group["weight_decay"])
            average, largest = state["exp_avg"], state["exp_inf"]
            average.mul_(beta1).add_(grad, alpha=1 - beta1)
            largest.copy_(torch.maximum(largest.mul_(beta2), grad.abs().add_(group["eps"])))
            p.addcdiv_(average, largest, value=-(group["lr"] / (1 - beta1 ** state["step"].item())))
