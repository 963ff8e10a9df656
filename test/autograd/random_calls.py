"""
Runs under PyTorch and under the embedded engine: random numbers of many kinds, sizes, dtypes and seeds, and prints
what came out of each as JSON, bit for bit: by label the shape, the dtype, the strides, a checksum of all numbers and
the first of them, floats in hexadecimal; for a call that fails, the exception.
"""
import itertools
import json
import math
import warnings
import zlib

import torch

warnings.simplefilter("ignore")

SEEDS = (0, 1, 42, 20231123, 2**31 + 7, -1)
SHAPES = ("()", "(1,)", "(3,)", "(15,)", "(16,)", "(17,)", "(4, 4)", "(5, 7)", "(257,)", "(3, 0)")
FLOATS = ("torch.float32", "torch.float64")

# `size` and `d` stand for a shape and a dtype.
OF_FLOATS = """
torch.rand(size, dtype=d)
torch.randn(size, dtype=d)
torch.empty(size, dtype=d).uniform_(-0.3, 0.7)
torch.empty(size, dtype=d).uniform_(2, 1e6)
torch.empty(size, dtype=d).normal_(1.5, 0.37)
torch.empty(size, dtype=d).normal_(-1e4, 1e-3)
torch.empty(size, dtype=d).exponential_()
torch.empty(size, dtype=d).exponential_(2.5)
torch.empty(size, dtype=d).geometric_(0.2)
torch.empty(size, dtype=d).log_normal_(0.3, 1.2)
torch.empty(size, dtype=d).bernoulli_(0.3)
torch.empty(size, dtype=d).random_()
torch.bernoulli(torch.rand(size, dtype=d))
torch.normal(torch.rand(size, dtype=d), 2.5)
torch.normal(0.5, torch.rand(size, dtype=d))
torch.normal(torch.rand(size, dtype=d), torch.rand(size, dtype=d))
torch.normal(1.0, 2.0, size, dtype=d)
torch.poisson(torch.rand(size, dtype=d) * 40)
torch.dropout(torch.ones(size, dtype=d), 0.4, True)
torch.alpha_dropout(torch.rand(size, dtype=d), 0.4, True)
torch.randint(-5, 20, size, dtype=d)
torch.rand_like(torch.ones(size, dtype=d))
torch.randn_like(torch.ones(size, dtype=d))
torch.empty(size).cauchy_(1, 2)
""".strip().split("\n")

