"""What a program plots, as plain numbers: tensors, arrays, lists, ranges; and how many of them are drawn."""
import math

# Of one line, one set of points or one row of bars.
MOST = 4000
# Rows and columns of an image.
SIDE = 160


def nested(values):
    """Numbers, or lists of them as deep as `values` is; tensors and arrays as matplotlib takes them."""
    if isinstance(values, (str, bytes)):
        return values
    if getattr(values, "requires_grad", False):
        # matplotlib turns it into an array, and PyTorch refuses that.
        raise RuntimeError("Can't call numpy() on Tensor that requires grad. Use tensor.detach().numpy() instead.")
    if hasattr(values, "tolist"):
        return values.tolist()
    if isinstance(values, dict):
        raise TypeError("float() argument must be a string or a real number, not 'dict'")
    if hasattr(values, "__iter__"):
        return [nested(value) for value in values]
    return values


def flat(values):
    """One row of numbers (text stays text): of something deeper, all of them in order."""
    values = nested(values)
    if not isinstance(values, list):
        return [values]
    if any(isinstance(value, list) for value in values):
        return [number for value in values for number in flat(value)]
    return values


def number(value):
    """A number that can be drawn, or None for NaN and the infinities."""
    value = nested(value)
    if isinstance(value, list):
        (value,) = flat(value)
    value = float(value)
    return value if math.isfinite(value) else None


def numbers(values):
    """The same of each."""
    return [number(value) for value in flat(values)]


def shape_of(values):
    """The shape of nested lists."""
    shape = []
    while isinstance(values, list):
        shape.append(len(values))
        values = values[0] if values else 0
    return tuple(shape)


def columns(values):
    """A table as its columns: each is a line of its own; one row of numbers is one column."""
    values = nested(values)
    if isinstance(values, list) and values and isinstance(values[0], list):
        return [list(column) for column in zip(*values)]
    return [values if isinstance(values, list) else [values]]


def finite(values):
    """Those that can be drawn."""
    return [value for value in values if value is not None]


def span(values):
    """(least, greatest) of what can be drawn; (0, 1) where nothing can."""
    values = finite(values)
    return (min(values), max(values)) if values else (0.0, 1.0)


def short(value):
    """With the digits that a drawing shows."""
    return None if value is None else float(f"{value:.7g}")


def thinned(*rows, most=MOST):
    """(rows, whether any number was left out): of long rows every k-th, and the last."""
    count = max((len(row) for row in rows), default=0)
    if count <= most:
        return [[short(value) for value in row] for row in rows], False
    step = math.ceil(count / most)
    kept = list(range(0, count, step))
    if kept[-1] != count - 1:
        kept.append(count - 1)
    return [[short(row[i]) for i in kept if i < len(row)] for row in rows], True


def sampled(table, side=SIDE):
    """(table, step down, step across): of many rows or columns every k-th; a step of 1 leaves nothing out."""
    height, width = len(table), len(table[0]) if table else 0
    down, across = math.ceil(height / side) or 1, math.ceil(width / side) or 1
    return [row[::across] for row in table[::down]], down, across


def linspace(low, high, count):
    """`count` numbers from `low` to `high`."""
    if count < 2:
        return [low] * count
    return [low + (high - low) * i / (count - 1) for i in range(count)]


def array(values):
    """As matplotlib gives numbers back: a NumPy array where NumPy is there, else a list."""
    try:
        from numpy import asarray
    except ImportError:
        return list(values)
    return asarray(values)


def ticks(low, high, count):
    """About `count` round numbers that part low and high."""
    if not high > low:
        return [low]
    rough = (high - low) / max(1, count)
    power = 10.0 ** math.floor(math.log10(rough))
    step = next((size * power for size in (1, 2, 2.5, 5, 10) if size * power >= rough * 0.999), 10 * power)
    first = math.floor(low / step)
    last = math.ceil(high / step)
    return [i * step for i in range(first, last + 1)]


def histogram(values, bins, limits, density):
    """(heights, edges) as NumPy counts: every bin is half open but the last."""
    low, high = limits or (span(values) if values else (0.0, 1.0))
    if low == high:
        low, high = low - 0.5, high + 0.5
    edges = list(bins) if isinstance(bins, list) else linspace(low, high, int(bins) + 1)
    heights = [0.0] * (len(edges) - 1)
    for value in values:
        if value is None or not edges[0] <= value <= edges[-1]:
            continue
        at = len(heights) - 1
        if value < edges[-1]:
            low_at, high_at = 0, len(heights)
            while high_at - low_at > 1:
                middle = (low_at + high_at) // 2
                if edges[middle] <= value:
                    low_at = middle
                else:
                    high_at = middle
            at = low_at
        heights[at] += 1
    if density:
        total = sum(heights) or 1.0
        heights = [h / total / (b - a) for h, a, b in zip(heights, edges, edges[1:])]
    return heights, edges
