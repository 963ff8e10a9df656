"""A pass whose ends are gradient edges, which PyTorch 2 takes and an engine here turns into tensors: `python later.py RECORDER`."""
import collections
import json
import sys

sys.path[:0] = sys.argv[1:2]
import torch  # noqa: E402
from backstep_recorder.passes import Engine  # noqa: E402
from backstep_recorder.recorder import Recorder  # noqa: E402

GradientEdge = collections.namedtuple("GradientEdge", "node output_nr")


class Later:
    """PyTorch's engine, to which edges may be given."""

    def __init__(self, engine, tensors):
        self.engine = engine
        self.tensors = tensors

    def run_backward(self, tensors, gradients, keep, create, inputs=(), **more):
        tensors, inputs = (tuple(self.tensors.get(t, t) for t in given) for given in (tensors, inputs))
        return self.engine.run_backward(tensors, gradients, keep, create, inputs, **more)


x = torch.tensor([1.0, 2.0], requires_grad=True)
inner = x * 3
other = torch.ones(2, requires_grad=True)
y = (inner * inner * other).sum()
start, end = GradientEdge(y.grad_fn, 0), GradientEdge(inner.grad_fn, 0)
recorder = Recorder(None)
recorder.on = True
engine = Engine(Later(torch.autograd.Variable._execution_engine, {start: y, end: inner}), recorder)
given = engine.run_backward((start,), (torch.ones(()),), True, False, (end, other), allow_unreachable=True)
(one,) = recorder.passes
json.dump(
    {
        "given": [g.tolist() for g in given],
        "roots": [(seen is None, record.name) for seen, record, _, _ in one.roots],
        "steps": [(step.node.name, [n.tensor().tolist() for n in step.upstream]) for step in one.steps],
        "notes": recorder.notes,
    },
    sys.stdout,
)
