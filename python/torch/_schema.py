"""Op schemas in PyTorch's notation, parsed, and the Python source of the function that calls one op."""
import keyword
import re


class Argument:
    """One argument of a schema: its name there, the name that Python callers use, type, default text, keyword-only."""

    __slots__ = ("name", "python", "type", "default", "keyword_only")


class Schema:
    """`name.overload(Type argument, …) -> returns`"""

    __slots__ = ("name", "args", "returns")


_ARGUMENT = re.compile(r"(\S+) (\w+)(?:=(.+))?$")


def parse(text):
    """Parse a schema; ValueError names the part that is not one."""
    match = re.match(r"(\w+)(?:\.\w+)?\((.*)\) -> (.+)$", text)
    if match is None:
        raise ValueError(f"not a schema: {text!r}")
    schema = Schema()
    schema.name, inside, schema.returns = match.groups()
    schema.args = []
    keyword_only = False
    for part in inside.split(", ") if inside else ():
        if part == "*":
            keyword_only = True
            continue
        found = _ARGUMENT.match(part)
        if found is None or found[1] not in _FLATTEN:
            raise ValueError(f"not an argument: {part!r} in {text!r}")
        argument = Argument()
        argument.type, argument.name, argument.default = found.groups()
        argument.keyword_only = keyword_only
        # torch.exp(input=x), though the schema says self; a number there keeps its name.
        argument.python = "input" if argument.name == "self" and argument.type.startswith("Tensor") else argument.name
        if keyword.iskeyword(argument.python):
            argument.python += "_"
        schema.args.append(argument)
    return schema


# How a value becomes what the bridge takes: lines that check it (giving None where it does not fit), and the
# expressions to pass. `{x}` is the argument's name.
_FLATTEN = {
    "Tensor": ("if not isinstance({x}, Tensor): return None", "{x}._h"),
    "Tensor?": (
        "if {x} is None: {x}_ = 0\nelif isinstance({x}, Tensor): {x}_ = {x}._h\nelse: return None",
        "{x}_",
    ),
    "Tensor[]": ("{x}_ = tensor_list({x})\nif {x}_ is None: return None", "len({x}_), *{x}_"),
    "Tensor?[]": ("{x}_ = optional_tensor_list({x})\nif {x}_ is None: return None", "len({x}_), *{x}_"),
    "Tensor|Scalar": (
        "if isinstance({x}, Tensor): {x}_ = {x}._h; {x}_k = 0\n"
        "else:\n    {x}_k = KINDS.get({x}.__class__)\n    if {x}_k is None: return None\n    {x}_ = {x}\n"
        "    if {x}_k == 2 and not LEAST <= {x} <= MOST: overflow()",
        "{x}_, {x}_k",
    ),
    "Scalar": (
        "{x}_k = KINDS.get({x}.__class__)\nif {x}_k is None: return None\n"
        "if {x}_k == 2 and not LEAST <= {x} <= MOST: overflow()",
        "{x}, {x}_k",
    ),
    "Scalar?": (
        "if {x} is None: {x}_k = -1; {x} = 0\nelse:\n"
        "    {x}_k = KINDS.get({x}.__class__)\n    if {x}_k is None: return None\n"
        "    if {x}_k == 2 and not LEAST <= {x} <= MOST: overflow()",
        "{x}, {x}_k",
    ),
    "int": ("if {x}.__class__ is not int:\n    {x} = int_of({x})\n    if {x} is None: return None", "{x}"),
    "int?": (
        "if {x} is not None and {x}.__class__ is not int:\n    {x} = int_of({x})\n    if {x} is None: return None",
        "{x}",
    ),
    "int[]": ("{x}_ = int_list({x})\nif {x}_ is None: return None", "len({x}_), *{x}_"),
    "int[1]": (
        "if {x}.__class__ is int: {x}_ = ({x},)\nelse:\n    {x}_ = int_list({x})\n    if {x}_ is None: return None",
        "len({x}_), *{x}_",
    ),
    "int[2]": (
        "if {x}.__class__ is int: {x}_ = ({x}, {x})\nelse:\n    {x}_ = int_list({x})\n    if {x}_ is None: return None",
        "len({x}_), *{x}_",
    ),
    "int[3]": (
        "if {x}.__class__ is int: {x}_ = ({x}, {x}, {x})\nelse:\n    {x}_ = int_list({x})\n    if {x}_ is None: return None",
        "len({x}_), *{x}_",
    ),
    "bool[]": ("{x}_ = tuple({x})", "len({x}_), *{x}_"),
    "int[]?": (
        "if {x} is None: {x}_ = MISSING_LIST\nelif {x}.__class__ is int: {x}_ = (1, {x})\nelse:\n"
        "    {x}_ = int_list({x})\n    if {x}_ is None: return None\n    {x}_ = (len({x}_), *{x}_)",
        "*{x}_",
    ),
    "float[]?": (
        "{x}_ = float_list({x})\nif {x}_ is None: return None",
        "*{x}_",
    ),
    "float": ("{x}_ = float_of({x})\nif {x}_ is None: return None", "{x}_"),
    "float?": ("{x}_ = float_of({x})\nif {x}_ is None and {x} is not None: return None", "{x}_"),
    "bool": ("if {x} is not True and {x} is not False: return None", "{x}"),
    "ScalarType?": ("{x}_ = dtype_code({x})\nif {x}_ is None: return None", "{x}_"),
    "Generator?": ("{x}_ = generator_of({x})\nif {x}_ is None: return None", "{x}_"),
    "str": ("if not isinstance({x}, str): return None", "{x}"),
    "str?": ("if {x} is not None and not isinstance({x}, str): return None", "{x}"),
}


def _default(argument):
    if argument.default is None:
        return ""
    return "=" + ("()" if argument.default == "[]" else argument.default)


def source(function, index, schema):
    """
    Source of `function(where, …arguments)`: the handle (or the count of results) that op `index` gives, -1 for
    an error of the core, None where an argument does not fit the schema.
    """
    parameters = ["where"]
    body = []
    flat = [str(index), "where"]
    star = False
    for argument in schema.args:
        if argument.keyword_only and not star:
            parameters.append("*")
            star = True
        parameters.append(argument.python + _default(argument))
        checks, passed = _FLATTEN[argument.type]
        body += checks.format(x=argument.python).split("\n")
        flat.append(passed.format(x=argument.python))
    lines = [f"def {function}({', '.join(parameters)}):", *("    " + line for line in body)]
    return "\n".join([*lines, f"    return call({', '.join(flat)})", ""])
