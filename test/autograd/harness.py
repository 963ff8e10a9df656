"""
Runs Python samples under the torch that can be imported, PyTorch or the embedded one, and prints what came out
of each as JSON: values, graphs, saved tensors, gradients, second derivatives.

    python3 harness.py MODE samples.json      MODE: graphs | order | differences | LAYOUT:DTYPE
"""
import ast
import json
import sys
import warnings

import torch

warnings.simplefilter("ignore")

# The tensors that samples use. No ties, no kinks of common functions, nothing symmetric.
A = [[0.6, -1.3, 2.1], [1.7, -0.8, 0.3]]
B = [[1.2, 0.7, -0.4], [-1.6, 2.3, 0.9]]
M = [[1.1, -0.3, 0.6], [0.2, 1.4, -0.9], [-0.7, 0.4, 0.8]]
V = [0.8, -1.1, 1.9]
P = [[0.4, 1.3, 2.2], [0.9, 3.1, 0.7]]
C = [[True, False, True], [False, False, True]]
I = [[3, 0, 2], [5, 4, 1]]
FLOATS = {"a": A, "b": B, "m": M, "v": V, "p": P}


def names(dtype, shift=None, step=0.0):
    """Fresh leaves; `shift` gives a direction, by name, in which they are moved by `step`."""

    def leaf(name, data):
        if shift is not None:
            data = moved(data, shift[name], step)
        return torch.tensor(data, dtype=dtype, requires_grad=True)

    known = {name: leaf(name, data) for name, data in FLOATS.items()}
    return {**known, "c": torch.tensor(C), "i": torch.tensor(I), "torch": torch}


def moved(data, direction, step):
    if isinstance(data, list):
        return [moved(x, d, step) for x, d in zip(data, direction)]
    return data + step * direction


def leaves(env):
    return [env[name] for name in FLOATS]


def evaluate(code, env):
    """The value of the last expression; what stands before it is run."""
    *before, last = ast.parse(code).body
    assert isinstance(last, ast.Expr), "a sample ends with an expression"
    exec(compile(ast.Module(before, []), "<sample>", "exec"), env)
    return eval(compile(ast.Expression(last.value), "<sample>", "eval"), env)


def listed(value):
    """The tensors in a sample's value."""
    if isinstance(value, torch.Tensor):
        return [value]
    if isinstance(value, (list, tuple)):
        return [t for v in value for t in listed(v)]
    return []


def pattern(shape, k):
    """A tensor's worth of numbers, all different from their neighbours, nested by shape."""
    counter = iter(range(10**9))

    def part(sizes):
        if not sizes:
            n = next(counter)
            return ((n * 7 + k * 3) % 11 - 4.3) / 4
        return [part(sizes[1:]) for _ in range(sizes[0])]

    return part(list(shape))


def upstream(tensor, k, requires_grad=False):
    if tensor.numel() == 0:
        return torch.zeros(tuple(tensor.shape), dtype=tensor.dtype, requires_grad=requires_grad)
    return torch.tensor(pattern(tensor.shape, k), dtype=tensor.dtype, requires_grad=requires_grad)


# What is printed


def number(x):
    return x if isinstance(x, (bool, int)) else repr(x)


def flat(value):
    return [y for x in value for y in flat(x)] if isinstance(value, list) else [number(value)]


def elements(tensor):
    """As nested lists; PyTorch's zero tensors, which have no storage, as the zeros that they stand for."""
    try:
        return tensor.tolist()
    except RuntimeError:
        return torch.zeros_like(tensor).tolist()


def shown(value):
    if isinstance(value, torch.Tensor):
        return {
            "dtype": str(value.dtype),
            "shape": list(value.shape),
            "values": flat(elements(value)),
            "requires_grad": value.requires_grad,
        }
    if isinstance(value, (list, tuple)):
        return [shown(v) for v in value]
    if isinstance(value, float):
        return repr(value)
    if isinstance(value, int) and abs(value) > 2**53:
        return str(value)
    if value is None or isinstance(value, (bool, int, str)):
        return value
    return str(value)


def laid_out(value):
    """A result with the way it lies in memory, and what it says of itself."""
    if not isinstance(value, torch.Tensor):
        return [laid_out(v) for v in value] if isinstance(value, (list, tuple)) else shown(value)
    return {
        **shown(value),
        "strides": list(value.stride()),
        "offset": value.storage_offset(),
        "view": value._is_view(),
        "leaf": value.is_leaf,
        "version": value._version,
        "output_nr": value.output_nr,
    }


