"""PyTorch's argument parser: which signature a call fits, and PyTorch's own words where it fits none."""
import re

from . import _bridge
from ._convert import KINDS, dtype_code, float_of, index_of, int_of, is_int_list, scalar_of
from ._infer import dtype_of, from_numbers
from ._generator import Generator
from ._type_names import TYPE_NAMES
from ._types import Size, device, dtype, layout, memory_format

# The functions in which PyTorch takes a Python number for a Tensor, with their in-place forms.
_TAKE_NUMBERS = frozenset("copy add div divide mul multiply sub subtract true_divide floor_divide".split())
_QUALIFIED = (dtype, device, layout, memory_format, Size)
_ALIASES = {"dim": "axis", "keepdim": "keepdims", "input": "x", "other": "x2"}


def _is_number(value):
    return isinstance(value, tuple(KINDS))


def _is_int_list(value, size):
    """`size` > 0 lets one int stand for the list."""
    if isinstance(value, (tuple, list)):
        return is_int_list(value)
    return size > 0 and isinstance(value, int) and not isinstance(value, bool)


def _is_name_list(value):
    return isinstance(value, (tuple, list)) and bool(value) and (value[0] is None or isinstance(value[0], str))


class Parameter:
    """One parameter of a signature such as `IntArrayRef[1]? dim=None`."""

    __slots__ = ("name", "type", "size", "optional", "allow_none", "keyword_only", "takes_number", "position")

    def __init__(self, text, keyword_only, takes_number, position):
        declared, name = text.split(" ", 1)
        name, equals, default = name.partition("=")
        self.name = name
        self.keyword_only = keyword_only
        self.optional = equals != ""
        self.allow_none = declared.endswith("?") or default == "None"
        declared = declared[:-1] if declared.endswith("?") else declared
        sized = re.match(r"(.+)\[(\d+)\]$", declared)
        self.type, self.size = (sized[1], int(sized[2])) if sized else (declared, 0)
        self.takes_number = takes_number
        self.position = position

    def takes(self, value):
        kind = self.type
        if kind == "Tensor":
            return isinstance(value, _bridge.Tensor) or (self.takes_number and _is_number(value))
        if kind == "Scalar":
            return isinstance(value, tuple(KINDS)) or scalar_of(value) is not None
        if kind == "int64_t" or kind == "SymInt":
            return int_of(value) is not None
        if kind == "double":
            return float_of(value) is not None
        if kind == "bool":
            return value is True or value is False
        if kind == "IntArrayRef" or kind == "SymIntArrayRef":
            return _is_int_list(value, self.size)
        if kind == "TensorList":
            return isinstance(value, (tuple, list)) and self._all_tensors(value)
        if kind == "c10::List<c10::optional<Tensor>>":
            return isinstance(value, (tuple, list)) and self._all_tensors([v for v in value if v is not None])
        if kind == "ArrayRef<double>":
            return isinstance(value, (tuple, list)) and all(float_of(v) is not None for v in value)
        if kind == "ScalarType":
            return value is not None and dtype_code(value) is not None
        if kind == "Device":
            return isinstance(value, (device, str)) or int_of(value) is not None
        if kind == "Layout":
            return isinstance(value, layout)
        if kind == "Generator":
            return isinstance(value, Generator)
        if kind == "MemoryFormat":
            return isinstance(value, memory_format)
        if kind == "std::string" or kind == "c10::string_view":
            return isinstance(value, str)
        if kind == "Dimname":
            return value is None or isinstance(value, str)
        if kind == "DimnameList":
            return _is_name_list(value) or (self.size > 0 and isinstance(value, str))
        if kind == "PyObject*":
            return True
        return False


    def _all_tensors(self, values):
        """True; PyTorch raises here, whatever other signatures there are, where an element is no tensor."""
        for i, value in enumerate(values):
            if not isinstance(value, _bridge.Tensor):
                raise TypeError(
                    f"expected Tensor as element {i} in argument {self.position}, but got {type_name(value)}"
                )
        return True


