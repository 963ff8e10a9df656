"""What the bridge to NumPy asks of NumPy and no more: arrays of bytes with a dtype and a shape."""
import struct

_LETTERS = {
    "float64": "d", "float32": "f", "int64": "q", "int32": "i", "int16": "h", "int8": "b", "uint8": "B", "uint16": "H", "bool": "?",
}


class dtype:
    def __init__(self, name):
        self.name = name
        self.letter = _LETTERS[name]


class generic:
    def __init__(self, value, d):
        self.value, self.dtype, self.shape = value, d, ()

    def item(self):
        return self.value

    def tobytes(self):
        return struct.pack("<" + self.dtype.letter, self.value)


class ndarray:
    def __init__(self, data, d, shape):
        self.data, self.dtype, self.shape = bytes(data), d, tuple(shape)

    def reshape(self, shape):
        return ndarray(self.data, self.dtype, shape)

    def tobytes(self):
        return self.data

    def copy(self):
        return self

    def astype(self, d, copy=True):
        return array(self.tolist(), d)

    def _flat(self):
        count = len(self.data) // struct.calcsize(self.dtype.letter)
        return list(struct.unpack(f"<{count}{self.dtype.letter}", self.data))

    def tolist(self):
        flat, rest = self._flat(), list(self.shape)
        while len(rest) > 1:
            n = rest.pop()
            flat = [flat[i : i + n] for i in range(0, len(flat), n)]
        return flat

    def item(self):
        (value,) = self._flat()
        return value

    def __len__(self):
        return self.shape[0]

    def __getitem__(self, index):
        value = self.tolist()[index]
        return array(value, self.dtype.name) if isinstance(value, list) else generic(value, self.dtype)


def frombuffer(data, dtype="float64"):
    d = globals()["dtype"](dtype)
    return ndarray(data, d, (len(data) // struct.calcsize(d.letter),))


def array(values, dtype="float64"):
    shape, flat = [], values
    while isinstance(flat, list):
        shape.append(len(flat))
        flat = flat[0]
    flat = values
    for _ in shape[1:]:
        flat = [value for row in flat for value in row]
    d = globals()["dtype"](dtype)
    return ndarray(struct.pack(f"<{len(flat)}{d.letter}", *flat), d, shape)


def asarray(values):
    return values.__array__() if hasattr(values, "__array__") else array(values)
