"""Singular values of low rank by random projection (Halko, Martinsson, Tropp 2009), step by step as PyTorch takes it."""
import torch


def _basis(A, q, niter, M):
    """An orthonormal basis of about the range of `A - M`: m × q."""

    def times(a, m, x):
        return a @ x if m is None else a @ x - m @ x

    dtype = A.dtype if A.dtype.is_floating_point else torch.float32
    Q = torch.linalg.qr(times(A, M, torch.randn(A.shape[-1], q, dtype=dtype))).Q
    for _ in range(niter):
        Q = torch.linalg.qr(times(A.mT, None if M is None else M.mT, Q)).Q
        Q = torch.linalg.qr(times(A, M, Q)).Q
    return Q


def svd(A, q, niter, M):
    """See `torch.svd_lowrank`."""
    m, n = A.shape[-2:]
    if m < n or n > q:
        # Of the transpose: what is decomposed stays small.
        Q = _basis(A.transpose(-1, -2), q, niter, None if M is None else M.transpose(-1, -2))
        B = A @ Q if M is None else A @ Q - M @ Q
        U, S, Vh = torch.linalg.svd(B, full_matrices=False)
        return U, S, Q.matmul(Vh.mH)
    Q = _basis(A, q, niter, M)
    B = A.transpose(-1, -2) @ Q
    if M is not None:
        B = B - M.transpose(-1, -2) @ Q
    U, S, Vh = torch.linalg.svd(B.transpose(-1, -2), full_matrices=False)
    return Q.matmul(U), S, Vh.mH


def pca(A, q, center, niter):
    """See `torch.pca_lowrank`."""
    m, n = A.shape[-2:]
    if q is None:
        q = min(6, m, n)
    elif not 0 <= q <= min(m, n):
        raise ValueError(f"q(={q}) must be non-negative integer and not greater than min(m, n)={min(m, n)}")
    if not niter >= 0:
        raise ValueError(f"niter(={niter}) must be non-negative integer")
    return svd(A - A.mean(dim=(-2,), keepdim=True) if center else A, q, niter, None)
