/** What an op row is: one op's schema, forward, local rules, pattern and samples, in one place. */
import type { Pattern } from "../trace/schema.ts";
import type { Kernels } from "./kernels.ts";
import type { Schema, SchemaArgs, SchemaNames, SchemaResult } from "./schema.ts";
import type { Tensor } from "./tensor.ts";

/** Call another op by name, recorded like any call: what a composite op and a formula are made of. */
export type Call = (op: string, ...args: unknown[]) => Tensor & readonly Tensor[];

/** Python text of the arguments, evaluated with real PyTorch and with Backstep: `["[[1., 2.]]", "2"]`; see test/autograd. */
export type Sample = readonly string[];

interface Common<S extends string> {
  readonly schema: S;
  /** Where Python finds it; function and method unless said. `nn`: in `torch._C._nn`, and so on. `internal` ops are only for formulas. */
  readonly variants?: "function" | "method" | "nn" | "linalg" | "special" | "internal";
  /** `true`: also as `Tensor.name_`; `"only"`: the schema is that of an in-place op. */
  readonly inplace?: true | "only";
  /** Calls that exercise it, as Python expressions over small tensors a, b, m (matrices), v (vector), p (positive), c (bool), i (int64). */
  readonly samples: Sample;
  /** For a fused backward op: what it computes, as a formula over its arguments; shown beside its name, and checked against it. */
  readonly means?: string;
  /** Why a generated check does not apply to it; the reason in words. */
  readonly exempt?: Readonly<Record<string, string>>;
}

/** An op with a kernel of its own. */
export interface Primitive<S extends string> extends Common<S> {
  /** PyTorch's name of the autograd node; absent where no gradient flows (comparisons). */
  readonly node?: string;
  readonly pattern?: Pattern;
  readonly forward: (k: Kernels, ...args: SchemaArgs<S>) => SchemaResult<S>;
  /**
   * The local rule for each differentiable input. `grad` is the upstream gradient (`grads`, a list, for an op
   * with several outputs; `arrived` where null stands for one that did not come), `result` the output (`result0` … for several), other names are the inputs.
   * A rule for a `Tensor[]` input gives a list.
   */
  readonly backward?: { readonly [N in SchemaNames<S>]?: string } & {
    /** One rule for several inputs, by their names in the schema's order: it gives a list; see `grad_input_mask`. */
    readonly [names: `${string}, ${string}`]: string;
  };
  /** Inputs that may not need a gradient, and what PyTorch's error calls the function. */
  readonly refuses?: { readonly as: string; readonly inputs: readonly SchemaNames<S>[] };
  /** Number arguments that PyTorch's rule turns into a double before it computes with them. */
  readonly doubles?: readonly string[];
  /** Attributes that PyTorch keeps though the formulas do not need them. */
  readonly alsoSaves?: readonly string[];
  /** Where PyTorch's attribute for a term differs from the rule in `savedName`. */
  readonly savedNames?: Readonly<Record<string, string>>;
  /** `each`: in float16 and bfloat16 every kernel's result is rounded, not only that of the whole row. */
  readonly rounds?: "each";
  /** Worked out element by element, or along a dimension in place: the result lies in memory as the inputs do. */
  readonly elementwise?: boolean;
  /** The output shares the input's storage. */
  readonly view?: true;
  /** Gives `self` itself another shape in place (`squeeze_`): an op of its own, with a node of its own. */
  readonly reshapesSelf?: true;
  /** In place it may write to elements that share memory (an expanded tensor), as what fills may: those of `self`, or whatever it reads too. */
  readonly overlaps?: true | "self";
  /** Outputs (by number) that take no gradient, such as indices. */
  readonly nonDifferentiable?: readonly number[];
}

/** An op made of others: it leaves no node of its own. */
export interface Composite<S extends string> extends Common<S> {
  readonly compose: (call: Call, k: Kernels, ...args: SchemaArgs<S>) => SchemaResult<S>;
  /**
   * The same by kernels, in PyTorch's order of operations, taken where nothing is recorded; null where there are none for the
   * operands.
   */
  readonly fused?: (k: Kernels, ...args: SchemaArgs<S>) => SchemaResult<S> | null;
}

// biome-ignore lint/suspicious/noExplicitAny: a table of rows forgets each row's own argument types
export type OpRow = Primitive<any> | Composite<any>;

export function op<const S extends string>(row: Primitive<S>): Primitive<S> {
  return row;
}

/** The rows of a family that is worked out element by element. */
export const elementwise = (rows: readonly OpRow[]): readonly OpRow[] =>
  rows.map((row) => ("forward" in row ? { elementwise: true, ...row } : row));

export function composite<const S extends string>(row: Composite<S>): Composite<S> {
  return row;
}

/** A row with what is worked out from it once. */
export interface Op {
  readonly index: number;
  /** `mul`, `pow.Tensor_Scalar`, `mul_`: the schema's name with its overload. */
  readonly key: string;
  readonly schema: Schema;
  readonly row: OpRow;
  readonly inplace: boolean;
}
