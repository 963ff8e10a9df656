"""torch.nn.functional's work on images: padding, resizing, sampling at a grid, blocks and pixels."""
import math
import warnings

import torch

from .._ops import nn as _nn

__all__ = (
    "pad interpolate upsample upsample_nearest upsample_bilinear grid_sample affine_grid unfold fold pixel_shuffle"
    " pixel_unshuffle channel_shuffle native_channel_shuffle GRID_SAMPLE_INTERPOLATION_MODES"
    " GRID_SAMPLE_PADDING_MODES"
).split()

pad = _nn.pad
pixel_shuffle = torch.pixel_shuffle
pixel_unshuffle = torch.pixel_unshuffle
channel_shuffle = torch.channel_shuffle
native_channel_shuffle = torch.native_channel_shuffle

_SMOOTH = ("linear", "bilinear", "bicubic", "trilinear")
_LINEAR = {"linear": 3, "bilinear": 4, "trilinear": 5}


def _sizes_of(input, name, value):
    """One number for each dimension of an image."""
    n = input.dim() - 2
    if not isinstance(value, (tuple, list)):
        return [value] * n
    if len(value) != n:
        what = "output size of" if name == "size" else "scale_factor of shape"
        shape = "output size in (o1, o2, ...,oK)" if name == "size" else "scale_factor in (s1, s2, ...,sK)"
        who = "output" if name == "size" else "scale_factor"
        raise ValueError(
            f"Input and {who} must have the same number of spatial dimensions, but got input with spatial dimensions "
            f"of {list(input.shape[2:])} and {what} {value}. Please provide input tensor in (N, C, d1, d2, ...,dK) "
            f"format and {shape} format."
        )
    return value


def interpolate(
    input,
    size=None,
    scale_factor=None,
    mode="nearest",
    align_corners=None,
    recompute_scale_factor=None,
    antialias=False,
):
    """An image [N, C, …] at another size."""
    if mode in ("nearest", "area", "nearest-exact"):
        if align_corners is not None:
            raise ValueError(
                "align_corners option can only be set with the "
                "interpolating modes: linear | bilinear | bicubic | trilinear"
            )
    elif align_corners is None:
        align_corners = False
    n = input.dim() - 2
    if size is not None and scale_factor is not None:
        raise ValueError("only one of size or scale_factor should be defined")
    if size is None and scale_factor is None:
        raise ValueError("either size or scale_factor should be defined")
    sizes = None if size is None else _sizes_of(input, "size", size)
    scales = None if scale_factor is None else _sizes_of(input, "scale_factor", scale_factor)
    if recompute_scale_factor is not None and recompute_scale_factor and size is not None:
        raise ValueError("recompute_scale_factor is not meaningful with an explicit size.")
    if mode == "area" and sizes is None:
        recompute_scale_factor = True
    if recompute_scale_factor:
        sizes = [math.floor(float(input.size(i + 2) * scales[i])) for i in range(n)]
        scales = None
    if antialias and not (mode in ("bilinear", "bicubic") and input.ndim == 4):
        raise ValueError("Anti-alias option is only supported for bilinear and bicubic modes")
    if 3 <= input.dim() <= 5:
        if mode == "nearest":
            return getattr(_nn, f"upsample_nearest{n}d")(input, sizes, scales)
        if mode == "nearest-exact":
            return getattr(_nn, f"_upsample_nearest_exact{n}d")(input, sizes, scales)
        if mode == "area":
            pool = (torch.adaptive_avg_pool1d, _nn.adaptive_avg_pool2d, _nn.adaptive_avg_pool3d)[n - 1]
            return pool(input, sizes)
        if mode in _LINEAR:
            needs = _LINEAR[mode]
            if input.dim() != needs:
                raise NotImplementedError(f"Got {input.dim()}D input, but {mode} mode needs {needs}D input")
            name = "_upsample_bilinear2d_aa" if antialias else f"upsample_{mode}{needs - 2}d"
            return getattr(_nn, name)(input, sizes, align_corners, scales)
        if mode == "bicubic" and input.dim() == 4:
            name = "_upsample_bicubic2d_aa" if antialias else "upsample_bicubic2d"
            return getattr(_nn, name)(input, sizes, align_corners, scales)
    raise NotImplementedError(
        "Input Error: Only 3D, 4D and 5D input Tensors supported"
        f" (got {input.dim()}D) for the modes: nearest | linear | bilinear | bicubic | trilinear | area | nearest-exact"
        f" (got {mode})"
    )


