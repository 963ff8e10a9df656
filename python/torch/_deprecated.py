"""Functions that PyTorch's C++ warns of, in its words; once each, as there."""
import functools

from . import _bridge

_TEXTS = {
    "chain_matmul": (
        "torch.chain_matmul is deprecated and will be removed in a future PyTorch release. Use "
        "torch.linalg.multi_dot instead, which accepts a list of two or more tensors rather than multiple "
        "parameters. (Triggered internally at  ./aten/src/ATen/native/LinearAlgebra.cpp:967.)"
    ),
    "cholesky": (
        "torch.cholesky is deprecated in favor of torch.linalg.cholesky and will be removed in a future "
        "PyTorch release.\n"
        "L = torch.cholesky(A)\n"
        "should be replaced with\n"
        "L = torch.linalg.cholesky(A)\n"
        "and\n"
        "U = torch.cholesky(A, upper=True)\n"
        "should be replaced with\n"
        "U = torch.linalg.cholesky(A).mH().\n"
        "This transform will produce equivalent results for all valid (symmetric positive definite) "
        "inputs. (Triggered internally at  ./aten/src/ATen/native/BatchLinearAlgebra.cpp:1615.)"
    ),
    "lu": (
        "torch.lu is deprecated in favor of torch.linalg.lu_factor / torch.linalg.lu_factor_ex and will be "
        "removed in a future PyTorch release.\n"
        "LU, pivots = torch.lu(A, compute_pivots)\n"
        "should be replaced with\n"
        "LU, pivots = torch.linalg.lu_factor(A, compute_pivots)\n"
        "and\n"
        "LU, pivots, info = torch.lu(A, compute_pivots, get_infos=True)\n"
        "should be replaced with\n"
        "LU, pivots, info = torch.linalg.lu_factor_ex(A, compute_pivots) (Triggered internally at  "
        "./aten/src/ATen/native/BatchLinearAlgebra.cpp:1915.)"
    ),
    "lu_solve": (
        "torch.lu_solve is deprecated in favor of torch.linalg.lu_solveand will be removed in a future "
        "PyTorch release.\n"
        "Note that torch.linalg.lu_solve has its arguments reversed.\n"
        "X = torch.lu_solve(B, LU, pivots)\n"
        "should be replaced with\n"
        "X = torch.linalg.lu_solve(LU, pivots, B) (Triggered internally at  "
        "./aten/src/ATen/native/BatchLinearAlgebra.cpp:2072.)"
    ),
    "qr": (
        "torch.qr is deprecated in favor of torch.linalg.qr and will be removed in a future PyTorch "
        "release.\n"
        "The boolean parameter 'some' has been replaced with a string parameter 'mode'.\n"
        "Q, R = torch.qr(A, some)\n"
        "should be replaced with\n"
        "Q, R = torch.linalg.qr(A, 'reduced' if some else 'complete') (Triggered internally at  "
        "./aten/src/ATen/native/BatchLinearAlgebra.cpp:2349.)"
    ),
    "symeig": (
        "torch.symeig is deprecated in favor of torch.linalg.eigh and will be removed in a future PyTorch "
        "release.\n"
        "The default behavior has changed from using the upper triangular portion of the matrix by default "
        "to using the lower triangular portion.\n"
        "L, _ = torch.symeig(A, upper=upper)\n"
        "should be replaced with\n"
        "L = torch.linalg.eigvalsh(A, UPLO='U' if upper else 'L')\n"
        "and\n"
        "L, V = torch.symeig(A, eigenvectors=True)\n"
        "should be replaced with\n"
        "L, V = torch.linalg.eigh(A, UPLO='U' if upper else 'L') (Triggered internally at  "
        "./aten/src/ATen/native/BatchLinearAlgebra.cpp:2794.)"
    ),
    "triangular_solve": (
        "torch.triangular_solve is deprecated in favor of torch.linalg.solve_triangularand will be removed "
        "in a future PyTorch release.\n"
        "torch.linalg.solve_triangular has its arguments reversed and does not return a copy of one of the "
        "inputs.\n"
        "X = torch.triangular_solve(B, A).solution\n"
        "should be replaced with\n"
        "X = torch.linalg.solve_triangular(A, B). (Triggered internally at  "
        "./aten/src/ATen/native/BatchLinearAlgebra.cpp:2115.)"
    ),
}


def with_warnings(functions, methods):
    """Put a warning before each function and method of such a name; one of both kinds warns once in all."""
    for name, text in _TEXTS.items():
        warn = functools.lru_cache(None)(functools.partial(_bridge.warn, text))
        for table in (functions, methods):
            if name in table:
                table[name] = _warning_first(table[name], warn)


def _warning_first(function, warn):
    @functools.wraps(function)
    def warned(*args, **kwargs):
        warn()
        return function(*args, **kwargs)

    return warned
