"""Fit a line to four points, and look at the gradients of one step.

Run "Backstep: Trace backward" anywhere in this file: it runs whole, as `python line_fit.py` would.
"""

import torch

x = torch.tensor([0.0, 1.0, 2.0, 3.0])
y = torch.tensor([1.0, 3.0, 5.0, 7.0])

weight = torch.tensor(0.0, requires_grad=True)
bias = torch.tensor(0.0, requires_grad=True)

prediction = weight * x + bias
loss = ((prediction - y) ** 2).mean()
loss.backward()

print("loss", loss.item())
print("weight.grad", weight.grad)
print("bias.grad", bias.grad)
