/**
 * The Trace format: the one source of truth. TypeScript types, the JSON Schema (`z.toJSONSchema`) and the
 * run-time check all derive from what stands here. A Trace never changes once made.
 *
 * Compatibility: `version` rises when a reader of the old version would misread the new one. New optional
 * fields do not raise it; a reader ignores fields that it does not know.
 */
import * as z from "zod";
import { Figure } from "./figure.ts";
import { REPR_LIMIT, TRACE_FORMAT, TRACE_VERSION } from "./format-id.ts";
import { numel } from "./shape.ts";

export { REPR_LIMIT, TRACE_FORMAT, TRACE_VERSION };

/** A count, an index or a dimension. */
const index = z.int().nonnegative();

/**
 * One element of a tensor. JSON has no NaN, no infinity, no -0 and no exact 64-bit integer, so those are
 * strings: "NaN", "Infinity", "-Infinity", "-0", or the decimal digits of an integer beyond 2^53.
 */
export const Element = z.union([z.number(), z.boolean(), z.string().regex(/^(NaN|-?Infinity|-0|-?\d+)$/)]);

export const Dtype = z.enum([
  "float32",
  "float64",
  "float16",
  "bfloat16",
  "int64",
  "int32",
  "int16",
  "int8",
  "uint8",
  "bool",
  "complex64",
  "complex128",
]);

/** A place in the source: zero-based lines and UTF-16 columns, as VS Code counts them; `end` is exclusive. */
export const Position = z.object({ line: index, character: index });
export const Range = z.object({ source: index, start: Position, end: Position });

/** A piece of code that was run: a file, a selection, a fenced block or a notebook cell. */
export const Source = z.object({
  /** What tracebacks call it: a file name, or `note.md#2` for the second Python block of a note. */
  name: z.string(),
  text: z.string(),
});

/** Statistics of a tensor that is too large to be inline; the counts cover every element. */
export const Statistics = z.object({
  min: Element,
  max: Element,
  mean: Element,
  std: Element,
  /** Euclidean norm. */
  norm: Element,
  zeros: index,
  nans: index,
  infinities: index,
});

/** The numbers of a tensor at one moment, row-major, with the shape that they had then. */
export const Value = z.discriminatedUnion("kind", [
  z
    .object({ kind: z.literal("inline"), shape: z.array(index), dtype: Dtype, data: z.array(Element) })
    .refine(({ shape, data }) => data.length === numel(shape), {
      error: ({ input }) => {
        const { shape, data } = input as { shape: number[]; data: unknown[] };
        return `it has ${data.length} elements, but its shape [${shape.join(", ")}] needs ${numel(shape)}`;
      },
    }),
  z.object({
    kind: z.literal("summary"),
    shape: z.array(index),
    dtype: Dtype,
    statistics: Statistics,
    /** Counts over equal bins from `min` to `max` of the finite elements. */
    histogram: z.object({ min: Element, max: Element, counts: z.array(index) }),
    /** The tensor averaged down (last two dimensions, first index of the others), for a picture. */
    thumbnail: z.object({ shape: z.array(index), data: z.array(Element) }),
    /** Where its elements begin in the trace's side file (see trace/slice.ts), in bytes, if they were kept. */
    stored: index.optional(),
  }),
]);

export const TensorRecord = z.object({
  /** Which tensor object it is: records of one object at different moments (before and after an in-place change) share this number. */
  object: index,
  shape: z.array(index),
  dtype: Dtype,
  device: z.string(),
  requiresGrad: z.boolean(),
  isLeaf: z.boolean(),
  /** Index of the node that made it and which of its outputs it is; null for a leaf or where no gradient flows. */
  node: index.nullable(),
  outputNr: index,
  /** Index of the tensor whose storage it shares, if it is a view of one in this trace. */
  viewOf: index.nullable(),
  /** `_version` when it was seen. */
  version: index,
  value: Value,
  /** PyTorch's own `repr` of it when it was seen, cut after `REPR_LIMIT` characters; null where no expression shows it. */
  repr: z.string().nullable(),
  /** Every variable name that it was bound to, first binding first. */
  names: z.array(z.string()),
  /** `.grad` when the run ended; null if None. */
  grad: Value.nullable(),
});

/** What a node kept, under PyTorch's attribute name; a tensor, or a plain value such as an exponent or sizes. */
export const Saved = z.object({
  /** `_saved_self`, `_saved_exponent`, `_saved_self_sym_sizes` … */
  name: z.string(),
  /** The name that the formula uses for it: `self`, `exponent`, `self.sizes()`. */
  term: z.string(),
  content: z.discriminatedUnion("kind", [
    z.object({ kind: z.literal("tensor"), tensor: index }),
    /** As Python writes it: `2`, `(2,)`, `True`, `None`. */
    z.object({ kind: z.literal("literal"), text: z.string() }),
    /** PyTorch's words when it was asked for after it had been freed or changed in place. */
    z.object({ kind: z.literal("unavailable"), reason: z.string() }),
  ]),
  /** The forward expression that put it there, if known. */
  range: Range.nullable(),
});

