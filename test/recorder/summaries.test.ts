/** Passes that are not kept whole leave a summary, and both engines leave the same. */
import { expect, test } from "vitest";
import type { Trace } from "../../trace/schema.ts";
import { describeAgainstPyTorch } from "../support/pytorch.ts";
import { residentEngine } from "../support/resident.ts";
import { recordAll } from "./both.ts";

const PROGRAM = `import torch
torch.manual_seed(1)
w = torch.tensor([1.0, -2.0, 0.5], requires_grad=True)
b = torch.tensor(0.25, requires_grad=True)
for i in range(70):
    loss = ((w * 2 + b) ** 2).mean()
    if i == 3:
        torch.autograd.grad(loss, b, retain_graph=True)
    loss.backward()
    print(repr(loss.item()), (w.grad ** 2).sum().sqrt().item(), b.grad.abs().item())
    with torch.no_grad():
        for p in (w, b):
            p -= 0.01 * p.grad
            p.grad = None
`;

const rounded = (trace: Trace) =>
  (trace.summaries ?? []).map(({ loss, leaves, ...rest }) => ({
    ...rest,
    loss: Number(loss).toPrecision(4),
    leaves: leaves.map(({ norm, ...leaf }) => ({ ...leaf, norm: Number(norm).toPrecision(4) })),
  }));

describeAgainstPyTorch("passes that are not kept", (python) => {
  test("are summarised with the loss and each leaf's gradient norm, alike by both engines", async () => {
    const [theirs] = recordAll(python, [PROGRAM]);
    if (theirs === undefined) throw new Error("there is no trace");
    const summaries = theirs.summaries ?? [];
    expect(summaries.map(({ pass }) => pass)).toEqual([0, 1, 2, 3, 4, 5, 6]);
    expect(summaries.map(({ kind }) => kind)).toEqual([
      ...["backward", "backward", "backward", "grad"],
      ...["backward", "backward", "backward"],
    ]);
    expect(theirs.backwards[0]?.omittedBefore).toBe(summaries.length);
    const printed = theirs.output
      .map(({ text }) => text)
      .join("")
      .split("\n")
      .map((line) => line.split(" ").map(Number));
    const first = summaries[0];
    expect(first?.loss).toBeCloseTo(printed[0]?.[0] as number, 5);
    for (const [name, norm] of [
      ["w", printed[0]?.[1]],
      ["b", printed[0]?.[2]],
    ] as const)
      expect(first?.leaves.find((leaf) => leaf.name === name)?.norm).toBeCloseTo(norm as number, 4);
    const embedded = await residentEngine();
    const ours = embedded(PROGRAM);
    const known = (trace: Trace) => new Set(trace.tensors.map(({ object }) => object));
    for (const trace of [theirs, ours])
      for (const { leaves } of trace.summaries ?? [])
        for (const { object } of leaves) expect(known(trace)).toContain(object);
    const plain = (trace: Trace) =>
      rounded(trace).map(({ leaves, ...rest }) => ({
        ...rest,
        leaves: leaves.map(({ object: _, ...leaf }) => leaf),
      }));
    expect(plain(ours)).toEqual(plain(theirs));
  });
});
