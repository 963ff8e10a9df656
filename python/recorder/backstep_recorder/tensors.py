"""What tensors were at one moment: a copy of their numbers, or a reference where they are very many."""
import math
import weakref

import torch

from .formulas import LIMITS

INLINE = LIMITS["inline"]
BINS = LIMITS["bins"]
SIDE = LIMITS["thumbnail"]
# Elements up to which a tensor that the program sees is copied at once: it may be changed in place a moment later.
COPIED = 1 << 17
_DTYPES = {
    getattr(torch, name): name
    for name in "float32 float64 float16 bfloat16 int64 int32 int16 int8 uint8 bool".split()
    if hasattr(torch, name)
}


def version_of(tensor):
    """`_version`; 0 where there is none (inference tensors)."""
    try:
        return tensor._version
    except RuntimeError:
        return 0


def place_of(tensor):
    """The address of a tensor's storage, which it shares with its views."""
    storage = tensor.untyped_storage() if hasattr(tensor, "untyped_storage") else tensor.storage()
    return storage.data_ptr()


def readable(tensor):
    """Can its numbers be read? Not where it is sparse, quantized, complex, or has no numbers at all (meta)."""
    return tensor.layout is torch.strided and tensor.dtype in _DTYPES and not tensor.is_meta


def same_bits(one, other):
    """Whether two tensors of one shape have equal numbers, NaN being equal to NaN."""
    one, other = one.detach(), other.detach().to(one.device)
    return torch.equal(one, other) or bool(((one == other) | ((one != one) & (other != other))).all())


class Numbers:
    """The numbers of a tensor as they are now. `copy`: somebody may change them in place later."""

    __slots__ = ("shape", "dtype", "data", "held", "own", "version", "bytes", "_value")

    def __init__(self, tensor, copy=False):
        plain = tensor.detach()
        if getattr(plain, "_is_zerotensor", bool)():
            # Zeros that PyTorch has not written down.
            plain = torch.zeros(plain.shape, dtype=plain.dtype, device=plain.device)
        self.shape = list(plain.shape)
        self.dtype = _DTYPES[plain.dtype]
        self.data = self.held = self._value = None
        self.own = True
        self.version = 0
        if plain.numel() <= INLINE:
            self.data = plain.tolist() if plain.dim() == 1 else plain.reshape(-1).tolist()
            self.bytes = 8 * len(self.data)
        else:
            # Nobody hears of a change where there is no version.
            self.own = copy or plain.is_inference()
            self.held = plain.clone() if self.own else plain
            self.version = version_of(self.held)
            self.bytes = plain.numel() * plain.element_size()

    def changed(self):
        """Have the numbers gone, because somebody changed them in place?"""
        return not self.own and version_of(self.held) != self.version

    def tell(self, tensor):
        """Are they still this tensor's? Through `.data` it can be changed without another version."""
        if not self.own:
            return True
        plain = tensor.detach()
        if self.held is not None:
            return same_bits(self.held, plain)
        now = plain.reshape(-1).tolist()
        return now == self.data or all(a == b or (a != a and b != b) for a, b in zip(now, self.data))

    def settle(self, copies):
        """Have numbers of its own, because somebody is about to change them in place; `copies` are those made already."""
        if self.own or self.changed():
            return
        key = (place_of(self.held), self.held.storage_offset(), self.held.stride(), self.held.shape, self.held.dtype)
        if key not in copies:
            copies[key] = self.held.clone()
        self.held = copies[key]
        self.own = True

    def place(self):
        """Where its elements lie in memory: tensors that share them have the same; None where they were copied here."""
        return None if self.own else place_of(self.held)

    def tensor(self):
        """A tensor with these numbers and no history."""
        if self.held is not None:
            return self.held
        return torch.tensor(self.data, dtype=getattr(torch, self.dtype), device="cpu").reshape(self.shape)

    def value(self):
        """As the trace's Value."""
        if self._value is None:
            self._value = {"kind": "inline", "shape": self.shape, "dtype": self.dtype}
            if self.held is None:
                self._value["data"] = [element(x) for x in self.data]
            else:
                self._value = {**self._value, "kind": "summary", **summary(self.held)}
        return self._value


def element(x):
    """JSON has no NaN, no infinity, no -0 and no exact 64-bit integer."""
    if type(x) is float:
        if not x.is_integer():
            return x if math.isfinite(x) else "NaN" if math.isnan(x) else "Infinity" if x > 0 else "-Infinity"
        if x == 0 and math.copysign(1, x) < 0:
            return "-0"
        return int(x) if abs(x) < 2**53 else x
    if isinstance(x, bool):
        return x
    return x if abs(x) < 2**53 else str(x)


