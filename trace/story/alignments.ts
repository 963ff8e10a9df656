/** Connectionist temporal classification: how much of the target's probability goes through a class at a time. */
import { binary, type Cell, call, NOTHING, named } from "./cell.ts";
import { type Lazy, lazy } from "./lazy.ts";
import { numbers, type Rule, T, tensor, whole, yes } from "./things.ts";

/** The target of one sequence with a blank before, between and after its labels. */
function padded(targets: Lazy, lengths: readonly number[], n: number, blank: number): number[] {
  const before = lengths.slice(0, n).reduce((total, length) => total + length, 0);
  const label = (i: number): number => targets.at(targets.shape.length === 2 ? [n, i] : [before + i]).value;
  const labels = Array.from({ length: lengths[n] as number }, (_, i) => label(i));
  return [blank, ...labels.flatMap((one) => [one, blank])];
}

/** Probability of each state of a path after each time, read in the given direction. */
function walked(
  path: readonly number[],
  blank: number,
  probabilities: readonly (readonly number[])[],
): number[][] {
  const rows: number[][] = [];
  for (const row of probabilities) {
    const last = rows.at(-1);
    rows.push(
      path.map((label, s) => {
        const skips = s > 1 && label !== blank && label !== path[s - 2];
        const came =
          last === undefined
            ? Number(s < 2)
            : (last[s] ?? 0) + (last[s - 1] ?? 0) + (skips ? (last[s - 2] ?? 0) : 0);
        return came * (row[label] as number);
      }),
    );
  }
  return rows;
}

/** Per time and class, the share of the target's probability that goes through it; null where it has none. */
function shares(
  path: readonly number[],
  blank: number,
  logs: readonly (readonly number[])[],
): number[][] | null {
  const chances = logs.map((row) => row.map(Math.exp));
  const forth = walked(path, blank, chances);
  const back = walked([...path].reverse(), blank, [...chances].reverse())
    .reverse()
    .map((row) => [...row].reverse());
  const total = (forth.at(-1) ?? []).slice(-2).reduce((sum, p) => sum + p, 0);
  if (total === 0) return null;
  return chances.map((row, t) =>
    row.map((p, label) =>
      path.reduce(
        (sum, own, s) =>
          own === label ? sum + ((forth[t]?.[s] ?? 0) * (back[t]?.[s] ?? 0)) / p / total : sum,
        0,
      ),
    ),
  );
}

export const ALIGNMENTS: Readonly<Record<string, Rule>> = {
  _ctc_loss_backward: (grad, logProbs, goal, times, lengths, _loss, _alpha, blank, zeroInfinity) => {
    const [of, lp, targets, empty] = [tensor(grad), tensor(logProbs), tensor(goal), whole(blank)];
    const classes = lp.shape.at(-1) as number;
    const known = new Map<number, number[][] | null>();
    const sharesOf = (n: number): number[][] | null => {
      const found = known.get(n);
      if (found !== undefined) return found;
      const logs = Array.from({ length: numbers(times)[n] as number }, (_, t) =>
        Array.from({ length: classes }, (_, c) => lp.at([t, n, c]).value),
      );
      const made = shares(padded(targets, numbers(lengths), n, empty), empty, logs);
      known.set(n, made);
      return made;
    };
    return T(
      lazy(lp.shape, ([t = 0, n = 0, c = 0]): Cell => {
        if (t >= (numbers(times)[n] as number)) return NOTHING;
        const share = sharesOf(n)?.[t]?.[c];
        if (share === undefined && yes(zeroInfinity)) return NOTHING;
        const own = lp.at([t, n, c]);
        const through = named(`P(${c} | targets)`, share ?? Number.NaN, [own]);
        const g = of.at(of.shape.length === 0 ? [] : [of.shape[0] === 1 ? 0 : n]);
        return binary("*", g, binary("-", call("exp", own), through));
      }),
    );
  },
};
