"""Tensor's operators: which op each one is, in PyTorch's own terms (`1 / x` is a reciprocal and a product)."""
from . import _bridge, _creation, _infer

_BINARY = {
    "__add__": "add",
    "__radd__": "add",
    "__sub__": "sub",
    "__rsub__": "rsub",
    "__mul__": "mul",
    "__rmul__": "mul",
    "__truediv__": "div",
    "__floordiv__": "floor_divide",
    "__mod__": "remainder",
    "__pow__": "pow",
    "__matmul__": "matmul",
    "__lt__": "lt",
    "__le__": "le",
    "__gt__": "gt",
    "__ge__": "ge",
    "__eq__": "eq",
    "__ne__": "ne",
    "__and__": "bitwise_and",
    "__rand__": "bitwise_and",
    "__or__": "bitwise_or",
    "__ror__": "bitwise_or",
    "__xor__": "bitwise_xor",
    "__rxor__": "bitwise_xor",
    "__lshift__": "bitwise_left_shift",
    "__rshift__": "bitwise_right_shift",
    "__iadd__": "add_",
    "__isub__": "sub_",
    "__imul__": "mul_",
    "__itruediv__": "div_",
    "__ifloordiv__": "floor_divide_",
    "__imod__": "remainder_",
    "__ipow__": "pow_",
    "__iand__": "bitwise_and_",
    "__ior__": "bitwise_or_",
    "__ixor__": "bitwise_xor_",
}
# `other OP self`: the op takes the operands as they are written.
_REFLECTED = {"__rmod__": "remainder", "__rfloordiv__": "floor_divide", "__rmatmul__": "matmul"}
_UNARY = {"__neg__": "neg", "__abs__": "abs", "__invert__": "bitwise_not"}

# Like the functions of _ops.py, but an operand that fits no row is Python's affair.
_CALLER = """
def {name}({parameters}):
    got = apply{count}({arguments}, {ops})
    if got is not None:
        return got
    where = position()
    try:
{tries}
        if got is None:
            return NotImplemented
        if got > 0:
            return wrap(got)
        fail()
    except TypeError:
        return NotImplemented
"""


def install(Tensor, rows_of):
    """Give Tensor its operators. `rows_of(op)`: names of the generated callers of an op with the ops' indexes, none where it is missing."""
    for table, parameters, arguments in (
        (_BINARY, "self, other", "self, other"),
        (_REFLECTED, "self, other", "other, self"),
        (_UNARY, "self", "self"),
    ):
        for name, op in table.items():
            rows = rows_of(op)
            if not rows:
                setattr(Tensor, name, _lacking(name, op))
                continue
            first, *more = rows
            tries = [f"        got = {first}(where, {arguments})"]
            tries += [f"        if got is None: got = {row}(where, {arguments})" for row in more]
            source = _CALLER.format(
                name=name,
                parameters=parameters,
                count=arguments.count(",") + 1,
                arguments=arguments,
                ops=", ".join(map(str, rows.values())),
                tries="\n".join(tries),
            )
            exec(compile(source, f"<facade {name}>", "exec"), _bridge.__dict__)
            function = _bridge.__dict__.pop(name)
            function.__qualname__ = f"Tensor.{name}"
            function.__module__ = "torch"
            setattr(Tensor, name, function)
    Tensor.__invert__ = _whole(Tensor.__invert__)
    Tensor.__rtruediv__ = _rtruediv
    Tensor.__rpow__ = _rpow
    Tensor.__pos__ = _pos


def _lacking(name, op):
    def operator(self, *_):
        raise NotImplementedError(
            f"Tensor.{name} ({op}) is not in the embedded engine (yet); the PyTorch engine has it"
        )

    return operator


def _whole(invert):
    def __invert__(self):
        if self.dtype.kind == "float":
            raise TypeError("~ (operator.invert) is only implemented on integer and Boolean-type tensors")
        return invert(self)

    return __invert__


def _rtruediv(self, other):
    """`other / self`"""
    return self.reciprocal() * other


def _rpow(self, other):
    """`other ** self`, with a base that is a tensor: that is how PyTorch records it."""
    if not isinstance(other, (int, float)):
        return NotImplemented
    return _creation.tensor(other, dtype=_infer.result_type(other, self)) ** self


def _pos(self):
    """`+self` is the tensor itself."""
    if self.dtype.kind == "bool":
        raise RuntimeError("The `+` operator, on a bool tensor is not supported.")
    return self
