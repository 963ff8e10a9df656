"""torch.nn.functional's poolings."""
import torch

from .._ops import nn as _nn

__all__ = (
    "max_pool1d max_pool2d max_pool3d max_pool1d_with_indices max_pool2d_with_indices max_pool3d_with_indices"
    " avg_pool1d avg_pool2d avg_pool3d lp_pool1d lp_pool2d adaptive_avg_pool1d adaptive_avg_pool2d"
    " adaptive_avg_pool3d adaptive_max_pool1d adaptive_max_pool2d adaptive_max_pool3d"
    " adaptive_max_pool1d_with_indices adaptive_max_pool2d_with_indices adaptive_max_pool3d_with_indices"
    " fractional_max_pool2d fractional_max_pool3d fractional_max_pool2d_with_indices"
    " fractional_max_pool3d_with_indices max_unpool1d max_unpool2d max_unpool3d"
).split()


def _several(value, n):
    """One number for all dimensions, or one for each."""
    return list(value) if isinstance(value, (tuple, list)) else [value] * n


def _max_pools(n):
    """max_pool{n}d and max_pool{n}d_with_indices."""
    plain = getattr(torch, f"max_pool{n}d")
    both = torch.max_pool1d_with_indices if n == 1 else getattr(_nn, f"max_pool{n}d_with_indices")

    def max_pool_with_indices(
        input, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False, return_indices=False
    ):
        stride = [] if stride is None else stride
        return tuple(both(input, kernel_size, stride, padding, dilation, ceil_mode))

    def max_pool(input, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False, return_indices=False):
        """The largest of each window, and where it lies if asked for."""
        if return_indices:
            return max_pool_with_indices(input, kernel_size, stride, padding, dilation, ceil_mode)
        return plain(input, kernel_size, [] if stride is None else stride, padding, dilation, ceil_mode)

    max_pool.__qualname__ = f"_max_pool{n}d"
    max_pool_with_indices.__qualname__ = f"max_pool{n}d_with_indices"
    return max_pool, max_pool_with_indices


max_pool1d, max_pool1d_with_indices = _max_pools(1)
max_pool2d, max_pool2d_with_indices = _max_pools(2)
max_pool3d, max_pool3d_with_indices = _max_pools(3)


def avg_pool1d(input, kernel_size, stride=None, padding=0, ceil_mode=False, count_include_pad=True):
    """The mean of each window of a sequence."""
    stride = [] if stride is None else stride
    return torch.avg_pool1d(input, kernel_size, stride, padding, ceil_mode, count_include_pad)


def avg_pool2d(
    input, kernel_size, stride=None, padding=0, ceil_mode=False, count_include_pad=True, divisor_override=None
):
    """The mean of each window."""
    if stride is None:
        stride = []
    if input.dim() < 3:
        input.size(-3)
    return _nn.avg_pool2d(input, kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override)


def avg_pool3d(
    input, kernel_size, stride=None, padding=0, ceil_mode=False, count_include_pad=True, divisor_override=None
):
    """The mean of each window of a volume."""
    stride = [] if stride is None else stride
    return _nn.avg_pool3d(input, kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override)


def _root(pooled, count, norm_type):
    return (torch.sign(pooled) * torch.relu(torch.abs(pooled))).mul(count).pow(1.0 / norm_type)


def lp_pool2d(input, norm_type, kernel_size, stride=None, ceil_mode=False):
    """The root of the sum of powers of each window."""
    height, width = _several(kernel_size, 2)
    pooled = avg_pool2d(input.pow(norm_type), kernel_size, stride, 0, ceil_mode)
    return _root(pooled, height * width, norm_type)


def lp_pool1d(input, norm_type, kernel_size, stride=None, ceil_mode=False):
    """The same of a sequence."""
    pooled = avg_pool1d(input.pow(norm_type), kernel_size, stride, 0, ceil_mode)
    return _root(pooled, kernel_size, norm_type)


def _size(output_size, input_size):
    """`output_size` with the input's own where it says None."""
    if isinstance(output_size, int):
        return output_size
    if len(input_size) <= len(output_size):
        raise ValueError(f"Input dimension should be at least {len(output_size) + 1}")
    own = input_size[-len(output_size) :]
    return [had if wanted is None else wanted for wanted, had in zip(output_size, own)]


def adaptive_avg_pool1d(input, output_size):
    """Means of as many windows of a sequence as asked for."""
    return torch.adaptive_avg_pool1d(input, output_size)


def adaptive_avg_pool2d(input, output_size):
    """Means of as many windows as asked for."""
    return _nn.adaptive_avg_pool2d(input, _size(output_size, input.size()))