export const Pattern = z.enum([
  "pass",
  "swap",
  "scale",
  "route",
  "copy",
  "sum",
  "mix",
  "move",
  "accumulate",
  "custom",
]);

/** An entry of `next_functions`: where the downstream gradient for one differentiable input goes. */
export const Edge = z.object({
  /** The input's name in the schema: `self`, `other`, `tensors[0]`. */
  input: z.string(),
  /** Index of the node that it leads to, and of that node's output; null where no gradient is needed. */
  node: index.nullable(),
  outputNr: index,
  /** Index of the forward tensor that was this input, if it was seen. */
  tensor: index.nullable(),
  /** The local rule as text, the very text that ran; null where the node has no formula (custom functions). */
  formula: z.string().nullable(),
  /** Where the formula is one fused call, such as `sigmoid_backward(grad, result)`: what that computes, written out. */
  means: z.string().nullable(),
});

export const Node = z.object({
  /** PyTorch's name: `MulBackward0`, `AccumulateGrad`. */
  name: z.string(),
  /** The op's name in the schema: `mul`; for `AccumulateGrad` it is `leaf`. */
  op: z.string(),
  pattern: Pattern,
  /** Order of creation; the backward pass takes the highest ready one first. */
  sequenceNr: z.int(),
  edges: z.array(Edge),
  saved: z.array(Saved),
  /** Forward outputs, by output number; null where it was not kept. */
  outputs: z.array(index.nullable()),
  /** For AccumulateGrad: the leaf. */
  variable: index.nullable(),
  /** The expression that made it. */
  range: Range.nullable(),
  /** The `nn.Module` that it was made in: `net.0`. */
  module: z.string().nullable(),
});

/** A sub-expression of a formula (offsets into its text) and what it came to when the formula ran. */
export const Term = z.object({
  start: index,
  end: index,
  content: z.discriminatedUnion("kind", [
    z.object({ kind: z.literal("value"), value: Value }),
    /** A list of tensors, such as `grads`. */
    z.object({ kind: z.literal("values"), values: z.array(Value) }),
    z.object({ kind: z.literal("literal"), text: z.string() }),
  ]),
});

/** One contribution to a node's upstream gradient. */
export const Arrival = z.object({
  /** Index of the step (in this pass) and of its edge that sent it; null for the seed of the pass. */
  from: z.object({ step: index, edge: index }).nullable(),
  outputNr: index,
  value: Value,
  /** The running sum after it, where it is not the first for its output. */
  sum: Value.nullable(),
});

/** What left towards one input. */
export const Downstream = z.object({
  /** Index into the node's `edges`. */
  edge: index,
  /** The gradient as it is sent on; null where the rule gave none. */
  value: Value.nullable(),
  /** The formula text that ran, conditions on plain values already decided. */
  formula: z.string().nullable(),
  terms: z.array(Term),
  /** Set where broadcasting is undone: the gradient before, and the axes that were summed (of `before`). */
  unbroadcast: z.object({ before: Value, axes: z.array(index), shape: z.array(index) }).nullable(),
});

/** What finite differences in float64 say of a gradient. */
export const Check = z.object({
  /** Index into the node's `edges`: its rule for that input; null for a leaf's whole gradient in this pass. */
  edge: index.nullable(),
  /** `kink`: the slopes on both sides differ, and the gradient is one of them or lies between. */
  status: z.enum(["ok", "kink", "differs", "unchecked"]),
  /**
   * Of `differs`: the `rule` is not the slope, or what was `recorded` is not what the rule gives, or a `hook` changed
   * it on its way. Of `unchecked`: the forward `raised` (see `message`), computes in a `narrow` dtype, its slopes are
   * `infinite` or `unsettled`, its arguments are `unknown`, or there was too much to do (`effort`).
   */
  why: z
    .enum(["rule", "recorded", "hook", "raised", "narrow", "infinite", "unsettled", "unknown", "effort"])
    .optional(),
  message: z.string().optional(),
  /** The element that is furthest off: where it is, its gradient, the slope there and on its two sides. */
  element: z
    .object({ at: z.array(index), rule: Element, numeric: Element, left: Element, right: Element })
    .optional(),
});

