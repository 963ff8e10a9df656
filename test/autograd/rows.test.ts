/**
 * Every op row against PyTorch, by its own samples: values, graphs, saved tensors, gradients, second derivatives,
 * the order of the pass; and against finite differences.
 */
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, test } from "vitest";
import type { Trace } from "../../trace/schema.ts";
import { runSnippet, type SnippetResult } from "../support/engine.ts";
import { pytorch } from "../support/pytorch.ts";
import { differ, pythonFloat } from "./compare.ts";
import { EDGES } from "./edges.ts";
import { HARNESS, REFERENCE, recorded, reference } from "./reference.ts";
import { type Answer, type Mode, ROW_SAMPLES, ROWS, SAMPLES } from "./samples.ts";

const harness = readFileSync(HARNESS, "utf8");
/** Passes of which the recorder keeps the steps. */
const CHUNK = 60;

async function embedded(mode: Mode, samples: readonly string[], record: boolean): Promise<SnippetResult> {
  const run = await runSnippet(harness, {
    argv: ["harness.py", mode, "samples.json"],
    files: { "samples.json": JSON.stringify(samples) },
    record,
    limits: { seconds: 300, output: 2 ** 28 },
  });
  expect(run.stderr).toBe("");
  return run;
}

/** What the embedded engine answers, by sample. */
async function ours(mode: Mode, samples: readonly string[]): Promise<ReadonlyMap<string, unknown>> {
  const { results } = JSON.parse((await embedded(mode, samples, false)).stdout) as Answer;
  return new Map(samples.map((sample, i) => [sample, results[i]]));
}

describe(`rows and corner cases against ${REFERENCE}`, () => {
  let got: ReadonlyMap<string, unknown>;
  let expected: ReadonlyMap<string, unknown>;
  beforeAll(async () => {
    expected = reference("graphs", SAMPLES);
    got = await ours("graphs", SAMPLES);
  }, 600_000);

  const same = (sample: string, second?: string): void => {
    const differences = differ(got.get(sample), expected.get(sample));
    const isExempt = (line: string): boolean => second !== undefined && line.startsWith(".second.graph");
    expect(differences.filter((line) => !isExempt(line))).toEqual([]);
  };

  for (const { key, row } of ROWS)
    for (const sample of row.samples)
      test(`${key}: ${sample} gives PyTorch's values, graph, saved tensors and derivatives`, () =>
        same(sample, row.exempt?.second));
  for (const sample of EDGES) test(`${sample} is as in PyTorch`, () => same(sample));

  test("each node name of a row is met in some graph, of a value or of a gradient", () => {
    const met = new Set<string>();
    for (const result of expected.values())
      for (const [, name] of JSON.stringify(result).matchAll(/"name":"(\w+)"/g)) met.add(name as string);
    const unmet = ROWS.flatMap(({ row }) =>
      "node" in row && row.node !== undefined && !met.has(row.node) && row.exempt?.graph === undefined
        ? [row.node]
        : [],
    );
    expect(unmet).toEqual([]);
  });
});

describe("rows are complete", () => {
  test("a row without samples is internal and called by another row", () => {
    const sources = sourceOfRows();
    for (const { key, schema, row } of ROWS.filter((op) => op.row.samples.length === 0)) {
      expect(row.variants, key).toBe("internal");
      const called = new RegExp(
        `["\`](${schema.name}|${key})["\`]|\\b${schema.name}\\((?!(Tensor|Scalar|int|bool)\\W)`,
      );
      const sign = { add: "+", sub: "-", mul: "*", div: "/" }[schema.name];
      expect(sign !== undefined || called.test(sources), `${key} is called by nobody`).toBe(true);
    }
  });
});

