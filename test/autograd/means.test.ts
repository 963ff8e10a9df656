/** What a fused backward op is said to mean, in a formula, is what its kernel computes. */
import { describe, expect, test } from "vitest";
import { DType } from "../../assembly/shared/codes.ts";
import { Autograd } from "../../autograd/autograd.ts";
import { Formula, type FormulaValue } from "../../autograd/formula.ts";
import { Handles } from "../../autograd/handles.ts";
import { OPS } from "../../autograd/ops/index.ts";
import type { Op } from "../../autograd/row.ts";
import { type ArgValue, Scalar } from "../../autograd/schema.ts";
import type { Tensor } from "../../autograd/tensor.ts";
import { newCore } from "../support/core.ts";

const ad = new Autograd(newCore(), new Handles<Tensor>("tensor"));

/** Numbers between 0.1 and 0.9, all different. */
function tensor(shape: readonly number[], seed: number, dtype = DType.f64): Tensor {
  const t = ad.k.empty(shape, dtype);
  const values = Array.from({ length: t.numel }, (_, i) => 0.1 + (((i * 7 + seed * 5) % 17) + 0.5) / 22);
  ad.core.write(t, dtype === DType.bool ? values.map((x) => Number(x > 0.5)) : values);
  return t;
}

const SCALARS: Readonly<Record<string, number>> = {
  threshold: 0.5,
  negative_slope: 0.1,
  beta: 1.3,
  delta: 0.2,
  min_val: 0.3,
  max_val: 0.7,
};

/** Arguments that a kernel takes only in a certain form, by `op.argument`. */
const FORMS: Readonly<Record<string, (given: Readonly<Record<string, ArgValue>>) => ArgValue>> = {
  "evenly_distribute_backward.grad": () => tensor([], 3),
  "evenly_distribute_backward.value": ({ input }) => ad.call("max", input),
  "scale_grad_by_count.grad": () => tensor([2, 1], 3),
  "scale_grad_by_count.mask": () => tensor([2, 3], 4, DType.bool),
  "logsumexp_backward.grad": () => tensor([2, 1], 3),
  "logsumexp_backward.result": () => tensor([2, 1], 5),
  "log_sigmoid_backward.buffer": ({ self }) => ad.call("exp", ad.call("neg", ad.call("abs", self))),
  "softplus_backward.threshold": () => new Scalar(20, "int"),
};

function argumentsOf(
  { schema }: Op,
  reduction: number,
  optional: boolean,
): Readonly<Record<string, ArgValue>> {
  const given: Record<string, ArgValue> = {};
  for (const [i, { name, type }] of schema.args.entries()) {
    const form = FORMS[`${schema.name}.${name}`];
    if (form !== undefined) given[name] = form(given);
    else if (type === "Tensor")
      given[name] = tensor(reduction > 0 && (name === "grad" || name === "grad_output") ? [] : [2, 3], i);
    else if (type.startsWith("Scalar")) given[name] = new Scalar(SCALARS[name] ?? 0.4, "float");
    else if (type === "bool") given[name] = true;
    else if (type.startsWith("int[]")) given[name] = [1];
    else if (type === "int") given[name] = name === "reduction" ? reduction : 1;
    else if (type === "float") given[name] = SCALARS[name] ?? 0.4;
    else if (type === "Tensor?" && optional) given[name] = tensor([3], i);
    else given[name] = null;
  }
  return given;
}

const meaningful = OPS.filter(({ row, inplace }) => row.means !== undefined && !inplace);

describe("fused backward ops", () => {
  test.each(meaningful.map((op) => [op.key, op] as const))("%s computes what it is said to mean", (_, op) => {
    const means = op.row.means as string;
    const has = (what: string): boolean =>
      op.schema.args.some(({ name, type }) => name === what || type === what);
    const forms = (has("reduction") ? [0, 1, 2] : [0]).flatMap((reduction) =>
      (has("Tensor?") ? [false, true] : [false]).map((optional) => ({ reduction, optional })),
    );
    for (const { reduction, optional } of forms)
      ad.scope.within(() => {
        const given = argumentsOf(op, reduction, optional);
        const got = ad.apply(
          op,
          op.schema.args.map(({ name }) => given[name] as ArgValue),
        ) as Tensor;
        const names = new Map(Object.entries(given) as [string, FormulaValue][]);
        const formula = new Formula(means, new Set(names.keys()));
        const meant = formula.evaluate(names, (called, args) => ad.call(called, ...args)).value as Tensor;
        const wanted = ad.core.read(meant);
        expect(got.shape).toEqual(meant.shape);
        for (const [i, value] of [...ad.core.read(got)].entries())
          expect(value, `element ${i}, reduction ${reduction}`).toBeCloseTo(Number(wanted[i]), 12);
      });
  });

  test("there are some", () => expect(meaningful.length).toBeGreaterThan(10));
});
