"""Stochastic gradient descent, with momentum."""
from .optimizer import SteppingOptimizer, at_least_zero, gradients, required


class SGD(SteppingOptimizer):
    """p -= lr * (gradient, or the momentum built from it)"""

    def __init__(
        self,
        params,
        lr=required,
        momentum=0,
        dampening=0,
        weight_decay=0,
        nesterov=False,
        *,
        maximize=False,
        foreach=None,
        differentiable=False,
    ):
        if lr is not required:
            at_least_zero(lr=lr)
        at_least_zero(momentum=momentum, weight_decay=weight_decay)
        if nesterov and (momentum <= 0 or dampening != 0):
            raise ValueError("Nesterov momentum requires a momentum and zero dampening")
        super().__init__(
            params,
            dict(
                lr=lr,
                momentum=momentum,
                dampening=dampening,
                weight_decay=weight_decay,
                nesterov=nesterov,
                maximize=maximize,
                foreach=foreach,
                differentiable=differentiable,
            ),
        )

    def _update(self, group):
        momentum = group["momentum"]
        for p, d in gradients(group):
            if group["weight_decay"] != 0:
                d = d.add(p, alpha=group["weight_decay"])
            state = self.state[p]
            buffer = state.setdefault("momentum_buffer", None)
            if momentum != 0:
                if buffer is None:
                    buffer = d.clone().detach()
                else:
                    buffer.mul_(momentum).add_(d, alpha=1 - group["dampening"])
                state["momentum_buffer"] = buffer
                d = d.add(buffer, alpha=momentum) if group["nesterov"] else buffer
            p.add_(d, alpha=-group["lr"])