class Signature:
    """A signature in the notation of PyTorch's parser: `sum(Tensor input, IntArrayRef[1]? dim, *, …)`."""

    def __init__(self, text):
        self.hidden = text.endswith("|deprecated")
        self.name, inside = re.match(r"(\w+)\((.*)\)", text).groups()
        takes_number = self.name.rstrip("_") in _TAKE_NUMBERS
        self.parameters = []
        keyword_only = False
        for part in inside.split(", ") if inside else ():
            if part == "*":
                keyword_only = True
            else:
                self.parameters.append(Parameter(part, keyword_only, takes_number, len(self.parameters)))
        self.positional = sum(not p.keyword_only for p in self.parameters)
        self.required = sum(not p.optional for p in self.parameters)

    def __str__(self):
        parts = []
        for p in self.parameters:
            if p.keyword_only and "*" not in parts:
                parts.append("*")
            parts.append(f"{TYPE_NAMES[p.type]} {p.name}")
        return "(" + ", ".join(parts) + ")"

    def parse(self, args, kwargs, explain=False):
        """The arguments by parameter name, those left out left out; None, or TypeError if `explain`, where it does not fit."""
        first = self.parameters[0] if self.parameters else None
        spread = self.positional == 1 and first.type in ("IntArrayRef", "SymIntArrayRef")
        if len(args) > self.positional and not spread:
            return self._too_many(args, explain)
        bound = {}
        position = 0
        unused = len(kwargs)
        for p in self.parameters:
            keyword = position >= len(args)
            if not keyword:
                if p.keyword_only:
                    return self._too_many(args, explain)
                value = args[position]
            else:
                name = p.name
                if name not in kwargs and _ALIASES.get(name) in kwargs:
                    name = _ALIASES[name]
                value = kwargs.get(name)
                if name not in kwargs:
                    if p.optional:
                        continue
                    return self._missing(p.position, explain)
            if value is None and p.allow_none:
                if not p.optional:
                    bound[p.name] = None
            elif p.takes(value):
                bound[p.name] = value
            elif spread and position == 0 and not keyword and _is_int_list(args, 0):
                bound[p.name] = args
                position = len(args)
                continue
            elif explain:
                self._wrong(p, value, None if keyword else position)
            else:
                return None
            if keyword:
                unused -= 1
            else:
                position += 1
        if unused > 0:
            return self._unexpected(args, kwargs, explain)
        return bound

    def checked(self, bound):
        """The bound arguments, plain numbers for scalars, once every element of the lists has been looked at."""
        for p in self.parameters:
            value = bound.get(p.name)
            if p.type == "Scalar" and value is not None:
                bound[p.name] = scalar_of(value)
            if p.type in ("IntArrayRef", "SymIntArrayRef") and isinstance(value, int):
                bound[p.name] = (value,) * p.size
            elif p.type in ("IntArrayRef", "SymIntArrayRef") and isinstance(value, (tuple, list)):
                for i, item in enumerate(value):
                    if index_of(item) is None:
                        raise TypeError(
                            f"{self.name}(): argument '{p.name}' must be {TYPE_NAMES[p.type]}, "
                            f"but found element of type {type_name(item)} at pos {i + 1}"
                        )
        return bound

    def with_tensors(self, bound):
        """The bound arguments with a 0-d tensor for each number that stands for one."""
        made = dict(bound)
        for p in self.parameters:
            if p.type == "Tensor" and isinstance(made.get(p.name), (bool, int, float)):
                made[p.name] = from_numbers([made[p.name]], (), dtype_of(made[p.name]))
        return made

    def renamed(self, bound, args):
        """The bound arguments under the names that a schema's arguments have at the same places."""
        ours = {p.name for p in self.parameters}
        theirs = {a.python for a in args}
        names = {
            p.name: a.python
            for p, a in zip(self.parameters, args)
            if p.name not in theirs and a.python not in ours
        }
        return {names.get(name, name): value for name, value in bound.items()}

    def _too_many(self, args, explain):
        if not explain:
            return None
        least, most, given = self.required, self.positional, len(args)
        if least == most:
            arguments = "argument" if most == 1 else "arguments"
            was = "was" if given == 1 else "were"
            raise TypeError(f"{self.name}() takes {most} positional {arguments} but {given} {was} given")
        # Required keywords count for `least` too, so it may be the larger one; so it is in PyTorch.
        raise TypeError(f"{self.name}() takes from {least} to {most} positional arguments but {given} were given")

    def _missing(self, first, explain):
        if not explain:
            return None
        # Every required one from the first that is missing, given or not, as PyTorch lists them.
        names = [f'"{p.name}"' for p in self.parameters[first:] if not p.optional]
        # The plural the wrong way round is PyTorch's.
        arguments = "arguments" if len(names) == 1 else "argument"
        raise TypeError(f"{self.name}() missing {len(names)} required positional {arguments}: {', '.join(names)}")

    def _wrong(self, p, value, position):
        where = "" if position is None else f" (position {position + 1})"
        raise TypeError(
            f"{self.name}(): argument '{p.name}'{where} must be {TYPE_NAMES[p.type]}, not {type_name(value)}"
        )

    def _unexpected(self, args, kwargs, explain):
        if not explain:
            return None
        names = [p.name for p in self.parameters]
        for key in kwargs:
            if key not in names:
                raise TypeError(f"{self.name}() got an unexpected keyword argument '{key}'")
            if names.index(key) < len(args):
                raise TypeError(f"{self.name}() got multiple values for argument '{key}'")
        raise TypeError("invalid keyword arguments")


