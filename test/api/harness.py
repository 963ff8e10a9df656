"""
Runs checks (a JSON list of program texts on standard input) under the torch that can be imported, PyTorch or the
embedded one, each in a namespace of its own, and prints as JSON what each one said and which public names it used.

A check's last expression is shown; where it gives tensors that need a gradient, the gradients of the leaves are too.
"""
import ast
import contextlib
import io
import json
import re
import sys
import traceback
import warnings

import torch

DATA = {
    "a": [[0.6, -1.3, 2.1], [1.7, -0.8, 0.3]],
    "b": [[1.2, 0.7, -0.4], [-1.6, 2.3, 0.9]],
    "m": [[1.1, -0.3, 0.6], [0.2, 1.4, -0.9], [-0.7, 0.4, 0.8]],
    "v": [0.8, -1.1, 1.9],
    "p": [[0.4, 1.3, 2.2], [0.9, 3.1, 0.7]],
}
# What a text calls the modules whose names are counted.
MODULES = {
    "torch": "torch",
    "nn": "torch.nn",
    "F": "torch.nn.functional",
    "optim": "torch.optim",
    "autograd": "torch.autograd",
}


def environment():
    torch.set_default_dtype(torch.float32)
    torch.set_printoptions(profile="default")
    torch.set_grad_enabled(True)
    torch.manual_seed(0)
    known = {name: torch.tensor(data, requires_grad=True) for name, data in DATA.items()}
    known["c"] = torch.tensor([[True, False, True], [False, False, True]])
    known["i"] = torch.tensor([[3, 0, 2], [5, 4, 1]])
    modules = {"torch": torch, "nn": torch.nn, "F": torch.nn.functional, "optim": torch.optim, "autograd": torch.autograd}
    return {"__name__": "__main__", **modules, **known}


def tensors_in(value):
    if isinstance(value, torch.Tensor):
        return [value]
    if isinstance(value, (list, tuple)):
        return [t for item in value for t in tensors_in(item)]
    return []


def show(text, env):
    *before, last = ast.parse(text).body
    if not isinstance(last, ast.Expr):
        exec(compile(text, "<check>", "exec"), env)
        return
    exec(compile(ast.Module(before, []), "<check>", "exec"), env)
    value = eval(compile(ast.Expression(last.value), "<check>", "eval"), env)
    if value is not None:
        print(repr(value))
    outputs = [t for t in tensors_in(value) if t.requires_grad and t.grad_fn is not None]
    if outputs:
        leaves = [env[name] for name in DATA if isinstance(env[name], torch.Tensor)]
        sum((t * t.detach().sigmoid()).sum() for t in outputs).backward()
        # What cancels out but for rounding is 0.
        grads = [leaf.grad for leaf in leaves if leaf.is_leaf and leaf.grad is not None]
        print(*[torch.round(g * 1e3) / 1e3 + 0 for g in grads])


def run(text):
    said = io.StringIO()
    error = ""
    with contextlib.redirect_stdout(said), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            show(text, environment())
        except Exception as raised:
            error = "".join(traceback.format_exception_only(raised)).strip()
    return {"said": re.sub(r" at 0x[0-9a-f]+", "", said.getvalue()), "error": error, "names": names_in(text)}


def names_in(text):
    """`torch.nn.Linear`, `torch.Tensor.add`: what the text says in so many words."""
    found = set()
    try:
        tree = ast.parse(text)
    except SyntaxError:
        return []
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            module = module_of(node.value)
            found.add(f"{module or 'torch.Tensor'}.{node.attr}")
        elif isinstance(node, ast.ImportFrom) and node.module in MODULES.values():
            found.update(f"{node.module}.{alias.name}" for alias in node.names)
    return sorted(found)


def module_of(node):
    if isinstance(node, ast.Name):
        return MODULES.get(node.id)
    if isinstance(node, ast.Attribute):
        path = ast.unparse(node)
        return path if path in MODULES.values() else MODULES.get(path) or (path if path == "torch.Tensor" else None)
    return None


if __name__ == "__main__":
    print(json.dumps([run(text) for text in json.load(sys.stdin)]))
