"""
The rows of the speed table, the same text for PyTorch and for Backstep: each is timed as the program sees it, with the
tensor that it makes. Prints the least time of each in milliseconds, as JSON.
"""
import json
import time

import torch
from torch.nn import functional as F

torch.set_num_threads(1)
torch.manual_seed(0)
a = torch.rand(1_000_000) * 4 - 2
b = torch.rand(1_000_000) + 0.5
A = a.view(1000, 1000)
weight, bias = torch.ones(1000), torch.zeros(1000)
image, kernel = torch.rand(8, 32, 56, 56), torch.rand(32, 32, 3, 3)
m64, m512, m1024 = (torch.rand(n, n) for n in (64, 512, 1024))

WORKS = {
    "add": lambda: a + b,
    "mul": lambda: a * b,
    "div": lambda: a / b,
    "relu": lambda: torch.relu(a),
    "sqrt": lambda: torch.sqrt(b),
    "exp": lambda: torch.exp(a),
    "tanh": lambda: torch.tanh(a),
    "sigmoid": lambda: torch.sigmoid(a),
    "sum": lambda: a.sum(),
    "max": lambda: a.max(),
    "sum of rows": lambda: A.sum(1),
    "sum of columns": lambda: A.sum(0),
    "softmax": lambda: torch.softmax(A, 1),
    "layer norm": lambda: F.layer_norm(A, (1000,), weight, bias),
    "conv2d 3x3": lambda: F.conv2d(image, kernel, padding=1),
    "matmul 64": lambda: m64 @ m64,
    "matmul 512": lambda: m512 @ m512,
    "matmul 1024": lambda: m1024 @ m1024,
}


def least(work):
    work()
    began = time.perf_counter()
    work()
    # Short ones many times in a row, so that the clock does not count.
    repeat = max(1, int(0.004 / (time.perf_counter() - began + 1e-9)))
    best = float("inf")
    for _ in range(12):
        began = time.perf_counter()
        for _ in range(repeat):
            work()
        best = min(best, (time.perf_counter() - began) / repeat)
    return best * 1e3


print(json.dumps({name: least(work) for name, work in WORKS.items()}))
