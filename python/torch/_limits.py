"""torch.finfo and torch.iinfo: what a dtype's numbers can be."""
from ._infer import get_default_dtype
from ._types import dtype


def _stream(x):
    """A float as C++ prints it."""
    return format(x, ".6g")


def _argument(name, given):
    if not isinstance(given, dtype):
        raise TypeError(f"{name}(): argument 'type' (position 1) must be torch.dtype, not {type(given).__name__}")
    return given


class _info:
    __slots__ = ("_dtype",)

    @property
    def bits(self):
        return self._dtype.size * 8

    @property
    def dtype(self):
        return self._dtype.name

    @property
    def min(self):
        return self._dtype.limits[0]

    @property
    def max(self):
        return self._dtype.limits[1]

    def __eq__(self, other):
        return isinstance(other, type(self)) and other._dtype is self._dtype

    def __hash__(self):
        return hash(self._dtype)

    def __setattr__(self, name, value):
        raise AttributeError(f"attribute '{name}' of 'torch.{type(self).__name__}' objects is not writable")


class finfo(_info):
    """Limits of a floating-point dtype."""

    __slots__ = ()

    def __new__(cls, type=None):
        given = get_default_dtype() if type is None else _argument("finfo", type)
        if given.kind != "float":
            raise TypeError("torch.finfo() requires a floating point input type. Use torch.iinfo to handle 'torch.finfo'")
        self = object.__new__(cls)
        object.__setattr__(self, "_dtype", given)
        return self

    @property
    def eps(self):
        return 2.0 ** (1 - self._dtype.limits[2])

    @property
    def tiny(self):
        exponents = self.bits - self._dtype.limits[2]
        return 2.0 ** (2 - 2 ** (exponents - 1))

    smallest_normal = tiny

    @property
    def resolution(self):
        """10 to the power of minus the decimal digits that are always kept."""
        return 10.0 ** -int((self._dtype.limits[2] - 1) * 0.30103)

    def __repr__(self):
        names = ("resolution", "min", "max", "eps", "smallest_normal", "tiny")
        numbers = ", ".join(f"{name}={_stream(getattr(self, name))}" for name in names)
        return f"finfo({numbers}, dtype={self.dtype})"


class iinfo(_info):
    """Limits of an integer dtype."""

    __slots__ = ()

    def __new__(cls, *args, **kwargs):
        given = args[0] if args else kwargs.get("type")
        if given is None and not args and not kwargs:
            raise TypeError('iinfo() missing 1 required positional arguments: "type"')
        given = _argument("iinfo", given)
        if given.kind == "bool":
            raise TypeError("torch.bool is not supported by torch.iinfo")
        if given.kind != "int":
            raise TypeError("torch.iinfo() requires an integer input type. Use torch.finfo to handle 'torch.iinfo'")
        self = object.__new__(cls)
        object.__setattr__(self, "_dtype", given)
        return self

    def __repr__(self):
        return f"iinfo(min={_stream(self.min)}, max={_stream(self.max)}, dtype={self.dtype})"


for _cls in (finfo, iinfo):
    _cls.__module__ = "torch"
