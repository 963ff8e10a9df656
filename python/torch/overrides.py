"""torch.overrides: whether an argument takes PyTorch's functions over."""
from ._missing import guard
from .autograd import has_torch_function, is_tensor_like  # noqa: F401


def is_tensor_method_or_property(func):
    """Whether it is one of Tensor's own."""
    from ._tensor import Tensor

    return any(func is value or func is getattr(value, "fget", None) for value in vars(Tensor).values())


def handle_torch_function(public_api, relevant_args, *args, **kwargs):
    """Call the first argument's `__torch_function__`."""
    for arg in relevant_args:
        cls = type(arg)
        if hasattr(cls, "__torch_function__"):
            result = cls.__torch_function__(public_api, tuple(map(type, relevant_args)), args, kwargs)
            if result is not NotImplemented:
                return result
    raise TypeError(
        f"no implementation found for '{public_api.__module__}.{public_api.__name__}' on types that implement "
        f"__torch_function__: {list(map(type, relevant_args))}"
    )


__getattr__ = guard("torch.overrides")