def type_name(value):
    """A type's name as PyTorch writes it in these messages: `float`, `torch.dtype`."""
    cls = value.__class__
    return f"torch.{cls.__name__}" if cls in _QUALIFIED else cls.__name__


def choose(signatures, args, kwargs):
    """(signature, bound arguments) of the first that fits; TypeError in PyTorch's words where none does."""
    if len(signatures) == 1:
        return signatures[0], signatures[0].checked(signatures[0].parse(args, kwargs, explain=True))
    for signature in signatures:
        bound = signature.parse(args, kwargs)
        if bound is not None:
            return signature, signature.checked(bound)
    given = len(args) + len(kwargs)
    plausible = [
        s for s in signatures if s.required <= given <= len(s.parameters) and not s.hidden
    ]
    if len(plausible) == 1:
        plausible[0].parse(args, kwargs, explain=True)
    raise TypeError(_no_match([s for s in signatures if not s.hidden], args, kwargs))


def _fits(type_text, value):
    """Whether the longer message takes a value to have the written type: by name only."""
    name = type_name(value)
    return name in ("float", "int") if type_text == "float" else name == type_text


def _bracketed(parts, args):
    # PyTorch takes the last comma away only where there are positional arguments.
    return "(" + ", ".join(parts) + (", )" if parts and not args else ")")


def _listed(args, kwargs):
    return _bracketed([type_name(v) for v in args] + [f"{k}={type_name(v)}" for k, v in kwargs.items()], args)


def _marked(option, args, kwargs):
    """The arguments' types, those that differ from the option's between exclamation marks."""
    parts = []
    for i in range(len(args) + len(kwargs)):
        type_text, name = option[i]
        value = args[i] if i < len(args) else kwargs[name]
        text = type_name(value) if i < len(args) else f"{name}={type_name(value)}"
        parts.append(text if _fits(type_text, value) else f"!{text}!")
    return _bracketed(parts, args)


def _no_match(signatures, args, kwargs):
    """The message that lists the signatures; the star counts as an argument in it, as in PyTorch."""
    # PyTorch keeps the keywords in a hash table that gives the last one first.
    kwargs = dict(reversed(kwargs.items()))
    start = f"{signatures[0].name}() received an invalid combination of arguments - "
    lines = []
    for signature in signatures:
        text = str(signature)
        # No parameters count as one without a name.
        option = [part.rpartition(" ")[::2] for part in text[1:-1].split(", ")]
        lines.append(f" * {text}\n")
        counted = len(option) == len(args) + len(kwargs)
        names = [name for _, name in option[max(0, len(option) - len(kwargs)) :]]
        unmatched = [k for k in kwargs if k not in names]
        if len(signatures) == 1:
            if unmatched:
                return start + "got unrecognized keyword arguments: " + ", ".join(unmatched)
            got = _marked(option, args, kwargs) if counted else _listed(args, kwargs)
            return f"{start}got {got}, but expected {text}"
        if counted and unmatched:
            lines.append(
                "      didn't match because some of the keywords were incorrect: " + ", ".join(unmatched) + "\n"
            )
        elif counted:
            lines.append(
                "      didn't match because some of the arguments have invalid types: "
                + _marked(option, args, kwargs)
                + "\n"
            )
    return f"{start}got {_listed(args, kwargs)}, but expected one of:\n{''.join(lines)}"
