/**
 * The judge: every snippet of the corpus, run by PyTorch and by the embedded engine, gives the same trace. Where there
 * is no PyTorch, its recorded traces judge; where there is, they are held against it, or written anew (`npm run record`).
 */
import { beforeAll, describe, expect, test } from "vitest";
import { compareTraces } from "../../trace/compare.ts";
import type { Trace } from "../../trace/schema.ts";
import { pytorch } from "../support/pytorch.ts";
import { residentEngine } from "../support/resident.ts";
import { readRecorded, recordAll, snippets, writeRecorded } from "./both.ts";

const all = snippets();
const recorded = readRecorded();
let judged: readonly (Trace | undefined)[] = [];
let embedded: (text: string) => Trace;

beforeAll(async () => {
  embedded = await residentEngine();
  const texts = all.map(({ text }) => text);
  if (pytorch === null) judged = texts.map((text) => recorded.get(text));
  else {
    const live = recordAll(pytorch, texts);
    if (process.env.BACKSTEP_RECORD !== undefined) writeRecorded(live);
    judged = live;
  }
  const by = pytorch === null ? "recorded traces" : "live traces";
  console.log(`${all.length} snippets are compared with ${by} of PyTorch ${judged[0]?.engine.torch}`);
}, 180_000);

test("the corpus has at least 150 snippets", () => {
  expect(all.length).toBeGreaterThanOrEqual(150);
});

describe("the embedded engine's trace is PyTorch's", () => {
  test.each(all.map(({ name, text }, i) => [name, text, i] as const))("%s", (_, text, i) => {
    const reference = judged[i];
    if (reference === undefined) throw new Error("there is no recorded trace of it: run `npm run record`");
    expect(compareTraces(reference, embedded(text))).toEqual([]);
  });
});

test("the recorded traces are PyTorch's", () => {
  if (pytorch === null)
    return console.log("not checked: recorded traces against PyTorch (no python3 with torch)");
  const fresh = readRecorded();
  const stale = all.flatMap(({ name, text }, i) => {
    const kept = fresh.get(text);
    return kept !== undefined && compareTraces(judged[i] as Trace, kept).length === 0 ? [] : [name];
  });
  expect(stale).toEqual([]);
});
