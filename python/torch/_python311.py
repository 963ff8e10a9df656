"""
PyTorch 1.13 runs on Python 3.11 at the most, and this interpreter is newer. What a program would see of that in its
numbers and prints is put back here: how floats are summed, and how an OrderedDict, so a state_dict, is shown.
"""
import builtins
import collections
import reprlib


class OrderedDict(collections.OrderedDict):
    __doc__ = collections.OrderedDict.__doc__
    __module__ = "collections"

    @reprlib.recursive_repr()
    def __repr__(self):
        return f"{type(self).__name__}({list(self.items()) if self else ''})"


_JOINED = ((str, "strings [use ''"), (bytes, "bytes [use b''"), (bytearray, "bytearray [use b''"))


def sum(iterable, /, start=0):
    """The items added one after the other; Python 3.12 and newer carry along what rounding loses of floats."""
    for kind, words in _JOINED:
        if isinstance(start, kind):
            raise TypeError(f"sum() can't sum {words}.join(seq) instead]")
    total = start
    for item in iterable:
        total = total + item
    return total


def install():
    """In the place of Python's own, before anything else takes them."""
    collections.OrderedDict = OrderedDict
    builtins.sum = sum
