/** Nodes of the tape: what an op kept, where its gradients go, and how PyTorch would answer when it is asked. */
import type { DType } from "../assembly/shared/codes.ts";
import type { Called } from "./check/called.ts";
import { dtypeRow } from "./dtype.ts";
import { fail } from "./errors.ts";
import type { Formula, FormulaValue } from "./formula.ts";
import type { Observation } from "./observe.ts";
import type { Op } from "./row.ts";
import { Counted, release, retain, type Tensor } from "./tensor.ts";

export interface NodeEdge {
  readonly node: Node | null;
  readonly outputNr: number;
  /** `self`, `tensors[0]`. */
  readonly input: string;
  readonly formula: Formula | null;
  /** Position in a `Tensor[]` input, else null. */
  readonly item: number | null;
  /** What the input was, while recording. */
  readonly observed: Observation | null;
}

interface Geometry {
  readonly shape: readonly number[];
  readonly strides: readonly number[];
}

/** How the view that an op changed in place lies in its base, both as they were then, and what the op says of the view. */
export interface Slice {
  readonly inner: Node;
  readonly base: Geometry & { readonly dtype: DType };
  /** `offset` counts elements from the base's first one. */
  readonly view: Geometry & { readonly offset: number };
}

/** A tensor kept for the backward pass, with the version at which it was kept. */
export class SavedTensor {
  private readonly version: number;
  /** Where a hook has packed it: the callback that gives it back, and who is told when it is not needed any more. */
  packed: { readonly id: number; readonly forget: (id: number) => void } | null = null;

  /** An output is kept as `data` without history, else it would hold its own node alive. */
  constructor(
    readonly data: Tensor,
    readonly isOutput: boolean,
    readonly outputNr: number,
    /** What was kept; not owned. */
    readonly source: Tensor,
  ) {
    retain(data);
    this.version = data.version;
  }

  give(): void {
    release(this.data);
    this.packed?.forget(this.packed.id);
  }

  /** PyTorch's check that nobody has changed it in place since. */
  check(keeper: Node): void {
    if (this.data.version === this.version || this.packed !== null) return;
    const { tensorType } = dtypeRow(this.data.dtype);
    const node = this.isOutput ? this.maker(keeper) : this.data.gradFn;
    const origin = node === null ? "" : `, which is output ${this.outputNr} of ${longName(node)},`;
    fail(
      `one of the variables needed for gradient computation has been modified by an inplace operation: [${tensorType} [${this.data.shape.join(", ")}]]${origin} is at version ${this.data.version}; expected version ${this.version} instead. Hint: enable anomaly detection to find the operation that failed to compute its gradient, with torch.autograd.set_detect_anomaly(True).`,
    );
  }

  /** The words of that check, or null where it is as it was kept. */
  refusal(keeper: Node): string | null {
    try {
      this.check(keeper);
      return null;
    } catch (error) {
      return (error as Error).message;
    }
  }

  /** For an output: the node that made it, which is the one that keeps it save where a view was changed in place. */
  maker(keeper: Node): Node | null {
    return keeper.slice === null ? keeper : (this.source.heldGradFn ?? keeper.slice.inner);
  }
}

/** PyTorch's `node.name()`: the nodes written in C++ by hand say where they live. */
export function longName(node: Node): string {
  return /Backward\d+$/.test(node.name) ? node.name : `torch::autograd::${node.name}`;
}

export type SavedContent =
  | SavedTensor
  | readonly (SavedTensor | null)[]
  | { readonly literal: FormulaValue }
  | null;

export interface SavedEntry {
  /** `_saved_self` */
  readonly attribute: string;
  /** As the formula writes it: `self`, `self.sizes()`. */
  readonly term: string;
  readonly content: SavedContent;
}

export const FREED =
  "Trying to backward through the graph a second time (or directly access saved tensors after they have already been freed). Saved intermediate values of the graph are freed when you call .backward() or autograd.grad(). Specify retain_graph=True if you need to backward through the graph a second time or if you need to access saved tensors after calling backward.";

/** The AccumulateGrad nodes go before all others that are ready. */
export const LEAF_SEQUENCE = Number.MAX_SAFE_INTEGER;

