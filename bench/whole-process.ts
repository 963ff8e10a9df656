/** The whole process, from nothing to the walked pass of the second snippet, against python3 with real PyTorch. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findTorch, median, processOf, type Row } from "./report.ts";

const RUNS = 7;

const SNIPPET = `import torch
x = torch.tensor([3., 4.]).requires_grad_()
def f(x): return torch.mul(*(x**2))
y = f(x)
print(y)
y.backward()
print(x.grad)
`;

/** The same run, and the graph walked with what each node saved and what passes it, as a person would by hand. */
const BY_HAND = `${SNIPPET.replace(
  "y.backward()",
  `def walk(node, seen=set()):
    if node is None or node in seen: return
    seen.add(node)
    print(node.name(), [(name, getattr(node, name)) for name in dir(node) if name.startswith("_saved_")])
    node.register_hook(lambda down, up: print(up, down))
    for following, _ in node.next_functions: walk(following)
walk(y.grad_fn)
y.backward()`,
)}`;

export async function wholeProcess(): Promise<Row[]> {
  const folder = mkdtempSync(join(tmpdir(), "backstep-bench-"));
  try {
    const ours = join(folder, "snippet.py");
    const theirs = join(folder, "by_hand.py");
    writeFileSync(ours, SNIPPET);
    writeFileSync(theirs, BY_HAND);
    const python = findTorch();
    const trace = await median(RUNS, processOf(process.execPath, ["dist/cli.mjs", "trace", ours]));
    const real = python === null ? null : await median(RUNS, processOf(python, [theirs]));
    return [
      { work: "trace of torch.mul(*(x**2)), whole process", ours: trace, theirs: real, goal: { ratio: 0.7 } },
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
