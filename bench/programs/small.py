"""An op on two-element tensors, recorded: seconds for each, as the last line."""
import time

import torch

torch.set_num_threads(1)
x = torch.ones(2, requires_grad=True)
y = torch.ones(2, requires_grad=True)


def ops():
    for _ in range(2000):
        x * y


ops()
least = 1e9
for _ in range(15):
    began = time.perf_counter()
    ops()
    least = min(least, time.perf_counter() - began)
print(least / 2000)
