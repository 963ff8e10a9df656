"""More of torch.Tensor that is Python by nature: what a dense tensor on the cpu says of itself, and functions of Python over its elements."""
from . import _bridge
from ._bridge import scratch
from ._types import CHANNELS_LAST_DIMS, Size, contiguous_format

# Storages lie apart by this much in the addresses that `data_ptr` gives: as good as real ones for comparing.
_SPACING = 1 << 32


class Members:
    """Taken over by torch.Tensor."""

    is_cpu = property(lambda self: True)
    is_xpu = is_ipu = is_mps = is_ort = is_vulkan = is_sparse_csr = property(lambda self: False)
    name = property(lambda self: None)
    volatile = property(lambda self: False)

    def has_names(self):
        return False

    def is_pinned(self, device=None):
        return False

    def is_shared(self):
        return False

    def is_coalesced(self):
        raise RuntimeError("is_coalesced expected sparse coordinate tensor layout but got Strided")

    def dense_dim(self):
        raise RuntimeError("dense_dim expected sparse coordinate tensor layout but got Strided")

    def sparse_dim(self):
        raise RuntimeError("sparse_dim expected sparse coordinate tensor layout but got Strided")

    def is_contiguous(self, memory_format=contiguous_format):
        _bridge.meta(self._h)
        if memory_format is contiguous_format:
            return scratch[_bridge.CONTIGUOUS] != 0
        if self.dim() != CHANNELS_LAST_DIMS.get(memory_format):
            return False
        return self.movedim(1, -1).is_contiguous()

    def data_ptr(self):
        _bridge.meta(self._h)
        if scratch[_bridge.NUMEL] == 0:
            return 0
        return scratch[_bridge.STORAGE] * _SPACING + scratch[_bridge.OFFSET] * self.element_size()

    def is_set_to(self, tensor):
        return (
            self.data_ptr() == tensor.data_ptr()
            and self.shape == tensor.shape
            and self.stride() == tensor.stride()
        )

    def apply_(self, callable):
        if self.requires_grad:
            raise RuntimeError(
                "Can't call apply_() on Variable that requires grad. Use var.detach().apply_() instead."
            )
        return self._filled_with(map(callable, self.flatten().tolist()))

    def map_(self, tensor, callable):
        self._refuse_gradients("map_", tensor)
        others = tensor.expand(self.shape).flatten().tolist()
        return self._filled_with(map(callable, self.flatten().tolist(), others))

    def map2_(self, x, y, callable):
        self._refuse_gradients("map2_", x, y)
        each = [t.expand(self.shape).flatten().tolist() for t in (self, x, y)]
        return self._filled_with(map(callable, *each))

    def _refuse_gradients(self, name, *others):
        if any(t.requires_grad for t in (self, *others)):
            raise RuntimeError(
                f"Can't call {name}() on Variable that requires grad. Use var.detach().{name}() instead."
            )

    def _filled_with(self, values):
        self.data.copy_(self.new_tensor(list(values)).reshape(self.shape))
        return self

    def detach_(self):
        if self._is_view():
            raise RuntimeError(
                "Can't detach views in-place. Use detach() instead. If you are using DistributedDataParallel (DDP) for "
                "training, and gradient_as_bucket_view is set as True, gradients are views of DDP buckets, and hence "
                "detach_() cannot be called on these gradients. To fix this error, please refer to the "
                "Optimizer.zero_grad() function in torch/optim/optimizer.py as the solution."
            )
        _bridge.check(_bridge.cut(self._h))
        return self

    def new(self, *args):
        """A tensor of the same dtype: of the given sizes, or from a sequence."""
        if len(args) == 1 and not isinstance(args[0], int):
            data = args[0]
            return self.new_empty(data) if isinstance(data, Size) else self.new_tensor(data)
        return self.new_empty(args) if args else self.new_empty(0)

    def new_empty_strided(self, size, stride, dtype=None, **_):
        count = 1 + sum((n - 1) * s for n, s in zip(size, stride))
        made = self.new_zeros((0 if 0 in tuple(size) else count,), dtype=dtype)
        return made.as_strided(tuple(size), tuple(stride))

    @property
    def mH(self):
        if self.dim() < 2:
            raise RuntimeError(
                f"tensor.mH is only supported on matrices or batches of matrices. Got {self.dim()}-D tensor."
            )
        return self.transpose(-2, -1)

    real = property(lambda self: self)

    @property
    def imag(self):
        raise RuntimeError("imag is not implemented for tensors with non-complex dtypes.")

    def as_subclass(self, cls):
        if cls is not _bridge.Tensor:
            raise NotImplementedError(
                "torch.Tensor.as_subclass(…) of a subclass is not in the embedded engine (yet); the PyTorch engine has it"
            )
        return self[...]

    def __rlshift__(self, other):
        return _bridge._function_bitwise_left_shift(other, self)

    def __rrshift__(self, other):
        return _bridge._function_bitwise_right_shift(other, self)

    def __ilshift__(self, other):
        return self.bitwise_left_shift_(other)

    def __irshift__(self, other):
        return self.bitwise_right_shift_(other)


def install(Tensor):
    for name, value in vars(Members).items():
        if callable(value) or isinstance(value, property):
            setattr(Tensor, name, value)
