"""dtype, device, layout and Size: the small value types of PyTorch."""
import json
import operator
import pkgutil


class dtype:
    """A dtype: `code` is the core's number for it, `kind` orders the families bool < int < float, `size` counts bytes."""

    __slots__ = ("name", "code", "kind", "size", "aliases", "scalar_type", "tensor_type", "cxx", "limits")
    is_floating_point = property(lambda self: self.kind == "float")
    is_complex = False
    is_signed = property(lambda self: self.limits[0] < 0)
    legacy_type = property(lambda self: f"torch.{self.scalar_type}Tensor")

    def __setattr__(self, name, value):
        raise AttributeError(f"'torch.dtype' object has no attribute '{name}'")

    def __repr__(self):
        return "torch." + self.name

    def __reduce__(self):
        return self.name

    def __copy__(self):
        return self

    def __deepcopy__(self, memo):
        return self


def _dtype(row):
    d = object.__new__(dtype)
    number = float if row["kind"] == "float" else int
    least, most = number(row["min"]), number(row["max"])
    values = (*(row[name] for name in ("name", "code", "kind", "size")), tuple(row["aliases"]))
    for name, value in zip(dtype.__slots__, (*values, row["scalarType"], row["tensorType"], row["cxx"], (least, most, row["digits"]))):
        object.__setattr__(d, name, value)
    return d


# The core's own list, in the order of the codes.
DTYPES = tuple(map(_dtype, json.loads(pkgutil.get_data(__package__, "dtypes.json"))))
BY_NAME = {name: d for d in DTYPES for name in (d.name, *d.aliases)}
float32, float64, int64, bool_ = map(BY_NAME.get, ("float32", "float64", "int64", "bool"))
# Python's own types stand for dtypes where PyTorch takes one.
PYTHON_DTYPES = {float: float64, int: int64, bool: bool_}


class layout:
    """How a tensor lies in memory; only `torch.strided` here."""

    __slots__ = ("name",)

    def __repr__(self):
        return "torch." + self.name


strided = object.__new__(layout)
strided.name = "strided"


class memory_format:
    """The order of a tensor's dimensions in memory."""

    __slots__ = ("name",)

    def __repr__(self):
        return "torch." + self.name


def _format(name):
    made = object.__new__(memory_format)
    made.name = name
    return made


contiguous_format, preserve_format = map(_format, ("contiguous_format", "preserve_format"))
channels_last, channels_last_3d = map(_format, ("channels_last", "channels_last_3d"))
# How many dimensions a tensor must have whose channels lie last.
CHANNELS_LAST_DIMS = {channels_last: 4, channels_last_3d: 5}
legacy_contiguous_format = contiguous_format

DEVICE_TYPES = (
    "cpu, cuda, ipu, xpu, mkldnn, opengl, opencl, ideep, hip, ve, fpga, ort, xla, lazy, vulkan, mps, meta, hpu, privateuseone"
)


class device:
    """A device, as PyTorch parses and prints it; tensors live on the cpu only."""

    __slots__ = ("type", "index")

    def __iter__(self):
        raise TypeError("'torch.device' object is not iterable")

    def __new__(cls, type=None, index=None):
        if type is None:
            raise TypeError(
                "Device() received an invalid combination of arguments - got (), but expected one of:\n"
                " * (torch.device device)\n * (str type, int index)\n"
            )
        if isinstance(type, device):
            return type
        if isinstance(type, int):
            type, index = "cuda", type
        if not isinstance(type, str):
            raise TypeError(f"device(): argument 'type' (position 1) must be str, not {type.__class__.__name__}")
        kind, colon, number = type.partition(":")
        if kind not in DEVICE_TYPES.split(", "):
            raise RuntimeError(
                f"Expected one of {DEVICE_TYPES} device type at start of device string: {kind}"
            )
        if colon:
            if index is not None:
                raise RuntimeError(
                    f"type (string) must not include an index because index was passed explicitly: {type}"
                )
            if not number.isdigit():
                raise RuntimeError(f"Invalid device string: '{type}'")
            index = int(number)
        self = object.__new__(cls)
        object.__setattr__(self, "type", kind)
        object.__setattr__(self, "index", index)
        return self

    def __setattr__(self, name, value):
        raise AttributeError(f"attribute '{name}' of 'torch.device' objects is not writable")

    def __repr__(self):
        index = "" if self.index is None else f", index={self.index}"
        return f"device(type='{self.type}'{index})"

    def __str__(self):
        return self.type if self.index is None else f"{self.type}:{self.index}"

    def __eq__(self, other):
        if not isinstance(other, device):
            return NotImplemented
        return (self.type, self.index) == (other.type, other.index)

    def __hash__(self):
        return hash((self.type, self.index))

    def __reduce__(self):
        return (device, (str(self),))


CPU = device("cpu")


class Size(tuple):
    """A tensor's shape: a tuple that stays a Size when sliced, joined or repeated."""

    __slots__ = ()

    def __new__(cls, sizes=()):
        sizes = tuple(sizes)
        for i, size in enumerate(sizes):
            try:
                operator.index(size)
            except TypeError:
                raise TypeError(
                    f"torch.Size() takes an iterable of 'int' (item {i} is '{size.__class__.__name__}')"
                ) from None
        return tuple.__new__(cls, map(operator.index, sizes))

    def numel(self):
        n = 1
        for size in self:
            n *= size
        return n

    def __repr__(self):
        return "torch.Size([" + ", ".join(map(str, self)) + "])"

    __str__ = __repr__

    def __getitem__(self, index):
        got = tuple.__getitem__(self, index)
        return tuple.__new__(Size, got) if isinstance(index, slice) else got

    def __add__(self, other):
        if not isinstance(other, tuple):
            return NotImplemented
        return tuple.__new__(Size, tuple.__add__(self, other))

    def __mul__(self, n):
        got = tuple.__mul__(self, n)
        return got if got is NotImplemented else tuple.__new__(Size, got)

    __rmul__ = __mul__

    def __reduce__(self):
        return (Size, (tuple(self),))


# As in PyTorch, `type(x.shape)` prints as `torch.Size`.
for _cls in (dtype, layout, memory_format, device, Size):
    _cls.__module__ = "torch"
    _cls.__qualname__ = _cls.__name__
