"""
Prints generated tensors by PyTorch and by python/torch/_printing.py, which is loaded by itself; prints as JSON how many
there were of each dtype and those that differ: {"counts": {dtype: n}, "different": [[options, theirs, ours], …]}.
"""
import importlib.util
import json
import math
import pathlib
import pkgutil
import random
import sys

import torch

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
FACADE = ROOT / "python" / "torch"
# The list of dtypes is made by the build.
pkgutil.get_data = lambda package, name: (ROOT / "dist" / name).read_bytes()


def load(name):
    spec = importlib.util.spec_from_file_location(name, FACADE / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


printing, types = load("_printing"), load("_types")
OURS = {getattr(torch, d.name): d for d in types.DTYPES}
LARGE = [[1200], [40, 40], [3, 500], [1001], [7, 7, 30], [2000, 1], [1, 2000], [8, 130]]
SPECIAL = [math.nan, math.inf, -math.inf, -0.0, 0.0]


def ours(t):
    return printing.tensor_repr(
        "tensor(",
        tuple(t.shape),
        t.detach().reshape(-1).tolist(),
        OURS[t.dtype],
        OURS[torch.get_default_dtype()],
        None if t.grad_fn is None else type(t.grad_fn).__name__,
        t.requires_grad,
    )


def number(r, kind, dtype):
    """A float of one of the kinds that print differently."""
    if kind == 0:
        return r.gauss(0, 1)
    if kind == 1:
        return float(r.randint(-50, 50))
    if kind == 2:
        return r.gauss(0, 1) * 10 ** r.randint(-6, 6)
    if kind == 3:
        return float(r.randint(-(10**9), 10**9))
    if kind == 4:
        return r.gauss(0, 1) * 10 ** r.uniform(-45, 38)
    if kind == 5:
        return r.choice([1e-4, 9.9999e-5, 1.5, 1000, 1e8, 0.1, 1.00005, -99.99995, 999.99995, 123456.5])
    return r.choice([5e-324, 1e308, 3.0, 1e-310]) if dtype is torch.float64 else r.random() * 1e-4


def tensor(r):
    sizes = [0, 1, 2, 3, 5, 7, 12, 30] if r.random() < 0.3 else [1, 2, 3, 5]
    shape = [r.choice(sizes) for _ in range(r.choice([0, 1, 1, 1, 2, 2, 2, 3, 4]))]
    if r.random() < 0.03:
        shape = r.choice(LARGE)
    n = math.prod(shape)
    dtype = r.choice(list(OURS))
    if dtype is torch.bool:
        data = [r.random() < 0.5 for _ in range(n)]
    elif dtype is torch.int64:
        wide = r.random() < 0.5
        data = [r.randint(-(10 ** r.randint(1, 18)), 10**18) if wide else r.randint(-9, 20) for _ in range(n)]
    elif not dtype.is_floating_point:
        limits = torch.iinfo(dtype)
        wide = r.random() < 0.5
        data = [r.randint(limits.min, limits.max) if wide else r.randint(0, 20) for _ in range(n)]
    else:
        kind, special = r.randint(0, 6), r.random() < 0.2
        data = [
            r.choice(SPECIAL) if special and r.random() < 0.2 else number(r, kind, dtype) for _ in range(n)
        ]
    t = torch.tensor(data, dtype=dtype).reshape(shape)
    if dtype.is_floating_point and r.random() < 0.5:
        t.requires_grad_()
        if r.random() < 0.5:
            t = t * 1
    return t


def options(r):
    if r.random() < 0.8:
        return {"profile": "default"}
    return {
        "precision": r.choice([None, 0, 2, 6]),
        "threshold": r.choice([None, 10]),
        "edgeitems": r.choice([None, 1, 2]),
        "linewidth": r.choice([None, 40, 120]),
        "profile": r.choice([None, "short", "full", "default"]),
        "sci_mode": r.choice([None, True, False]),
    }


def main():
    asked = json.load(sys.stdin)
    r = random.Random(asked["seed"])
    counts, different = {}, []
    for _ in range(asked["count"]):
        t = tensor(r)
        if r.random() < 0.3:
            torch.set_default_dtype(r.choice([torch.float32, torch.float64]))
        chosen = options(r)
        torch.set_printoptions(**chosen)
        printing.set_printoptions(**chosen)
        counts[str(t.dtype)] = counts.get(str(t.dtype), 0) + 1
        theirs, mine = repr(t), ours(t)
        if theirs != mine:
            different.append([chosen, theirs, mine])
    print(json.dumps({"counts": counts, "different": different}))


main()
