"""Parameters as one vector, and back."""
import torch


def parameters_to_vector(parameters):
    """All elements of all parameters, one after the other."""
    return torch.cat([parameter.view(-1) for parameter in parameters])


def vector_to_parameters(vec, parameters):
    """Cut the vector up and let the parameters have its pieces."""
    if not isinstance(vec, torch.Tensor):
        raise TypeError(f"expected torch.Tensor, but got: {type(vec)}")
    at = 0
    for parameter in parameters:
        n = parameter.numel()
        parameter.data = vec[at : at + n].view_as(parameter).data
        at += n
