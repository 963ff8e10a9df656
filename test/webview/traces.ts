/** The traces that the panel is tried with: snippets, recorded by the embedded engine. */
import type { Trace } from "../../trace/schema.ts";
import { runSnippet } from "../support/engine.ts";

const LEAF = "x = torch.tensor([3., 4.]).requires_grad_()\nx\n";

export const snippets = {
  /** Copies, then scales. */
  sumOfSquares: `${LEAF}def f(x): return (x**2).sum()\ny = f(x)\ny\ny.backward()\nx.grad`,
  /** The 9 and the 16 change places. */
  productOfSquares: `${LEAF}def f(x): return torch.mul(*(x**2))\ny = f(x)\ny\ny.backward()\nx.grad`,
  /** A constant, a broadcast leaf, a switch, and a leaf that is used twice. */
  everyPath: `w = torch.tensor([1., -2.], requires_grad=True)
b = torch.tensor(0.5, requires_grad=True)
x = torch.tensor([3., 4.])
h = x * w + b
y = (h.relu() + w).sum()
y.backward()`,
  /** Matrices, three leaves, two passes. */
  twoLayers: `x = torch.tensor([[1., 2.], [3., 4.], [5., 6.]])
t = torch.tensor([[1.], [0.], [1.]])
W1 = torch.tensor([[.1, -.2, .3], [.4, .5, -.6]], requires_grad=True)
b1 = torch.tensor([.1, .2, .3], requires_grad=True)
W2 = torch.tensor([[.7], [-.8], [.9]], requires_grad=True)
for step in range(2):
    h = torch.tanh(x @ W1 + b1)
    p = torch.sigmoid(h @ W2)
    loss = ((p - t)**2).mean()
    loss.backward()
    print(f"step {step}: {loss.item():.4f}")`,
  /** Recorded, never run through. */
  noPass: `${LEAF}y = (x * 2).sum()`,
  noGraph: "x = torch.ones(3)\nprint(x)",
  /** The graph goes as far as the program came. */
  raised: `${LEAF}y = (x**2).sum()\ny.backward()\nz = x @ torch.ones(3)`,
  notScalar: `${LEAF}(x * 2).backward()`,
  /** A leaf with more consumers than one card can take. */
  shared: "w = torch.tensor(2., requires_grad=True)\ny = w * 1\nfor _ in range(8): y = y * w\ny.backward()",
} as const;
export type SnippetName = keyof typeof snippets;

const RAISING: readonly string[] = [snippets.raised, snippets.notScalar];

const recorded = new Map<string, Promise<Trace>>();

/** The trace of a piece of a note; each is recorded once. */
export function traceOf(text: string): Promise<Trace> {
  let trace = recorded.get(text);
  if (trace === undefined) {
    trace = runSnippet([text], { mode: "note" }).then(({ trace: made }) => {
      if (made.error !== null && !RAISING.includes(text)) throw new Error(made.error.traceback);
      return made;
    });
    recorded.set(text, trace);
  }
  return trace;
}

export const traceNamed = (name: SnippetName): Promise<Trace> => traceOf(snippets[name]);

/** A chain of that many doublings. */
export const chain = (length: number): Promise<Trace> =>
  traceOf(
    `y = x = torch.tensor(1., requires_grad=True)\nfor _ in range(${length}): y = y * 1.001\ny.backward()`,
  );