/** What few nodes have. */
class Attached {
  /** Of what was kept: why it cannot be used any more, by position. */
  readonly savedRefusals = new Map<number, string>();
  /** Outputs on which `retain_grad` was called, by number (weak). */
  readonly retainers = new Map<number, Tensor>();
  /** The hooks that an output had when `retain_grad` was called: what is kept is what these gave, not those that came later. */
  readonly retainedAfter = new Map<number, readonly number[]>();
  /** Hooks on the outputs, by output number, and on the node itself: numbers of callbacks. */
  readonly hooks = new Map<number, number[]>();
  readonly nodeHooks: number[] = [];
  readonly preHooks: number[] = [];
}

const NOTHING = new Attached();

type DeepReadonly<T> = {
  readonly [K in keyof T]: T[K] extends Map<infer A, infer B>
    ? ReadonlyMap<A, B>
    : T[K] extends number[]
      ? readonly number[]
      : never;
};

export class Node extends Counted {
  edges: readonly NodeEdge[] = [];
  saved: readonly SavedEntry[] = [];
  freed = false;
  disposed = false;
  /** Shape and dtype of each output, to check and fit the gradients that arrive. */
  outputs: readonly { readonly shape: readonly number[]; readonly dtype: DType }[] = [];
  /** What the outputs were, while recording. */
  observedOutputs: readonly Observation[] = [];
  /** What was kept, while recording: it outlives the freeing of the graph. */
  observedSaved: readonly (Observation | null)[] | null = null;
  private attached: Attached | null = null;
  /** The number by which Python knows it. */
  handle = 0;
  handed = 0;
  /** For a custom function: the callback that is its backward, and who is told when the node is gone. */
  custom: { readonly id: number; readonly forget: (id: number) => void } | null = null;
  /** What its forward was called with, where gradients will be checked. */
  called: Called | null = null;
  /** Under anomaly detection: the number of the stack that the program was at when it was made. */
  trace = 0;
  /** For CopySlices: its rules are for the view only; the rest of the base's gradient passes. */
  slice: Slice | null = null;

  constructor(
    readonly name: string,
    readonly op: Op | null,
    readonly sequenceNr: number,
    /** For AccumulateGrad: the leaf. */
    readonly variable: Tensor | null,
    /** The Python expression that made it; see `Bridge`. */
    readonly where: number,
    readonly module: string,
  ) {
    super();
    if (variable !== null) retain(variable);
  }

  /** What few nodes have, to be read; to be added to, with `attach`. */
  get extras(): DeepReadonly<Attached> {
    return this.attached ?? NOTHING;
  }

  attach(): Attached {
    this.attached ??= new Attached();
    return this.attached;
  }

  /**
   * PyTorch's CopySlices: what this node says of a view, said of the view's base. `whole` is the edge to what the
   * base was before, in place of this node's edge to what the view was.
   */
  intoBase(sequenceNr: number, base: Slice["base"], view: Slice["view"], whole: NodeEdge): Node {
    const node = new Node("CopySlices", this.op, sequenceNr, null, this.where, this.module);
    node.outputs = [{ shape: base.shape, dtype: base.dtype }];
    node.slice = { base, view, inner: retain(this) };
    for (const edge of this.edges.slice(1)) {
      if (edge.node !== null) retain(edge.node);
      if (edge.observed !== null) retain(edge.observed);
    }
    node.edges = [whole, ...this.edges.slice(1)];
    node.saved = this.saved;
    if (this.called !== null) node.called = retain(this.called);
    return node;
  }

  /** Give up the saved tensors, after which a second backward pass is an error. */
  freeSaved(): void {
    if (this.freed) return;
    this.freed = true;
    if (this.slice !== null) release(this.slice.inner);
    else for (const { content } of this.saved) releaseContent(content);
  }

  dispose(): void {
    if (this.disposed) return;
    this.disposed = true;
    this.freeSaved();
    this.custom?.forget(this.custom.id);
    release(this.called);
    for (const edge of this.edges) releaseEdge(edge);
    for (const seen of this.observedOutputs) release(seen);
    for (const seen of this.observedSaved ?? []) release(seen);
    if (this.variable !== null) {
      this.variable.accumulator = null;
      release(this.variable);
    }
  }
}

function releaseEdge(edge: NodeEdge): void {
  release(edge.node);
  release(edge.observed);
}

export function savedTensors(content: SavedContent): readonly (SavedTensor | null)[] {
  if (content instanceof SavedTensor) return [content];
  return Array.isArray(content) ? content : [];
}

function releaseContent(content: SavedContent): void {
  for (const saved of savedTensors(content)) saved?.give();
}
