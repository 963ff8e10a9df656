/** Memory over a long training: Python's, the tensors' and the record's together stay within a bound that a leak would pass. */
import { expect, it } from "vitest";
import { runSnippet } from "../support/engine.ts";

const PROGRAM = `import torch
x = torch.tensor([1., 2.])
w = torch.tensor([0.5, -0.5], requires_grad=True)
optimizer = torch.optim.SGD([w], lr=0.01)
for step in range(100_000):
    loss = ((x * w - 1) ** 2).sum()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
print(w.tolist())
`;

// A step makes seven tensors, six nodes and a few hundred Python objects: one that stays of each step is over it.
const MEMORY = 96 << 20;

it("is flat over 100,000 training steps", { timeout: 900_000 }, async () => {
  const { result, stdout, stderr } = await runSnippet(PROGRAM, {
    record: false,
    limits: { memory: MEMORY, seconds: 880 },
  });
  expect({ kind: result.kind, stderr }).toEqual({ kind: "done", stderr: "" });
  expect(JSON.parse(stdout)).toEqual([expect.closeTo(1, 4), expect.closeTo(0.5, 4)]);
});

it("would not be, if each step left a little behind", { timeout: 300_000 }, async () => {
  const leaking = PROGRAM.replace(
    "    optimizer.step()\n",
    "    optimizer.step()\n    kept.append(torch.zeros(1000))\n",
  );
  const { result, stderr } = await runSnippet(`kept = []\n${leaking}`, {
    record: false,
    limits: { memory: MEMORY, seconds: 280 },
  });
  expect(result).toMatchObject({ kind: "done", exitCode: 1 });
  expect(stderr).toMatch(/can't allocate memory|MemoryError/);
});
