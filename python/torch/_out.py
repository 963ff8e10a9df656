"""`out=`: a result is written into a tensor that was given, which is resized where it has another shape."""
from . import _bridge

def refuse_gradients(name, out, arguments):
    """PyTorch's error where something that needs a gradient would be lost."""
    if _bridge.isGradMode() != 1:
        return
    for value in (*arguments, out):
        for t in value if isinstance(value, (tuple, list)) else (value,):
            if isinstance(t, _bridge.Tensor) and t.requires_grad:
                raise RuntimeError(
                    f"{name}(): functions with out=... arguments don't support automatic differentiation, "
                    "but one of the arguments requires grad."
                )


def _warn_of_resizing(before, after):
    _bridge.warn(
        f"An output with one or more elements was resized since it had shape {list(before)}, which does not match "
        f"the required output shape {list(after)}. This behavior is deprecated, and in a future PyTorch release "
        "outputs will not be resized unless they have zero elements. You can explicitly reuse an out tensor t by "
        "resizing it, inplace, to zero elements with t.resize_(0). (Triggered internally at  "
        "./aten/src/ATen/native/Resize.cpp:17.)"
    )


def _written(out, result):
    before, after = out.shape, result.shape
    _bridge.check(_bridge._row_write_out(0, out, result))
    if before != after and before.numel() != 0:
        _warn_of_resizing(before, after)
    return out


def written(out, result):
    """`out`, now with the numbers of `result`; several of them for an op with several results."""
    if isinstance(result, tuple):
        return type(result)([_written(one, given) for one, given in zip(out, result)])
    return _written(out, result)
