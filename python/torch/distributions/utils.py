"""What distributions share: broadcasting of parameters, probabilities and logits."""
from numbers import Number
from types import SimpleNamespace

import torch
import torch.nn.functional as F

euler_constant = 0.57721566490153286060


def is_number(value):
    return isinstance(value, Number) and not isinstance(value, torch.Tensor)


def broadcast_all(*values):
    """The values as tensors of one shape; numbers take the dtype of the first tensor."""
    if not all(isinstance(v, (torch.Tensor, Number)) for v in values):
        raise ValueError(
            "Input arguments must all be instances of numbers.Number, torch.Tensor or objects implementing "
            "__torch_function__."
        )
    dtype = next((v.dtype for v in values if isinstance(v, torch.Tensor)), torch.get_default_dtype())
    tensors = [v if isinstance(v, torch.Tensor) else torch.tensor(v, dtype=dtype) for v in values]
    return torch.broadcast_tensors(*tensors)


def standard_normal(shape, dtype, device=None):
    """Numbers of mean 0 and deviation 1."""
    return torch.normal(torch.zeros(shape, dtype=dtype), torch.ones(shape, dtype=dtype))


_LIMITS = {
    "float32": SimpleNamespace(eps=2.0**-23, tiny=2.0**-126, min=-3.4028234663852886e38),
    "float64": SimpleNamespace(eps=2.0**-52, tiny=2.0**-1022, min=-1.7976931348623157e308),
}


def limits(dtype):
    """The least steps and numbers of a dtype."""
    return _LIMITS[dtype.name]


def epsilon(dtype):
    return limits(dtype).eps


def clamp_probs(probs):
    eps = epsilon(probs.dtype)
    return probs.clamp(min=eps, max=1 - eps)


def logits_to_probs(logits, is_binary=False):
    return torch.sigmoid(logits) if is_binary else F.softmax(logits, dim=-1)


def probs_to_logits(probs, is_binary=False):
    clamped = clamp_probs(probs)
    return torch.log(clamped) - torch.log1p(-clamped) if is_binary else torch.log(clamped)


def vec_to_tril_matrix(vec, diag=0):
    """The numbers of a vector, row by row, below the `diag`-th diagonal of a square matrix."""
    n = (-(1 + 2 * diag) + ((1 + 2 * diag) ** 2 + 8 * vec.shape[-1] + 4 * abs(diag) * (diag + 1)) ** 0.5) / 2
    if round(n) - n > limits(vec.dtype).eps:
        raise ValueError(
            f"The size of last dimension is {vec.shape[-1]} which cannot be expressed as the lower triangular part of a "
            "square D x D matrix."
        )
    n = round(n)
    mat = vec.new_zeros(vec.shape[:-1] + torch.Size((n, n)))
    places = torch.arange(n)
    mat[..., places < places.view(-1, 1) + (diag + 1)] = vec
    return mat


def tril_matrix_to_vec(mat, diag=0):
    """The other way round."""
    n = mat.shape[-1]
    if diag < -n or diag >= n:
        raise ValueError(f"diag ({diag}) provided is outside [{-n}, {n - 1}].")
    places = torch.arange(n)
    return mat[..., places < places.view(-1, 1) + (diag + 1)]


def sum_rightmost(value, dim):
    """The sum over the last `dim` dimensions."""
    return value if dim == 0 else value.reshape(value.shape[:-dim] + (-1,)).sum(-1)


class lazy_property:
    """An attribute that is worked out when it is first asked for."""

    def __init__(self, wrapped):
        self.wrapped = wrapped
        self.__doc__ = wrapped.__doc__

    def __get__(self, instance, owner=None):
        if instance is None:
            return self
        with torch.enable_grad():
            value = self.wrapped(instance)
        setattr(instance, self.wrapped.__name__, value)
        return value
