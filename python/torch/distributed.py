"""torch.distributed with a group of one process, which has its own results already; more processes are refused."""
import os
import pickle
from datetime import timedelta

from ._missing import guard

default_pg_timeout = timedelta(seconds=1800)
_UNSET = "Default process group has not been initialized, please make sure to call init_process_group."
_state = {"backend": None}


class ReduceOp:
    """How the processes' tensors become one."""


for _name in ("SUM", "AVG", "PRODUCT", "MIN", "MAX", "BAND", "BOR", "BXOR"):
    setattr(ReduceOp, _name, ReduceOp())


class Work:
    """What an asynchronous call gives: of one process it is done at once."""

    def wait(self, timeout=None):
        return True

    def is_completed(self):
        return True

    is_success = is_completed


class Backend:
    UNDEFINED = "undefined"
    GLOO = "gloo"
    NCCL = "nccl"
    MPI = "mpi"


class group:
    """The group of all processes."""

    WORLD = None


def is_available():
    return True


def is_initialized():
    return _state["backend"] is not None


def is_gloo_available():
    return True


def is_nccl_available():
    return False


is_mpi_available = is_ucc_available = is_torchelastic_launched = is_nccl_available


def _from_environment(name, given):
    if given >= 0:
        return given
    if name not in os.environ:
        raise ValueError(
            f"Error initializing torch.distributed using env:// rendezvous: environment variable {name} expected, but not set"
        )
    return int(os.environ[name])


def init_process_group(
    backend=None, init_method=None, timeout=default_pg_timeout, world_size=-1, rank=-1, store=None, group_name="",
    pg_options=None,
):
    """
    A group of this process alone.

    Raises RuntimeError as PyTorch does where there is a group already, and NotImplementedError for more processes.
    """
    if is_initialized():
        raise RuntimeError("trying to initialize the default process group twice!")
    if backend == "nccl":
        raise RuntimeError("Distributed package doesn't have NCCL built in")
    rank, world_size = _from_environment("RANK", rank), _from_environment("WORLD_SIZE", world_size)
    if init_method in (None, "env://"):
        for name in ("MASTER_ADDR", "MASTER_PORT"):
            _from_environment(name, 0 if store is not None or name in os.environ else -1)
    if (rank, world_size) != (0, 1):
        raise NotImplementedError(
            f"torch.distributed.init_process_group(rank={rank}, world_size={world_size}): the embedded engine is one "
            "process (rank 0 of 1); the PyTorch engine has more"
        )
    _state["backend"] = backend or "gloo"


def _check():
    if not is_initialized():
        raise RuntimeError(_UNSET)


def destroy_process_group(group=None):
    assert is_initialized()
    _state["backend"] = None


def get_rank(group=None):
    _check()
    return 0


def get_world_size(group=None):
    _check()
    return 1


def get_backend(group=None):
    _check()
    return _state["backend"]


def new_group(ranks=None, timeout=default_pg_timeout, backend=None, pg_options=None):
    _check()
    return group.WORLD


def _checked_peer(peer):
    if peer != 0:
        raise NotImplementedError(f"there is no rank {peer}: the embedded engine is one process; the PyTorch engine has more")


def _done(async_op):
    return Work() if async_op else None


def all_reduce(tensor, op=ReduceOp.SUM, group=None, async_op=False):
    _check()
    return _done(async_op)


def reduce(tensor, dst, op=ReduceOp.SUM, group=None, async_op=False):
    _check()
    _checked_peer(dst)
    return _done(async_op)


def broadcast(tensor, src, group=None, async_op=False):
    _check()
    _checked_peer(src)
    return _done(async_op)


def _copy(into, source):
    import torch

    with torch.no_grad():
        into.copy_(source)


def all_gather(tensor_list, tensor, group=None, async_op=False):
    _check()
    _copy(tensor_list[0], tensor)
    return _done(async_op)


def all_gather_into_tensor(output_tensor, input_tensor, group=None, async_op=False):
    _check()
    _copy(output_tensor, input_tensor.reshape(output_tensor.shape))
    return _done(async_op)


def gather(tensor, gather_list=None, dst=0, group=None, async_op=False):
    _check()
    _checked_peer(dst)
    if not gather_list:
        raise ValueError("Argument ``gather_list`` must be specified on destination rank.")
    _copy(gather_list[0], tensor)
    return _done(async_op)


def scatter(tensor, scatter_list=None, src=0, group=None, async_op=False):
    _check()
    _checked_peer(src)
    if not scatter_list:
        raise ValueError("Argument ``scatter_list`` must be specified on source rank.")
    _copy(tensor, scatter_list[0])
    return _done(async_op)


def reduce_scatter(output, input_list, op=ReduceOp.SUM, group=None, async_op=False):
    _check()
    _copy(output, input_list[0])
    return _done(async_op)


def all_gather_object(object_list, obj, group=None):
    _check()
    object_list[0] = pickle.loads(pickle.dumps(obj))


def broadcast_object_list(object_list, src=0, group=None, device=None):
    _check()
    _checked_peer(src)


def barrier(group=None, async_op=False, device_ids=None):
    _check()
    return _done(async_op)


def _refuse_peer(tensor, peer=None, group=None, tag=0):
    _check()
    raise NotImplementedError(
        "torch.distributed: there is no other process to send to or receive from; the PyTorch engine has more"
    )


send = recv = isend = irecv = _refuse_peer

__getattr__ = guard("torch.distributed")
