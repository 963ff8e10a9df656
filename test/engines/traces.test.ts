/** Trace files from outside: what is read, in which order, and the words for what cannot be. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { areRanks, readTraces } from "../../engines/traces.ts";
import type { Trace } from "../../trace/schema.ts";
import { squareSum } from "../support/traces.ts";

const root = mkdtempSync(join(tmpdir(), "backstep-test-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

function folder(name: string, files: Readonly<Record<string, unknown>>): string {
  const path = join(root, name);
  mkdirSync(path, { recursive: true });
  for (const [file, content] of Object.entries(files))
    writeFileSync(join(path, file), typeof content === "string" ? content : JSON.stringify(content));
  return path;
}

const ofRank = (rank: number, of = 2): Trace => ({ ...squareSum(), process: { rank, of } });

test("a folder gives its traces by rank and passes over other files", async () => {
  const path = folder("ranks", {
    "b.json": ofRank(0),
    "a.json": ofRank(1),
    "package.json": { name: "x" },
    "notes.txt": "backstep-trace",
  });
  const { files, problems, notes } = await readTraces([path]);
  expect(files.map(({ label, rank }) => [label, rank])).toEqual([
    ["rank 0", 0],
    ["rank 1", 1],
  ]);
  expect(areRanks(files)).toBe(true);
  expect([problems, notes]).toEqual([[], []]);
});

test("the rank stands in the file's name where the trace has none", async () => {
  const path = folder("named", { "trace-rank1.json": squareSum(), "trace-rank0.json": squareSum() });
  const { files } = await readTraces([path]);
  expect(files.map(({ label }) => label)).toEqual(["rank 0", "rank 1"]);
});

test("traces of different programs, or of one rank twice, are no ranks of one run", async () => {
  const { sources, ...rest } = squareSum();
  const another: Trace = { ...rest, sources: sources.map((source) => ({ ...source, text: "other" })) };
  const path = folder("mixed", { "rank0.json": squareSum(), "rank1.json": another });
  expect(areRanks((await readTraces([path])).files)).toBe(false);
  const file = join(path, "rank0.json");
  expect(areRanks((await readTraces([file, file])).files)).toBe(false);
});

test("a rank that left no trace is noted", async () => {
  const path = folder("missing", { "a.json": ofRank(0, 4), "b.json": ofRank(2, 4) });
  expect((await readTraces([path])).notes).toEqual(["there is no trace of rank 1, 3 of the 4 processes"]);
});

test("a damaged or newer file is named with its reason, and the others are read", async () => {
  const path = folder("damaged", {
    "good.json": squareSum(),
    "newer.json": { ...squareSum(), version: 99 },
    "cut.json": JSON.stringify(squareSum()).slice(0, 400),
    "broken.json": { ...squareSum(), nodes: "none" },
  });
  const { files, problems } = await readTraces([path]);
  expect(files.map(({ label }) => label)).toEqual(["good.json"]);
  expect(problems).toEqual([
    expect.stringMatching(/^broken\.json: this trace is damaged: /),
    expect.stringMatching(/^cut\.json: this is not a trace: the file is not JSON/),
    expect.stringMatching(/^newer\.json: this trace has format version 99, .* update Backstep/),
  ]);
});

test("a foreign file that was named, a missing one and an empty folder are named", async () => {
  const path = folder("foreign", { "data.json": { rows: [] } });
  const given = [join(path, "data.json"), join(path, "none.json"), path];
  const { files, problems } = await readTraces(given);
  expect(files).toEqual([]);
  expect(problems).toEqual([
    expect.stringContaining('"format" is missing'),
    expect.stringMatching(/none\.json: there is no such file$/),
    expect.stringContaining("holds no trace: a trace is a .json file"),
  ]);
});
