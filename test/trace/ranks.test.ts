/** Leaves over ranks: the mean that DDP leaves, what is no mean, and leaves that a rank does not reach. */
import { describe, expect, test } from "vitest";
import { ENGLISH } from "../../trace/l10n.ts";
import { acrossRanks, rankLines, rankSentence } from "../../trace/ranks.ts";
import type { Trace, Value } from "../../trace/schema.ts";
import { squareSum } from "../support/traces.ts";

const vector = (...data: (number | string)[]): Value => ({
  kind: "inline",
  shape: [data.length],
  dtype: "float32",
  data,
});

interface Leaf {
  readonly before?: Value;
  readonly added: Value;
  readonly left?: Value;
}

/** The trace of the square, with what its leaf x accumulates and is left with. */
function rank({ before, added, left }: Leaf): Trace {
  const trace = squareSum();
  const [pass] = trace.backwards;
  if (pass === undefined) throw new Error("one pass");
  const steps = pass.steps.map((step) =>
    step.accumulate === null
      ? step
      : {
          ...step,
          accumulate: {
            before: before ?? null,
            added,
            after: added,
            ...(left === undefined ? {} : { left }),
          },
        },
  );
  return { ...trace, backwards: [{ ...pass, steps }] };
}

const one = (...leaves: readonly Leaf[]) => {
  const found = acrossRanks(leaves.map(rank));
  expect(found.length).toBe(1);
  return found[0] as (typeof found)[number];
};

describe("a leaf over two ranks", () => {
  test("is left with the mean of what each rank adds", () => {
    const left = vector(4, 6);
    const leaf = one({ added: vector(6, 8), left }, { added: vector(2, 4), left });
    expect(leaf).toMatchObject({ leaf: "x", pass: 0, verdict: "mean", mean: { data: [4, 6] }, apart: null });
    expect(leaf.local).toMatchObject([{ data: [6, 8] }, { data: [2, 4] }]);
    expect(leaf.places).toEqual([
      { backward: 0, step: 2 },
      { backward: 0, step: 2 },
    ]);
    expect(rankSentence(leaf, ENGLISH)).toBe("x.grad is the mean over the 2 ranks on each of them.");
  });

  test("with an earlier gradient is left with the mean of the sums", () => {
    const left = vector(14, 26);
    const leaf = one(
      { before: vector(10, 20), added: vector(6, 8), left },
      { before: vector(10, 20), added: vector(2, 4), left },
    );
    expect(leaf.verdict).toBe("mean");
  });

  test("that is left with another number says on which rank, where, and what the mean is", () => {
    const leaf = one(
      { added: vector(6, 8), left: vector(4, 6) },
      { added: vector(2, 4), left: vector(4, 7) },
    );
    expect(leaf).toMatchObject({ verdict: "apart", apart: { rank: 1, element: 1, left: 7, mean: 6 } });
    expect(rankSentence(leaf, ENGLISH)).toBe(
      "x.grad is not the mean of the ranks: on rank 1 element 1 is 7, where the mean is 6.",
    );
  });

  test("that nothing reduced keeps its own on each rank", () => {
    const leaf = one({ added: vector(6, 8) }, { added: vector(2, 4) });
    expect(leaf.verdict).toBe("own");
    expect(rankSentence(leaf, ENGLISH)).toMatch(/^Each rank keeps its own x\.grad/);
  });

  test("may be off by the rounding of its dtype, and not by more", () => {
    const added = vector(1, 1);
    expect(one({ added, left: vector(1 + 2e-6, 1) }, { added }).verdict).toBe("mean");
    expect(one({ added, left: vector(1 + 2e-4, 1) }, { added }).verdict).toBe("apart");
  });

  test("with NaN on one rank has NaN as its mean", () => {
    const left = vector("NaN", 3);
    const leaf = one({ added: vector("NaN", 2), left }, { added: vector(1, 4), left });
    expect(leaf).toMatchObject({ verdict: "mean", mean: { data: ["NaN", 3] } });
  });

  test("that one rank does not reach is told so, without a mean", () => {
    const found = acrossRanks([rank({ added: vector(1, 2) }), { ...squareSum(), backwards: [] }]);
    expect(found).toMatchObject([{ verdict: "missing", mean: null, places: [{ step: 2 }, null] }]);
  });

  test("too large to be inline is compared by the mean of its elements", () => {
    const summary = (mean: number): Value => ({
      kind: "summary",
      shape: [1000],
      dtype: "float32",
      statistics: { min: 0, max: 1, mean, std: 1, norm: 1, zeros: 0, nans: 0, infinities: 0 },
      histogram: { min: 0, max: 1, counts: [1000] },
      thumbnail: { shape: [1], data: [mean] },
    });
    const leaf = one({ added: summary(2), left: summary(3) }, { added: summary(4), left: summary(3.5) });
    expect(leaf).toMatchObject({ mean: null, apart: { rank: 1, element: null, left: 3.5, mean: 3 } });
  });
});

test("passes are matched by their number in the program, also where one rank kept fewer", () => {
  const [first, second] = [rank({ added: vector(1, 2) }), rank({ added: vector(3, 4) })];
  const both: Trace = { ...first, backwards: [...first.backwards, ...second.backwards] };
  const last: Trace = {
    ...second,
    backwards: second.backwards.map((pass) => ({ ...pass, omittedBefore: 1 })),
  };
  expect(acrossRanks([both, last]).map(({ pass, verdict }) => [pass, verdict])).toEqual([
    [0, "missing"],
    [1, "mean"],
  ]);
});

test("as text it has a line for each rank, the mean and the verdict", () => {
  const left = vector(4, 6);
  const leaves = acrossRanks([rank({ added: vector(6, 8), left }), rank({ added: vector(2, 4), left })]);
  expect(rankLines(leaves, ["rank 0", "rank 1"], ENGLISH)).toEqual([
    "pass 1: x.grad",
    "  rank 0 adds          [6, 8]",
    "  rank 1 adds          [2, 4]",
    "  mean                 [4, 6]",
    "  rank 0 is left with  [4, 6]",
    "  rank 1 is left with  [4, 6]",
    "  x.grad is the mean over the 2 ranks on each of them.",
  ]);
});
