"""The names of a frame that stands still: which tensors they hold, and where in its file they stand."""
import ast
import functools

import torch

# Containers are looked into as far as that.
ITEMS = 32
_NOTHING = object()


def attribute(thing, name):
    """An attribute that asking for runs no code of the program: of a module its parameters and parts as well; else _NOTHING."""
    own = getattr(thing, "__dict__", None)
    if not isinstance(own, dict):
        return _NOTHING
    if name in own:
        return own[name]
    if isinstance(thing, torch.nn.Module):
        for kind in ("_parameters", "_buffers", "_modules"):
            if name in own.get(kind, ()):
                return own[kind][name]
    return _NOTHING


def held(scope):
    """(expression, tensor) of what the names of a scope hold, and of what lies directly in it."""
    seen = set()

    def fresh(text, tensor):
        if id(tensor) not in seen:
            seen.add(id(tensor))
            yield text, tensor

    values = [(name, value) for name, value in list(scope.items()) if not name.startswith("__")]
    for name, value in values:
        if isinstance(value, torch.Tensor):
            yield from fresh(name, value)
    for name, value in values:
        for text, part in _parts(name, value):
            yield from fresh(text, part)


def _parts(name, value):
    if isinstance(value, torch.nn.Module):
        for path, parameter in value.named_parameters():
            steps = path.split(".")
            yield name + "".join(f"[{s}]" if s.isdigit() else f".{s}" for s in steps), parameter
    elif isinstance(value, (list, tuple)):
        for i, item in enumerate(value[:ITEMS]):
            if isinstance(item, torch.Tensor):
                yield f"{name}[{i}]", item
    elif isinstance(value, dict):
        for key, item in list(value.items())[:ITEMS]:
            if isinstance(item, torch.Tensor) and isinstance(key, (str, int)):
                yield f"{name}[{key!r}]", item
    if not isinstance(value, (type, type(torch), torch.Tensor)):
        for key, item in list(getattr(value, "__dict__", {}).items()):
            if isinstance(item, torch.Tensor):
                yield f"{name}.{key}", item


class Places:
    """The part of a file that the frame runs: its names and attributes, and what is assigned to them once."""

    def __init__(self, text, line):
        self.names = []
        self.assigned = {}
        try:
            tree = ast.parse(text)
        except (SyntaxError, ValueError):
            return
        scope = _scope(tree, line)
        counted = {}
        for node in _within(scope):
            if isinstance(node, (ast.Name, ast.Attribute)):
                dotted = _dotted(node)
                if dotted is not None:
                    self.names.append((node, dotted))
                    if isinstance(node.ctx, (ast.Store, ast.Del)):
                        counted[dotted] = counted.get(dotted, 0) + 1
            if isinstance(node, ast.Assign):
                for target in node.targets:
                    self._assign(target, node.value)
        for argument in _arguments(scope):
            counted[argument] = counted.get(argument, 0) + 1
        self.assigned = {name: value for name, value in self.assigned.items() if counted.get(name) == 1}

    def _assign(self, target, value):
        dotted = _dotted(target) if isinstance(target, (ast.Name, ast.Attribute)) else None
        if dotted is not None and not isinstance(value, (ast.Name, ast.Attribute, ast.Constant)):
            self.assigned[dotted] = value

    @staticmethod
    def resolve(dotted, scope):
        """What `a.b.c` is in a scope; None where that takes more than looking."""
        name, *rest = dotted.split(".")
        value = functools.reduce(attribute, rest, scope.get(name, _NOTHING))
        return value if isinstance(value, torch.Tensor) else None


_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)


def _scope(tree, line):
    """The innermost function around a line; the whole file where there is none."""
    best = tree
    for node in ast.walk(tree):
        if isinstance(node, _FUNCTIONS[:2]) and node.body[0].lineno <= line <= node.end_lineno:
            if best is tree or node.lineno > best.lineno:
                best = node
    return best


def _within(scope):
    """What runs in a scope itself, without the functions and classes that are defined in it."""
    stack = list(reversed(scope.body))
    while stack:
        node = stack.pop()
        yield node
        if not isinstance(node, (*_FUNCTIONS, ast.ClassDef, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)):
            stack += reversed(list(ast.iter_child_nodes(node)))


def _arguments(scope):
    given = getattr(scope, "args", None)
    return [] if given is None else [a.arg for a in [*given.args, *given.kwonlyargs]]


def _dotted(node):
    parts = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return ".".join([node.id, *reversed(parts)]) if isinstance(node, ast.Name) else None


def is_plain(expression):
    """Names, attributes and items only: looking at them runs next to nothing of the program."""
    try:
        tree = ast.parse(expression.strip(), mode="eval")
    except (SyntaxError, ValueError):
        return False
    allowed = (
        ast.Expression, ast.Name, ast.Attribute, ast.Subscript, ast.Constant, ast.Slice, ast.Tuple, ast.UnaryOp,
        ast.USub, ast.Load, getattr(ast, "Index", ast.Slice), getattr(ast, "ExtSlice", ast.Slice),
    )  # fmt: skip
    return all(isinstance(node, allowed) for node in ast.walk(tree))
