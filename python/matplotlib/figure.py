"""Figures: a grid of axes and the way to the panel."""
import json
import math

from . import _numbers as n
from . import _shown
from ._axes import Axes
from ._passed import Passed

# Inches, as matplotlib has them.
SIZE = (6.4, 4.8)


class Figure:
    """What `plt.figure()` gives."""

    def __init__(self, figsize=None, **look):
        width, height = n.numbers(figsize) if figsize is not None else SIZE
        self._size = width or SIZE[0], height or SIZE[1]
        self._handed = None
        self.clf()

    def clf(self):
        """As if nothing had been drawn."""
        self._axes, self._current = [], None
        self._title = ""
        self._grid = 1, 1
        self._thinned = False

    clear = clf

    @property
    def axes(self):
        """All of them, in the order in which they were made."""
        return list(self._axes)

    def gca(self, **more):
        """The axes that are drawn on; made where there are none."""
        return self._current or self.add_subplot()

    def sca(self, axes):
        """Draw on these from now on."""
        self._current = axes

    def add_subplot(self, *args, **more):
        """Axes at a place of the grid: `(rows, columns, index from 1)`, or one number of three digits."""
        if len(args) == 1 and isinstance(args[0], int):
            args = tuple(int(digit) for digit in str(args[0]))
        rows, columns, index = args if len(args) == 3 else (1, 1, 1)
        first, last = index if isinstance(index, tuple) else (index, index)
        if not 1 <= first <= last <= rows * columns:
            raise ValueError(f"num must be an integer with 1 <= num <= {rows * columns}, not {index!r}")
        grid = self._rows(rows, columns)
        (top, left), (bottom, right) = divmod(first - 1, columns), divmod(last - 1, columns)
        across, down = grid[1] // columns, grid[0] // rows
        place = top * down, left * across, (bottom - top + 1) * down, (right - left + 1) * across
        for axes in self._axes:
            if axes._place == place:
                self._current = axes
                return axes
        return self._put(Axes(self, *place))

    def _put(self, axes):
        self._axes.append(axes)
        self._current = axes
        return axes

    def _rows(self, rows, columns):
        """Make the grid fine enough for one of so many rows and columns; what is there keeps its place."""
        new = math.lcm(self._grid[0], rows), math.lcm(self._grid[1], columns)
        down, across = new[0] // self._grid[0], new[1] // self._grid[1]
        for axes in self._axes:
            row, column, height, width = axes._place
            axes._place = row * down, column * across, height * down, width * across
        self._grid = new
        return new

    def subplots(self, nrows=1, ncols=1, *, sharex=False, sharey=False, squeeze=True, **more):
        """A grid of axes, as matplotlib gives it: one, a row, or rows."""
        made = [[self.add_subplot(nrows, ncols, r * ncols + c + 1) for c in range(ncols)] for r in range(nrows)]
        self._current = made[-1][-1]
        if squeeze and nrows == ncols == 1:
            return made[0][0]
        if squeeze and 1 in (nrows, ncols):
            return Grid([axes for row in made for axes in row])
        return Grid([Grid(row) for row in made])

    def suptitle(self, t, **look):
        """Above all axes."""
        self._title = str(t)[:300]

    def colorbar(self, mappable=None, cax=None, ax=None, **look):
        """A scale of the colours."""
        axes = ax if isinstance(ax, Axes) else getattr(mappable, "axes", None) or self.gca()
        axes._colorbar(mappable)
        return Passed("colorbar")

    def set_size_inches(self, w, h=None, **more):
        """Width and height."""
        self._size = tuple(n.numbers(w if h is None else [w, h]))

    def get_size_inches(self):
        """The same."""
        return n.array(self._size)

    def tight_layout(self, **more):
        """It always is."""

    def subplots_adjust(self, **more):
        """It always is."""

    def show(self, **more):
        """Hand it to the panel."""
        self._show()

    def savefig(self, fname, **more):
        """Nothing is written: the panel shows it in the place of a file."""
        _shown.pass_over("savefig (no file was written)")
        self._show()

    def _show(self):
        rows, columns = self._grid
        width, height = (min(10_000.0, max(1.0, side * 100)) for side in self._size)
        record = {
            "title": self._title,
            "width": width,
            "height": height,
            "rows": rows,
            "columns": columns,
            "axes": [axes._as_data() for axes in self._axes],
            "thinned": self._thinned,
        }
        # Saved and then shown is one figure.
        text = json.dumps(record)
        if text != self._handed:
            self._handed = text
            _shown.show(record)

    def __getattr__(self, name):
        if name.startswith("_"):
            raise AttributeError(name)
        return Passed(name)

    def __repr__(self):
        width, height = (int(side * 100) for side in self._size)
        return f"<Figure size {width}x{height} with {len(self._axes)} Axes>"


class Grid(list):
    """Axes in a row, or rows of them; `flat`, `[r, c]` and the like as an array has them."""

    @property
    def flat(self):
        """One after the other."""
        return iter(self.ravel())

    def ravel(self):
        """All in one row."""
        return Grid([axes for row in self for axes in (row if isinstance(row, Grid) else [row])])

    flatten = ravel

    @property
    def size(self):
        """How many axes."""
        return len(self.ravel())

    @property
    def shape(self):
        """Rows and columns."""
        return (len(self), len(self[0])) if self and isinstance(self[0], Grid) else (len(self),)

    def __getitem__(self, key):
        if isinstance(key, tuple):
            row, column = key
            rows = list.__getitem__(self, row)
            return Grid([each[column] for each in rows]) if isinstance(row, slice) else rows[column]
        found = list.__getitem__(self, key)
        return Grid(found) if isinstance(key, slice) else found
