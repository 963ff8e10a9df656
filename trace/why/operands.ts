/** Errors that say two operands do not fit: which they were, by name, and what the rule is that they break. */
import { contains } from "../names.ts";
import type { RunError, Trace } from "../schema.ts";
import { type Answer, type Asked, placeOf } from "./answer.ts";

type Cause = Omit<Answer, "question">;
type Found = readonly string[];

export interface Rule {
  readonly message: RegExp;
  /** Where it does not hold of every engine. */
  readonly holds?: (asked: Asked) => boolean;
  readonly cause: (asked: Asked, error: RunError, found: Found) => Cause;
}

type What = "shape" | "dtype";

/** More operands than this make a sentence longer than the message that it explains. */
const MOST = 4;

/** `h has the shape (3, 4), w has the shape (3, 5).`: the tensors written in the failing expression; "" where none is. */
function operands({ trace, l10n }: Asked, error: RunError, what: What): string {
  const place = error.ranges.at(-1);
  if (place === undefined) return "";
  const inside = trace.bindings.filter(
    ({ range }) => contains(place, range) && JSON.stringify(range) !== JSON.stringify(place),
  );
  const outermost = inside.filter((each) => !inside.some((o) => o !== each && contains(o.range, each.range)));
  const told = new Map(
    outermost.flatMap(({ text, tensor }) => {
      const record = trace.tensors[tensor];
      return record === undefined ? [] : [[text.replace(/\s+/g, " "), record] as const];
    }),
  );
  if (told.size === 0 || told.size > MOST) return "";
  const parts = [...told].map(([text, { shape, dtype }]) =>
    what === "shape"
      ? l10n.t("{0} has the shape {1}", text, tuple(shape))
      : l10n.t("{0} holds {1}", text, dtype),
  );
  return ` ${parts.join(", ")}.`;
}

const tuple = (shape: Trace["tensors"][number]["shape"]): string =>
  shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(", ")})`;

/** A rule with what it says, what to do, and whether the operands' shapes or dtypes are told after it. */
const rule = (
  message: RegExp,
  what: What | null,
  says: (asked: Asked, found: Found) => string,
  fix: (asked: Asked, found: Found) => string,
): Rule => ({
  message,
  cause: (asked, error, found) => ({
    answer: says(asked, found) + (what === null ? "" : operands(asked, error, what)),
    path: placeOf(asked, error),
    fix: fix(asked, found),
  }),
});

export const OPERAND_RULES: readonly Rule[] = [
  rule(
    /mat1 and mat2 shapes cannot be multiplied \((\d+)x(\d+) and (\d+)x(\d+)\)/,
    "shape",
    ({ l10n }, [, , columns = "", rows = ""]) =>
      l10n.t(
        "A product of matrices needs as many columns in the first as there are rows in the second; here they are {0} and {1}.",
        columns,
        rows,
      ),
    ({ l10n }, [, , columns = ""]) =>
      l10n.t(
        "Make the two equal: transpose one of them (.T), or, for an nn.Linear, let in_features be {0}.",
        columns,
      ),
  ),
  rule(
    /The size of tensor a \((\d+)\) must match the size of tensor b \((\d+)\) at non-singleton dimension (\d+)/,
    "shape",
    ({ l10n }, [, a = "", b = "", dimension = ""]) =>
      l10n.t(
        "Shapes are held against each other from the right, and each pair of sizes must be equal, or one of the two 1. At dimension {0} they are {1} and {2}.",
        dimension,
        a,
        b,
      ),
    ({ l10n }) =>
      l10n.t(
        "Give one of them another shape: .unsqueeze(…) puts in a size of 1, .T and .view(…) rearrange sizes.",
      ),
  ),
  rule(
    /expected scalar type (\w+) but found (\w+)|must have the same dtype/,
    "dtype",
    ({ l10n }) => l10n.t("The tensors hold numbers of different types, and this operation converts none."),
    ({ l10n }) =>
      l10n.t(
        "Convert one of them: .float() gives float32, which parameters have; .long() gives int64, which class numbers have.",
      ),
  ),
  rule(
    /Expected input batch_size \((\d+)\) to match target batch_size \((\d+)\)/,
    "shape",
    ({ l10n }, [, input = "", target = ""]) =>
      l10n.t("The loss wants one target for each row: {0} rows came, and {1} targets.", input, target),
    ({ l10n }) => l10n.t("Look at where the two lost their common first size, often at a .view(…)."),
  ),
  rule(
    /^Target (-?\d+) is out of bounds/,
    "shape",
    ({ l10n }, [, target = ""]) =>
      l10n.t(
        "The target {0} is no class: they are counted from 0, and there are as many as the input has columns.",
        target,
      ),
    ({ l10n }) => l10n.t("Count the classes from 0, or let the last layer have one output for each."),
  ),
  rule(
    /^index out of range in self/,
    null,
    ({ l10n }) =>
      l10n.t("An embedding has the rows 0 to num_embeddings - 1, and an index lies outside of them."),
    ({ l10n }) => l10n.t("Let num_embeddings be one more than the largest index."),
  ),
];
