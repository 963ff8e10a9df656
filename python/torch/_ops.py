"""torch.mul, Tensor.mul, Tensor.mul_ …: Python functions made from the op list that lies beside this file."""
import operator
import re
import types

from . import _bridge, _convert, _formats, _out, _schema
from ._arguments import Signature, choose
from ._data import has, signatures
from ._types import CHANNELS_LAST_DIMS, contiguous_format, preserve_format

# What generated code sees: the bridge's globals (the core's functions appear there when bound) and the converters.
_GLOBALS = _bridge.__dict__
for _name in (
    "KINDS MISSING_LIST LEAST MOST overflow int_of int_list float_of float_list dtype_code tensor_list optional_tensor_list"
    " generator_of"
).split():
    _GLOBALS[_name] = getattr(_convert, _name)

_SIGNATURE_TYPES = {
    "Tensor|Scalar": "Tensor",
    "Tensor[]": "TensorList",
    "Tensor?[]": "c10::List<c10::optional<Tensor>>",
    "int": "int64_t",
    "int?": "int64_t?",
    "int[]": "IntArrayRef",
    "int[1]": "IntArrayRef[1]",
    "int[2]": "IntArrayRef[2]",
    "int[3]": "IntArrayRef[3]",
    "int[]?": "IntArrayRef[1]?",
    "float[]?": "ArrayRef<double>?",
    "float": "double",
    "float?": "double?",
    "str": "c10::string_view",
    "str?": "c10::string_view?",
}


class Family:
    """The ops of one Python name: `pow` has three. `rows` are the generated callers, in the list's order."""

    __slots__ = ("name", "method", "rows", "schemas", "indexes", "_signatures")

    def __init__(self, name, method):
        self.name = name
        self.method = method
        self.rows = []
        self.schemas = []
        self.indexes = []
        self._signatures = None

    def signatures(self):
        """PyTorch's own signatures of this name, or, where PyTorch has none, the schemas' ones."""
        if self._signatures is None:
            texts = signatures(self.name, self.method) or [
                self._as_signature(schema) for schema in self.schemas
            ]
            self._signatures = [Signature(text) for text in texts]
        return self._signatures

    def _as_signature(self, schema):
        parts = []
        for a in schema.args:
            if self.method and a.name == "self":
                continue
            if a.keyword_only and "*" not in parts:
                parts.append("*")
            default = "" if a.default is None else "=" + a.default
            parts.append(f"{_SIGNATURE_TYPES.get(a.type, a.type)} {a.python}{default}")
        return f"{self.name}({', '.join(parts)})"

    def resolve(self, where, args, kwargs):
        """The slow way, for calls that no generated caller took as they stand: by PyTorch's parser, or its TypeError."""
        own = None
        if self.method:
            if not args or not isinstance(args[0], _bridge.Tensor):
                raise TypeError(
                    f"descriptor '{self.name}' for '_TensorBase' objects doesn't apply to a "
                    f"'{args[0].__class__.__name__ if args else 'NoneType'}' object"
                )
            own, args = args[0], args[1:]
        known = self.signatures()
        if self.method and len(known) == 1 and not known[0].parameters:
            if kwargs:
                raise TypeError(f"_TensorBase.{self.name}() takes no keyword arguments")
            if args:
                raise TypeError(f"_TensorBase.{self.name}() takes no arguments ({len(args)} given)")
        signature, bound = choose(known, args, kwargs)
        memory_format = bound.pop("memory_format", None)
        tensor = bound.get("input") if own is None else own
        if memory_format is preserve_format and self.name == "contiguous" or memory_format in CHANNELS_LAST_DIMS:
            if self.name in ("clone", "contiguous"):
                return (_formats.copied if self.name == "clone" else _formats.contiguous)(tensor, memory_format)
        if memory_format is contiguous_format and self.name == "clone":
            if not tensor.is_contiguous():
                # A copy too, by the same node, that lies row by row.
                return tensor.contiguous()
        out = bound.pop("out", None)
        if out is not None:
            _out.refuse_gradients(self.name, out, bound.values())
        _refuse_names(signature, bound, own)
        # First as given; then with numbers that PyTorch takes for tensors made into some.
        for arguments in (bound, signature.with_tensors(bound)):
            for row, schema in zip(self.rows, self.schemas):
                try:
                    got = row(where, **_of_schema(schema, signature, own, arguments))
                except TypeError:
                    continue
                if got is not None:
                    result = _finished(schema, got)
                    return result if out is None else _out.written(out, result)
        raise NotImplementedError(
            f"{signature.name}{signature} is not in the embedded engine (yet) in this form; the PyTorch engine has it"
        )


def _refuse_names(signature, bound, own):
    """No tensor here has named dimensions, so none of that name is found."""
    for p in signature.parameters:
        if p.type in ("Dimname", "DimnameList") and p.name in bound:
            name = bound[p.name]
            name = name[0] if isinstance(name, (tuple, list)) else name
            if name is None:
                raise RuntimeError("Please look up dimensions by name, got: name = None.")
            tensor = own if own is not None else next(iter(bound.values()))
            tensor = tensor[0] if isinstance(tensor, (tuple, list)) else tensor
            raise RuntimeError(f"Name '{name}' not found in Tensor[{', '.join(['None'] * tensor.dim())}].")


def _finished(schema, got):
    if got == -1:
        _bridge.fail()
    if schema.returns == "Tensor":
        return _bridge.wrap(got)
    make = _GLOBALS.get(f"_record_{schema.name}", tuple)
    return make([_bridge.wrap(_bridge.result(i)) for i in range(got)])


