"""The drawing calls of axes: each checks what it was given as matplotlib does and records one or more marks."""
from . import _numbers as n
from ._artists import Artist, Container, Line2D, left_out, opacity
from ._cm_range import scaled
from ._colors import DASHES, color, is_color, style_of


class Drawing:
    """Mixed into Axes, which gives `_marks`, `_figure`, `_positions(axis, values)` and `_next(kind)`."""

    def _add(self, record):
        self._marks.append(record)
        return record

    def _thin(self, *rows, most=n.MOST):
        rows, less = n.thinned(*rows, most=most)
        self._figure._thinned |= less
        return rows

    def _sample(self, table):
        table, down, across = n.sampled(table)
        self._figure._thinned |= down * across > 1
        return table, down, across

    def plot(self, *args, scalex=True, scaley=True, data=None, **style):
        """Lines: `plot([x], y, [format], ...)`."""
        made, rest = [], list(args)
        while rest:
            first = rest.pop(0)
            y = rest.pop(0) if rest and not isinstance(rest[0], str) else None
            form = rest.pop(0) if rest and isinstance(rest[0], str) else ""
            x, y = (None, first) if y is None else (first, y)
            made += self._lines(x, y, form, style)
        return made

    def _lines(self, x, y, form, style):
        ys = n.columns(y)
        xs = [list(range(len(ys[0])))] if x is None else n.columns(x)
        made = []
        for i in range(max(len(xs), len(ys))):
            x1, y1 = xs[min(i, len(xs) - 1)], ys[min(i, len(ys) - 1)]
            if len(x1) != len(y1):
                shapes = n.shape_of(n.nested(xs[0] if x is None else x)), n.shape_of(n.nested(y))
                raise ValueError(f"x and y must have same first dimension, but have shapes {shapes[0]} and {shapes[1]}")
            made.append(self._line(x1, y1, form, dict(style)))
        return made

    def _line(self, x, y, form, style):
        form_color, form_dash, form_marker = style_of(form)
        take = style.pop
        given = take("color", take("c", None))
        dash = take("linestyle", take("ls", None))
        marker = take("marker", None)
        if marker is None:
            marker = form_marker or ""
        if dash is None:
            dash = form_dash or ("none" if form_marker else "-")
        width = take("linewidth", take("lw", None))
        drawn = DASHES.get(dash)
        size = take("markersize", take("ms", None))
        label, alpha, where = take("label", ""), take("alpha", None), take("drawstyle", None)
        left_out(**style)
        x, y = self._thin(n.numbers(self._positions("x", x)), n.numbers(self._positions("y", y)))
        record = {
            "kind": "line",
            "color": color(given) or form_color or self._next("line"),
            "opacity": opacity(alpha),
            "label": _label(label),
            "x": x,
            "y": y,
            "width": (1.5 if width is None else float(width)) if drawn else 0,
            "dash": drawn or "solid",
            "marker": marker if isinstance(marker, str) and marker.lower() != "none" else "",
            "size": 6.0 if size is None else float(size),
        }
        if isinstance(where, str) and where.startswith("steps"):
            record["step"] = where.partition("-")[2] or "pre"
        return Line2D(self._add(record), self)

    def step(self, x, y, *args, where="pre", **style):
        """A line of steps."""
        return self.plot(x, y, *args, drawstyle=f"steps-{where}", **style)

    def errorbar(self, x, y, yerr=None, xerr=None, fmt="", **style):
        """The line; its errors are passed over."""
        left_out(yerr=yerr, xerr=xerr)
        for name in ("capsize", "ecolor", "elinewidth"):
            style.pop(name, None)
        return self.plot(x, y, fmt, **style)

    def scatter(self, x, y, s=None, c=None, marker=None, cmap=None, norm=None, vmin=None, vmax=None, alpha=None,
                linewidths=None, *, edgecolors=None, color=None, label="", **style):
        """Points, with a size and a colour each where they are given."""
        x, y = n.numbers(self._positions("x", x)), n.numbers(self._positions("y", y))
        if len(x) != len(y):
            raise ValueError("x and y must be the same size")
        left_out(**style)
        record = {"kind": "points", "color": "C0", "opacity": opacity(alpha), "label": _label(label), "each": []}
        given = color if color is not None else c
        sizes = [36.0] if s is None else [size or 0.0 for size in n.numbers(s)]
        if given is None or is_color(given) and len(n.flat(given)) != len(x):
            record["color"] = _color(given) or self._next("fill")
        else:
            self._each_color(record, given, len(x), cmap, vmin, vmax)
        count = len(record["each"])
        x, y = self._thin(x, y)
        if count > len(x) > 0:
            record["each"] = _every(record["each"], count, len(x))
        if len(sizes) > len(x) > 0:
            sizes = _every(sizes, len(sizes), len(x))
        record.update(x=x, y=y, marker=marker or "o", sizes=sizes)
        return Artist(self._add(record), self)

    def _each_color(self, record, given, count, cmap, vmin, vmax):
        """Colours by name, or numbers on a colour map."""
        each = n.nested(given)
        if isinstance(each, list) and each and all(isinstance(v, (int, float)) or v is None for v in each):
            if len(each) != count:
                raise ValueError(
                    f"'c' argument has {len(each)} elements, which is inconsistent with 'x' and 'y' with size {count}."
                )
            values = n.numbers(each)
            record["scale"] = scaled(values, cmap, vmin, vmax)
            low, high = record["scale"]["range"]["from"], record["scale"]["range"]["to"]
            name = record["scale"]["colors"]
            record["each"] = [
                f"{name}@{min(1.0, max(0.0, ((low if v is None else v) - low) / ((high - low) or 1))):.3f}" for v in values
            ]
        else:
            record["each"] = [_color(one) for one in (given if isinstance(given, (list, tuple)) else each)]

    def bar(self, x, height, width=0.8, bottom=None, *, align="center", **style):
        """Upright bars."""
        return self._bars("x", x, height, width, bottom, align, style, False)

    def barh(self, y, width, height=0.8, left=None, *, align="center", **style):
        """Lying bars."""
        return self._bars("y", y, width, height, left, align, style, True)

    def _bars(self, axis, where, height, width, base, align, style, horizontal):
        at = n.numbers(self._positions(axis, where))
        tops = n.numbers(height)
        widths, bases = n.numbers(width), n.numbers(0 if base is None else base)
        count = max(len(at), len(tops))
        for row in (at, tops, widths, bases):
            if len(row) not in (1, count):
                raise ValueError(
                    "shape mismatch: objects cannot be broadcast to a single shape.  Mismatch is between arg 0 with shape "
                    f"({len(at)},) and arg 1 with shape ({len(tops)},)."
                )
        at, tops, widths, bases = (row * count if len(row) == 1 else row for row in (at, tops, widths, bases))
        begins = [_less(a, (w or 0) / 2 if align == "center" else 0) for a, w in zip(at, widths)]
        return self._row(
            begins,
            [_less(b, -(w or 0)) for b, w in zip(begins, widths)],
            bases,
            [None if b is None or t is None else b + t for b, t in zip(bases, tops)],
            style,
            horizontal,
        )

    def _row(self, begins, ends, bases, tops, style, horizontal):
        """A row of bars, with what bars and histograms have in common."""
        given = style.pop("color", style.pop("facecolor", None))
        label, alpha = style.pop("label", ""), style.pop("alpha", None)
        for name in ("edgecolor", "ec", "linewidth", "lw", "zorder"):
            style.pop(name, None)
        left_out(**style)
        each = []
        if isinstance(given, (list, tuple)) and not is_color(given):
            each, given = [_color(one) for one in given], None
        begins, ends, bases, tops = self._thin(begins, ends, bases, tops)
        labels = label if isinstance(label, (list, tuple)) else None
        record = {
            "kind": "bars",
            "color": _color(given) or self._next("fill"),
            "opacity": opacity(alpha),
            "label": "" if labels else _label(label),
            "each": each,
            "from": begins,
            "to": ends,
            "base": bases,
            "top": tops,
            "horizontal": horizontal,
        }
        return Container(self._add(record), self)

    def hist(self, x, bins=None, range=None, density=False, weights=None, cumulative=False, bottom=None,
             histtype="bar", align="mid", orientation="vertical", rwidth=None, log=False, color=None, label="",
             stacked=False, **style):
        """How often numbers of which size occur: (heights, edges, bars)."""
        left_out(weights=weights, bottom=bottom, stacked=stacked or None)
        rows = n.nested(x)
        many = isinstance(rows, list) and rows and isinstance(rows[0], list)
        # Of a tensor or an array the columns, of a list of lists each of them.
        rows = (n.columns(x) if hasattr(x, "tolist") else rows) if many else [n.flat(rows)]
        rows = [n.numbers(row) for row in rows]
        if isinstance(bins, str):
            left_out(bins=bins)
            bins = None
        bins = 10 if bins is None else n.nested(bins)
        limits = tuple(n.numbers(range)) if range is not None else n.span([v for row in rows for v in row])
        colors = color if many and isinstance(color, (list, tuple)) else [color] * len(rows)
        labels = label if many and isinstance(label, (list, tuple)) else [label] * len(rows)
        counts, made, edges = [], [], []
        for i, row in enumerate(rows):
            heights, edges = n.histogram(row, bins, limits, density)
            if cumulative:
                total = 0.0
                heights = [total := total + h * ((b - a) if density else 1) for h, a, b in zip(heights, edges, edges[1:])]
            share = 1 / len(rows)
            begins = [a + (b - a) * share * i for a, b in zip(edges, edges[1:])]
            ends = [a + (b - a) * share * (i + 1) for a, b in zip(edges, edges[1:])]
            look = dict(style, color=colors[i], label=labels[i])
            made.append(self._row(begins, ends, [0.0] * len(heights), heights, look, orientation == "horizontal"))
            counts.append(n.array(heights))
        if log:
            self.set_yscale("log")
        return (counts, n.array(edges), made) if many else (counts[0], n.array(edges), made[0])

    def fill_between(self, x, y1, y2=0, where=None, *, color=None, alpha=None, label="", **style):
        """The area between two lines."""
        left_out(where=where)
        style.pop("facecolor", None), style.pop("linewidth", None), style.pop("step", None)
        left_out(**style)
        x = n.numbers(self._positions("x", x))
        low, high = n.numbers(y1), n.numbers(y2)
        low, high = (row * len(x) if len(row) == 1 else row for row in (low, high))
        x, low, high = self._thin(x, low, high)
        record = {"kind": "area", "color": _color(color) or self._next("fill"), "opacity": opacity(alpha)}
        return Artist(self._add({**record, "label": _label(label), "x": x, "low": low, "high": high}), self)

    def imshow(self, image, cmap=None, norm=None, *, aspect=None, interpolation=None, alpha=None, vmin=None, vmax=None,
               origin="upper", extent=None, **style):
        """A table of numbers, or an image in colours."""
        left_out(norm=norm, **style)
        table = n.nested(image)
        shape = n.shape_of(table)
        if len(shape) == 3 and shape[2] == 1:
            table, shape = [[cell[0] for cell in row] for row in table], shape[:2]
        if len(shape) not in (2, 3) or len(shape) == 3 and shape[2] not in (3, 4):
            raise TypeError(f"Invalid shape {shape} for image data")
        rgb = len(shape) == 3
        left, right, low, high = n.numbers(extent) if extent is not None else (-0.5, shape[1] - 0.5, shape[0] - 0.5, -0.5)
        if extent is None and origin == "lower":
            low, high = high, low
        # The edge beside the first row.
        first, last = (low, high) if origin == "lower" else (high, low)
        whole = n.numbers(table) if not rgb else []
        table = self._sample(table)[0]
        data = [_packed(cell, table) for row in table for cell in row] if rgb else [n.short(v) for v in n.numbers(table)]
        record = {
            "kind": "image",
            **scaled(whole, cmap, vmin, vmax),
            "rows": len(table),
            "columns": len(table[0]) if table else 0,
            "data": data,
            "rgb": rgb,
            "x": {"from": left, "to": right},
            "y": {"from": first, "to": last},
            "opacity": opacity(alpha),
        }
        self._equal = aspect != "auto"
        self._y["limits"] = {"from": low, "to": high}
        self._x["limits"] = {"from": left, "to": right}
        return Artist(self._add(record), self)

    def matshow(self, table, **style):
        """imshow."""
        return self.imshow(table, **style)

    def contour(self, *args, **style):
        """Lines of equal height: `contour([X, Y], Z, [levels])`."""
        return self._contours(args, style, False)

    def contourf(self, *args, **style):
        """The same, filled."""
        return self._contours(args, style, True)

    def _contours(self, args, style, filled):
        args = list(args)
        levels = style.pop("levels", args.pop() if len(args) in (2, 4) else None)
        table = n.nested(args[-1])
        shape = n.shape_of(table)
        if len(shape) != 2:
            raise TypeError(f"Input z must be 2D, not {len(shape)}D")
        if min(shape) < 2:
            raise TypeError(f"Input z must be at least a (2, 2) shaped array, but has shape {shape}")
        x, y = list(range(shape[1])), list(range(shape[0]))
        if len(args) == 3:
            x, y = n.nested(args[0]), n.nested(args[1])
            x = x[0] if isinstance(x[0], list) else x
            y = [row[0] for row in y] if isinstance(y[0], list) else y
        if len(x) != shape[1] or len(y) != shape[0]:
            raise TypeError(f"Length of x ({len(x)}) must match number of columns in z ({shape[1]})")
        whole = n.numbers(table)
        table, down, across = self._sample(table)
        low, high = n.span(whole)
        if levels is None or isinstance(levels, int):
            levels = n.ticks(low, high, levels or 7)
        levels = sorted(n.finite(n.numbers(levels)))
        given = style.pop("colors", None)
        one = given if is_color(given) else given[0] if isinstance(given, (list, tuple)) and given else None
        cmap, alpha = style.pop("cmap", None), style.pop("alpha", None)
        vmin, vmax = style.pop("vmin", None), style.pop("vmax", None)
        for name in ("linewidths", "linestyles", "extend"):
            style.pop(name, None)
        left_out(**style)
        record = {
            "kind": "contour",
            **scaled(levels or whole, cmap, vmin, vmax),
            "x": [n.short(float(v)) for v in x[::across]],
            "y": [n.short(float(v)) for v in y[::down]],
            "data": [n.short(v) for v in n.numbers(table)],
            "levels": levels[:100],
            "filled": filled,
            "opacity": opacity(alpha),
        }
        if one is not None:
            record["one"] = _color(one)
        return Artist(self._add(record), self)

    def pcolormesh(self, *args, cmap=None, vmin=None, vmax=None, alpha=None, shading=None, **style):
        """A table of numbers over the places of its columns and rows."""
        left_out(**style)
        table = n.nested(args[-1])
        sides = [n.span(n.numbers(side)) for side in args[:2]] if len(args) == 3 else None
        extent = (*sides[0], *sides[1]) if sides else (0, len(table[0]), 0, len(table))
        return self.imshow(table, cmap, vmin=vmin, vmax=vmax, alpha=alpha, origin="lower", extent=extent, aspect="auto")

    def axhline(self, y=0, xmin=0, xmax=1, **style):
        """A level line over the whole width."""
        return self._rule("y", y, style)

    def axvline(self, x=0, ymin=0, ymax=1, **style):
        """An upright line over the whole height."""
        return self._rule("x", x, style)

    def _rule(self, axis, at, style):
        take = style.pop
        given, width = take("color", take("c", None)), take("linewidth", take("lw", 1.5))
        dash, label, alpha = take("linestyle", take("ls", "-")), take("label", ""), take("alpha", None)
        take("zorder", None)
        left_out(**style)
        record = {"kind": "rule", "color": color(given) or "C0", "opacity": opacity(alpha), "label": _label(label)}
        record.update(axis=axis, at=n.number(at) or 0.0, width=float(width), dash=DASHES.get(dash, "solid"))
        return Artist(self._add(record), self)

    def text(self, x, y, s, *args, color=None, **style):
        """Words at a place."""
        for name in ("ha", "va", "fontsize", "size", "horizontalalignment", "verticalalignment", "transform", "bbox"):
            if name in ("transform", "bbox"):
                left_out(**{name: style.get(name)})
            style.pop(name, None)
        left_out(**style)
        record = {"kind": "text", "x": n.number(x) or 0.0, "y": n.number(y) or 0.0, "text": str(s)[:500]}
        return Artist(self._add({**record, "color": _color(color) or "currentcolor"}), self)

    def annotate(self, text, xy, xytext=None, *args, color=None, arrowprops=None, **style):
        """Words at a place; their arrow is passed over."""
        left_out(arrowprops=arrowprops)
        return self.text(*(xy if xytext is None or style.get("textcoords") else xytext), text, color=color)


# Where an argument has the same name.
_color = color


def _label(label):
    text = "" if label is None else str(label)
    return "" if text.startswith("_") else text


def _less(value, by):
    return None if value is None else value - by


def _every(values, count, kept):
    """As `thinned` has kept them."""
    step = -(-count // n.MOST)
    return (values[::step] + [values[-1]])[:kept]


def _packed(cell, table):
    """Red, green and blue of one cell in one number; fractions go to 1, whole numbers to 255."""
    parts = [v if isinstance(v, int) and not isinstance(v, bool) else round(255 * min(1.0, max(0.0, float(v)))) for v in cell[:3]]
    red, green, blue = (min(255, max(0, part)) for part in parts)
    return red * 65536 + green * 256 + blue
