/** `einsum` as PyTorch 1.13 takes it apart: operands laid out alike, then pair after pair multiplied as a batch of matrices. */
import { fail } from "./errors.ts";
import type { Call } from "./row.ts";
import type { Tensor } from "./tensor.ts";

const ELLIPSIS = 52;
const LABELS = 53;

const isLabel = (c: string): boolean => /^[a-zA-Z]$/.test(c);
const labelOf = (c: string): number => (c >= "a" ? c.charCodeAt(0) - 97 + 26 : c.charCodeAt(0) - 65);
const letterOf = (label: number): string => String.fromCharCode(label >= 26 ? label - 26 + 97 : label + 65);

/** The labels of each operand, and those of the result where the equation says them. */
function parsed(equation: string, count: number): { inputs: number[][]; output: string | null } {
  const arrow = equation.indexOf("->");
  const left = arrow < 0 ? equation : equation.slice(0, arrow);
  const inputs: number[][] = [[]];
  let ellipsis = false;
  for (let i = 0; i < left.length; i++) {
    const c = left[i] as string;
    const at = inputs.length - 1;
    const labels = inputs[at] as number[];
    if (c === " ") continue;
    if (c === ".") {
      if (ellipsis) fail(`einsum(): found '.' for operand ${at} for which an ellipsis was already found`);
      if (left.slice(i, i + 3) !== "...")
        fail(`einsum(): found '.' for operand ${at} that is not part of any ellipsis`);
      i += 2;
      labels.push(ELLIPSIS);
      ellipsis = true;
    } else if (c === ",") {
      inputs.push([]);
      ellipsis = false;
      if (inputs.length > count)
        fail("einsum(): fewer operands were provided than specified in the equation");
    } else if (isLabel(c)) labels.push(labelOf(c));
    else
      fail(
        `einsum(): invalid subscript given at index ${i} in the equation string, subscripts must be in [a-zA-Z]`,
      );
  }
  if (inputs.length < count) fail("einsum(): more operands were provided than specified in the equation");
  return { inputs, output: arrow < 0 ? null : equation.slice(arrow + 2) };
}

/** Where each label's dimension stands in the common layout: those of the result first. */
interface Layout {
  readonly at: readonly number[];
  /** Dimensions that an ellipsis stands for at most. */
  readonly ellipsis: number;
  readonly results: number;
  readonly total: number;
}

function laidOut(
  inputs: readonly (readonly number[])[],
  output: string | null,
  operands: readonly Tensor[],
): Layout {
  const counts = new Array<number>(LABELS).fill(0);
  let ellipsis = 0;
  for (const [i, labels] of inputs.entries()) {
    const n = (operands[i] as Tensor).shape.length;
    const has = labels.includes(ELLIPSIS);
    const named = labels.length - Number(has);
    if (has ? named > n : named !== n)
      fail(
        `einsum(): the number of subscripts in the equation (${named}) ${has ? "is more than the number of dimensions" : "does not match the number of dimensions"} (${n}) for operand ${i}${has ? "" : " and no ellipsis was given"}`,
      );
    if (has) ellipsis = Math.max(ellipsis, n - named);
    for (const label of labels) counts[label] = (counts[label] as number) + 1;
  }
  const at = new Array<number>(LABELS).fill(-1);
  let next = 0;
  const place = (label: number): void => {
    at[label] = next;
    next += label === ELLIPSIS ? ellipsis : 1;
  };
  if (output === null) {
    place(ELLIPSIS);
    for (let label = 0; label < ELLIPSIS; label++) if (counts[label] === 1) place(label);
  } else readOutput(output, counts, at, place);
  const results = next;
  if (at[ELLIPSIS] === -1) place(ELLIPSIS);
  for (let label = 0; label < ELLIPSIS; label++)
    if ((counts[label] as number) > 0 && at[label] === -1) place(label);
  return { at, ellipsis, results, total: next };
}

function readOutput(
  output: string,
  counts: readonly number[],
  at: readonly number[],
  place: (label: number) => void,
): void {
  let ellipsis = false;
  for (let i = 0; i < output.length; i++) {
    const c = output[i] as string;
    if (c === " ") continue;
    if (c === ".") {
      if (ellipsis) fail("einsum(): found '.' for output but an ellipsis (...) was already found");
      if (output.slice(i, i + 3) !== "...")
        fail("einsum(): found '.' for output that is not part of any ellipsis (...)");
      i += 2;
      ellipsis = true;
      place(ELLIPSIS);
    } else if (isLabel(c)) {
      const label = labelOf(c);
      if (at[label] !== -1) fail(`einsum(): output subscript ${c} appears more than once in the output`);
      if (counts[label] === 0)
        fail(`einsum(): output subscript ${c} does not appear in the equation for any input operand`);
      place(label);
    } else
      fail(
        `einsum(): invalid subscript given at index ${i} in the equation string, subscripts must be in [a-zA-Z]`,
      );
  }
}

