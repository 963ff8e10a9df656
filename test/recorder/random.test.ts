/**
 * Random programs by both engines: equal traces. BACKSTEP_SEED and BACKSTEP_PROGRAMS choose the first seed and how many;
 * a failure names its seed and shows its program.
 */
import { expect, test } from "vitest";
import { compareTraces } from "../../trace/compare.ts";
import type { Trace } from "../../trace/schema.ts";
import { describeAgainstPyTorch } from "../support/pytorch.ts";
import { residentEngine } from "../support/resident.ts";
import { recordAll } from "./both.ts";
import { randomProgram } from "./random-programs.ts";

const FIRST = Number(process.env.BACKSTEP_SEED ?? 1);
const COUNT = Number(process.env.BACKSTEP_PROGRAMS ?? 200);

describeAgainstPyTorch("random programs", (python) => {
  test(`${COUNT} of them, from seed ${FIRST}, give PyTorch's traces`, {
    timeout: 60_000 + COUNT * 2000,
  }, async () => {
    const programs = Array.from({ length: COUNT }, (_, i) => randomProgram(FIRST + i));
    const judged = recordAll(python, programs);
    const embedded = await residentEngine();
    const parted = programs.flatMap((program, i) => {
      const differences = compareTraces(judged[i] as Trace, embedded(program));
      return differences.length === 0
        ? []
        : [{ seed: FIRST + i, differences: differences.slice(0, 3), program }];
    });
    expect(parted).toEqual([]);
  });
});
