"""Functions that answer in Python's own values, or whose arguments PyTorch reads in Python: comparisons, unique, gradient."""
from . import _bridge
from ._arguments import Signature, choose
from ._bridge import check, here, wrap
from ._data import signatures


def _bound(name, method, args, kwargs):
    """The arguments by name, by PyTorch's own signatures; the tensor of a method as `input`."""
    own, args = (args[:1], args[1:]) if method else ((), args)
    _, bound = choose([Signature(text) for text in signatures(name, method)], args, kwargs)
    return {"input": own[0], **bound} if own else bound


def _both(name, answer):
    """A function and the method of one name, from what they answer to the bound arguments."""

    def function(*args, **kwargs):
        return answer(**_bound(name, False, args, kwargs))

    def method(*args, **kwargs):
        return answer(**_bound(name, True, args, kwargs))

    function.__name__ = method.__name__ = name
    function.__qualname__, method.__qualname__ = name, f"Tensor.{name}"
    function.__module__ = method.__module__ = "torch"
    return function, method


def _row(row, *args, **kwargs):
    return wrap(check(row(here(), *args, **kwargs)))


def _allclose(input, other, rtol=1e-05, atol=1e-08, equal_nan=False):
    return bool(_row(_bridge._row_isclose, input, other, rtol, atol, equal_nan).all())


def _equal(input, other):
    return bool(_row(_bridge._row__equal, input, other))


def _is_same_size(input, other):
    return input.shape == other.shape


def _is_nonzero(input):
    return bool(input)


def _is_signed(input):
    return input.dtype.is_signed


def _is_complex(input):
    return input.dtype.is_complex


def _never(input):
    return False


def unique(input, sorted=True, return_inverse=False, return_counts=False, dim=None):
    """The distinct elements, or slices along a dimension, in ascending order."""
    if dim is None:
        found = _bridge._function__unique2(input, sorted, return_inverse, return_counts)
    else:
        found = _bridge._function_unique_dim(input, dim, sorted, return_inverse, return_counts)
    return _chosen(found, return_inverse, return_counts)


def unique_consecutive(input, return_inverse=False, return_counts=False, dim=None):
    """The elements, or slices along a dimension, with equal neighbours as one."""
    found = _bridge._function__unique_consecutive(input, return_inverse, return_counts, dim)
    return _chosen(found, return_inverse, return_counts)


def _chosen(found, inverse, counts):
    output, inverses, numbers = found
    chosen = (output, *((inverses,) if inverse else ()), *((numbers,) if counts else ()))
    return chosen if len(chosen) > 1 else output


def gradient(input, *, spacing=1, dim=None, edge_order=1):
    """The gradient of samples of a function, along each dimension, by differences of neighbours."""
    if isinstance(dim, int):
        dims = [dim]
    else:
        dims = list(range(input.dim())) if dim is None else list(dim)
    if isinstance(spacing, (int, float)):
        return _bridge._function__gradient(input, [float(spacing)] * len(dims), dims, edge_order)
    if len(spacing) != len(dims):
        raise RuntimeError(
            "torch.gradient expected spacing to be unspecified, a scalar, or a list "
            f"of length equal to 'self.dim() = {input.dim()}', since dim argument "
            f"was not given, but got a list of length {len(spacing)}"
        )
    if isinstance(spacing[0], _bridge.Tensor):
        return _bridge._function__gradient(input, list(spacing), dims, edge_order)
    return _bridge._function__gradient(input, [float(s) for s in spacing], dims, edge_order)


def nonzero(input, *, out=None, as_tuple=False):
    """Where elements are not 0: in rows, or a tensor for each dimension."""
    if as_tuple:
        return tuple(_list(_bridge._row_nonzero_numpy(here(), input)))
    return _bridge._function_nonzero(input, **({} if out is None else {"out": out}))


def _list(count):
    return [wrap(_bridge.result(i)) for i in range(check(count))]


def nonzero_method(self, *, as_tuple=False):
    """See `torch.nonzero`."""
    return nonzero(self, as_tuple=as_tuple)


def _sequence(name):
    """atleast_1d and its like: `f(x)`, `f(x, y)`, `f([x, y])`."""

    def atleast(*tensors):
        inner = getattr(_bridge, f"_function_{name}")
        return inner(tensors[0]) if len(tensors) == 1 else inner(tensors)

    atleast.__name__ = atleast.__qualname__ = name
    return atleast


def block_diag(*tensors):
    """A matrix with the tensors on its diagonal."""
    return _bridge._function_block_diag(tensors)


nonzero_method.__name__, nonzero_method.__qualname__ = "nonzero", "Tensor.nonzero"
_ANSWERS = {
    "allclose": _allclose,
    "equal": _equal,
    "is_same_size": _is_same_size,
    "is_nonzero": _is_nonzero,
    "is_signed": _is_signed,
    "is_complex": _is_complex,
    "is_conj": _never,
    "is_neg": _never,
    "is_distributed": _never,
}
_pairs = {name: _both(name, answer) for name, answer in _ANSWERS.items()}
FUNCTIONS = {name: function for name, (function, _) in _pairs.items()}
METHODS = {name: method for name, (_, method) in _pairs.items()}
FUNCTIONS |= {f.__name__: f for f in (unique, unique_consecutive, gradient, nonzero, block_diag)}
FUNCTIONS |= {name: _sequence(name) for name in ("atleast_1d", "atleast_2d", "atleast_3d")}
METHODS |= {"unique": unique, "unique_consecutive": unique_consecutive, "nonzero": nonzero_method}
