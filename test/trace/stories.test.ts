/**
 * Every differentiable row against the stories of elements: each number of each gradient of its samples is told, first and
 * second derivatives, or it is said why not.
 */
import { readFileSync } from "node:fs";
import { beforeAll, expect, test } from "vitest";
import type { OpRow } from "../../autograd/row.ts";
import type { Trace } from "../../trace/schema.ts";
import { storyOf } from "../../trace/story/story.ts";
import { HARNESS } from "../autograd/reference.ts";
import { ROW_SAMPLES, ROWS } from "../autograd/samples.ts";
import { runSnippet } from "../support/engine.ts";

/** Samples of one run: the recorder keeps the last passes only. */
const CHUNK = 20;

const PROGRAM = `
import json
from harness import evaluate, leaves, listed, names, torch, upstream

def dotted(tensors):
    live = [t for t in tensors if t is not None and t.requires_grad and t.is_floating_point()]
    return sum((t * upstream(t, k)).sum() for k, t in enumerate(live)) if live else None

for sample in json.load(open("samples.json")):
    env = names(torch.float32)
    known = leaves(env)
    try:
        first = dotted(listed(evaluate(sample, env)))
        if first is None:
            continue
        second = dotted(torch.autograd.grad(first, known, create_graph=True, allow_unused=True))
        if second is not None:
            torch.autograd.grad(second, known, allow_unused=True)
    except Exception:
        pass
`;

const FACTORS = "every number of a factorisation depends on every number of the matrix";
const TWICE = "the gradient of a fused gradient is one call";

/** Nodes of which some number cannot be told, and why. */
const UNTOLD: Readonly<Record<string, string>> = {
  LinalgSvdBackward0: FACTORS,
  LinalgQrBackward0: FACTORS,
  LinalgEighBackward0: FACTORS,
  SymeigBackward0: FACTORS,
  LinalgCholeskyExBackward0: FACTORS,
  CholeskyBackward0: FACTORS,
  CholeskyInverseBackward0: FACTORS,
  CholeskySolveBackward0: FACTORS,
  LinalgLuBackward0: FACTORS,
  LinalgLuFactorExBackward0: FACTORS,
  LuUnpackBackward0: FACTORS,
  LinalgLuSolveBackward0: FACTORS,
  LinalgPinvBackward0: FACTORS,
  LinalgLstsqBackward0: FACTORS,
  LinalgMatrixExpBackward0: "a series of products of the whole matrix",
  RenormBackward0: "each row was cut to a length that depends on all of it",
  SpecialI1Backward0: "a Bessel function of another order is not in the trace",
  SpecialI1EBackward0: "a Bessel function of another order is not in the trace",
  IndexBackward0: "of a square the trace does not say which axes were left out",
  GridSampler2DBackward0: "which pixels a point lies between is not in the trace",
  GridSampler3DBackward0: "which pixels a point lies between is not in the trace",
  AffineGridGeneratorBackward0: "the points that were mapped are not in the trace",
  EmbeddingBagBackward0: "PyTorch divides by the count of another row",
  LogSigmoidBackwardBackward0: TWICE,
  GeluBackwardBackward0: TWICE,
  SoftplusBackwardBackward0: TWICE,
  GluBackwardBackward0: TWICE,
  PreluBackwardBackward0: TWICE,
  BinaryCrossEntropyBackwardBackward0: TWICE,
  SoftMarginLossBackwardBackward0: TWICE,
};

const nodes = new Set(
  ROWS.flatMap(({ row }: { row: OpRow }) => ("backward" in row && row.node !== undefined ? [row.node] : [])),
);

/** By node, what of it could not be told: the rule, the place, and why. */
const untold = new Map<string, Set<string>>();
const met = new Set<string>();

function read(trace: Trace): void {
  for (const { steps } of trace.backwards)
    for (const { node, downstream } of steps)
      for (const sent of downstream) {
        const { name, edges } = trace.nodes[node] as Trace["nodes"][number];
        const { input, means, formula } = edges[sent.edge] as (typeof edges)[number];
        const value = sent.unbroadcast?.before ?? sent.value;
        if (formula === null || value?.kind !== "inline" || value.data.length === 0) continue;
        if (!nodes.has(name)) continue;
        met.add(name);
        for (const flat of value.data.keys()) {
          const story = storyOf(sent, means, input, flat, "rule");
          if (story.kind === "told") continue;
          const found = untold.get(name) ?? new Set();
          untold.set(name, found.add(`${sent.formula} to ${input}`));
          break;
        }
      }
}

beforeAll(async () => {
  const harness = readFileSync(HARNESS, "utf8");
  for (let i = 0; i < ROW_SAMPLES.length; i += CHUNK) {
    const samples = JSON.stringify(ROW_SAMPLES.slice(i, i + CHUNK));
    const { trace, stderr } = await runSnippet(PROGRAM, {
      files: { "harness.py": harness, "samples.json": samples },
      limits: { seconds: 300, output: 2 ** 28 },
    });
    expect(stderr).toBe("");
    read(trace);
  }
}, 600_000);

test("every gradient of every row's samples is told, number by number, or it is said why not", () => {
  const silent = [...untold].filter(([node]) => UNTOLD[node] === undefined);
  expect(silent.map(([node, what]) => `${node}: ${[...what].join("; ")}`)).toEqual([]);
});

test("no reason is left where all is told", () => {
  expect(Object.keys(UNTOLD).filter((node) => !untold.has(node))).toEqual([]);
});

test("nearly all rows with a rule are met", () => {
  expect(met.size).toBeGreaterThan(0.9 * nodes.size);
});
