"""What the drawing calls give back: handles to what was recorded, so that a program can go on to change it."""
from . import _shown
from ._colors import color
from ._numbers import numbers, thinned
from ._passed import Passed


class Artist:
    """A drawn thing; what it cannot do is passed over."""

    def __init__(self, record, axes):
        self._record = record
        self.axes = axes

    def set_label(self, label):
        """For the legend."""
        self._record["label"] = str(label)

    def get_label(self):
        """As it was given."""
        return self._record.get("label", "")

    def set_color(self, given):
        """Of all of it."""
        self._record["color"] = color(given)
        self._record.pop("each", None)

    def get_color(self):
        """As the figure holds it."""
        return self._record.get("color")

    def set_alpha(self, alpha):
        """From 0, not to be seen, to 1."""
        self._record["opacity"] = opacity(alpha)

    def set(self, **properties):
        """Several properties at once."""
        for name, value in properties.items():
            getattr(self, f"set_{name}")(value)

    def remove(self):
        """Take it off its axes."""
        self.axes._marks[:] = [mark for mark in self.axes._marks if mark is not self._record]

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return Passed(name)


class Line2D(Artist):
    """A line of `plot`."""

    def set_data(self, x, y):
        """Other points in the place of those."""
        (self._record["x"], self._record["y"]), _ = thinned(numbers(x), numbers(y))

    def set_ydata(self, y):
        """The same with the old x."""
        self.set_data(self._record["x"], y)

    def set_linewidth(self, width):
        """In points."""
        self._record["width"] = float(width)


class Container(Artist):
    """Bars: how many there are, and each of them."""

    def __len__(self):
        return len(self._record["from"])

    def __iter__(self):
        return iter([Bar(self._record, self.axes, i) for i in range(len(self))])

    def __getitem__(self, index):
        return list(self)[index]


class Bar(Artist):
    """One bar of a row."""

    def __init__(self, record, axes, index):
        super().__init__(record, axes)
        self._index = index

    def set_color(self, given):
        """Of this bar alone."""
        each = self._record["each"] or [self._record["color"]] * len(self._record["from"])
        each[self._index] = color(given)
        self._record["each"] = each

    set_facecolor = set_color

    def get_height(self):
        """What it measures."""
        return self._record["top"][self._index] - self._record["base"][self._index]

    def get_x(self):
        """Where it begins."""
        return self._record["from"][self._index]

    def get_width(self):
        """How wide it is."""
        return self._record["to"][self._index] - self._record["from"][self._index]


def opacity(alpha):
    """A share from 0 to 1; all of it where none is given."""
    return 1.0 if alpha is None else min(1.0, max(0.0, float(alpha)))


def left_out(**given):
    """Arguments that are not recorded are passed over."""
    for name, value in given.items():
        if value is not None:
            _shown.pass_over(f"{name}=")
