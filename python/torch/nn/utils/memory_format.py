"""Memory formats of a model's weights."""
import torch


def convert_conv2d_weight_memory_format(module, memory_format):
    """The module, with the weights of its two-dimensional convolutions in that memory format."""
    for part in module.modules():
        if isinstance(part, (torch.nn.Conv2d, torch.nn.ConvTranspose2d)):
            part.weight.data = part.weight.detach().clone().contiguous(memory_format=memory_format)
    return module