def summary(tensor):
    """Statistics, histogram and thumbnail of a large tensor; see autograd/value.ts for the same."""
    flat = tensor.detach().reshape(-1).double()
    finite = flat[torch.isfinite(flat)]
    nans = int(torch.isnan(flat).sum())
    infinities = flat.numel() - finite.numel() - nans
    nan = float("nan")
    low, high, mean = (float(f()) for f in (finite.min, finite.max, finite.mean)) if finite.numel() else (nan,) * 3
    counts = [0] * BINS
    if finite.numel() and high > low:
        bins = ((finite - low) / (high - low) * BINS).floor().clamp(max=BINS - 1).long()
        counts = torch.bincount(bins, minlength=BINS).tolist()
    elif finite.numel():
        counts[0] = finite.numel()
    norm = nan if nans else math.inf if infinities else float(finite.norm())
    return {
        "statistics": {
            "min": element(low),
            "max": element(high),
            "mean": element(mean),
            "std": element(float(finite.std()) if finite.numel() > 1 else nan),
            "norm": element(norm),
            "zeros": int((finite == 0).sum()),
            "nans": nans,
            "infinities": infinities,
        },
        "histogram": {"min": element(low), "max": element(high), "counts": counts},
        "thumbnail": _thumbnail(flat, list(tensor.shape)),
    }


def _thumbnail(flat, shape):
    columns = shape[-1] if shape else 1
    rows = shape[-2] if len(shape) > 1 else 1
    image = _shrunk(flat[: rows * columns].reshape(rows, columns), min(rows, SIDE))
    image = _shrunk(image.t(), min(columns, SIDE)).t()
    return {"shape": list(image.shape), "data": [element(x) for x in image.reshape(-1).tolist()]}


def _shrunk(image, height):
    """So many rows, each the mean of those in its stretch; what is not finite stays in its stretch."""
    rows = image.shape[0]
    if height == rows:
        return image
    starts = torch.tensor([i * rows // height for i in range(height + 1)], device=image.device)
    counts = starts.diff()
    part = torch.repeat_interleave(torch.arange(height, device=image.device), counts)
    sums = torch.zeros(height, image.shape[1], dtype=image.dtype, device=image.device).index_add_(0, part, image)
    return sums / counts.unsqueeze(1)


def renews(tensor):
    """Is it a view that PyTorch gives a new grad_fn, when asked for it after its base has changed?"""
    base = tensor._base
    return base is not None and (base.requires_grad or not tensor.is_leaf)


class Seen:
    """A tensor at one moment."""

    __slots__ = (
        "uid", "numbers", "device", "requires_grad", "is_leaf", "node", "output_nr", "base", "version", "tensor", "kind",
        "stale",
    )  # fmt: skip


class Tensors:
    """Every tensor object that was met, under a number of its own."""

    def __init__(self):
        self._numbers = {}
        self._latest = {}
        self._next = 0

    def uid(self, tensor):
        known = self._numbers.get(id(tensor))
        if known is not None and known[0]() is tensor:
            return known[1]
        key, uid = id(tensor), self._next
        self._next += 1

        def gone(_, numbers=self._numbers, latest=self._latest):
            if numbers.get(key, (None, None))[1] == uid:
                del numbers[key]
            latest.pop(uid, None)

        self._numbers[key] = (weakref.ref(tensor, gone), uid)
        return uid

    def latest(self, tensor):
        return self._latest.get(self.uid(tensor))

    def see_stale(self, tensor):
        """
        A view whose base has changed in place. It is not asked for its grad_fn: that would make a node which the
        program did not make, or not yet. `Writer` asks at the end.
        """
        seen = self.see(tensor, None)
        if seen is not None:
            seen.stale, seen.is_leaf = True, False
        return seen

    def see(self, tensor, node, copy=False):
        """The tensor as it is now, made by `node` (a node's record or None); None where it has no numbers to show."""
        if not readable(tensor):
            return None
        copy = copy or tensor.numel() <= COPIED
        uid, version = self.uid(tensor), version_of(tensor)
        known = self._latest.get(uid)
        if (
            known is not None
            and known.version == version
            and known.node is node
            and known.requires_grad == tensor.requires_grad
            and not known.numbers.changed()
            and known.numbers.shape == list(tensor.shape)
            and (known.numbers.own or not copy)
            and known.numbers.tell(tensor)
        ):
            return known
        seen = Seen()
        seen.uid, seen.version, seen.node = uid, version, node
        seen.numbers = Numbers(tensor, copy)
        seen.device = str(tensor.device)
        seen.requires_grad = tensor.requires_grad
        seen.is_leaf = node is None
        seen.output_nr = 0 if node is None else tensor.output_nr
        base = tensor._base
        seen.base = None if base is None else self.uid(base)
        seen.tensor = weakref.ref(tensor)
        seen.kind = type(tensor)
        seen.stale = False
        self._latest[uid] = seen
        return seen
