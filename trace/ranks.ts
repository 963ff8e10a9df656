/** Traces of one program's processes side by side: each leaf's own gradients, their mean, and what DDP left in `.grad`. */

import * as z from "zod";
import { near, toleranceOf } from "./compare.ts";
import { formatValue } from "./format.ts";
import type { L10n } from "./l10n.ts";
import { tensorName } from "./names.ts";
import { omittedOf } from "./pass-number.ts";
import { type Backward, type Step, type Trace, Value } from "./schema.ts";

const index = z.int().nonnegative();

/** One leaf in one pass, over all ranks; lists are by rank, null where that rank's pass does not reach the leaf. */
export const LeafAcross = z.object({
  leaf: z.string(),
  shape: z.array(index),
  /** The pass, counted from the first that the program ran. */
  pass: index,
  /** Where it accumulates in that rank's trace. */
  places: z.array(z.object({ backward: index, step: index }).nullable()),
  /** What the rank's own pass adds. */
  local: z.array(Value.nullable()),
  /** What `.grad` is when the pass has ended. */
  left: z.array(Value.nullable()),
  /** The mean over ranks of what each would have without the others; null where it cannot be told element by element. */
  mean: Value.nullable(),
  /**
   * `mean`: every rank is left with the mean. `own`: each is left with its own, nothing was reduced. `apart`: a rank is
   * left with something else. `missing`: not every rank reaches the leaf.
   */
  verdict: z.enum(["mean", "own", "apart", "missing"]),
  /** The first place at which a rank is left with another number than the mean; `element` null: seen by its statistics. */
  apart: z.object({ rank: index, element: index.nullable(), left: z.number(), mean: z.number() }).nullable(),
});
export type LeafAcross = z.infer<typeof LeafAcross>;

interface Reached {
  readonly key: string;
  readonly leaf: string;
  readonly backward: number;
  readonly step: number;
  readonly accumulate: NonNullable<Step["accumulate"]>;
}

/** Every leaf of every pass that some rank has, in the order of the first rank that has it. */
export function acrossRanks(traces: readonly Trace[]): readonly LeafAcross[] {
  const found: LeafAcross[] = [];
  const ranks = traces.map((trace) => passesOf(trace));
  const numbers = [...new Set(ranks.flatMap((passes) => [...passes.keys()]))].sort((a, b) => a - b);
  for (const pass of numbers) {
    const reached = ranks.map((passes) => passes.get(pass) ?? []);
    const keys = new Set(reached.flatMap((leaves) => leaves.map(({ key }) => key)));
    for (const key of keys) {
      found.push(
        across(
          pass,
          reached.map((leaves) => leaves.find((leaf) => leaf.key === key) ?? null),
        ),
      );
    }
  }
  return found;
}

/** The leaves that each pass reaches, by the pass's number in the program. */
function passesOf(trace: Trace): ReadonlyMap<number, readonly Reached[]> {
  const omitted = omittedOf(trace);
  return new Map(trace.backwards.map((pass, i) => [omitted + i, leavesOf(trace, pass, i)]));
}

/** Leaves by name; those without one, and those that share one, by how many came before. */
function leavesOf(trace: Trace, pass: Backward, backward: number): readonly Reached[] {
  const counts = new Map<string, number>();
  return pass.steps.flatMap(({ node, accumulate }, step) => {
    if (accumulate === null) return [];
    const { variable = null, module = null } = trace.nodes[node] ?? {};
    // A leaf without a name would be called by its number, which another rank need not share.
    const isNamed = variable !== null && (trace.tensors[variable]?.names.length ?? 0) > 0;
    const name = (isNamed ? tensorName(trace, variable) : null) ?? module ?? "";
    const of = `${name}(${accumulate.added.shape.join(", ")})`;
    const count = counts.get(of) ?? 0;
    counts.set(of, count + 1);
    const shown = name === "" ? `leaf ${step + 1}` : name;
    return [
      {
        key: `${of}#${count}`,
        leaf: count === 0 ? shown : `${shown} #${count + 1}`,
        backward,
        step,
        accumulate,
      },
    ];
  });
}

