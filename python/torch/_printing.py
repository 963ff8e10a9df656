"""What PyTorch prints for a tensor, as functions of shape, flat numbers and dtype: digits, summary, wrapping, suffixes."""
import math


class PrintOptions:
    """What `torch.set_printoptions` sets."""

    __slots__ = ("precision", "threshold", "edgeitems", "linewidth", "sci_mode")

    def __init__(self):
        self.sci_mode = None
        self.profile("default")

    def profile(self, name):
        """Set everything but `sci_mode` to a named profile; an unknown name changes nothing, as in PyTorch."""
        found = {"default": (4, 1000, 3), "short": (2, 1000, 2), "full": (4, math.inf, 3)}.get(name)
        if found is not None:
            self.precision, self.threshold, self.edgeitems = found
            self.linewidth = 80


OPTIONS = PrintOptions()


def set_printoptions(
    precision=None, threshold=None, edgeitems=None, linewidth=None, profile=None, sci_mode=None
):
    """Set how tensors print. Every call sets `sci_mode` anew (None: chosen per tensor); the rest only where given."""
    if profile is not None:
        OPTIONS.profile(profile)
    if precision is not None:
        OPTIONS.precision = precision
    if threshold is not None:
        OPTIONS.threshold = threshold
    if edgeitems is not None:
        OPTIONS.edgeitems = edgeitems
    if linewidth is not None:
        OPTIONS.linewidth = linewidth
    OPTIONS.sci_mode = sci_mode


def summary_positions(shape, edgeitems):
    """The row-major positions of the elements that a summary shows, in order."""
    positions = [0]
    for size in shape:
        if size > 2 * edgeitems:
            shown = [*range(edgeitems), *range(size - edgeitems, size)]
        else:
            shown = range(size)
        positions = [p * size + i for p in positions for i in shown]
    return positions


def _formatter(values, kind):
    """A function from a number to its text, right-aligned to one width, and that width."""
    if kind == "float":
        return _float_formatter(values)
    plain = str if kind == "int" else lambda v: str(bool(v))
    width = max(map(len, map(plain, values)))
    return (lambda v: plain(v).rjust(width)), width


def _float_formatter(values):
    precision = OPTIONS.precision
    fixed = f"{{:.{precision}f}}".format
    exponent = f"{{:.{precision}e}}".format
    finite = [v for v in values if v != 0 and math.isfinite(v)]
    integral = all(v.is_integer() for v in finite)
    scientific = False
    width = 1
    if finite:
        smallest = min(map(abs, finite))
        largest = max(map(abs, finite))
        scientific = (
            largest / smallest > 1000.0 or largest > 1.0e8 or (not integral and smallest < 1.0e-4)
        )
        if scientific:
            width = max(map(len, map(exponent, finite)))
        elif integral:
            width = max(len(f"{v:.0f}") for v in finite) + 1
        else:
            width = max(map(len, map(fixed, finite)))
    if OPTIONS.sci_mode is not None:
        scientific = OPTIONS.sci_mode
    if scientific:
        return (lambda v: exponent(v).rjust(width)), width
    if integral:
        return (lambda v: (f"{v:.0f}." if math.isfinite(v) else f"{v:.0f}").rjust(width)), width
    return (lambda v: fixed(v).rjust(width)), width


def _row(texts, size, start, indent, width, summarise):
    per_line = max(1, math.floor((OPTIONS.linewidth - indent) / (width + 2)))
    edge = OPTIONS.edgeitems
    if summarise and size > 2 * edge:
        row = [*texts(start, edge), " ...", *texts(start + size - edge, edge)]
    else:
        row = texts(start, size)
    lines = [", ".join(row[i : i + per_line]) for i in range(0, len(row), per_line)]
    return "[" + (",\n" + " " * (indent + 1)).join(lines) + "]"


def _nested(texts, shape, start, indent, width, summarise):
    size = shape[0]
    if len(shape) == 1:
        return _row(texts, size, start, indent, width, summarise)
    inner = shape[1:]
    step = math.prod(inner)
    edge = OPTIONS.edgeitems

    def part(i):
        return _nested(texts, inner, start + i * step, indent + 1, width, summarise)

    if summarise and size > 2 * edge:
        parts = [*map(part, range(edge)), "...", *map(part, range(size - edge, size))]
    else:
        parts = list(map(part, range(size)))
    return "[" + ("," + "\n" * (len(shape) - 1) + " " * (indent + 1)).join(parts) + "]"


def contents(shape, values, kind, indent):
    """The text between `tensor(` and the suffixes; `values` is row-major, `kind` is "float", "int" or "bool"."""
    numel = math.prod(shape)
    if numel == 0:
        return "[]"
    summarise = numel > OPTIONS.threshold
    seen = [values[i] for i in summary_positions(shape, OPTIONS.edgeitems)] if summarise else values
    text, width = _formatter(seen, kind)
    if not shape:
        return text(values[0])
    return _nested(
        lambda start, count: [text(v) for v in values[start : start + count]], shape, 0, indent, width, summarise
    )


def with_suffixes(text, suffixes, indent):
    """Append `, suffix` for each, on a new line where the last one would grow past `linewidth`; then the bracket."""
    parts = [text]
    last = len(text) - text.rfind("\n") + 1
    for suffix in suffixes:
        if last + len(suffix) + 2 > OPTIONS.linewidth:
            parts.append(",\n" + " " * indent + suffix)
            last = indent + len(suffix)
        else:
            parts.append(", " + suffix)
            last += len(suffix) + 2
    return "".join(parts) + ")"


def tensor_repr(prefix, shape, values, dtype, default_dtype, grad_fn, requires_grad, tangent=None):
    """PyTorch's `repr`. `prefix` is `tensor(`; `grad_fn` the node's class name or None; `tangent` a tensor or None."""
    indent = len(prefix)
    suffixes = []
    if math.prod(shape) == 0:
        if len(shape) != 1:
            suffixes.append(f"size={tuple(shape)}")
        if dtype is not default_dtype:
            suffixes.append(f"dtype={dtype!r}")
    elif dtype is not default_dtype and dtype.name not in ("int64", "bool"):
        suffixes.append(f"dtype={dtype!r}")
    if grad_fn is not None:
        suffixes.append(f"grad_fn=<{grad_fn}>")
    elif requires_grad:
        suffixes.append("requires_grad=True")
    if tangent is not None:
        suffixes.append(f"tangent={tangent}")
    return with_suffixes(prefix + contents(shape, values, dtype.kind, indent), suffixes, indent)