export const Step = z.object({
  node: index,
  arrivals: z.array(Arrival),
  /** The sum that the rule received, by output number; null where nothing arrived (taken as zero). */
  upstream: z.array(Value.nullable()),
  downstream: z.array(Downstream),
  /** For AccumulateGrad: `.grad` before (null for None), what is added, and `.grad` after. */
  accumulate: z
    .object({
      before: Value.nullable(),
      added: Value,
      after: Value,
      /** `.grad` when the pass had ended, where something changed it after that: the mean that DDP leaves. */
      left: Value.optional(),
    })
    .nullable(),
  /** Where gradients were checked: for each input that a gradient goes to, or the leaf. */
  checks: z.array(Check).optional(),
});

/** One call of `.backward()` or `autograd.grad`. */
export const Backward = z.object({
  kind: z.enum(["backward", "grad"]),
  roots: z.array(z.object({ tensor: index.nullable(), node: index, outputNr: index, seed: Value })),
  retainGraph: z.boolean(),
  createGraph: z.boolean(),
  range: Range.nullable(),
  steps: z.array(Step),
  /** Set where the pass raised: steps before it are whole. */
  error: z.string().nullable(),
  /** Number of passes before this one that are not in the trace (memory bound). */
  omittedBefore: index,
});

/** What is left of a pass that is not in the trace (memory bound). Of very many, only some are summarised, evenly. */
export const PassSummary = z.object({
  /** Its number in the run, from 0. */
  pass: index,
  kind: z.enum(["backward", "grad"]),
  /** The value of its root, where it had one root with one element. */
  loss: Element.nullable(),
  /** Each leaf that it reached and the Euclidean norm of the gradient that arrived there. */
  leaves: z.array(
    z.object({
      /** `TensorRecord.object` of the leaf; null where no record shows it. */
      object: index.nullable(),
      /** The first name that it was bound to, if any. */
      name: z.string().nullable(),
      norm: Element,
    }),
  ),
});

/** An expression or name in the source and the tensor that it last was. */
export const Binding = z.object({
  range: Range,
  /** The text of the expression: `x`, `x**2`. */
  text: z.string(),
  tensor: index,
  /** How many times it was evaluated; `tensor` is the last. */
  count: index,
});

export const Output = z.object({
  stream: z.enum(["stdout", "stderr"]),
  text: z.string(),
  /** Index of the source that printed it. */
  source: index,
});

export const RunError = z.object({
  /** Python's exception type: `RuntimeError`. */
  type: z.string(),
  message: z.string(),
  /** As Python prints it, user frames only. */
  traceback: z.string(),
  /** The failing expression in each user frame, innermost last. */
  ranges: z.array(Range),
});

export const Trace = z.object({
  format: z.literal(TRACE_FORMAT),
  version: z.literal(TRACE_VERSION),
  engine: z.object({
    name: z.enum(["embedded", "pytorch"]),
    /** The PyTorch version whose names and printing are followed. */
    torch: z.string(),
  }),
  /** Which process of how many it is, for a program that `torchrun` started. */
  process: z.object({ rank: index, of: index.min(1) }).optional(),
  sources: z.array(Source),
  tensors: z.array(TensorRecord),
  nodes: z.array(Node),
  backwards: z.array(Backward),
  bindings: z.array(Binding),
  output: z.array(Output),
  error: RunError.nullable(),
  /** What a reader should know: skipped magics, passes left out, values cut. */
  notes: z.array(z.string()),
  /** Passes before the first of `backwards` that are not kept, oldest first. */
  summaries: z.array(PassSummary).optional(),
  /** Figures that the program showed, in order. */
  figures: z.array(Figure).optional(),
});

export type Element = z.infer<typeof Element>;
export type Dtype = z.infer<typeof Dtype>;
export type Position = z.infer<typeof Position>;
export type Range = z.infer<typeof Range>;
export type Source = z.infer<typeof Source>;
export type Statistics = z.infer<typeof Statistics>;
export type Value = z.infer<typeof Value>;
export type TensorRecord = z.infer<typeof TensorRecord>;
export type Saved = z.infer<typeof Saved>;
export type Pattern = z.infer<typeof Pattern>;
export type Edge = z.infer<typeof Edge>;
export type Node = z.infer<typeof Node>;
export type Term = z.infer<typeof Term>;
export type Arrival = z.infer<typeof Arrival>;
export type Downstream = z.infer<typeof Downstream>;
export type Check = z.infer<typeof Check>;
export type Step = z.infer<typeof Step>;
export type Backward = z.infer<typeof Backward>;
export type PassSummary = z.infer<typeof PassSummary>;
export type Binding = z.infer<typeof Binding>;
export type Output = z.infer<typeof Output>;
export type RunError = z.infer<typeof RunError>;
export type Trace = z.infer<typeof Trace>;