class Graph:
    """Nodes numbered as a walk along next_functions meets them."""

    def __init__(self, roots, env):
        self.nodes = []
        self.numbers = {}
        self.leaf_names = {id(t): name for name, t in env.items() if isinstance(t, torch.Tensor)}
        self.roots = [self.number(t.grad_fn) for t in roots]
        for node in self.nodes:
            for following, _ in node.next_functions:
                self.number(following)

    def number(self, node):
        if node is None:
            return None
        if node not in self.numbers:
            self.numbers[node] = len(self.nodes)
            self.nodes.append(node)
        return self.numbers[node]

    def shown(self):
        return {"roots": self.roots, "nodes": [self.node(n) for n in self.nodes]}

    def node(self, node):
        saved = {}
        for name in dir(node):
            if name.startswith("_saved_"):
                try:
                    saved[name] = shown(getattr(node, name))
                except Exception as error:
                    saved[name] = failure(error)
        out = {
            "name": type(node).__name__,
            "edges": [[self.number(n), nr] for n, nr in node.next_functions],
            "saved": saved,
        }
        if type(node).__name__ == "AccumulateGrad":
            out["leaf"] = self.leaf_names.get(id(node.variable), shown(node.variable))
        return out


def failure(error):
    return {"error": type(error).__name__, "message": str(error)}


# The modes


def graphs(code):
    """Value, graph, gradients of the leaves; then the gradients' own graph and its gradients."""
    env = names(torch.float32)
    value = evaluate(code, env)
    out = {"value": laid_out(value)}
    roots = [t for t in listed(value) if t.requires_grad]
    if not roots:
        return out
    out["graph"] = Graph(roots, env).shown()
    try:
        torch.autograd.backward(roots, [upstream(t, k) for k, t in enumerate(roots)], retain_graph=True)
        out["gradients"] = {name: shown(env[name].grad) for name in FLOATS}
        out["second"] = second(roots, env)
    except Exception as error:
        out["backward"] = failure(error)
    return out


def second(roots, env):
    given = [upstream(t, k, True) for k, t in enumerate(roots)]
    for k, t in enumerate(given):
        env[f"u{k}"] = t
    first = torch.autograd.grad(roots, leaves(env), given, create_graph=True, allow_unused=True)
    again = [g for g in first if g is not None and g.requires_grad]
    if not again:
        return None
    out = {"graph": Graph(again, env).shown()}
    inputs = [*leaves(env), *given]
    got = torch.autograd.grad(
        again, inputs, [upstream(g, k + 5) for k, g in enumerate(again)], allow_unused=True
    )
    out["gradients"] = [shown(g) for g in got]
    return out


def order(code):
    """The nodes in the order in which a backward pass runs them, where nodes can be hooked."""
    env = names(torch.float32)
    roots = [t for t in listed(evaluate(code, env)) if t.grad_fn is not None]
    if not roots:
        return None
    graph = Graph(roots, env)
    ran = []
    for node in graph.nodes:
        if hasattr(node, "register_hook"):
            node.register_hook(lambda *_, node=node: ran.append(node))
    torch.autograd.backward(roots, [upstream(t, k) for k, t in enumerate(roots)])
    return [
        {"name": type(n).__name__, "leaf": shown(n.variable)["values"] if hasattr(n, "variable") else None} for n in ran
    ]


STEP = 1e-6


def differences(code):
    """Directional derivatives beside those by central differences, in float64: of the value, of its gradient."""
    if ".detach()" in code or "padding_idx" in code:
        # What is cut off from the graph (a padding row is, too) moves with its leaf here: nothing to compare.
        return None
    direction = {name: pattern(torch.tensor(data).shape, 2) for name, data in FLOATS.items()}

    def run(step):
        env = names(torch.float64, direction, step)
        roots = [t for t in listed(evaluate(code, env)) if t.requires_grad]
        if not roots:
            return None
        given = [upstream(t, k) for k, t in enumerate(roots)]
        total = sum(((t * g).sum() for t, g in zip(roots, given)), torch.tensor(0.0, dtype=torch.float64))
        first = torch.autograd.grad(total, leaves(env), create_graph=True, allow_unused=True)
        used = [(g, t) for g, t in zip(first, leaves(env)) if g is not None]
        along = sum(((g * upstream(g, 7)).sum() for g, _ in used), torch.tensor(0.0, dtype=torch.float64))
        return env, total, first, along

    here, ahead, behind = run(0.0), run(STEP), run(-STEP)
    if here is None:
        return None
    env, _, first, along = here

    def dot(gradients):
        pairs = zip(gradients, FLOATS)
        return sum(
            (g * torch.tensor(direction[name], dtype=torch.float64)).sum().item() for g, name in pairs if g is not None
        )

    out = {"first": [number(float(dot(first))), number((ahead[1].item() - behind[1].item()) / (2 * STEP))]}
    if along.requires_grad:
        twice = torch.autograd.grad(along, leaves(env), allow_unused=True)
        out["second"] = [number(float(dot(twice))), number((ahead[3].item() - behind[3].item()) / (2 * STEP))]
    return out


