"""NAdam and RAdam: Adam with Nesterov's momentum, and with a warm-up that follows from the variance."""
import math

import torch

from .optimizer import SteppingOptimizer, at_least_zero, betas_within_one, gradients


class NAdam(SteppingOptimizer):
    """Adam that looks ahead along its momentum."""

    def __init__(
        self, params, lr=2e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0, momentum_decay=4e-3, foreach=None
    ):
        at_least_zero(lr=lr, eps=eps)
        betas_within_one(betas)
        at_least_zero(weight_decay=weight_decay, momentum_decay=momentum_decay)
        defaults = dict(
            lr=lr, betas=betas, eps=eps, weight_decay=weight_decay, momentum_decay=momentum_decay, foreach=foreach
        )
        super().__init__(params, defaults)

    def _update(self, group):
        beta1, beta2 = group["betas"]
        for p, grad in gradients(group):
            state = self.state[p]
            if not state:
                state["step"] = torch.tensor(0.0)
                state["mu_product"] = torch.tensor(1.0)
                state["exp_avg"] = torch.zeros_like(p)
                state["exp_avg_sq"] = torch.zeros_like(p)
            state["step"] += 1
            step = state["step"].item()
            if group["weight_decay"] != 0:
                grad = grad.add(p, alpha=group["weight_decay"])
            mu = beta1 * (1.0 - 0.5 * 0.96 ** (step * group["momentum_decay"]))
            next_mu = beta1 * (1.0 - 0.5 * 0.96 ** ((step + 1) * group["momentum_decay"]))
            state["mu_product"] *= mu
            product = state["mu_product"].item()
            average, square = state["exp_avg"], state["exp_avg_sq"]
            average.mul_(beta1).add_(grad, alpha=1 - beta1)
            square.mul_(beta2).addcmul_(grad, grad, value=1 - beta2)
            correction = 1 - beta2**step
            if group["foreach"]:
                root = square.sqrt().div_(math.sqrt(correction))
                next_product = product * next_mu
            else:
                root = square.div(correction).sqrt()
                # PyTorch 1.13 has `mu` twice in the second product; 2.x once, as here with foreach.
                next_product = product * mu * next_mu
            denominator = root.add_(group["eps"])
            p.addcdiv_(grad, denominator, value=-group["lr"] * (1.0 - mu) / (1.0 - product))
            p.addcdiv_(average, denominator, value=-group["lr"] * next_mu / (1.0 - next_product))


class RAdam(SteppingOptimizer):
    """Adam whose adaptive part waits until the variance of its averages can be trusted."""

    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0, foreach=None):
        at_least_zero(lr=lr, eps=eps)
        betas_within_one(betas)
        at_least_zero(weight_decay=weight_decay)
        super().__init__(params, dict(lr=lr, betas=betas, eps=eps, weight_decay=weight_decay, foreach=foreach))

    def _update(self, group):
        beta1, beta2 = group["betas"]
        longest = 2 / (1 - beta2) - 1
        for p, grad in gradients(group):
            state = self.state[p]
            if not state:
                state["step"] = torch.tensor(0.0)
                state["exp_avg"] = torch.zeros_like(p)
                state["exp_avg_sq"] = torch.zeros_like(p)
            state["step"] += 1
            step = state["step"].item()
            correction = 1 - beta2**step
            if group["weight_decay"] != 0:
                grad = grad.add(p, alpha=group["weight_decay"])
            average, square = state["exp_avg"], state["exp_avg_sq"]
            average.mul_(beta1).add_(grad, alpha=1 - beta1)
            square.mul_(beta2).addcmul_(grad, grad, value=1 - beta2)
            correction1 = 1 - beta1**step
            length = longest - 2 * step * beta2**step / correction
            rectified = 0
            if length > 5.0:
                rectified = math.sqrt(
                    (length - 4) * (length - 2) * longest / ((longest - 4) * (longest - 2) * length)
                )
            if group["foreach"]:
                root = square.sqrt() / math.sqrt(correction)
                p.addcdiv_(average, root, value=-(group["lr"] * rectified / correction1))
                plain = 0 if rectified > 0 else 1.0
                p.addcdiv_(average, torch.ones_like(average), value=-(group["lr"] * plain / correction1))
                continue
            corrected = average / correction1
            if length > 5.0:
                adaptive = math.sqrt(correction) / square.sqrt().add_(group["eps"])
                p.add_(corrected * group["lr"] * adaptive * rectified, alpha=-1.0)
            else:
                p.add_(corrected * group["lr"], alpha=-1.0)
