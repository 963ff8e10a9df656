"""torch.optim.swa_utils: averages of a model's weights along its training."""
import math
from copy import deepcopy

import torch
from torch.nn import Module

from .._missing import guard
from ._cosine import cos
from .lr_scheduler import _LRScheduler

__getattr__ = guard("torch.optim.swa_utils")


class AveragedModel(Module):
    """A model whose weights are the running average of another's."""

    def __init__(self, model, device=None, avg_fn=None, use_buffers=False):
        super().__init__()
        self.module = deepcopy(model)
        if device is not None:
            self.module = self.module.to(device)
        self.register_buffer("n_averaged", torch.tensor(0, dtype=torch.long))
        self.avg_fn = avg_fn or (lambda averaged, value, count: averaged + (value - averaged) / (count + 1))
        self.use_buffers = use_buffers

    def forward(self, *args, **kwargs):
        return self.module(*args, **kwargs)

    def _tensors(self, module):
        return [*module.parameters(), *(module.buffers() if self.use_buffers else ())]

    def update_parameters(self, model):
        """Take the model's weights into the average."""
        with torch.no_grad():
            for averaged, value in zip(self._tensors(self.module), self._tensors(model)):
                value = value.detach()
                if self.n_averaged == 0:
                    averaged.copy_(value)
                else:
                    averaged.copy_(self.avg_fn(averaged.detach(), value, self.n_averaged))
        self.n_averaged += 1


@torch.no_grad()
def update_bn(loader, model, device=None):
    """Let the batch norms of `model` take their statistics anew from the loader's data."""
    norms = [
        m for m in model.modules() if hasattr(m, "running_mean") and hasattr(m, "num_batches_tracked")
    ]
    momenta = {}
    for norm in norms:
        norm.running_mean = torch.zeros_like(norm.running_mean)
        norm.running_var = torch.ones_like(norm.running_var)
        momenta[norm] = norm.momentum
    if not momenta:
        return
    was_training = model.training
    model.train()
    for norm in norms:
        norm.momentum = None
        norm.num_batches_tracked *= 0
    for batch in loader:
        if isinstance(batch, (list, tuple)):
            batch = batch[0]
        model(batch if device is None else batch.to(device))
    for norm in norms:
        norm.momentum = momenta[norm]
    model.train(was_training)


class SWALR(_LRScheduler):
    """Goes to a fixed rate in `anneal_epochs` epochs and stays there."""

    def __init__(self, optimizer, swa_lr, anneal_epochs=10, anneal_strategy="cos", last_epoch=-1):
        groups = optimizer.param_groups
        if isinstance(swa_lr, (list, tuple)) and len(swa_lr) != len(groups):
            raise ValueError(
                f"swa_lr must have the same length as optimizer.param_groups: swa_lr has {len(swa_lr)}, "
                f"optimizer.param_groups has {len(groups)}"
            )
        rates = swa_lr if isinstance(swa_lr, (list, tuple)) else [swa_lr] * len(groups)
        for rate, group in zip(rates, groups):
            group["swa_lr"] = rate
        if anneal_strategy not in ("cos", "linear"):
            raise ValueError(f"anneal_strategy must by one of 'cos' or 'linear', instead got {anneal_strategy}")
        self.anneal_func = self._cosine_anneal if anneal_strategy == "cos" else self._linear_anneal
        if not isinstance(anneal_epochs, int) or anneal_epochs < 0:
            raise ValueError(f"anneal_epochs must be equal or greater than 0, got {anneal_epochs}")
        self.anneal_epochs = anneal_epochs
        super().__init__(optimizer, last_epoch)

    @staticmethod
    def _linear_anneal(t):
        return t

    @staticmethod
    def _cosine_anneal(t):
        return (1 - cos(math.pi * t)) / 2

    def get_lr(self):
        self._outside_step()
        step = self._step_count - 1
        if self.anneal_epochs == 0:
            step = max(1, step)
        part = lambda at: self.anneal_func(max(0, min(1, at / max(1, self.anneal_epochs))))
        before, now = part(step - 1), part(step)
        rates = []
        for group in self.optimizer.param_groups:
            target, lr = group["swa_lr"], group["lr"]
            start = target if before == 1 else (lr - target * before) / (1 - before)
            rates.append(target * now + start * (1 - now))
        return rates
