"""
Prints as JSON which types PyTorch's CPU kernels do not exist for: {op: {kernel: [types]}}, found by running the samples
of the op rows at every dtype and looking which op below autograd complains.

    python3 scripts/pytorch-lacking.py samples.json
"""
import json
import pathlib
import re
import sys

import torch
from torch.utils._python_dispatch import TorchDispatchMode

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "test" / "autograd"))
import harness  # noqa: E402

DTYPES = "float16 bfloat16 float32 float64 int64 int32 int16 int8 uint8 bool".split()
found = {}


def key_of(func):
    """The op's name as the rows have it: without `default`, the in-place form under the plain one."""
    name, overload = str(func).removeprefix("aten.").split(".")
    name = name.removesuffix("_") if f"{name.removesuffix('_')}" in dir(torch.ops.aten) else name
    return name if overload == "default" else f"{name}.{overload}"


class Listen(TorchDispatchMode):
    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        try:
            return func(*args, **(kwargs or {}))
        except Exception as error:
            match = re.fullmatch(r"\"(.+)\" not implemented for '(\w+)'", str(error))
            if match:
                found.setdefault(key_of(func), {}).setdefault(match[1], set()).add(match[2])
            raise


def main(file):
    with open(file) as opened:
        samples = json.load(opened)
    for layout in ("plain", "single"):
        for dtype in (prefix + name for prefix in ("", "index_") for name in DTYPES):
            run = harness.at_dtype(layout, dtype)
            for code in samples:
                try:
                    with Listen():
                        run(code)
                except Exception:
                    pass
    lines = [
        f"  {json.dumps(op)}: {json.dumps({kernel: sorted(types) for kernel, types in sorted(kernels.items())})}"
        for op, kernels in sorted(found.items())
    ]
    print("{\n" + ",\n".join(lines) + "\n}")


main(sys.argv[1])
