"""
Runs under PyTorch and under the embedded engine: functions that make tensors out of nothing, and prints what came out of
each as JSON, bit for bit; for a call that fails, the exception.
"""
import itertools
import json
import warnings
import zlib

import torch

warnings.simplefilter("ignore")

DTYPES = ("None", "torch.float32", "torch.float64", "torch.int64", "torch.bool")

ARANGE = """
5
0
2.5
1, 10
1.0, 10
0, 1, 0.1
0.3, 7.7, 0.37
-3, 3, 0.001
10, 0, -1
1, 0, -0.01
5, 5
0, 100, 7
1e-3, 1, 1e-3
0, 0.5, 0.3
3.9, 12, 2.2
torch.tensor(4)
0, 3, 1 / 3
-2.7, 9.3
2**60, 2**60 + 5
""".strip().split("\n")

SPACES = """
0, 1, 11
0, 1, 5
-3.3, 7.7, 100
0, 10, 1
1, 1, 3
5, -5, 7
0, 1, 0
1e-3, 1e3, 1001
0, 3, 4
-1, 1, 33
0.1, 0.9, 17
2.7, 9.9, 8
0, 6.283185307179586, 200
0, 1, 3000
-10, 10, 50
torch.tensor(0.), torch.tensor(2.), 9
""".strip().split("\n")

SIZES = ("(2, 3)", "()", "(0,)", "2, 3", "[2]", "torch.Size([1, 2])")

OTHERS = """
torch.range(0, 5)
torch.range(0.5, 9.3, 0.7)
torch.range(0.5, 9.3, 0.7, dtype=torch.float64)
torch.range(0, 9, 2, dtype=torch.int64)
torch.logspace(0, 3, 10, base=2)
torch.logspace(-2, 2, 9, 2.5)
torch.tril(torch.arange(12.).view(3, 4))
torch.arange(12.).view(3, 4).tril(1)
torch.arange(12.).view(3, 4).triu(-1)
torch.triu(torch.ones(2, 3, 3), 1)
torch.tril(torch.ones(3, 3, dtype=torch.bool))
torch.tril(torch.ones(3))
torch.triu(torch.ones(4, 4)).t().triu()
torch.arange(12.).view(4, 3).t().tril()
torch.ones(3, 3).tril_(-1)
torch.ones(3, 3).triu_()
torch.diag(torch.arange(3.))
torch.diag(torch.arange(3), 1)
torch.diag(torch.arange(3), -2)
torch.diag(torch.arange(12.).view(3, 4))
torch.diag(torch.arange(12.).view(3, 4), 1)
torch.diag(torch.arange(12.).view(3, 4), 9)
torch.diag(torch.ones(1, 2, 3))
torch.diagonal(torch.arange(12.).view(3, 4))
torch.diagonal(torch.arange(24.).view(2, 3, 4), 1, 0, 2)
torch.diag_embed(torch.arange(6.).view(2, 3))
torch.diag_embed(torch.arange(6.).view(2, 3), 1, 0, 2)
torch.diagflat(torch.arange(6.).view(2, 3))
torch.tril_indices(3, 4)
torch.tril_indices(3, 4, 1)
torch.triu_indices(3, 4, -1)
torch.triu_indices(2, 2, dtype=torch.float32)
torch.meshgrid(torch.arange(3), torch.arange(2))[0]
torch.meshgrid(torch.arange(3), torch.arange(2))[1]
torch.meshgrid([torch.arange(3), torch.arange(2)], indexing="xy")[0]
torch.meshgrid(torch.arange(3), torch.arange(2), indexing="ij")[1]
torch.meshgrid(torch.arange(3), torch.arange(2), torch.tensor(5), indexing="xy")[1]
torch.meshgrid(torch.arange(3), torch.arange(2), indexing="zz")
torch.meshgrid()
torch.meshgrid(torch.arange(3), torch.ones(2))
torch.cartesian_prod(torch.arange(2), torch.arange(3))
torch.combinations(torch.arange(4))
torch.combinations(torch.arange(3), 2, True)
torch.nn.functional.one_hot(torch.tensor([0, 2, 1]))
torch.nn.functional.one_hot(torch.tensor([[0, 2], [1, 0]]), 5)
torch.nn.functional.one_hot(torch.tensor([0, 2, 1]), num_classes=2)
torch.nn.functional.one_hot(torch.tensor([0, -2, 1]))
torch.nn.functional.one_hot(torch.tensor([0., 1.]))
torch.nn.functional.one_hot(torch.tensor([], dtype=torch.int64))
torch.nn.functional.one_hot(torch.tensor([], dtype=torch.int64), 3)
torch.nn.functional.one_hot(torch.tensor(2), 4)
torch.zeros(2, -1)
torch.eye(-1)
torch.arange(0, 5, 0)
torch.arange(0, 5, -1)
torch.arange(0, float('inf'))
torch.linspace(0, 1, -1)
torch.linspace(0, 1)
torch.zeros_like(torch.ones(2, 3).t())
torch.ones_like(torch.ones(2, 3).t(), dtype=torch.int64)
torch.full_like(torch.ones(2, 3).t(), 2)
torch.zeros_like(torch.ones(4, 6)[:, ::2])
torch.ones_like(torch.ones(3, 1).expand(3, 4))
torch.full((2, ), 3 > 2)
torch.tensor([1, 2.5]).new_full((2, ), 7)
torch.tensor([1]).new_tensor([1.5, 2])
torch.arange(1, 4, requires_grad=True)
torch.arange(1., 4, requires_grad=True)
torch.full((2, ), 1, requires_grad=True)
torch.zeros(3, requires_grad=True)
torch.zeros_like(torch.ones(2, requires_grad=True))
""".strip().split("\n")


def calls():
    for d, a in itertools.product(DTYPES, ARANGE):
        yield f"torch.arange({a}, dtype={d})"
    for d, a in itertools.product(DTYPES, SPACES):
        yield f"torch.linspace({a}, dtype={d})"
        # In float64 the last place is that of the C library's pow.
        if d != "torch.float64":
            yield f"torch.logspace({a}, dtype={d})"
    for d, a in itertools.product(DTYPES, ("3", "2, 4", "4, 2", "0", "0, 3")):
        yield f"torch.eye({a}, dtype={d})"
    for d, a in itertools.product(DTYPES, SIZES):
        yield f"torch.zeros({a}, dtype={d})"
        yield f"torch.ones({a}, dtype={d})"
        yield f"torch.empty({a}, dtype={d}).fill_(1)"
    for d, a in itertools.product(DTYPES, ("(2, 3), 1.5", "(2,), 7", "(2,), True", "(), 2")):
        yield f"torch.full({a}, dtype={d})"
        yield f"torch.full_like(torch.ones{a.replace('), ', ')), ').replace('(', '((', 1)}, dtype={d})"
    yield from OTHERS


def number(x):
    return x.hex() if isinstance(x, float) else x


def flat(value):
    return [y for x in value for y in flat(x)] if isinstance(value, list) else [number(value)]


def shown(value):
    numbers = flat(value.tolist())
    return {
        "shape": list(value.shape),
        "dtype": str(value.dtype),
        "strides": list(value.stride()) if value.numel() else [],
        "requires_grad": value.requires_grad,
        "sum": zlib.crc32(" ".join(map(str, numbers)).encode()),
        "first": [str(x) for x in numbers[:5]],
    }


def result(code):
    try:
        return shown(eval(code))
    except Exception as error:
        return {"error": type(error).__name__, "message": str(error)}


def main():
    print(json.dumps({"torch": torch.__version__, "results": {code: result(code) for code in calls()}}))


main()