function across(pass: number, ranks: readonly (Reached | null)[]): LeafAcross {
  const first = ranks.find((rank) => rank !== null) as Reached;
  const local = ranks.map((rank) => rank?.accumulate.added ?? null);
  const left = ranks.map((rank) => (rank === null ? null : (rank.accumulate.left ?? rank.accumulate.after)));
  const totals = ranks.map((rank) => (rank === null ? null : totalOf(rank.accumulate)));
  const places = ranks.map((rank) => (rank === null ? null : { backward: rank.backward, step: rank.step }));
  const { shape } = first.accumulate.added;
  const known = { leaf: first.leaf, shape, pass, places, local, left };
  if (totals.some((total) => total === null))
    return { ...known, mean: null, verdict: "missing", apart: null };
  const all = totals as Numbers[];
  const means = (all[0] as Numbers).numbers.map(
    (_, i) => all.reduce((sum, { numbers }) => sum + (numbers[i] ?? Number.NaN), 0) / all.length,
  );
  const exact = all.every(({ inline }) => inline);
  const { dtype } = first.accumulate.added;
  const tolerance = toleranceOf(dtype);
  const parting = (rank: number, expected: readonly number[]): number =>
    numbersOf(left[rank] as Value).numbers.findIndex((x, i) => !near(x, expected[i] as number, tolerance));
  const mean: Value | null = exact ? { kind: "inline", shape, dtype, data: means.map(element) } : null;
  const rank = ranks.findIndex((_, i) => parting(i, means) >= 0);
  if (rank < 0) return { ...known, mean, verdict: "mean", apart: null };
  const at = parting(rank, means);
  const apart = {
    rank,
    element: exact ? at : null,
    left: finite(numbersOf(left[rank] as Value).numbers[at]),
    mean: finite(means[at]),
  };
  const isOwn = ranks.every((_, i) => parting(i, (all[i] as Numbers).numbers) < 0);
  return { ...known, mean, verdict: isOwn ? "own" : "apart", apart };
}

interface Numbers {
  readonly inline: boolean;
  readonly numbers: readonly number[];
}

/** The elements, or of a tensor that is not inline its mean, which is linear as well. */
const numbersOf = (value: Value): Numbers =>
  value.kind === "inline"
    ? { inline: true, numbers: value.data.map(Number) }
    : { inline: false, numbers: [Number(value.statistics.mean)] };

/**
 * What `.grad` would be without the other ranks. It is what was there and what is added, for `.grad` itself may already
 * lie in a bucket that is being reduced.
 */
function totalOf({ before, added }: Reached["accumulate"]): Numbers {
  const sum = numbersOf(added);
  if (before === null) return sum;
  const old = numbersOf(before).numbers;
  return { ...sum, numbers: sum.numbers.map((x, i) => x + (old[i] as number)) };
}

const finite = (x: number | undefined): number => (Number.isFinite(x) ? (x as number) : 0);
const element = (x: number): number | string => (Number.isFinite(x) ? x : String(x));

/** What happened to one leaf, in words. */
export function rankSentence({ leaf, verdict, apart, local }: LeafAcross, l10n: L10n): string {
  switch (verdict) {
    case "mean":
      return l10n.t("{0}.grad is the mean over the {1} ranks on each of them.", leaf, local.length);
    case "own":
      return l10n.t("Each rank keeps its own {0}.grad: nothing was reduced between them.", leaf);
    case "missing":
      return l10n.t("Not every rank has a gradient for {0} in this pass.", leaf);
    case "apart":
      return apart === null
        ? l10n.t("{0}.grad is not the mean of the ranks.", leaf)
        : apart.element === null
          ? l10n.t(
              "{0}.grad is not the mean of the ranks: on rank {1} its elements have the mean {2}, where the ranks' is {3}.",
              leaf,
              apart.rank,
              short(apart.left),
              short(apart.mean),
            )
          : l10n.t(
              "{0}.grad is not the mean of the ranks: on rank {1} element {2} is {3}, where the mean is {4}.",
              leaf,
              apart.rank,
              apart.element,
              short(apart.left),
              short(apart.mean),
            );
  }
}

const short = (x: number): string => formatValue({ kind: "inline", shape: [], dtype: "float64", data: [x] });

/** The leaves over the ranks as lines of text. */
export function rankLines(
  leaves: readonly LeafAcross[],
  labels: readonly string[],
  l10n: L10n,
): readonly string[] {
  const shown = (value: Value | null): string => (value === null ? "–" : formatValue(value));
  return leaves.flatMap((leaf) => {
    const rows: [string, string][] = [
      ...leaf.local.map((value, i): [string, string] => [l10n.t("{0} adds", labels[i] ?? ""), shown(value)]),
      [l10n.t("mean"), shown(leaf.mean)],
      ...leaf.left.map((value, i): [string, string] => [
        l10n.t("{0} is left with", labels[i] ?? ""),
        shown(value),
      ]),
    ];
    const width = Math.max(...rows.map(([name]) => name.length));
    return [
      l10n.t("pass {0}: {1}.grad", leaf.pass + 1, leaf.leaf),
      ...rows.map(([name, value]) => `  ${name.padEnd(width)}  ${value}`),
      `  ${rankSentence(leaf, l10n)}`,
    ];
  });
}