def upsample(input, size=None, scale_factor=None, mode="nearest", align_corners=None):
    """The old name of `interpolate`."""
    warnings.warn("nn.functional.upsample is deprecated. Use nn.functional.interpolate instead.")
    return interpolate(input, size, scale_factor, mode, align_corners)


def upsample_nearest(input, size=None, scale_factor=None):
    """`interpolate` with the mode nearest."""
    warnings.warn("nn.functional.upsample_nearest is deprecated. Use nn.functional.interpolate instead.")
    return interpolate(input, size, scale_factor, mode="nearest")


def upsample_bilinear(input, size=None, scale_factor=None):
    """`interpolate` with the mode bilinear, corners aligned."""
    warnings.warn("nn.functional.upsample_bilinear is deprecated. Use nn.functional.interpolate instead.")
    return interpolate(input, size, scale_factor, mode="bilinear", align_corners=True)


GRID_SAMPLE_INTERPOLATION_MODES = {"bilinear": 0, "nearest": 1, "bicubic": 2}
GRID_SAMPLE_PADDING_MODES = {"zeros": 0, "border": 1, "reflection": 2}
_ALIGN = (
    "Default {} behavior has changed to align_corners=False since 1.3.0. Please specify align_corners=True if the "
    "old behavior is desired. See the documentation of {} for details."
)


def grid_sample(input, grid, mode="bilinear", padding_mode="zeros", align_corners=None):
    """The image at the points of a grid [N, …, axes], where -1 and 1 are its ends."""
    if mode not in GRID_SAMPLE_INTERPOLATION_MODES:
        raise ValueError(
            "nn.functional.grid_sample(): expected mode to be "
            f"'bilinear', 'nearest' or 'bicubic', but got: '{mode}'"
        )
    if padding_mode not in GRID_SAMPLE_PADDING_MODES:
        raise ValueError(
            "nn.functional.grid_sample(): expected padding_mode to be "
            f"'zeros', 'border', or 'reflection', but got: '{padding_mode}'"
        )
    if align_corners is None:
        warnings.warn(_ALIGN.format("grid_sample and affine_grid", "grid_sample"))
        align_corners = False
    numbers = (GRID_SAMPLE_INTERPOLATION_MODES[mode], GRID_SAMPLE_PADDING_MODES[padding_mode])
    return torch.grid_sampler(input, grid, *numbers, align_corners)


def affine_grid(theta, size, align_corners=None):
    """The grid that an affine map [N, axes, axes + 1] makes of an image of that size [N, C, …]."""
    if align_corners is None:
        warnings.warn(_ALIGN.format("grid_sample and affine_grid", "grid_sample"))
        align_corners = False
    if not theta.is_floating_point():
        raise ValueError(f"Expected theta to have floating point type, but got {theta.dtype}")
    if len(size) not in (4, 5):
        raise NotImplementedError(
            "affine_grid only supports 4D and 5D sizes, "
            "for 2D and 3D affine transforms, respectively. "
            f"Got size {size}."
        )
    n = len(size) - 2
    if theta.dim() != 3 or theta.shape[-2] != n or theta.shape[-1] != n + 1:
        raise ValueError(
            f"Expected a batch of {n}D affine matrices of shape Nx{n}x{n + 1} for size {size}. Got {theta.shape}."
        )
    if align_corners and min(size[-n:]) == 1:
        warnings.warn(
            "Since version 1.3.0, affine_grid behavior has changed "
            "for unit-size grids when align_corners=True. "
            "This is not an intended use case of affine_grid. "
            "See the documentation of affine_grid for details."
        )
    elif min(size) <= 0:
        raise ValueError(f"Expected non-zero, positive output size. Got {size}")
    return torch.affine_grid_generator(theta, size, align_corners)


def _two(value):
    return value if isinstance(value, (tuple, list)) else (value, value)


def unfold(input, kernel_size, dilation=1, padding=0, stride=1):
    """Blocks of an image as columns: [N, C * block, blocks]."""
    return _nn.im2col(input, _two(kernel_size), _two(dilation), _two(padding), _two(stride))


def fold(input, output_size, kernel_size, dilation=1, padding=0, stride=1):
    """Columns added up where `unfold` would have taken them."""
    return _nn.col2im(
        input, _two(output_size), _two(kernel_size), _two(dilation), _two(padding), _two(stride)
    )
