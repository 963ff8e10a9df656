"""Rprop, ASGD, SparseAdam."""
import torch

from .optimizer import SteppingOptimizer, at_least_zero, betas_within_one, gradients


class Rprop(SteppingOptimizer):
    """Steps by the gradient's sign only; each element's step grows while the sign stays and shrinks when it turns."""

    def __init__(self, params, lr=1e-2, etas=(0.5, 1.2), step_sizes=(1e-6, 50), foreach=None, maximize=False):
        at_least_zero(lr=lr)
        if not 0.0 < etas[0] < 1.0 < etas[1]:
            raise ValueError(f"Invalid eta values: {etas[0]}, {etas[1]}")
        super().__init__(params, dict(lr=lr, etas=etas, step_sizes=step_sizes, foreach=foreach, maximize=maximize))

    def _update(self, group):
        shrink, grow = group["etas"]
        least, most = group["step_sizes"]
        for p, grad in gradients(group):
            state = self.state[p]
            if not state:
                state["step"] = 0
                state["prev"] = torch.zeros_like(p)
                state["step_size"] = torch.full_like(grad, group["lr"])
            state["step"] += 1
            previous, size = state["prev"], state["step_size"]
            sign = grad.mul(previous).sign()
            factor = torch.ones_like(sign).masked_fill_(sign > 0, grow).masked_fill_(sign < 0, shrink)
            size.mul_(factor).clamp_(least, most)
            grad = grad.masked_fill(sign < 0, 0)
            p.addcmul_(grad.sign(), size, value=-1)
            previous.copy_(grad)


class ASGD(SteppingOptimizer):
    """SGD that keeps an average of the parameters, in its state."""

    def __init__(
        self,
        params,
        lr=1e-2,
        lambd=1e-4,
        alpha=0.75,
        t0=1e6,
        weight_decay=0,
        foreach=None,
        maximize=False,
    ):
        at_least_zero(lr=lr, weight_decay=weight_decay)
        super().__init__(
            params,
            dict(
                lr=lr,
                lambd=lambd,
                alpha=alpha,
                t0=t0,
                weight_decay=weight_decay,
                foreach=foreach,
                maximize=maximize,
            ),
        )

    def _update(self, group):
        lr, lambd = group["lr"], group["lambd"]
        for p, grad in gradients(group):
            state = self.state[p]
            if not state:
                state["step"] = torch.tensor(0.0)
                state["eta"] = torch.tensor(lr)
                state["mu"] = torch.tensor(1.0)
                state["ax"] = torch.zeros_like(p)
            state["step"] += 1
            step, eta, mu = state["step"].item(), state["eta"].item(), state["mu"].item()
            if group["weight_decay"] != 0:
                grad = grad.add(p, alpha=group["weight_decay"])
            p.mul_(1 - lambd * eta)
            p.add_(grad, alpha=-eta)
            if mu != 1:
                state["ax"].add_(p.sub(state["ax"]).mul(mu))
            else:
                state["ax"].copy_(p)
            state["eta"].copy_(torch.tensor(lr / (1 + lambd * lr * step) ** group["alpha"]))
            state["mu"].copy_(torch.tensor(1 / max(1, step - group["t0"])))


class SparseAdam(SteppingOptimizer):
    """Adam for sparse gradients, which the embedded engine does not have: it refuses dense ones, as PyTorch does."""

    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, maximize=False):
        if not 0.0 < lr:
            raise ValueError(f"Invalid learning rate: {lr}")
        if not 0.0 < eps:
            raise ValueError(f"Invalid epsilon value: {eps}")
        betas_within_one(betas)
        super().__init__(params, dict(lr=lr, betas=betas, eps=eps, maximize=maximize))

    def _update(self, group):
        for _ in gradients(group):
            raise RuntimeError("SparseAdam does not support dense gradients, please consider Adam instead")