/** The text of every row and of the engine: where ops are called by name. */
function sourceOfRows(): string {
  const root = fileURLToPath(new URL("../../autograd/", import.meta.url));
  const texts = readdirSync(root, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts"))
    .map((name) => readFileSync(`${root}${name}`, "utf8"));
  // Rules whose text is put together when the table is made.
  const rules = ROWS.flatMap(({ row }) => Object.values(("backward" in row && row.backward) || {}));
  return [...texts, ...rules].join("\n");
}

describe(`the order of the pass against ${REFERENCE}`, () => {
  const chunks = Array.from({ length: Math.ceil(SAMPLES.length / CHUNK) }, (_, i) =>
    SAMPLES.slice(i * CHUNK, (i + 1) * CHUNK),
  );
  let expected: ReadonlyMap<string, unknown>;
  beforeAll(() => {
    expected = reference("order", SAMPLES);
  }, 600_000);

  test.each(chunks.map((chunk, i) => [i * CHUNK + 1, chunk] as const))(
    "nodes run in PyTorch's order, samples from %i on",
    async (_, chunk) => {
      const run = await embedded("order", chunk, true);
      const { results } = JSON.parse(run.stdout) as Answer;
      const passes = run.trace.backwards.filter((pass) => pass.error === null)[Symbol.iterator]();
      const wrong: string[] = [];
      for (const [i, sample] of chunk.entries()) {
        // Without hooks on nodes the harness gives an empty list; the trace has what ran.
        const ran = Array.isArray(results[i]) ? stepsOf(run.trace, passes.next().value) : results[i];
        const lines = differ(ran, expected.get(sample));
        if (lines.length > 0) wrong.push(`${sample}: ${lines[0]}`);
      }
      expect(wrong).toEqual([]);
    },
    300_000,
  );
});

/** The nodes of a pass as the harness lists them: names, and the numbers of leaves. */
function stepsOf(trace: Trace, pass: Trace["backwards"][number] | undefined): unknown {
  return pass?.steps.map((step) => {
    const node = trace.nodes[step.node];
    const leaf = node?.variable == null ? null : trace.tensors[node.variable]?.value;
    return {
      name: node?.name,
      leaf:
        leaf?.kind === "inline"
          ? leaf.data.map((x) => (typeof x === "number" ? python(x) : (SPECIAL[String(x)] ?? x)))
          : null,
    };
  });
}

const python = (x: number): string => (Number.isInteger(x) ? `${x}.0` : String(x));
const SPECIAL: Readonly<Record<string, string>> = { NaN: "nan", Infinity: "inf", "-Infinity": "-inf" };

describe("rows against finite differences, in float64", () => {
  let got: ReadonlyMap<string, unknown>;
  beforeAll(async () => {
    got = await ours("differences", ROW_SAMPLES);
  }, 600_000);

  for (const { key, row } of ROWS) {
    if (row.samples.length === 0 || row.exempt?.differences !== undefined) continue;
    test(`${key}: first and second derivatives are those of the function`, () => {
      for (const sample of row.samples) {
        const result = got.get(sample) as Readonly<Record<string, readonly [string, string]>> | null;
        // An error is compared with PyTorch's above; it has no derivative.
        if (result === null || "error" in result) continue;
        for (const [which, [analytic, numeric]] of Object.entries(result)) {
          const [x, y] = [pythonFloat(analytic) ?? Number.NaN, pythonFloat(numeric) ?? Number.NaN];
          expect(Math.abs(x - y), `${which} of ${sample}: ${analytic} against ${numeric}`).toBeLessThan(
            1e-6 * (1 + Math.abs(x)),
          );
        }
      }
    });
  }
});

test("the recorded answers are those of the PyTorch that is installed", () => {
  if (pytorch === null) {
    console.log("not checked: the recorded answers (no python3 with torch)");
    return;
  }
  const { graphs } = recorded();
  expect(SAMPLES.filter((sample) => !Object.hasOwn(graphs, sample))).toEqual([]);
  const now = reference("graphs", SAMPLES);
  expect(SAMPLES.flatMap((sample) => differ(graphs[sample], now.get(sample)))).toEqual([]);
});
