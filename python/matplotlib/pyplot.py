"""matplotlib.pyplot: the figure and axes that are current, and the calls that go to them."""
from . import _shown, cm, rcParams, style  # noqa: F401 (a program finds them here)
from ._axes import Axes
from ._passed import Passed
from .cm import get_cmap  # noqa: F401
from .figure import Figure

_connect = _shown.connect
_figures = {}
_current = None

# Calls that go to the current axes as they are, by the name that axes have for them.
_OF_AXES = {
    name: name
    for name in (
        "plot scatter bar barh hist imshow matshow contour contourf pcolormesh axhline axvline text annotate step errorbar"
        " fill_between semilogx semilogy loglog legend grid axis cla tick_params"
    ).split()
} | {name: f"set_{name}" for name in "title xlabel ylabel xscale yscale".split()}
_OF_FIGURE = "suptitle savefig tight_layout subplots_adjust clf".split()


def figure(num=None, figsize=None, *, clear=False, **look):
    """A new figure, or that of a number or name."""
    global _current
    if isinstance(num, Figure):
        _current = num
        return num
    key = max((key for key in _figures if isinstance(key, int)), default=0) + 1 if num is None else num
    if key not in _figures:
        _figures[key] = Figure(figsize)
    _current = _figures[key]
    if clear:
        _current.clf()
    return _current


def gcf():
    """The current figure; made where there is none."""
    return _current or figure()


def gca(**more):
    """Its current axes."""
    return gcf().gca()


def sca(axes):
    """Draw on these axes from now on."""
    global _current
    _current = axes.figure
    _current.sca(axes)


def axes(arg=None, **more):
    """New axes over the whole figure."""
    if isinstance(arg, Axes):
        return sca(arg)
    if arg is not None:
        _shown.pass_over("axes([...])")
    return gcf()._put(Axes(gcf()))


def subplot(*args, **more):
    """Axes at a place of the current figure's grid."""
    return gcf().add_subplot(*args, **more)


def subplots(nrows=1, ncols=1, *, figsize=None, **more):
    """A new figure with a grid of axes."""
    made = figure(figsize=figsize)
    return made, made.subplots(nrows, ncols, **more)


def xlim(*args, **more):
    """Get or set from where to where."""
    return gca().set_xlim(*args, **more) if args or more else gca().get_xlim()


def ylim(*args, **more):
    """The same, upward."""
    return gca().set_ylim(*args, **more) if args or more else gca().get_ylim()


def xticks(ticks=None, labels=None, **look):
    """Where there are ticks, and what they say."""
    if ticks is not None:
        gca().set_xticks(ticks, labels)
    return Passed("xticks")


def yticks(ticks=None, labels=None, **look):
    """The same, upward."""
    if ticks is not None:
        gca().set_yticks(ticks, labels)
    return Passed("yticks")


def colorbar(mappable=None, cax=None, ax=None, **look):
    """A scale of the colours."""
    return gcf().colorbar(mappable, cax, ax)


def imread(fname, format=None):
    """There is no decoder of images."""
    raise NotImplementedError("matplotlib.pyplot.imread is not in the embedded engine: it draws, and reads no images")


def show(*args, **more):
    """Hand every figure to the panel, and begin anew."""
    for each in list(_figures.values()):
        if each.axes:
            each._show()
    close("all")


def close(fig=None):
    """Forget the current figure, the given one, or `"all"`."""
    global _current
    chosen = _current if fig is None else fig
    for key, each in list(_figures.items()):
        if fig == "all" or each is chosen or key == fig:
            del _figures[key]
    if _current not in _figures.values():
        _current = list(_figures.values())[-1] if _figures else None


def pause(interval):
    """Nothing moves here."""
    _shown.pass_over("pause")


def ion():
    """Nothing is interactive here."""


def ioff():
    """Nothing is interactive here."""


def draw():
    """It is drawn when it is shown."""


def _to_axes(name, method):
    def call(*args, **more):
        return getattr(gca(), method)(*args, **more)

    call.__name__ = call.__qualname__ = name
    call.__doc__ = getattr(Axes, method).__doc__
    return call


def _to_figure(name):
    def call(*args, **more):
        return getattr(gcf(), name)(*args, **more)

    call.__name__ = call.__qualname__ = name
    call.__doc__ = getattr(Figure, name).__doc__
    return call


globals().update({name: _to_axes(name, method) for name, method in _OF_AXES.items()})
globals().update({name: _to_figure(name) for name in _OF_FIGURE})


def set_cmap(cmap):
    """The map of the drawings that name none."""
    _shown.pass_over("set_cmap")


def __getattr__(name):
    if name.startswith("__"):
        raise AttributeError(f"module 'matplotlib.pyplot' has no attribute '{name}'")
    return Passed(name)
