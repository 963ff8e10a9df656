"""matplotlib.cm: colour maps by name; a place on one is a colour that the panel works out."""
from ._numbers import nested


class ColorMap:
    """`cm.viridis(0.5)`: the colour there; of several places a list."""

    def __init__(self, name):
        self.name = name

    def __call__(self, where, alpha=None, bytes=False):
        places = nested(where)
        if isinstance(places, list):
            return [self(place) for place in places]
        # As matplotlib does: a whole number is an index of 256.
        share = places / 255 if isinstance(places, int) and not isinstance(places, bool) else float(places)
        return f"{self.name}@{min(1.0, max(0.0, share)):.4f}"


class Maps:
    """`matplotlib.colormaps["viridis"]`."""

    def __getitem__(self, name):
        return ColorMap(name)


def get_cmap(name=None, lut=None):
    """A colour map by its name."""
    return name if isinstance(name, ColorMap) else ColorMap(name or "viridis")


def name_of(given, default="viridis"):
    """The name of a map that is given as a name, as a map, or not at all."""
    return given if isinstance(given, str) else getattr(given, "name", None) or default


def __getattr__(name):
    if name.startswith("_"):
        raise AttributeError(f"module 'matplotlib.cm' has no attribute '{name}'")
    return ColorMap(name)
