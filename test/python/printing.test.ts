/** How tensors print, against PyTorch, on generated ones. */
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { DTYPES, dtypeName } from "../../autograd/dtype.ts";
import { describeAgainstPyTorch, runPython } from "../support/pytorch.ts";

describeAgainstPyTorch("printing", (python) => {
  test.each([1, 2, 3])("equals PyTorch's for 500 tensors of seed %i, whatever the options", (seed) => {
    const { counts, different } = runPython(python, fileURLToPath(new URL("printing.py", import.meta.url)), {
      seed,
      count: 500,
    }) as { counts: Record<string, number>; different: unknown[] };
    expect(different).toEqual([]);
    expect(Object.keys(counts).sort()).toEqual(DTYPES.map((dtype) => `torch.${dtypeName(dtype)}`).sort());
  });
});
