/**
 * What a waiting interpreter does before its job: small programs that touch what most programs touch, so that the
 * engine's functions have been compiled when it counts. Nothing they print goes anywhere, and the bridge and the
 * tensors that they used are thrown away.
 */

const NOTE = [
  `x = torch.tensor([3., 4.]).requires_grad_()
x`,
  `def f(x): return torch.mul(*(x**2))
y = f(x)
y`,
  `y.backward()
x.grad`,
  `w = torch.tensor([[1., -2.], [.5, 3.]], requires_grad=True)
b = torch.zeros(2, requires_grad=True)
for step in range(2):
    h = torch.relu(x @ w + b)
    loss = ((h - 1) ** 2).mean() + h.sum().exp().log() / 2
    loss.backward()
    with torch.no_grad():
        w -= .1 * w.grad
    w.grad = None
print(loss, w.shape, f"{loss.item():.3f}", [v for v in b.tolist()])
torch.stack([h, -h]).view(-1)[1:]`,
];

const FAILING = `import torch
class Model:
    def __init__(self):
        self.w = torch.ones(2, 3, requires_grad=True)
    def __call__(self, x):
        return x @ self.w
print(Model()(torch.ones(2)))
Model()(torch.ones(2)).backward()
`;

/** V8 compiles well what has run often; beyond this a run gains less than the waiting costs. */
export const ROUNDS = 5;

/** Requests as `backstep_run.run` takes them. */
export const REHEARSALS: readonly string[] = [
  JSON.stringify({
    mode: "note",
    blocks: NOTE.map((text, i) => ({ name: `rehearsal.md#${i + 1}`, text })),
    argv: ["rehearsal.md"],
    record: true,
  }),
  JSON.stringify({
    mode: "script",
    blocks: [{ name: "rehearsal.py", text: FAILING }],
    argv: ["rehearsal.py"],
    record: true,
  }),
];
