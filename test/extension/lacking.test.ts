/** What the embedded engine lacks is offered to PyTorch, and other errors of the code are not. */
import { beforeAll, expect, test } from "vitest";
import { isLacking } from "../../extension/views/failure.ts";
import type { RunError } from "../../trace/schema.ts";
import { residentEngine } from "../support/resident.ts";

let errorOf: (text: string) => RunError | null;
beforeAll(async () => {
  const embedded = await residentEngine();
  errorOf = (text) => embedded(`import torch\n${text}\n`).error;
}, 120_000);

test.each([
  ["a function", "torch.quantize_per_tensor(torch.ones(2), 0.1, 0, torch.qint8)"],
  ["a method", "torch.ones(2).to_sparse()"],
  ["a package", "import numpy as np; np.zeros(2)"],
])("%s that only PyTorch has", (_, text) => {
  expect(isLacking(errorOf(text))).toBe(true);
});

test.each([
  ["a misspelt name", "torch.sinus(1)"],
  ["shapes that do not fit", "torch.ones(2) + torch.ones(3)"],
  ["no error", "torch.ones(2)"],
])("not %s", (_, text) => {
  expect(isLacking(errorOf(text))).toBe(false);
});
