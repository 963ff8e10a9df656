import { describe, expect, test } from "vitest";
import { fromSource, fromValue, mathOf, textOf, type Writer } from "../../trace/math.ts";
import type { Phrases } from "../../trace/spelled.ts";
import { treeOf } from "../../trace/tree.ts";
import { value } from "../support/traces.ts";

const PHRASES: Phrases = {
  when: "if",
  otherwise: "otherwise",
  windows: "windows",
  sameRow: "where it was taken",
  taken: "it was taken",
  largest: "it was the largest of its window",
  target: "it is the score of the target class",
};

const NAMES: Readonly<Record<string, string>> = {
  self: "x",
  other: "a + b",
  exponent: "2",
  mat2: "W",
  result: "y",
};
const named: Writer = (tree) => {
  const name = tree.kind === "name" ? NAMES[tree.name] : undefined;
  return name === undefined ? null : fromSource(name, null);
};

function written(formula: string, write: Writer = named): string {
  const tree = treeOf(formula);
  if (tree === null) throw new Error(`${formula} cannot be read`);
  return textOf(mathOf(tree, write, PHRASES)).trim();
}

describe("a rule as mathematics", () => {
  test.each([
    ["grad * self", "grad × x"],
    ["grad * other", "grad × (a + b)"],
    ["grad / self", "grad / x"],
    ["grad * (exponent * self.pow(exponent - 1))", "grad × 2 × x^(2 − 1)"],
    ["-grad * (result * result)", "− grad × y × y"],
    ["grad.mm(mat2.t())", "grad @ Wᵀ"],
    ["grad - result.exp() * grad.sum(dim, true)", "grad − e^y × (∑[dim dim]  grad)"],
    ["where(self > 0, grad, 0)", "{ grad if x > 0; 0 otherwise }"],
    ["grad.masked_fill(mask, 0)", "{ 0 if mask; grad otherwise }"],
    ["to(grad * scalar_tensor(other), dtype)", "grad × (a + b)"],
    ["self.sqrt() - (grad - 1)", "√(x) − (grad − 1)"],
    ["some_backward(grad, self)", "some_backward(grad, x)"],
    ["max_pool_backward(grad, self, result1)", "{ grad if it was the largest of its window; 0 otherwise }"],
  ])("%s is written %s", (formula, text) => {
    expect(written(formula).replace(/ +/g, " ")).toBe(text.replace(/ +/g, " "));
  });

  test("with numbers put in is a row, a matrix, or of what is large its shape", () => {
    const values: Readonly<Record<string, ReturnType<typeof value>>> = {
      grad: value([1, -2]),
      self: value([
        [3, 4],
        [5, 6],
      ]),
      big: value(Array.from({ length: 40 }, (_, i) => i)),
      k: value(-2),
    };
    const put: Writer = (tree) => {
      const found = tree.kind === "name" ? values[tree.name] : undefined;
      return found === undefined ? null : fromValue(found, null);
    };
    expect(written("grad * self", put)).toBe("[1, −2] × [[3, 4], [5, 6]]");
    expect(written("grad * k", put)).toBe("[1, −2] × −2");
    expect(written("k.pow(2)", put)).toBe("(−2)^2");
    expect(written("big + 1", put)).toBe("(40,) + 1");
  });

  test("of what is not of the language there is none", () => {
    for (const text of ["grad *", "x => x", "a.b", "new X()", "`x`", "a, b", ""])
      expect(treeOf(text)).toBeNull();
  });
});
