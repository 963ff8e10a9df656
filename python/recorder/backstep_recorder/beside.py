"""A backward pass from a tensor of a program that stands still, recorded, with everything left as it is."""
import contextlib

import torch

from .nodes import Nodes
from .passes import Pass
from .recorder import Recorder
from .refused import Refused
from .tensors import Numbers, readable
from .untouched import untouched

FREED = "a second time"


class _Guests(Nodes):
    """Records of nodes that are taken out of them again."""

    def __init__(self, tensors):
        super().__init__(tensors)
        self.key = "backstep.paused"
        self._visited = []

    def _add(self, function, where):
        super()._add(function, where)
        self._visited.append(function)

    def leave(self):
        for function in self._visited:
            function.metadata.pop(self.key, None)


@contextlib.contextmanager
def recorded(root):
    """(recorder with the pass from `root`, seeded with ones; what `untouched` tells); the nodes forget it afterwards."""
    recorder = Recorder(None)
    recorder.nodes = nodes = _Guests(recorder.tensors)
    try:
        yield recorder, _run(recorder, root)
    finally:
        nodes.leave()


def _run(recorder, root):
    one = Pass(recorder, "backward", None, True, False)
    seed = torch.ones_like(root.detach())
    functions = _reachable(root.grad_fn)
    leaves = tuple(f.variable for f in functions if type(f).__name__ == "AccumulateGrad")
    engine = torch.autograd.Variable._execution_engine
    engine = getattr(engine, "_engine", engine)
    with untouched(functions) as left:
        one.prepare((root,), (seed,), leaves)
        _refuse_freed(one)
        try:
            engine.run_backward((root,), (seed,), True, False, leaves, allow_unreachable=True, accumulate_grad=False)
        except Exception as error:
            if FREED in str(error):
                raise Refused("freed", node=_last(one)) from None
            one.error = f"{type(error).__name__}: {error}"
        finally:
            one.finish()
            recorder.keep(one)
    for step in one.steps:
        if step.node.variable is not None:
            step.accumulate = _would_be(step, one.functions[step.node].variable)
    return left


def _reachable(function):
    """Every node behind one, itself first. Refuses those that would talk to other processes."""
    found, stack = {function: None}, [function]
    while stack:
        top = stack.pop()
        if _is_remote(top):
            raise Refused("remote", node=type(top).__name__)
        for following, _ in top.next_functions:
            if following is not None and following not in found:
                found[following] = None
                stack.append(following)
    return list(found)


def _is_remote(function):
    kind = type(function)
    return kind.__module__.startswith("torch.distributed") or kind.__name__ in (
        "SendRpcBackward",
        "RecvRpcBackward",
    )


def _refuse_freed(one):
    for record in one.functions:
        for _, content in record.saved or ():
            if isinstance(content, RuntimeError) and FREED in str(content):
                raise Refused("freed", node=record.name)


def _last(one):
    return one.steps[-1].node.name if one.steps else one.roots[0][1].name


def _would_be(step, variable):
    """(.grad now, what the pass adds, what `.grad` would be)."""
    added = step.upstream[0]
    if added is None:
        return None
    now = variable.grad
    if now is None or not readable(now):
        return (None, added, added)
    return (Numbers(now, copy=True), added, Numbers(now.detach() + added.tensor()))