# Samples at every dtype, and in every layout


def in_range(x, dtype):
    """A number of the samples as the dtype takes it; integers are some times larger, so that few are the same."""
    if dtype.is_floating_point:
        return x
    if dtype is torch.bool:
        return x > 0
    return int(abs(x) * 4) if dtype is torch.uint8 else int(x * 4)


def rows_of(data):
    return data if isinstance(data[0], list) else [data]


EXTREMES = [0.0, -0.0, float("nan"), float("inf"), -float("inf"), 1e-40, -6e-8, 65504.0, -3e38, 1.0, -1.0, 0.5]
INTEGER_EXTREMES = [0, 1, -1, 2, 127, -128, 255, 32767, -32768, 2**31 - 1, -(2**31), 2**63 - 1, -(2**63), 3]


def extremes(data, dtype, offset):
    """As many special numbers as there are in `data`, in its nesting."""
    if dtype.is_floating_point:
        known = EXTREMES
    elif dtype is torch.bool:
        known = [True, False, False]
    else:
        limits = torch.iinfo(dtype)
        known = [x for x in INTEGER_EXTREMES if limits.min <= x <= limits.max]
    counter = iter(range(offset, 10**9))

    def part(x):
        return [part(y) for y in x] if isinstance(x, list) else known[next(counter) % len(known)]

    return part(data)


def arranged(layout, name, data, dtype):
    """A leaf of the samples, laid out in memory (or cut down) as told."""

    def tensor(numbers):
        converted = [[in_range(x, dtype) for x in row] for row in rows_of(numbers)]
        made = torch.tensor(converted, dtype=dtype)
        return made if isinstance(numbers[0], list) else made[0]

    t = tensor(data) if layout != "extreme" else torch.tensor(extremes(data, dtype, ord(name)), dtype=dtype)
    if layout == "transposed" and t.dim() == 2:
        t = t.t().clone().t()
    elif layout in ("transposed", "sliced"):
        wide = torch.zeros([2 * n for n in t.shape], dtype=dtype)
        at = tuple([slice(1, None, 2)] * t.dim())
        wide[at] = t
        t = wide[at]
    elif layout == "broadcast":
        t = t[:1].expand(t.shape)
    elif layout == "empty":
        t = t[:0]
    elif layout == "single":
        t = t.reshape(-1)[0]
    return t.detach().requires_grad_() if dtype.is_floating_point else t.detach()


def at_dtype(layout, dtype):
    """A mode: samples whose float tensors have another dtype and layout. `index_…`: whose integers and masks have it."""
    index = dtype.startswith("index_")
    dtype = getattr(torch, dtype.removeprefix("index_"))

    def mode(code):
        floats = torch.float32 if index else dtype
        env = {name: arranged(layout, name, data, floats) for name, data in FLOATS.items()}
        masks, integers = torch.tensor(C), torch.tensor(I)
        if index:
            masks, integers = masks.to(dtype), integers.to(dtype)
        env.update(c=masks, i=integers, torch=torch)
        value = evaluate(code, env)
        out = {"value": shown(value), "strides": [list(t.stride()) for t in listed(value)]}
        roots = [t for t in listed(value) if t.requires_grad]
        if roots:
            try:
                torch.autograd.backward(roots, [upstream(t, k) for k, t in enumerate(roots)])
                out["gradients"] = {name: shown(env[name].grad) for name in FLOATS}
            except Exception as error:
                out["backward"] = failure(error)
        return out

    return mode


MODES = {"graphs": graphs, "order": order, "differences": differences}


def main(mode, file):
    with open(file) as opened:
        samples = json.load(opened)
    run = MODES.get(mode) or at_dtype(*mode.split(":"))
    results = []
    for code in samples:
        try:
            results.append(run(code))
        except Exception as error:
            results.append(failure(error))
    print(json.dumps({"torch": torch.__version__, "results": results}))


if __name__ == "__main__":
    main(*sys.argv[1:3])