OTHERS = """
torch.randint(10, (50,))
torch.randint(-7, 2**40, (20,))
torch.randint(-(2**62), 2**62, (20,))
torch.randint(2**32, (20,))
torch.randint(2**32 - 1, (20,))
torch.randint(0, 2, (20,), dtype=torch.bool)
torch.randint_like(torch.ones(9), 3, 17)
torch.randperm(0)
torch.randperm(1)
torch.randperm(10)
torch.randperm(1000)
torch.randperm(20, dtype=torch.float32)
torch.empty(9, dtype=torch.int64).random_()
torch.empty(9, dtype=torch.int64).random_(100)
torch.empty(9, dtype=torch.int64).random_(-(2**63), None)
torch.empty(9, dtype=torch.int64).random_(17, None)
torch.empty(9, dtype=torch.int64).geometric_(0.1)
torch.empty(9, dtype=torch.int64).bernoulli_(0.4)
torch.empty(9, dtype=torch.bool).bernoulli_()
torch.empty(9, dtype=torch.bool).random_()
torch.empty(9).random_(17, None)
torch.empty(9).random_(0, 2**25)
torch.empty(9, dtype=torch.float64).random_(-(2**60), 2**61)
torch.empty(2, 3, 4).bernoulli_(torch.tensor([0.1, 0.5, 0.8, 1.0]))
torch.empty(2, 3, 4).bernoulli_(torch.tensor([0.1, 0.5, 0.8, 1.0], dtype=torch.float64))
torch.empty(4, 5).t().normal_()
torch.empty(4, 5).t().uniform_()
torch.empty(4, 5).t().exponential_()
torch.empty(4, 5).t().bernoulli_(torch.rand(5, 4))
torch.empty(6, 8)[:, ::2].normal_()
torch.empty(6, 8)[::2].uniform_()
torch.empty(2, 3, 4).permute(1, 2, 0).normal_()
torch.empty(2, 3, 4).permute(2, 0, 1).random_(100)
torch.empty(3, 1, 4).permute(1, 2, 0).uniform_()
torch.rand_like(torch.empty(4, 5).t())
torch.randn_like(torch.empty(4, 5).t())
torch.randn_like(torch.empty(6, 8)[:, ::2])
torch.randn_like(torch.zeros(5, 1).expand(5, 4))
torch.rand_like(torch.zeros(1, 4).expand(5, 4))
torch.dropout(torch.ones(4, 5).t(), 0.3, True).contiguous()
torch.bernoulli(torch.rand(4, 5).t())
torch.bernoulli(torch.rand(4, 5).t(), 0.4)
torch.feature_dropout(torch.ones(2, 3, 4), 0.5, True)
torch.feature_alpha_dropout(torch.ones(2, 3, 4), 0.5, True)
torch.normal(torch.rand(3, 1), torch.rand(4))
torch.normal(torch.rand(5, 4).t(), torch.rand(4, 5))
torch.normal(torch.zeros(20), torch.rand(20, dtype=torch.float64))
torch.multinomial(torch.tensor([0.1, 0.2, 0.7]), 1)
torch.multinomial(torch.tensor([0.1, 0.2, 0.7]), 3)
torch.multinomial(torch.tensor([0.1, 0.2, 0.7]), 20, True)
torch.multinomial(torch.rand(4, 9), 1)
torch.multinomial(torch.rand(4, 9), 5)
torch.multinomial(torch.rand(4, 9), 30, replacement=True)
torch.multinomial(torch.rand(9, 4).t(), 5)
torch.multinomial(torch.rand(9, 4).t(), 5, True)
torch.multinomial(torch.rand(300, dtype=torch.float64), 100)
torch.multinomial(torch.rand(300, dtype=torch.float64), 3)
torch.multinomial(torch.rand(300), 200, True)
torch.multinomial(torch.tensor([0.0, 1, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]), 21)
torch.multinomial(torch.cat([torch.ones(3), torch.zeros(400)]), 5)
torch.multinomial(torch.cat([torch.ones(3), torch.zeros(400)]), 100)
torch.softmax(torch.randn(4, 11), 1).multinomial(2)
torch.poisson(torch.tensor([0.0, 0.5, 3.0, 9.99, 10.0, 55.5, 1e4]))
torch.poisson(torch.full((200,), 12.0))
torch.cat([torch.randn(3), torch.rand(5), torch.randn(20), torch.randn(2)])
torch.cat([torch.randn(3), torch.randn(3, dtype=torch.float64), torch.randn(17), torch.randn(5)])
torch.cat([torch.randn(1), torch.empty(2).log_normal_(), torch.randn(1), torch.randint(9, (3,)), torch.randn(1)])
torch.stack([torch.randn(()) for _ in range(7)])
torch.cat([torch.rand(4, generator=torch.Generator().manual_seed(9)), torch.rand(2)])
torch.randperm(6, generator=torch.Generator().manual_seed(3))
torch.cat([torch.randn(1), torch.empty(5).normal_(generator=torch.Generator().manual_seed(3)), torch.randn(1)])
torch.multinomial(torch.rand(9), 4, generator=torch.Generator().manual_seed(3))
torch.bernoulli(torch.rand(9), generator=torch.Generator())
torch.randint(5, (9,), generator=torch.Generator().manual_seed(-5))
forked()
again()
reseeded()
long_stream()
""".strip().split("\n")

