"""
A local rule worked out again with the numbers that were kept, for the values of its parts. What it gives counts only
where it is the very gradient that PyTorch sent; the rule's language is that of autograd/formula.ts.
"""
import ast
import math

import torch

from .formulas import literal
from .tensors import Numbers, readable

# Beyond it (elements of one tensor) a rule is not worked out again.
LARGEST = 1 << 16


class Unknown(Exception):
    """The rule has a part that cannot be worked out here."""


def worked_out(text, plain, tensors, sent):
    """
    (terms, gradient before broadcasting is undone or None) of a rule; None where it cannot be worked out, or comes
    to something else than `sent` (Numbers).
    """
    if any(math.prod(t.shape) > LARGEST for t in tensors.values()):
        return None
    names = {name: numbers.tensor() for name, numbers in tensors.items()}
    evaluation = _Evaluation(text, plain, names)
    try:
        value = evaluation.value(ast.parse(text, mode="eval").body)
    except (Unknown, SyntaxError, TypeError, RuntimeError, ValueError, AttributeError, IndexError, ArithmeticError):
        return None
    if not isinstance(value, torch.Tensor) or not readable(value):
        return None
    fitted, gradient = value, sent.tensor()
    if list(fitted.shape) != sent.shape:
        try:
            fitted = fitted.sum_to_size(sent.shape)
        except RuntimeError:
            return None
    if not torch.allclose(fitted.double().cpu(), gradient.double().cpu(), rtol=1e-5, atol=1e-8, equal_nan=True):
        return None
    return evaluation.terms(), None if list(value.shape) == sent.shape else Numbers(value)


class _Evaluation:
    def __init__(self, text, plain, tensors):
        self.text = text
        self.plain = plain
        self.tensors = tensors
        self._noted = []

    def terms(self):
        out = []
        for start, end, value in self._noted:
            if isinstance(value, torch.Tensor):
                if not readable(value):
                    continue
                content = {"kind": "value", "value": Numbers(value).value()}
            else:
                content = {"kind": "literal", "text": literal(value)}
            out.append({"start": start, "end": end, "content": content})
        return out

    def _note(self, node, value):
        # Rules are ASCII: the byte offsets of `ast` are those of characters.
        self._noted.append((node.col_offset, node.end_col_offset, value))
        return value

    def value(self, node):
        if isinstance(node, ast.Constant):
            return node.value
        if isinstance(node, ast.Name):
            if node.id in ("null", "true", "false"):
                return {"null": None, "true": True, "false": False}[node.id]
            return self._note(node, self._named(node.id))
        if isinstance(node, ast.List):
            return [self.value(item) for item in node.elts]
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
            return -self.value(node.operand)
        if isinstance(node, ast.BinOp):
            return self._binary(node.op, self.value(node.left), self.value(node.right))
        if isinstance(node, ast.Compare) and len(node.ops) == 1:
            return self._binary(node.ops[0], self.value(node.left), self.value(node.comparators[0]))
        if isinstance(node, ast.Subscript):
            return self._note(node, self.value(node.value)[self.value(node.slice)])
        if isinstance(node, ast.Call) and not node.keywords:
            return self._note(node, self._call(node))
        raise Unknown

    def _named(self, name):
        for known in (self.tensors, self.plain):
            if name in known:
                return known[name]
        raise Unknown

    def _call(self, node):
        function = node.func
        if isinstance(function, ast.Attribute):
            whole = self.text[node.col_offset : node.end_col_offset]
            if whole in self.plain:
                return self.plain[whole]
            if function.attr in _METAS and not node.args and isinstance(function.value, ast.Name):
                return _METAS[function.attr](self._named(function.value.id))
            name, arguments = function.attr, [self.value(function.value)]
        elif isinstance(function, ast.Name):
            name, arguments = function.id, []
        else:
            raise Unknown
        arguments += [self.value(argument) for argument in node.args]
        if name in _PLAIN and not any(isinstance(a, torch.Tensor) for a in arguments):
            return _PLAIN[name](*arguments)
        called = _OWN.get(name)
        if called is None and arguments and isinstance(arguments[0], torch.Tensor):
            called = getattr(torch.Tensor, name, None)
        called = called or getattr(torch, name, None) or getattr(torch.ops.aten, name, None)
        if called is None:
            raise Unknown
        return called(*arguments)

    @staticmethod
    def _binary(op, left, right):
        for kind, apply in _OPERATORS:
            if isinstance(op, kind):
                return apply(left, right)
        raise Unknown


_OPERATORS = (
    (ast.Add, lambda a, b: a + b),
    (ast.Sub, lambda a, b: a - b),
    (ast.Mult, lambda a, b: a * b),
    (ast.Div, lambda a, b: a / b),
    (ast.Pow, lambda a, b: a**b),
    (ast.Gt, lambda a, b: a > b),
    (ast.GtE, lambda a, b: a >= b),
    (ast.Lt, lambda a, b: a < b),
    (ast.LtE, lambda a, b: a <= b),
    (ast.Eq, lambda a, b: a == b),
    (ast.NotEq, lambda a, b: a != b),
    (ast.BitAnd, lambda a, b: a & b),
    (ast.BitOr, lambda a, b: a | b),
)
_METAS = {
    "sizes": lambda t: tuple(t.shape),
    "strides": lambda t: t.stride(),
    "numel": lambda t: t.numel(),
    "dim": lambda t: t.dim(),
    "scalar_type": lambda t: t.dtype,
}


def _count(sizes, dim):
    dims = range(len(sizes)) if dim is None or len(dim) == 0 else dim
    return math.prod(sizes[d] for d in dims)


_PLAIN = {"count": _count, "log": math.log}


def _where(condition, one, other):
    """PyTorch before 2 takes no plain number on either side."""
    like = one if isinstance(one, torch.Tensor) else other
    made = [x if isinstance(x, torch.Tensor) else torch.full((), x, dtype=like.dtype, device=like.device) for x in (one, other)]
    return torch.where(condition, *made)


def _unsqueeze_multiple(tensor, dim, sizes):
    """The dimensions that a reduction took away, back with size 1."""
    if dim is None or len(dim) == 0:
        return tensor.reshape([1] * len(sizes))
    for d in sorted(d % len(sizes) for d in dim):
        tensor = tensor.unsqueeze(d)
    return tensor


_OWN = {"where": _where, "unsqueeze_multiple": _unsqueeze_multiple}
