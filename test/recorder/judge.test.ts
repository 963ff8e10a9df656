/** The judge: every snippet of the corpus, run by PyTorch and by the embedded engine, gives the same trace. */
import { beforeAll, expect, test } from "vitest";
import { compareTraces } from "../../trace/compare.ts";
import type { Trace } from "../../trace/schema.ts";
import { describeAgainstPyTorch } from "../support/pytorch.ts";
import { residentEngine } from "../support/resident.ts";
import { recordAll, snippets } from "./both.ts";

describeAgainstPyTorch("the embedded engine's traces are PyTorch's", (python) => {
  const all = snippets();
  let judged: readonly Trace[] = [];
  let embedded: (text: string) => Trace;
  beforeAll(async () => {
    embedded = await residentEngine();
    judged = recordAll(
      python,
      all.map(({ text }) => text),
    );
    console.log(`${all.length} snippets are compared with PyTorch ${judged[0]?.engine.torch}`);
  });
  test("the corpus has at least 150 snippets", () => {
    expect(all.length).toBeGreaterThanOrEqual(150);
  });
  test.each(all.map(({ name, text }, i) => [name, text, i] as const))("%s", (_, text, i) => {
    expect(compareTraces(judged[i] as Trace, embedded(text))).toEqual([]);
  });
});
