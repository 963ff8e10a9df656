/** Elements of large tensors, which a trace only summarises, are there to be asked for: of a run by either engine. */
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { DType } from "../../assembly/shared/codes.ts";
import { Elements } from "../../autograd/elements.ts";
import { DEFAULT_LIMITS, type Engine } from "../../engines/engine.ts";
import { createEngine } from "../../engines/index.ts";
import { PyTorchEngine } from "../../engines/pytorch/pytorch.ts";
import { sideFileOf } from "../../engines/side-file.ts";
import { sliceOf, storedValues } from "../../trace/slice.ts";
import { newCore } from "../support/core.ts";
import { describeAgainstPyTorch } from "../support/pytorch.ts";

const DIST = fileURLToPath(new URL("../../dist/", import.meta.url));
const PROGRAM = `import torch
x = torch.arange(3000, dtype=torch.float64).reshape(30, 100).requires_grad_()
half = (x * 0.5).t()
flags = x > 7
(half ** 2).sum().backward()
`;

async function keepsElements(engine: Engine): Promise<void> {
  const result = await engine.run(
    {
      mode: "script",
      blocks: [{ name: "large.py", text: PROGRAM }],
      files: new Map(),
      argv: ["large.py"],
      record: true,
      limits: DEFAULT_LIMITS,
    },
    { output: () => {} },
    new AbortController().signal,
  );
  await engine.dispose();
  if (result.kind !== "done" || result.trace === null) throw new Error(JSON.stringify(result));
  const { trace } = result;
  const file = sideFileOf(trace);
  if (file === null) throw new Error("there is no side file");
  const record = (name: string) => trace.tensors.findLast((tensor) => tensor.names.includes(name));
  const part = async (value: unknown, rows: [number, number], columns: [number, number]) => {
    const stored = (value as { stored: number }).stored;
    const summary = storedValues(trace).get(stored);
    if (summary === undefined) throw new Error("it has no elements");
    const spans = [rows, columns].map(([start, end]) => ({ start, end }));
    return (await sliceOf(summary, spans, file)).data;
  };
  expect(await part(record("x")?.value, [1, 3], [98, 100])).toEqual([198, 199, 298, 299]);
  expect(await part(record("half")?.value, [98, 100], [1, 3])).toEqual([99, 149, 99.5, 149.5]);
  expect(await part(record("flags")?.value, [0, 1], [6, 9])).toEqual([false, false, true]);
  expect(await part(record("x")?.grad, [29, 30], [97, 100])).toEqual([1498.5, 1499, 1499.5]);
}

test(
  "the embedded engine keeps large tensors whole beside the trace, views and gradients too",
  () => keepsElements(createEngine("embedded", { assets: DIST, log: () => {} })),
  120_000,
);

describeAgainstPyTorch("large tensors", (python) => {
  test(
    "are kept whole beside the trace, views and gradients too",
    () => keepsElements(new PyTorchEngine({ folder: `${DIST}recorder`, python, log: () => {} })),
    120_000,
  );
});

test("elements that do not fit any more are left out, the next that fit are not", async () => {
  const core = newCore();
  const elements = new Elements(core, 100);
  const place = (shape: number[], strides: number[], ptr: number) => ({
    dtype: DType.f32,
    shape,
    strides,
    ptr,
  });
  const ptr = core.alloc(400);
  for (let i = 0; i < 100; i++) core.fill(place([], [], ptr + 4 * i), i);
  expect(elements.keep(place([2, 3], [1, 2], ptr))).toBe(0);
  expect(elements.keep(place([2, 3], [1, 2], ptr))).toBe(0);
  expect(elements.full).toBe(false);
  expect(elements.keep(place([50], [1], ptr))).toBeNull();
  expect(elements.full).toBe(true);
  expect(elements.keep(place([3], [1], ptr + 40))).toBe(24);
  const bytes = Buffer.from(elements.text(), "latin1");
  expect([...Array(9).keys()].map((i) => bytes.readFloatLE(4 * i))).toEqual([0, 2, 4, 1, 3, 5, 10, 11, 12]);
  expect(bytes.length).toBe(36);
});