/** An operand with a dimension for every label, in the common order; a repeated label is a diagonal. */
function aligned(
  call: Call,
  given: Tensor,
  labels: readonly number[],
  layout: Layout,
  which: number,
): Tensor {
  let operand = given;
  const order = new Array<number>(layout.total).fill(-1);
  const seen = new Map<number, number>();
  let j = 0;
  for (const label of labels) {
    const first = seen.get(label);
    if (label === ELLIPSIS) {
      const own = given.shape.length - (labels.length - 1);
      for (let k = layout.ellipsis - own; k < layout.ellipsis; k++)
        order[(layout.at[ELLIPSIS] as number) + k] = j++;
    } else if (first !== undefined) {
      if (operand.shape[j] !== operand.shape[first])
        fail(
          `einsum(): subscript ${letterOf(label)} is repeated for operand ${which} but the sizes don't match, ${operand.shape[j]} != ${operand.shape[first]}`,
        );
      operand = call("movedim", call("diagonal", operand, 0, first, j), -1, first);
    } else {
      seen.set(label, j);
      order[layout.at[label] as number] = j++;
    }
  }
  for (const [i, dim] of order.entries())
    if (dim === -1) {
      operand = call("unsqueeze", operand, j);
      order[i] = j++;
    }
  return call("permute", operand, order);
}

export function einsum(call: Call, equation: string, operands: readonly Tensor[]): Tensor {
  if (operands.length === 0) fail("einsum(): must provide at least one operand");
  const { inputs, output } = parsed(equation, operands.length);
  const layout = laidOut(inputs, output, operands);
  const { results, total } = layout;
  const counts = new Array<number>(total).fill(0);
  const sizes = new Array<number>(total).fill(1);
  const all = operands.map((operand, i) => {
    const t = aligned(call, operand, inputs[i] as readonly number[], layout, i);
    for (const [dim, size] of t.shape.entries()) {
      if (size === 1) continue;
      if (sizes[dim] !== 1 && sizes[dim] !== size)
        fail(
          `einsum(): subscript ${subscriptAt(layout, dim)} has size ${size} for operand ${i} which does not broadcast with previously seen size ${sizes[dim]}`,
        );
      sizes[dim] = size;
      counts[dim] = (counts[dim] as number) + 1;
    }
    return t;
  });
  let left = all[0] as Tensor;
  for (const right of all.slice(1)) left = contracted(call, left, right, counts, results);
  if (total === results) return left;
  if (operands.length > 1) return call("view", left, left.shape.slice(0, results));
  return call(
    "sum",
    left,
    Array.from({ length: total - results }, (_, i) => results + i),
  );
}

const subscriptAt = (layout: Layout, dim: number): string => {
  const label = layout.at.findIndex((at, l) => l !== ELLIPSIS && at === dim);
  return label < 0 ? "..." : letterOf(label);
};

/** One step: what occurs in no other operand is summed as soon as it can be. `counts` says how many still have a dimension. */
function contracted(call: Call, a: Tensor, b: Tensor, counts: number[], results: number): Tensor {
  const [both, onlyA, onlyB]: [number[], number[], number[]] = [[], [], []];
  for (let dim = results; dim < a.shape.length; dim++) {
    const [inA, inB] = [a.shape[dim] !== 1, b.shape[dim] !== 1];
    if (inA && inB) {
      counts[dim] = (counts[dim] as number) - 1;
      if (counts[dim] !== 1) continue;
      both.push(dim);
      counts[dim] = 0;
    } else if (counts[dim] === 1 && (inA || inB)) {
      (inA ? onlyA : onlyB).push(dim);
      counts[dim] = 0;
    }
  }
  const left = onlyA.length > 0 ? call("sum", a, onlyA, true) : a;
  const right = onlyB.length > 0 ? call("sum", b, onlyB, true) : b;
  return sumproduct(call, left, right, both);
}

/** The product of two tensors of as many dimensions, summed over `sums`, whose dimensions stay with size 1. */
export function sumproduct(call: Call, a: Tensor, b: Tensor, sums: readonly number[]): Tensor {
  if (sums.length === 0) return call("mul", a, b);
  let [left, right] = [a, b];
  const [shared, mine, theirs]: [number[], number[], number[]] = [[], [], []];
  let summed = 1;
  for (let i = 0; i < a.shape.length; i++) {
    const [inLeft, inRight] = [a.shape[i] !== 1, b.shape[i] !== 1];
    if (sums.includes(i)) {
      if (inLeft && inRight) summed *= left.shape[i] as number;
      else if (inLeft) left = call("sum", left, [i], true);
      else if (inRight) right = call("sum", right, [i], true);
    } else if (inLeft && inRight) shared.push(i);
    else if (inLeft) mine.push(i);
    else theirs.push(i);
  }
  const size = (t: Tensor, dims: readonly number[]): number =>
    dims.reduce((n, dim) => n * (t.shape[dim] as number), 1);
  const batch = size(left, shared);
  const rows = size(left, mine);
  const columns = size(right, theirs);
  const shape = [
    ...[...shared, ...mine].map((dim) => left.shape[dim] as number),
    ...sums.map(() => 1),
    ...theirs.map((dim) => right.shape[dim] as number),
  ];
  const order = [...shared, ...mine, ...sums, ...theirs];
  const l = call("reshape", call("permute", left, order), [batch, rows, summed]);
  const r = call("reshape", call("permute", right, [...shared, ...sums, ...theirs, ...mine]), [
    batch,
    summed,
    columns,
  ]);
  const back = shape.map((_, dim) => order.indexOf(dim));
  return call("permute", call("view", call("bmm", l, r), shape), back);
}
