"""Functions that PyTorch writes in Python over its ops, so that their errors are Python's and the inner op's."""
from . import _bridge
from ._arguments import choose


def split(tensor, split_size_or_sections, dim=0):
    """Pieces of a size, or of the given sizes, as views."""
    return tensor.split(split_size_or_sections, dim)


def split_method(self, split_size, dim=0):
    """See `torch.split`."""
    if isinstance(split_size, _bridge.Tensor) and split_size.numel() == 1:
        split_size = int(split_size)
    if isinstance(split_size, int):
        return _bridge._function_split(self, split_size, dim)
    return _bridge._function_split_with_sizes(self, split_size, dim)


split_method.__name__, split_method.__qualname__ = "split", "Tensor.split"


def einsum(*args):
    """Products and sums in Einstein's notation: an equation and tensors, or tensors with lists of their dimensions' numbers."""
    if len(args) < 2:
        raise ValueError(
            "einsum(): must specify the equation string and at least one operand, "
            "or at least one operand and its subscripts list"
        )
    if isinstance(args[0], _bridge.Tensor):
        lists = args[1::2]
        equation = ",".join(map(_subscripts, lists[: len(args) // 2]))
        if len(args) % 2 == 1:
            equation += "->" + _subscripts(args[-1])
        operands = args[: len(args) - len(args) % 2 : 2]
    else:
        equation, operands = args[0], args[1:]
    if len(operands) == 1 and isinstance(operands[0], (list, tuple)):
        return einsum(equation, *operands[0])
    return _bridge._function_einsum(equation, operands)


def _subscripts(numbers):
    return "".join(["..." if n is Ellipsis else _subscript(n) for n in numbers])


def _subscript(n):
    if n >= 0 and n < 26:
        return chr(ord("A") + n)
    if n >= 26 and n < 52:
        return chr(ord("a") + n - 26)
    raise ValueError("einsum(): subscript in subscript list is not within the valid range [0, 52)")


def tensordot(a, b, dims=2, out=None):
    """The products of two tensors, summed over several dimensions."""
    if not isinstance(dims, (tuple, list, _bridge.Tensor, int)):
        raise RuntimeError(
            "tensordot expects dims to be int or Tuple[List[int], List[int]] or List[List[int]] containing two lists, "
            f"but got dims={dims}"
        )
    if isinstance(dims, _bridge.Tensor):
        if dims.numel() > 1:
            assert dims.size()[0] == 2
            dims = dims.tolist()
        else:
            dims = int(dims.item())
    if isinstance(dims, int):
        if dims < 0:
            raise RuntimeError(f"tensordot expects dims >= 0, but got dims={dims}")
        of_a, of_b = list(range(-dims, 0)), list(range(dims))
    else:
        of_a, of_b = dims
    return _bridge._function_tensordot(a, b, of_a, of_b, **_out(out))


def _out(out):
    return {} if out is None else {"out": out}


def norm(input, p="fro", dim=None, keepdim=False, out=None, dtype=None):
    """The norm of a tensor or of its parts."""
    if dim is None and out is None and dtype is None and p is not None:
        if not isinstance(p, str):
            return _bridge._function_norm(input, p, list(range(input.dim())), keepdim)
        if p == "fro":
            return _bridge._function_frobenius_norm(input, (), keepdim)
    dims = [dim] if isinstance(dim, int) else dim
    if isinstance(p, str):
        if p not in ("fro", "nuc"):
            raise RuntimeError(f"only valid string values are 'fro' and 'nuc', found {p}")
        if dtype is not None:
            whole = "frobenius" if p == "fro" else "nuclear"
            raise ValueError(f"dtype argument is not supported in {whole} norm")
        if p == "nuc" and dims is None:
            return _bridge._function_nuclear_norm(input, keepdim=keepdim, **_out(out))
        function = _bridge._function_frobenius_norm if p == "fro" else _bridge._function_nuclear_norm
        return function(input, list(range(input.dim())) if dims is None else dims, keepdim, **_out(out))
    options = {} if dtype is None else {"dtype": dtype}
    dims = list(range(input.dim())) if dims is None else dims
    return _bridge._function_norm(input, p, dims, keepdim, **options, **_out(out))


def norm_method(self, p="fro", dim=None, keepdim=False, dtype=None):
    """See `torch.norm`."""
    return norm(self, p, dim, keepdim, dtype=dtype)


_CDIST_MODES = {
    "use_mm_for_euclid_dist_if_necessary": None,
    "use_mm_for_euclid_dist": 1,
    "donot_use_mm_for_euclid_dist": 2,
}


def cdist(x1, x2, p=2.0, compute_mode="use_mm_for_euclid_dist_if_necessary"):
    """The distance of every row of one to every row of the other."""
    if compute_mode not in _CDIST_MODES:
        raise ValueError(f"{compute_mode} is not a valid value for compute_mode")
    return _bridge._function_cdist(x1, x2, p, _CDIST_MODES[compute_mode])


def chain_matmul(*matrices, out=None):
    """The product of several matrices."""
    return _bridge._function_chain_matmul(matrices, **_out(out))


def lu(A, pivot=True, get_infos=False, out=None):
    """The triangular factors of a matrix in one, and the exchanges of its rows."""
    found = _bridge._function__lu_with_info(A, pivot=pivot, check_errors=not get_infos)
    result = found if get_infos else found[:2]
    if out is None:
        return tuple(result)
    if len(out) != len(result):
        raise TypeError(f"expected tuple of {len(result)} elements but got {len(out)}")
    for given, one in zip(out, result):
        given.resize_as_(one).copy_(one)
    return out


def lu_method(self, pivot=True, get_infos=False):
    """See `torch.lu`."""
    return lu(self, pivot, get_infos)


def _of_method(name):
    """torch.detach and its kin: the method of that name."""

    def function(input):
        if not isinstance(input, _bridge.Tensor):
            raise TypeError(f"{name}(): argument 'input' (position 1) must be Tensor, not {type(input).__name__}")
        return getattr(input, name)()

    function.__name__ = function.__qualname__ = name
    return function


def norm_except_dim(v, pow=2, dim=0):
    """The norms of the slices along a dimension; -1: of the whole."""
    if dim == -1:
        return _bridge._function_norm(v, pow)
    sizes = [1] * v.dim()
    sizes[dim] = v.size(dim)
    if dim == 0:
        return _bridge._function_norm(v.contiguous().view(v.size(0), -1), pow, [1], False).view(sizes)
    if dim == v.dim() - 1:
        return _bridge._function_norm(v.contiguous().view(-1, v.size(dim)), pow, [0], False).view(sizes)
    return norm_except_dim(v.transpose(0, dim), pow, 0).transpose(0, dim)


def _removed(name):
    gone = "This function was deprecated since version 1.9 and is now removed."
    instead = f"Please use the `torch.linalg.{name}` function instead."

    def removed(*_, **__):
        # In two of the four PyTorch puts a comma between the sentences.
        raise RuntimeError(*((gone, instead) if name in ("lstsq", "matrix_rank") else (f"{gone} {instead}",)))

    removed.__name__ = removed.__qualname__ = name
    return removed


def histogramdd(input, bins, *, range=None, weight=None, density=False):
    """Counts of points, the rows of `input`, in a grid: `bins` in each dimension, or the edges of each."""
    from ._grids import histogram_of_points

    return histogram_of_points(input, bins, range, weight, density)


def svd_lowrank(A, q=6, niter=2, M=None):
    """About the `q` largest singular values of `A - M`, by random projection: (U, S, V)."""
    from ._lowrank import svd

    return svd(A, 6 if q is None else q, 2 if niter is None else niter, M)


def pca_lowrank(A, q=None, center=True, niter=2):
    """About the `q` main directions of the rows of `A`, by random projection: (U, S, V)."""
    from ._lowrank import pca

    return pca(A, q, center, niter)


norm_method.__name__, norm_method.__qualname__ = "norm", "Tensor.norm"
lu_method.__name__, lu_method.__qualname__ = "lu", "Tensor.lu"

FUNCTIONS = {f.__name__: f for f in (split, einsum, tensordot, norm, cdist, chain_matmul, lu, norm_except_dim)}
FUNCTIONS |= {name: _of_method(name) for name in ("detach", "detach_", "get_device")}
def unflatten_method(self, dim, sizes):
    """Part a dimension into several."""
    if not sizes:
        raise RuntimeError("unflatten: sizes must be non-empty")
    return _bridge._method_unflatten(self, dim, sizes)


def where_method(self, *args, **kwargs):
    """As `torch.where(condition, self, other)`, but `other` has to be a tensor."""
    choose(_bridge._method_where_family.signatures(), args, kwargs)
    return _bridge._method_where(self, *args, **kwargs)


for _f in (unflatten_method, where_method):
    _f.__name__ = _f.__name__.removesuffix("_method")
    _f.__qualname__ = f"Tensor.{_f.__name__}"
METHODS = {f.__name__: f for f in (split_method, norm_method, lu_method, unflatten_method, where_method)}
for _name in ("lstsq", "eig", "solve", "matrix_rank"):
    FUNCTIONS[_name] = _removed(_name)
    if _name != "matrix_rank":
        METHODS[_name] = FUNCTIONS[_name]
FUNCTIONS |= {f.__name__: f for f in (histogramdd, svd_lowrank, pca_lowrank)}