FAILING = """
torch.empty(2).uniform_(1, 0)
torch.empty(2, dtype=torch.int64).uniform_()
torch.empty(2).uniform_(-3e38, 3e38)
torch.empty(2).uniform_(0, 1e39)
torch.empty(2).normal_(0, -1)
torch.empty(2, dtype=torch.int64).normal_()
torch.empty(2, dtype=torch.bool).normal_()
torch.empty(2).exponential_(-1)
torch.empty(2, dtype=torch.int64).exponential_()
torch.empty(2).bernoulli_(1.5)
torch.bernoulli(torch.tensor([1.5, 0.5]))
torch.bernoulli(torch.tensor([1, 0]))
torch.empty(2).bernoulli_(torch.tensor([0.5, 0.5, 0.5]))
torch.empty(2, dtype=torch.int64).cauchy_()
torch.empty(2).geometric_(0)
torch.empty(2).geometric_(1.0)
torch.empty(2).log_normal_(0, -1)
torch.empty(2, dtype=torch.int64).log_normal_()
torch.empty(2).random_(5, 5)
torch.empty(2).random_(0)
torch.empty(2).random_(2.5)
torch.empty(2, dtype=torch.bool).random_(0, 3)
torch.randint(5, 5, (2,))
torch.randint(0, (2,))
torch.randint(2.5, (2,))
torch.randint(5, 2)
torch.randint(0, 5, (2,), dtype=torch.bool)
torch.randint(0, 5, (-2,))
torch.randint(5, (2,), requires_grad=True)
torch.randperm(-1)
torch.randperm(5, dtype=torch.bool)
torch.randperm(2.5)
torch.multinomial(torch.tensor([1.0, 2.0]), 3)
torch.multinomial(torch.tensor([1, 2]), 1)
torch.multinomial(torch.tensor([-1.0, 2.0]), 1)
torch.multinomial(torch.tensor([0.0, 0.0]), 1)
torch.multinomial(torch.tensor([0.0, math.nan]), 1)
torch.multinomial(torch.tensor([-1.0, 2.0]), 2, True)
torch.multinomial(torch.tensor([0.0, 0.0]), 2, True)
torch.multinomial(torch.tensor([0.0, math.inf]), 2, True)
torch.multinomial(torch.rand(1, 2, 3), 1)
torch.multinomial(torch.rand(3), 0)
torch.normal(torch.zeros(2), torch.tensor([-1.0, 1.0]))
torch.normal(torch.zeros(2), -1.0)
torch.normal(torch.zeros(2), torch.ones(3))
torch.normal(torch.tensor([1, 2]), 1.0)
torch.normal(0.0, -1.0, (2,))
torch.dropout(torch.ones(2), 1.5, True)
torch.dropout(torch.tensor([1, 2]), 0.5, True)
torch.feature_dropout(torch.ones(3), 0.5, True)
torch.zeros(1).expand(3).uniform_()
torch.rand(2, dtype=torch.int64)
torch.randn(2, dtype=torch.bool)
torch.rand(2.5)
torch.rand(-1)
torch.rand(2, "3")
torch.rand_like(torch.tensor([1, 2]))
torch.poisson(torch.tensor([-1.0]))
torch.poisson(torch.tensor([1]))
torch.ones(2, requires_grad=True).uniform_()
torch.manual_seed(2**64)
torch.manual_seed(None)
torch.Generator().manual_seed(2.5)
torch.Generator().manual_seed(True)
torch.Generator().manual_seed(2**64)
torch.Generator("cuda")
torch.set_rng_state(5)
torch.set_rng_state(torch.zeros(3))
""".strip().split("\n")


def forked():
    """What is drawn inside does not move what is drawn outside."""
    before = torch.randn(3)
    with torch.random.fork_rng():
        inside = torch.randn(5)
        torch.manual_seed(5)
    return torch.cat([before, inside, torch.randn(4)])


def again():
    """The seed from which the generators came, and two streams of one seed."""
    one, other = torch.Generator().manual_seed(11), torch.Generator().manual_seed(11)
    drawn = [torch.randn(3, generator=one), torch.rand(2, generator=other), torch.randn(1, generator=one)]
    seeds = [float(one.initial_seed()), float(torch.initial_seed() % 2**20), float(torch.Generator().initial_seed())]
    return torch.cat([*drawn, torch.tensor(seeds)])


def reseeded():
    """A seed forgets the normal number that was kept."""
    torch.randn(1)
    torch.manual_seed(torch.initial_seed() if torch.initial_seed() < 2**63 else 8)
    return torch.randn(3)


def long_stream():
    """Past many renewals of the generator's words."""
    for _ in range(40):
        torch.rand(777)
    return torch.randn(1001)


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
        "sum": zlib.crc32(" ".join(map(str, numbers)).encode()),
        "first": [str(x) for x in numbers[:3]],
        # Where in the stream it has come to.
        "next": torch.rand(()).item().hex(),
    }


def result(code, seed, names):
    torch.manual_seed(seed)
    try:
        return shown(eval(code, globals(), names))
    except Exception as error:
        return {"error": type(error).__name__, "message": str(error)}


def main():
    results = {}
    for seed in SEEDS:
        for code, size, d in itertools.product(OF_FLOATS, SHAPES, FLOATS):
            label = f"{seed}: {code}".replace("size", size).replace("=d", "=" + d)
            results[label] = result(code, seed, {"size": eval(size), "d": eval(d)})
        for code in OTHERS:
            results[f"{seed}: {code}"] = result(code, seed, {})
    for code in FAILING:
        results[code] = result(code, 0, {})
    print(json.dumps({"torch": torch.__version__, "results": results}))


main()
