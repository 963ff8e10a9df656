/** What a fused backward call computes, written out in the formula's own names. */
import type { Formula } from "./formula.ts";
import { opsCalled } from "./ops/index.ts";

/** `sigmoid_backward(grad, result)` → `grad * (1 - result) * result`; null where the formula is not one fused call. */
export function meaningOf(formula: Formula): string | null {
  const call = /^(\w+)\(([^()]*)\)$/.exec(formula.text);
  if (call === null) return null;
  const [, name = "", inside = ""] = call;
  const given = inside.split(",").map((part) => part.trim());
  const op = opsCalled(name)[0];
  const means = op !== undefined && "means" in op.row ? op.row.means : undefined;
  if (op === undefined || means === undefined) return null;
  const by = new Map(op.schema.args.map((arg, i) => [arg.name, given[i] ?? arg.name]));
  return means.replace(/\b[a-z_]\w*\b/g, (word: string) => by.get(word) ?? word);
}
