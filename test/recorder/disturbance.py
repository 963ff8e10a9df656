"""The same training with and without the recorder: `python disturbance.py RECORDER [record]` prints a digest of everything."""
import contextlib
import io
import json
import sys

PROGRAM = '''
import torch
from torch import nn
torch.manual_seed(3)
net = nn.Sequential(nn.Linear(6, 20), nn.ReLU(), nn.Dropout(0.3), nn.Linear(20, 1))
optimizer = torch.optim.SGD(net.parameters(), lr=0.01, momentum=0.9)
seen = []
net[0].weight.register_hook(lambda g: seen.append(g.sum().item()))
for step in range(80):
    x = torch.randn(32, 6)
    h = torch.sin(x) * 2
    h[:, 0] += 1
    loss = ((net(h) - x.sum(1, keepdim=True)) ** 2).mean()
    optimizer.zero_grad()
    loss.backward(retain_graph=step % 7 == 0)
    if step % 10 == 0:
        g, = torch.autograd.grad((net(x) ** 2).sum(), net[3].weight, create_graph=True)
        (g ** 2).sum().mul(1e-6).backward()
    optimizer.step()
    print(step, repr(loss.item()), len(seen))
'''
DIGEST = '''
import hashlib
_d = hashlib.sha256()
for _p in net.parameters():
    _d.update(_p.detach().numpy().tobytes()); _d.update(_p.grad.numpy().tobytes())
_d.update(torch.get_rng_state().numpy().tobytes()); _d.update(repr(seen).encode())
print(_d.hexdigest(), x.grad, h.requires_grad, len(list(net.parameters())))
'''
recorder, record = sys.argv[1], len(sys.argv) > 2
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
