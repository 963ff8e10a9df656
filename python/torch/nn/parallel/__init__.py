"""torch.nn.parallel on one processor: the module runs as it is."""
import contextlib

from ..._missing import guard
from ...distributed import get_world_size
from ..modules.module import Module


class DataParallel(Module):
    """Without GPUs there is nothing to spread a batch over: the module itself is called."""

    def __init__(self, module, device_ids=None, output_device=None, dim=0):
        super().__init__()
        self.module = module
        self.device_ids = []

    def forward(self, *inputs, **kwargs):
        return self.module(*inputs, **kwargs)


class DistributedDataParallel(Module):
    """In a group of one process: its gradients are the whole group's."""

    def __init__(
        self, module, device_ids=None, output_device=None, dim=0, broadcast_buffers=True, process_group=None,
        bucket_cap_mb=25, find_unused_parameters=False, check_reduction=False, gradient_as_bucket_view=False,
        static_graph=False,
    ):
        super().__init__()
        get_world_size(process_group)
        if not any(p.requires_grad for p in module.parameters()):
            raise RuntimeError(
                "DistributedDataParallel is not needed when a module doesn't have any parameter that requires a gradient."
            )
        self.module = module
        self.require_backward_grad_sync = True

    def forward(self, *inputs, **kwargs):
        return self.module(*inputs, **kwargs)

    @contextlib.contextmanager
    def no_sync(self):
        """Gradients are not made the same among the processes, of which there is one."""
        before, self.require_backward_grad_sync = self.require_backward_grad_sync, False
        try:
            yield
        finally:
            self.require_backward_grad_sync = before


__getattr__ = guard("torch.nn.parallel")
