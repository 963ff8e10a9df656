/**
 * Random programs by both engines: equal traces. BACKSTEP_SEED and BACKSTEP_PROGRAMS choose the first seed and how many;
 * a failure names its seed and shows its program.
 */
import { expect, test } from "vitest";
import { compareTraces, near, toleranceOf } from "../../trace/compare.ts";
import type { Trace } from "../../trace/schema.ts";
import { describeAgainstPyTorch } from "../support/pytorch.ts";

import { residentEngine } from "../support/resident.ts";
import { recordAll } from "./both.ts";
import { randomProgram } from "./random-programs.ts";

const FIRST = Number(process.env.BACKSTEP_SEED ?? 1);
const COUNT = Number(process.env.BACKSTEP_PROGRAMS ?? 200);

/**
 * Known: other roundings show where numbers cancel, or a double backward has made them larger. A printed number may be
 * one more or less in its last digit, or as far away as the trace's own numbers may be. Anything else is equal.
 */
function differsInRounding(left: string, right: string): boolean {
  const number = /-?\d+\.\d*(?:e[+-]\d+)?/g;
  const words = (text: string): string => text.replace(number, "#").replace(/ +/g, " ");
  if (words(left) !== words(right)) return false;
  const [ours, theirs] = [left.match(number) ?? [], right.match(number) ?? []];
  return ours.every((text, i) => {
    const [mantissa = "", power = "0"] = text.split("e");
    const unit = 10 ** (Number(power) - (mantissa.split(".")[1]?.length ?? 0));
    const [one, other] = [Number(text), Number(theirs[i])];
    return Math.abs(one - other) <= 1.5 * unit || near(one, other, toleranceOf("float32"));
  });
}

describeAgainstPyTorch("random programs", (python) => {
  test(`${COUNT} of them, from seed ${FIRST}, give PyTorch's traces`, {
    timeout: 60_000 + COUNT * 2000,
  }, async () => {
    const programs = Array.from({ length: COUNT }, (_, i) => randomProgram(FIRST + i));
    const judged = recordAll(python, programs);
    const embedded = await residentEngine();
    let digits = 0;
    const parted = programs.flatMap((program, i) => {
      const differences = compareTraces(judged[i] as Trace, embedded(program)).filter((difference) => {
        const listed = difference.at === "stdout" && differsInRounding(difference.left, difference.right);
        if (listed) digits++;
        return !listed;
      });
      return differences.length === 0
        ? []
        : [{ seed: FIRST + i, differences: differences.slice(0, 3), program }];
    });
    console.log(`${COUNT} programs, ${digits} of them with another rounding in what they print`);
    expect(parted).toEqual([]);
  });
});
