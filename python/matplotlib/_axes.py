"""Axes: what stands around a drawing; the drawing calls are in _drawing.py."""
from . import _numbers as n
from . import _shown
from ._artists import Artist
from ._drawing import Drawing
from ._passed import Passed


def _blank():
    return {"label": "", "scale": "linear", "limits": None, "ticks": None}


class Axes(Drawing):
    """One pair of axes at a place of its figure's grid."""

    def __init__(self, figure, row=0, column=0, rows=1, columns=1):
        self._figure = figure
        self._place = row, column, rows, columns
        self.cla()

    def cla(self):
        """As if nothing had been drawn."""
        self._marks = []
        self._x, self._y = _blank(), _blank()
        self._title = ""
        self._grid = self._legend = self._bare = self._equal = False
        self._count = {"line": 0, "fill": 0}
        self._names = {}

    clear = cla

    @property
    def figure(self):
        """The figure that it is on."""
        return self._figure

    def get_figure(self):
        """The same."""
        return self._figure

    def _next(self, kind):
        """The next colour of the palette; lines and filled things each go through it."""
        self._count[kind] += 1
        return f"C{(self._count[kind] - 1) % 10}"

    def _positions(self, axis, values):
        """Numbers as they are; names become places on the axis, in the order in which they first come."""
        values = n.flat(values)
        if not any(isinstance(value, str) for value in values):
            return values
        known = self._names.setdefault(axis, {})
        for value in values:
            known.setdefault(str(value), len(known))
        ticks = [{"at": float(at), "text": name[:60]} for name, at in known.items()][:100]
        (self._x if axis == "x" else self._y)["ticks"] = ticks
        return [known[str(value)] for value in values]

    def set_title(self, label, *args, **look):
        """Above the axes."""
        self._title = str(label)[:300]
        return Passed("title")

    def set_xlabel(self, xlabel, *args, **look):
        """Below them."""
        self._x["label"] = str(xlabel)[:300]

    def set_ylabel(self, ylabel, *args, **look):
        """Beside them."""
        self._y["label"] = str(ylabel)[:300]

    def get_title(self):
        """As it was given."""
        return self._title

    def set_xlim(self, left=None, right=None, *, xmin=None, xmax=None, **more):
        """From where to where."""
        return self._limit("x", left if xmin is None else xmin, right if xmax is None else xmax)

    def set_ylim(self, bottom=None, top=None, *, ymin=None, ymax=None, **more):
        """The same, upward."""
        return self._limit("y", bottom if ymin is None else ymin, top if ymax is None else ymax)

    def _limit(self, axis, low, high):
        if high is None and isinstance(n.nested(low), list):
            low, high = n.nested(low)
        now_low, now_high = self._limits(axis)
        low = now_low if low is None else n.number(low)
        high = now_high if high is None else n.number(high)
        if low is None or high is None:
            raise ValueError("Axis limits cannot be NaN or Inf")
        (self._x if axis == "x" else self._y)["limits"] = {"from": low, "to": high}
        return low, high

    def _limits(self, axis):
        limits = (self._x if axis == "x" else self._y)["limits"]
        if limits is not None:
            return limits["from"], limits["to"]
        values = []
        for mark in self._marks:
            across = mark["kind"] == "bars" and mark["horizontal"] != (axis == "y")
            for name in ("from", "to") if across else (axis, "low", "high", "base", "top"):
                part = mark.get(name)
                if isinstance(part, list) and (axis == "y" or name not in ("low", "high", "base", "top")):
                    values += n.finite(part)
        low, high = n.span(values)
        pad = (high - low) * 0.05
        return low - pad, high + pad

    def get_xlim(self):
        """From where to where, as far as that is known before it is drawn."""
        return self._limits("x")

    def get_ylim(self):
        """The same, upward."""
        return self._limits("y")

    def set_xscale(self, value, **more):
        """`linear` or `log`; others are passed over."""
        self._scale(self._x, value)

    def set_yscale(self, value, **more):
        """The same, upward."""
        self._scale(self._y, value)

    def _scale(self, axis, value):
        if value not in ("linear", "log"):
            _shown.pass_over(f"the scale {value}")
            return
        axis["scale"] = value

    def semilogx(self, *args, **style):
        """plot, with powers of ten along x."""
        self.set_xscale("log")
        return self.plot(*args, **style)

    def semilogy(self, *args, **style):
        """plot, with powers of ten along y."""
        self.set_yscale("log")
        return self.plot(*args, **style)

    def loglog(self, *args, **style):
        """plot, with powers of ten along both."""
        self.set_xscale("log")
        return self.semilogy(*args, **style)

    def set_xticks(self, ticks, labels=None, **look):
        """Where there are ticks, and what they say."""
        self._tick(self._x, ticks, labels)

    def set_yticks(self, ticks, labels=None, **look):
        """The same, upward."""
        self._tick(self._y, ticks, labels)

    def set_xticklabels(self, labels, **look):
        """What the ticks say."""
        self._tick(self._x, None, labels)

    def set_yticklabels(self, labels, **look):
        """The same, upward."""
        self._tick(self._y, None, labels)

    def _tick(self, axis, ticks, labels):
        if ticks is None:
            ticks = [tick["at"] for tick in axis["ticks"]] if axis["ticks"] else list(range(len(labels)))
        places = n.numbers(ticks)
        texts = [f"{place:g}" for place in places] if labels is None else [str(text) for text in n.flat(labels)]
        if len(texts) != len(places):
            raise ValueError(
                f"The number of FixedLocator locations ({len(places)}), usually from a call to set_ticks, does not match "
                f"the number of labels ({len(texts)})."
            )
        axis["ticks"] = [{"at": at, "text": text[:60]} for at, text in zip(places, texts) if at is not None][:100]

    def tick_params(self, *args, **look):
        """Looks."""
        _shown.pass_over("tick_params")

    def grid(self, visible=None, which="major", axis="both", **look):
        """Lines at the ticks."""
        self._grid = not self._grid if visible is None and not look else visible is not False

    def legend(self, *args, **look):
        """What each label stands for."""
        self._legend = True
        labels = args[-1] if args else look.get("labels")
        if labels is not None:
            named = [mark for mark in self._marks if "label" in mark]
            for mark, label in zip(named, labels):
                mark["label"] = str(label)
        return Passed("legend")

    def axis(self, arg=None, **more):
        """`off`, `equal`, or the four limits."""
        if isinstance(arg, str):
            if arg == "off":
                self._bare = True
            elif arg in ("equal", "scaled", "image", "square"):
                self._equal = True
            elif arg == "on":
                self._bare = False
            elif arg not in ("auto", "tight"):
                raise ValueError(f"Unrecognized string {arg!r} to axis; try 'on' or 'off'")
        elif arg is not None:
            left, right, bottom, top = n.numbers(arg)
            self.set_xlim(left, right), self.set_ylim(bottom, top)
        return (*self.get_xlim(), *self.get_ylim())

    def set_axis_off(self):
        """No frame."""
        self._bare = True

    def set_aspect(self, aspect, **more):
        """`equal`, or not."""
        self._equal = aspect in ("equal", 1)

    def invert_yaxis(self):
        """Downward."""
        low, high = self._limits("y")
        self._y["limits"] = {"from": high, "to": low}

    def set(self, **properties):
        """Several properties at once."""
        for name, value in properties.items():
            getattr(self, f"set_{name}")(value)

    def _colorbar(self, artist):
        """A scale of the colours of the last drawing that has any, or of the given one."""
        for mark in reversed(self._marks):
            scale = mark if "colors" in mark else mark.get("scale")
            if scale and (not isinstance(artist, Artist) or artist._record is mark):
                scale["colorbar"] = True
                return

    def __getattr__(self, name):
        if name.startswith("_"):
            raise AttributeError(name)
        return Passed(name)

    def _as_data(self):
        row, column, rows, columns = self._place
        return {
            "row": row,
            "column": column,
            "rows": rows,
            "columns": columns,
            "title": self._title,
            "x": self._x,
            "y": self._y,
            "grid": self._grid,
            "legend": self._legend,
            "bare": self._bare,
            "equal": self._equal,
            "marks": self._marks,
        }
