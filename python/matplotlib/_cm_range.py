"""How numbers are laid on a colour map."""
from . import _numbers as n
from .cm import name_of


def scaled(values, cmap, vmin, vmax):
    """The fields that every mark with a colour map has: its name and the numbers at its two ends."""
    low, high = n.span(values)
    low = low if vmin is None else n.number(vmin)
    high = high if vmax is None else n.number(vmax)
    name = name_of(cmap)
    return {"colors": name[:40], "range": {"from": float(low), "to": float(high)}, "colorbar": False}