# First the core reads what is common by itself (see engines/embedded/realm/arguments.ts).
_CALLER = """
def {name}(*args, **kwargs):
{first}
    where = position()
{tries}
    return {family}.resolve(where, args, kwargs)
"""
_FIRST = """    got = {apply}(args, kwargs, {ops})
    if got is not None: return got"""
_TRY = """
    try:
        got = {row}(where, {arguments}**kwargs)
    except TypeError:
        got = None
    if got is not None:
        {finish}
"""


def _finish(name, returns):
    """The lines that turn what the core gave into what the function returns."""
    if returns == "Tensor":
        return "if got > 0: return wrap(got)\n        fail()"
    made = "tuple"
    fields = re.findall(r"Tensor\?? (\w+)", returns)
    # PyTorch names `result0`, `result1` … what has no name: there a plain tuple comes back.
    if fields and not fields[0].startswith("result"):
        made = f"_record_{name}"
        _GLOBALS[made] = record(name, fields)
    return f"if got >= 0: return {made}([wrap(result(i)) for i in range(got)])\n        fail()"


def record(name, fields):
    """The tuple with named members that an op such as `max` returns, printed as PyTorch prints it."""

    def __repr__(self):
        members = ",\n".join(f"{field}={value!r}" for field, value in zip(fields, self))
        return f"torch.return_types.{name}(\n{members})"

    members = {field: property(operator.itemgetter(i)) for i, field in enumerate(fields)}
    return type(name, (tuple,), {"__slots__": (), "__module__": "torch.return_types", "__repr__": __repr__, **members})


def _define(family):
    """Define the Python function of a family and return it."""
    name = f"_{'method' if family.method else 'function'}_{family.name}"
    _GLOBALS[name + "_family"] = family
    tries = [
        _TRY.format(row=row.__name__, arguments=arguments, finish=_finish(schema.name, schema.returns))
        for row, schema in zip(family.rows, family.schemas)
        for arguments in _forms(schema, family.method)
    ]
    ops = list(plain_ops(family))
    apply = "applyMethod" if family.method else "apply"
    first = _FIRST.format(apply=apply, ops=", ".join(map(str, ops))) if ops else ""
    source = _CALLER.format(name=name, first=first, tries="".join(tries), family=name + "_family")
    exec(compile(source, f"<facade {family.name}>", "exec"), _GLOBALS)
    function = _GLOBALS[name]
    function.__name__ = family.name
    function.__qualname__ = f"Tensor.{family.name}" if family.method else family.name
    function.__module__ = "torch"
    return function


def plain_ops(family):
    """The indexes of the ops that the core may try by itself: the first ones, up to one that takes or gives something rarer."""
    for index, schema in zip(family.indexes, family.schemas):
        turned = family.method and next((i for i, a in enumerate(schema.args) if a.name == "self"), 0) > 0
        rare = schema.returns != "Tensor" or any(a.type == "Generator?" for a in schema.args)
        if turned or rare:
            return
        yield index


def _forms(schema, method):
    """How the arguments may be given: as they stand, or `x.view(2, 3)` for `x.view((2, 3))`."""
    positional = [a for a in schema.args if not a.keyword_only]
    # A method's tensor is not the first argument of every op: `x.where(condition, other)`.
    at = next((i for i, a in enumerate(positional) if a.name == "self"), 0) if method else 0
    plain = f"*args[1:{at + 1}], *args[:1], *args[{at + 1}:], " if at else "*args, "
    if len(positional) == 1 + method and positional[-1].type == "int[]":
        return ("*args[:1], args[1:] or None, " if method else "args or None, ", plain)
    return (plain,)


def _of_schema(schema, signature, own, bound):
    """The bound arguments by the schema's names, with the tensor that a method belongs to."""
    if own is None:
        return signature.renamed(bound, schema.args)
    given = signature.renamed(bound, [a for a in schema.args if a.name != "self"])
    return {"input": own, **given}


def _is_method(name):
    """Whether PyTorch's Tensor has it: every in-place row comes as a method, but `celu_` is a function of torch."""
    return name.startswith("_") or has("torch.Tensor", name) or not has("torch", name)


# What PyTorch keeps in torch._C._nn (the functions under torch.nn.functional), torch._C._linalg and so on.
nn = types.SimpleNamespace()
linalg = types.SimpleNamespace()
special = types.SimpleNamespace()
_homes = {"nn": nn, "linalg": linalg, "special": special}
# The families of Tensor's methods by name.
methods = {}


def load(ops):
    """(functions, methods) by Python name, made from the op list: objects {name, schema, function, method, home}, in index order."""
    families = {False: {}, True: {}}
    housed = {home: {} for home in _homes}
    _bridge.op_names[:] = [op["name"] for op in ops]
    for index, op in enumerate(ops):
        schema = _schema.parse(op["schema"])
        row = f"_row_{op['name'].replace('.', '_')}"
        exec(compile(_schema.source(row, index, schema), f"<facade {op['name']}>", "exec"), _GLOBALS)
        places = []
        if op["home"]:
            places.append((housed[op["home"]], False))
        if op["function"] or (op["method"] and schema.name.endswith("_") and has("torch", schema.name)):
            places.append((families[False], False))
        if op["method"] and _is_method(schema.name):
            places.append((families[True], True))
        for known, method in places:
            family = known.setdefault(schema.name, Family(schema.name, method))
            family.rows.append(_GLOBALS[row])
            family.schemas.append(schema)
            family.indexes.append(index)
    made = tuple({name: _define(family) for name, family in families[method].items()} for method in (False, True))
    methods.update(families[True])
    for home, known in housed.items():
        for name, family in known.items():
            setattr(_homes[home], name, _define(family))
    return made, families
