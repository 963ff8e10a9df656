"""RMSprop, Adagrad, Adadelta: a step size per element from the squares of past gradients."""
import torch

from .optimizer import SteppingOptimizer, at_least_zero, gradients


class RMSprop(SteppingOptimizer):
    """Divides by the root of a running average of squares."""

    def __init__(
        self,
        params,
        lr=1e-2,
        alpha=0.99,
        eps=1e-8,
        weight_decay=0,
        momentum=0,
        centered=False,
        foreach=None,
        maximize=False,
        differentiable=False,
    ):
        at_least_zero(lr=lr, eps=eps, momentum=momentum, weight_decay=weight_decay, alpha=alpha)
        super().__init__(
            params,
            dict(
                lr=lr,
                momentum=momentum,
                alpha=alpha,
                eps=eps,
                centered=centered,
                weight_decay=weight_decay,
                foreach=foreach,
                maximize=maximize,
                differentiable=differentiable,
            ),
        )

    def _update(self, group):
        alpha = group["alpha"]
        for p, grad in gradients(group):
            state = self.state[p]
            if not state:
                state["step"] = 0
                state["square_avg"] = torch.zeros_like(p)
                if group["momentum"] > 0:
                    state["momentum_buffer"] = torch.zeros_like(p)
                if group["centered"]:
                    state["grad_avg"] = torch.zeros_like(p)
            state["step"] += 1
            if group["weight_decay"] != 0:
                grad = grad.add(p, alpha=group["weight_decay"])
            square = state["square_avg"].mul_(alpha).addcmul_(grad, grad, value=1 - alpha)
            if group["centered"]:
                average = state["grad_avg"].mul_(alpha).add_(grad, alpha=1 - alpha)
                root = square.addcmul(average, average, value=-1).sqrt_()
            else:
                root = square.sqrt()
            root = root.add_(group["eps"])
            if group["momentum"] > 0:
                buffer = state["momentum_buffer"].mul_(group["momentum"]).addcdiv_(grad, root)
                p.add_(buffer, alpha=-group["lr"])
            else:
                p.addcdiv_(grad, root, value=-group["lr"])


class Adagrad(SteppingOptimizer):
    """Divides by the root of the sum of squares."""

    def __init__(
        self,
        params,
        lr=1e-2,
        lr_decay=0,
        weight_decay=0,
        initial_accumulator_value=0,
        eps=1e-10,
        foreach=None,
        *,
        maximize=False,
    ):
        at_least_zero(
            lr=lr,
            lr_decay=lr_decay,
            weight_decay=weight_decay,
            initial_accumulator_value=initial_accumulator_value,
            eps=eps,
        )
        super().__init__(
            params,
            dict(
                lr=lr,
                lr_decay=lr_decay,
                eps=eps,
                weight_decay=weight_decay,
                initial_accumulator_value=initial_accumulator_value,
                foreach=foreach,
                maximize=maximize,
            ),
        )
        for group in self.param_groups:
            for p in group["params"]:
                self.state[p].update(
                    step=torch.tensor(0.0), sum=torch.full_like(p, initial_accumulator_value)
                )

    def _update(self, group):
        for p, grad in gradients(group):
            state = self.state[p]
            state["step"] += 1
            if group["weight_decay"] != 0:
                grad = grad.add(p, alpha=group["weight_decay"])
            # With foreach PyTorch works the rate out as a tensor.
            step = state["step"] if group["foreach"] else state["step"].item()
            rate = -group["lr"] / (1 + (step - 1) * group["lr_decay"])
            state["sum"].addcmul_(grad, grad, value=1)
            root = state["sum"].sqrt().add_(group["eps"])
            if group["foreach"]:
                p.add_(grad * rate / root)
            else:
                p.addcdiv_(grad, root, value=rate)


class Adadelta(SteppingOptimizer):
    """The step is the ratio of two running averages: of past steps and of gradients."""

    def __init__(
        self,
        params,
        lr=1.0,
        rho=0.9,
        eps=1e-6,
        weight_decay=0,
        foreach=None,
        *,
        maximize=False,
    ):
        at_least_zero(lr=lr)
        if not 0.0 <= rho <= 1.0:
            raise ValueError(f"Invalid rho value: {rho}")
        at_least_zero(eps=eps, weight_decay=weight_decay)
        super().__init__(
            params,
            dict(
                lr=lr,
                rho=rho,
                eps=eps,
                weight_decay=weight_decay,
                maximize=maximize,
                foreach=foreach,
            ),
        )

    def _update(self, group):
        rho, eps = group["rho"], group["eps"]
        for p, grad in gradients(group):
            state = self.state[p]
            if not state:
                state["step"] = 0
                state["square_avg"] = torch.zeros_like(p)
                state["acc_delta"] = torch.zeros_like(p)
            state["step"] += 1
            if group["weight_decay"] != 0:
                grad = grad.add(p, alpha=group["weight_decay"])
            square = state["square_avg"].mul_(rho).addcmul_(grad, grad, value=1 - rho)
            delta = state["acc_delta"].add(eps).sqrt_().div_(square.add(eps).sqrt_()).mul_(grad)
            state["acc_delta"].mul_(rho).addcmul_(delta, delta, value=1 - rho)
            p.add_(delta, alpha=-group["lr"])
