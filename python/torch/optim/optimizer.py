"""Optimizer: parameter groups, state, and the saving and loading of both."""
import warnings
from collections import defaultdict
from copy import deepcopy
from itertools import chain

import torch

from .. import _foreach

required = type("_RequiredParameter", (), {"__repr__": lambda self: "<required parameter>"})()


class Optimizer:
    """Base class of all optimizers."""

    def __init__(self, params, defaults):
        if isinstance(params, torch.Tensor):
            raise TypeError(
                "params argument given to the optimizer should be an iterable of Tensors or dicts, but got "
                + params.type()
            )
        self.defaults = defaults
        self.state = defaultdict(dict)
        self.param_groups = []
        groups = list(params)
        if len(groups) == 0:
            raise ValueError("optimizer got an empty parameter list")
        if not isinstance(groups[0], dict):
            groups = [{"params": groups}]
        for group in groups:
            self.add_param_group(group)

    def __repr__(self):
        text = self.__class__.__name__ + " ("
        for i, group in enumerate(self.param_groups):
            text += f"\nParameter Group {i}\n"
            for key in sorted(group):
                if key != "params":
                    text += f"    {key}: {group[key]}\n"
        return text + ")"

    def add_param_group(self, param_group):
        """Add a group with settings of its own; what it does not set, the defaults do."""
        if not isinstance(param_group, dict):
            raise AssertionError("param group must be a dict")
        params = param_group["params"]
        if isinstance(params, torch.Tensor):
            param_group["params"] = [params]
        elif isinstance(params, set):
            raise TypeError(
                "optimizer parameters need to be organized in ordered collections, but the ordering of tensors in "
                "sets will change between runs. Please use a list instead."
            )
        else:
            param_group["params"] = list(params)
        for param in param_group["params"]:
            if not isinstance(param, torch.Tensor):
                raise TypeError("optimizer can only optimize Tensors, but one of the params is " + _typename(param))
            if not (param.is_leaf or param.retains_grad):
                raise ValueError("can't optimize a non-leaf Tensor")
        for name, default in self.defaults.items():
            if default is required and name not in param_group:
                raise ValueError(f"parameter group didn't specify a value of required optimization parameter {name}")
            param_group.setdefault(name, default)
        if len(param_group["params"]) != len(set(param_group["params"])):
            warnings.warn(
                "optimizer contains a parameter group with duplicate parameters; in future, this will cause an error; "
                "see github.com/pytorch/pytorch/issues/40967 for more information",
                stacklevel=3,
            )
        known = set(chain.from_iterable(group["params"] for group in self.param_groups))
        if not known.isdisjoint(param_group["params"]):
            raise ValueError("some parameters appear in more than one parameter group")
        self.param_groups.append(param_group)

    def zero_grad(self, set_to_none=False):
        """Clear the gradients of all parameters: to zeros, or to None."""
        for group in self.param_groups:
            if set_to_none:
                for p in group["params"]:
                    if p.grad is not None:
                        p.grad = None
                continue
            grads = [grad for grad in _foreach.gradients(group["params"]) if grad is not None]
            for grad in grads[_foreach.begin_zero_(grads) :]:
                if grad.grad_fn is not None:
                    grad.detach_()
                else:
                    grad.requires_grad_(False)
                grad.zero_()

    def step(self, closure):
        """One update of all parameters."""
        raise NotImplementedError

    def state_dict(self):
        """State and groups, with numbers in the place of parameters."""
        numbers = {}
        groups = []
        for group in self.param_groups:
            for p in group["params"]:
                numbers.setdefault(id(p), len(numbers))
            packed = {key: value for key, value in group.items() if key != "params"}
            groups.append({**packed, "params": [numbers[id(p)] for p in group["params"]]})
        state = {(numbers[id(k)] if isinstance(k, torch.Tensor) else k): v for k, v in self.state.items()}
        return {"state": state, "param_groups": groups}

    def load_state_dict(self, state_dict):
        """Take over the state and settings of another optimizer of the same shape."""
        state_dict = deepcopy(state_dict)
        groups = self.param_groups
        saved = state_dict["param_groups"]
        if len(groups) != len(saved):
            raise ValueError("loaded state dict has a different number of parameter groups")
        if any(len(g["params"]) != len(s["params"]) for g, s in zip(groups, saved)):
            raise ValueError(
                "loaded state dict contains a parameter group that doesn't match the size of optimizer's group"
            )
        numbers = chain.from_iterable(s["params"] for s in saved)
        by_number = dict(zip(numbers, chain.from_iterable(g["params"] for g in groups)))
        self.state = defaultdict(dict)
        for key, value in state_dict["state"].items():
            self.state[by_number.get(key, key)] = value
        self.param_groups = [{**s, "params": g["params"]} for g, s in zip(groups, saved)]


class SteppingOptimizer(Optimizer):
    """An optimizer that updates group by group; subclasses write `_update(group)`, called without recording, unless it is to be differentiable."""

    def step(self, closure=None):
        """One update; `closure` computes the loss again and is called with recording on."""
        loss = None
        with torch.set_grad_enabled(self.defaults.get("differentiable", False)):
            if closure is not None:
                with torch.enable_grad():
                    loss = closure()
            for group in self.param_groups:
                self._update(group)
        return loss

    def _update(self, group):
        raise NotImplementedError


def _typename(value):
    cls = type(value)
    return cls.__name__ if cls.__module__ == "builtins" else f"{cls.__module__}.{cls.__name__}"


def at_least_zero(**settings):
    """The check that most settings share; `Invalid learning rate: -1` in PyTorch's words."""
    words = {
        "lr": "learning rate",
        "momentum": "momentum value",
        "weight_decay": "weight_decay value",
        "momentum_decay": "momentum_decay value",
        "eps": "epsilon value",
        "alpha": "alpha value",
        "rho": "rho value",
        "lr_decay": "lr_decay value",
        "initial_accumulator_value": "initial_accumulator_value value",
    }
    for name, value in settings.items():
        if not 0.0 <= value:
            raise ValueError(f"Invalid {words[name]}: {value}")


def betas_within_one(betas):
    """Each in [0, 1)."""
    for i, beta in enumerate(betas):
        if not 0.0 <= beta < 1.0:
            raise ValueError(f"Invalid beta parameter at index {i}: {beta}")


def gradients(group):
    """(parameter, gradient) of those that have one; the gradient's sign turned where the group maximizes."""
    for p, grad in zip(group["params"], _foreach.gradients(group["params"])):
        if grad is not None:
            yield p, -grad if group.get("maximize", False) else grad