def adaptive_avg_pool3d(input, output_size):
    """Means of as many windows of a volume as asked for."""
    return _nn.adaptive_avg_pool3d(input, _size(output_size, input.size()))


def adaptive_max_pool1d_with_indices(input, output_size, return_indices=False):
    return tuple(torch.adaptive_max_pool1d(input, output_size))


def adaptive_max_pool2d_with_indices(input, output_size, return_indices=False):
    return tuple(_nn.adaptive_max_pool2d(input, _size(output_size, input.size())))


def adaptive_max_pool3d_with_indices(input, output_size, return_indices=False):
    return tuple(_nn.adaptive_max_pool3d(input, _size(output_size, input.size())))


def _chosen(both):
    """A pooling that gives positions only if asked for."""

    def pool(input, output_size, return_indices=False):
        """The largest of as many windows as asked for."""
        found = both(input, output_size)
        return found if return_indices else found[0]

    pool.__name__ = pool.__qualname__ = "_" + both.__name__.removesuffix("_with_indices")
    return pool


adaptive_max_pool1d = _chosen(adaptive_max_pool1d_with_indices)
adaptive_max_pool2d = _chosen(adaptive_max_pool2d_with_indices)
adaptive_max_pool3d = _chosen(adaptive_max_pool3d_with_indices)


def _fractional(n):
    """fractional_max_pool{n}d and fractional_max_pool{n}d_with_indices."""
    name = f"fractional_max_pool{n}d"
    pool = getattr(_nn, name)

    def with_indices(
        input, kernel_size, output_size=None, output_ratio=None, return_indices=False, _random_samples=None
    ):
        if output_size is None and output_ratio is None:
            raise ValueError(f"{name} requires specifying either an output_size or an output_ratio")
        if output_size is None:
            sizes = input.shape[-n:]
            output_size = [int(size * ratio) for size, ratio in zip(sizes, _several(output_ratio, n))]
        if _random_samples is None:
            batch = 1 if input.dim() == n + 1 else input.size(0)
            _random_samples = torch.rand(batch, input.size(-n - 1), n, dtype=input.dtype)
        return tuple(pool(input, kernel_size, output_size, _random_samples))

    def plain(
        input, kernel_size, output_size=None, output_ratio=None, return_indices=False, _random_samples=None
    ):
        """The largest of windows at distances drawn at random."""
        found = with_indices(input, kernel_size, output_size, output_ratio, return_indices, _random_samples)
        return found if return_indices else found[0]

    return plain, with_indices


fractional_max_pool2d, fractional_max_pool2d_with_indices = _fractional(2)
fractional_max_pool3d, fractional_max_pool3d_with_indices = _fractional(3)


def _unpooled_size(input, kernel_size, stride, padding, output_size):
    """The size to unpool to: the one given, where it could have been pooled to the input's."""
    n = len(kernel_size)
    default = [
        (size - 1) * stride[d] + kernel_size[d] - 2 * padding[d] for d, size in enumerate(input.size()[-n:])
    ]
    if output_size is None:
        return default
    if len(output_size) == n + 2:
        output_size = output_size[2:]
    if len(output_size) != n:
        raise ValueError(
            "output_size should be a sequence containing "
            f"{n} or {n + 2} elements, but it has a length of '{len(output_size)}'"
        )
    for d in range(n):
        low, high = default[d] - stride[d], default[d] + stride[d]
        if not low < output_size[d] < high:
            raise ValueError(f'invalid output_size "{output_size}" (dim {d} must be between {low} and {high})')
    return list(output_size)


def _unpooling(n, input, kernel_size, stride, padding, output_size):
    kernel = _several(kernel_size, n)
    step = kernel if stride is None else _several(stride, n)
    pad = _several(padding, n)
    return _unpooled_size(input, kernel, step, pad, output_size), step, pad


def max_unpool1d(input, indices, kernel_size, stride=None, padding=0, output_size=None):
    """Each element at its place in a sequence of zeros."""
    size, _, _ = _unpooling(1, input, kernel_size, stride, padding, output_size)
    return _nn.max_unpool2d(input.unsqueeze(-1), indices.unsqueeze(-1), size + [1]).squeeze(-1)


def max_unpool2d(input, indices, kernel_size, stride=None, padding=0, output_size=None):
    """Each element at its place in an image of zeros."""
    size, _, _ = _unpooling(2, input, kernel_size, stride, padding, output_size)
    return _nn.max_unpool2d(input, indices, size)


def max_unpool3d(input, indices, kernel_size, stride=None, padding=0, output_size=None):
    """Each element at its place in a volume of zeros."""
    size, step, pad = _unpooling(3, input, kernel_size, stride, padding, output_size)
    return _nn.max_unpool3d(input, indices, size, step, pad)
