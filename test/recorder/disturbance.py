"""The same training with and without the recorder: `python disturbance.py RECORDER OPTIMIZER [record]` prints a digest of everything."""
import contextlib
import io
import json
import sys

PROGRAM = '''
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

class Clipped(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x.clamp(-1, 1)

    @staticmethod
    def backward(ctx, g):
        x, = ctx.saved_tensors
        return g * (x.abs() <= 1) + torch.rand(1) * 1e-3

class Squeeze(nn.Module):
    def forward(self, x):
        return Clipped.apply(x)

torch.manual_seed(3)
net = nn.Sequential(nn.Linear(6, 60), nn.BatchNorm1d(60), nn.ReLU(inplace=True), nn.Dropout(0.3), Squeeze(), nn.Linear(60, 1))
optimizer = getattr(torch.optim, OPTIMIZER)(net.parameters(), lr=0.01)
schedule = torch.optim.lr_scheduler.StepLR(optimizer, 20)
seen = []
net[0].weight.register_hook(lambda g: seen.append(g.sum().item()))
net[1].register_forward_hook(lambda module, inputs, output: seen.append(output.mean().item()))
net[5].register_full_backward_hook(lambda module, incoming, outgoing: seen.append(outgoing[0].sum().item()))
loader = DataLoader(TensorDataset(torch.randn(80, 6)), batch_size=8, shuffle=True)
batches = (x for epoch in range(8) for x, in loader)
for step, x in enumerate(batches):
    h = torch.sin(x) * 2
    h[:, 0] += 1
    loss = ((net(h) - x.sum(1, keepdim=True)) ** 2).mean()
    optimizer.zero_grad(set_to_none=step % 3 == 0)
    loss.backward(retain_graph=step % 7 == 0)
    if step % 10 == 0:
        g, = torch.autograd.grad((net(x) ** 2).sum(), net[5].weight, create_graph=True)
        (g ** 2).sum().mul(1e-6).backward()
    nn.utils.clip_grad_norm_(net.parameters(), 1.0)
    optimizer.step()
    schedule.step()
    print(step, repr(loss.item()), len(seen))
'''
DIGEST = '''
import hashlib
_d = hashlib.sha256()
for _p in net.parameters():
    _d.update(_p.detach().numpy().tobytes()); _d.update(_p.grad.numpy().tobytes())
for _b in net.buffers():
    _d.update(_b.numpy().tobytes())
for _state in optimizer.state.values():
    for _v in _state.values():
        if isinstance(_v, torch.Tensor): _d.update(_v.numpy().tobytes())
_d.update(torch.get_rng_state().numpy().tobytes()); _d.update(repr(seen).encode())
print(_d.hexdigest(), x.grad, h.requires_grad, len(list(net.parameters())))
'''
recorder, optimizer, record = sys.argv[1], sys.argv[2], len(sys.argv) > 3
PROGRAM = PROGRAM.replace("OPTIMIZER", repr(optimizer))
sys.path[:0] = [recorder]
printed = []
if record:
    from backstep_recorder.command import run

    request = {"mode": "script", "blocks": [{"name": "train.py", "text": PROGRAM + DIGEST}], "argv": ["train.py"], "record": True}
    traces = []
    run(request, lambda stream, text, _: printed.append(text), traces.append)
    trace = traces[0]
    facts = [len(trace["backwards"]), trace["backwards"][0]["omittedBefore"], trace["error"] and trace["error"]["message"]]
    facts += [sorted({n["module"] for n in trace["nodes"] if n["module"]}), trace["notes"]]
    print(json.dumps({"printed": "".join(printed), "facts": facts}))
else:
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(compile(PROGRAM + DIGEST, "train.py", "exec"), {"__name__": "__main__"})
    print(json.dumps({"printed": out.getvalue()}))
