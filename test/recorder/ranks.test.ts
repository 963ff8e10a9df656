/** Two processes of one training (gloo, loopback): a trace for each rank, its own gradients beside the ones all share. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { areRanks, readTraces } from "../../engines/traces.ts";
import { acrossRanks } from "../../trace/ranks.ts";
import type { Trace, Value } from "../../trace/schema.ts";
import { describeAgainstPyTorch } from "../support/pytorch.ts";
import { recordRanks } from "../support/ranks.ts";

const numbers = (value: Value | null | undefined): readonly number[] =>
  value?.kind === "inline" ? value.data.map(Number) : [];
const gradOf = (trace: Trace | undefined, name: string): readonly number[] =>
  numbers(trace?.tensors.find(({ names }) => names.includes(name))?.grad);

describeAgainstPyTorch("two ranks", (python) => {
  test("each leave a trace, whose local gradients have the shared one as their mean", async () => {
    const folder = mkdtempSync(join(tmpdir(), "backstep-test-"));
    try {
      await recordRanks(python, folder);
      const { files, problems, notes } = await readTraces([folder]);
      expect([problems, notes]).toEqual([[], []]);
      expect(files.map(({ label, trace }) => [label, trace.process])).toEqual([
        ["rank 0", { rank: 0, of: 2 }],
        ["rank 1", { rank: 1, of: 2 }],
      ]);
      expect(areRanks(files)).toBe(true);
      const leaves = acrossRanks(files.map(({ trace }) => trace));
      expect(leaves.map(({ leaf, verdict }) => [leaf, verdict])).toEqual([
        ["model.module.bias", "mean"],
        ["model.module.weight", "mean"],
      ]);
      const [, weight] = leaves;
      const [a, b] = (weight?.local ?? []).map(numbers);
      expect(a).not.toEqual(b);
      // What DDP left in the pass is what the program itself finds in `.grad`.
      for (const [rank, { trace }] of files.entries()) {
        expect(gradOf(trace, "weight").length).toBe(3);
        expect(numbers(weight?.left[rank])).toEqual(gradOf(trace, "weight"));
      }
      for (const [i, x] of numbers(weight?.mean).entries())
        expect(x).toBeCloseTo(((a?.[i] ?? 0) + (b?.[i] ?? 0)) / 2, 10);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
