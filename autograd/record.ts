/** The recorder: remembers what ran while it runs, by reference, and writes the Trace when the run has ended. */
import type { Figure } from "../trace/figure.ts";
import type { Output, Range, RunError, Source } from "../trace/schema.ts";
import type { Checks } from "./check/check.ts";
import type { Core } from "./core.ts";
import type { PassOptions } from "./engine.ts";
import type { Evaluation, FormulaValue } from "./formula.ts";
import { type Node, SavedTensor, savedTensors } from "./node.ts";
import { Observation } from "./observe.ts";
import { Summaries } from "./summary.ts";
import { numelOf, release, retain, Tensor } from "./tensor.ts";
import { INLINE_LIMIT } from "./value.ts";

/** Passes that are kept whole; of earlier ones a summary is. */
export const KEPT_PASSES = 64;
/** Bytes of tensors that kept passes may hold on to before the oldest are let go. */
export const KEPT_BYTES = 256 * 1024 * 1024;
/** Numbers that kept passes may write into the trace one by one before the oldest are let go. */
const KEPT_NUMBERS = 1_500_000;

/** What only Python knows, given to `Bridge.finish` as JSON. */
export interface FinishMeta {
  readonly sources: readonly Source[];
  /** The range of each `where` that `Bridge.sites` named. */
  readonly sites: Readonly<Record<string, Range | null>>;
  /** By slot number: the expression, and the variable's name where it is one. */
  readonly slots: readonly { readonly range: Range; readonly text: string; readonly name: string | null }[];
  readonly output: readonly Output[];
  readonly error: RunError | null;
  readonly notes: readonly string[];
  readonly figures: readonly Figure[];
  /** By the handles that `Bridge.keep` gave: PyTorch's repr of the tensor. */
  readonly reprs: Readonly<Record<string, string>>;
  /** By the handles of parameters of modules that were called: their path, such as `net.0.weight`. */
  readonly parameters: Readonly<Record<string, string>>;
}

/** A value of a formula, held on to: tensors by observation, anything else as it is. */
export type Held = Observation | readonly Observation[] | Exclude<FormulaValue, Tensor>;

export interface HeldTerm {
  readonly start: number;
  readonly end: number;
  readonly value: Held;
}

export interface ArrivalRecord {
  readonly from: { readonly node: Node; readonly edge: number } | null;
  readonly outputNr: number;
  readonly value: Observation;
  readonly sum: Observation | null;
}

export interface DownstreamRecord {
  readonly edge: number;
  readonly value: Observation;
  readonly formula: string | null;
  readonly terms: readonly HeldTerm[];
  readonly before: Observation | null;
}

export interface StepRecord {
  readonly node: Node;
  readonly arrivals: readonly ArrivalRecord[];
  readonly upstream: readonly (Observation | null)[];
  readonly downstream: DownstreamRecord[];
  accumulate: { before: Observation | null; added: Observation; after: Observation | null } | null;
}

/** One pass as it is recorded. It owns one reference to everything in `held`. */
export class PassRecord {
  readonly roots: { tensor: Observation; node: Node; outputNr: number; seed: Observation }[] = [];
  readonly steps: StepRecord[] = [];
  error: string | null = null;
  bytes = 0;
  numbers = 0;
  private readonly held: (Observation | Node)[] = [];
  private readonly arrivals = new Map<Node, ArrivalRecord[]>();
  private step: StepRecord | null = null;

  constructor(
    private readonly recorder: Recorder,
    readonly options: PassOptions,
    readonly where: number,
  ) {}

  root(tensor: Tensor, node: Node, outputNr: number, seed: Tensor): void {
    this.roots.push({
      tensor: this.hold(tensor),
      node: this.holdNode(node),
      outputNr,
      seed: this.hold(seed),
    });
  }

  arrival(
    node: Node,
    outputNr: number,
    value: Tensor,
    sum: Tensor | null,
    from: ArrivalRecord["from"],
  ): void {
    const list = this.arrivals.get(node) ?? [];
    list.push({ from, outputNr, value: this.hold(value), sum: sum === null ? null : this.hold(sum) });
    this.arrivals.set(node, list);
  }

  beginStep(node: Node, upstream: readonly (Tensor | null)[]): void {
    this.holdNode(node);
    this.recorder.keepSaved(node);
    this.step = {
      node,
      arrivals: this.arrivals.get(node) ?? [],
      // As PyTorch, whose nodes have no place for outputs that take no gradient.
      upstream: upstream
        .slice(0, gradientsOf(node, upstream.length))
        .map((t) => (t === null ? null : this.hold(t))),
      downstream: [],
      accumulate: null,
    };
    this.arrivals.delete(node);
  }

  /** `evaluation` is null where Python code gave the gradient. */
  downstream(edge: number, value: Tensor, evaluation: Evaluation | null, before: Tensor | null): void {
    this.step?.downstream.push({
      edge,
      value: this.hold(value),
      formula: evaluation?.text ?? null,
      terms: (evaluation?.terms ?? []).map((t) => ({
        start: t.start,
        end: t.end,
        value: this.holdValue(t.value),
      })),
      before: before === null ? null : this.hold(before),
    });
  }

  /** A hook of the node has put another gradient in the place of what the node sends along an edge. */
  hooked(edge: number, value: Tensor): void {
    const sent = this.step?.downstream;
    const at = sent?.findIndex((one) => one.edge === edge) ?? -1;
    const known = sent?.[at];
    if (known === undefined) this.downstream(edge, value, null, null);
    else sent?.splice(at, 1, { ...known, value: this.hold(value) });
  }

  accumulateBefore(before: Tensor | null, added: Tensor): void {
    if (this.step === null) return;
    this.step.accumulate = {
      before: before === null ? null : this.hold(before),
      added: this.hold(added),
      after: null,
    };
  }

  accumulateAfter(after: Tensor): void {
    if (this.step?.accumulate != null) this.step.accumulate.after = this.hold(after);
  }

  /** A step that raised is left out: `error` says why the pass ends there. */
  endStep(): void {
    if (this.step !== null) this.steps.push(this.step);
    this.step = null;
  }

  fail(error: unknown): void {
    this.error = error instanceof Error ? error.message : String(error);
    const last = this.steps.at(-1);
    if (
      last !== undefined &&
      last.accumulate === null &&
      last.downstream.length === 0 &&
      last.node.edges.length > 0
    )
      this.steps.pop();
  }

  drop(): void {
    for (const object of this.held) release(object);
    this.held.length = 0;
  }

  private hold(tensor: Tensor): Observation {
    const seen = retain(this.recorder.observe(tensor));
    this.bytes += seen.bytes;
    this.numbers += Math.min(numelOf(seen.shape), INLINE_LIMIT);
    this.held.push(seen);
    return seen;
  }

  private holdValue(value: FormulaValue): Held {
    if (value instanceof Tensor) return this.hold(value);
    const list: readonly FormulaValue[] = Array.isArray(value) ? value : [];
    const tensors = list.filter((v) => v instanceof Tensor);
    return tensors.length > 0 ? tensors.map((t) => this.hold(t)) : (value as Held);
  }

  private holdNode(node: Node): Node {
    this.held.push(retain(node));
    return node;
  }
}

/** How many of a node's outputs take a gradient, those at the end that do not left out. */
function gradientsOf({ op }: Node, outputs: number): number {
  const none = op !== null && "nonDifferentiable" in op.row ? op.row.nonDifferentiable : undefined;
  let count = outputs;
  while (count > 1 && none?.includes(count - 1)) count--;
  return count;
}

/** What an instrumented expression was last. */
export interface Seen {
  observed: Observation;
  count: number;
}

export class Recorder {
  readonly passes: PassRecord[] = [];
  /** What checking the gradients found, once that was done. */
  checked: Checks | null = null;
  /** Passes that were let go. */
  omitted = 0;
  readonly slots: (Seen | undefined)[] = [];
  /** Handles by which Python knows the observed tensors whose repr it is to write. */
  readonly kept = new Map<Observation, number>();
  readonly summaries: Summaries;
  private bytes = 0;
  private numbers = 0;

  /** `checks`: gradients will be checked when the run has ended. */
  constructor(
    core: Core,
    readonly checks = false,
  ) {
    this.summaries = new Summaries(core);
  }

  /** The tensor as it is now; not retained for the caller. */
  observe(tensor: Tensor): Observation {
    const known = tensor.observed;
    if (
      known !== null &&
      known.refs > 0 &&
      known.version === tensor.version &&
      known.node === tensor.knownGradFn &&
      known.requiresGrad === tensor.requiresGrad &&
      known.sharesWith(tensor)
    )
      return known;
    const fresh = new Observation(tensor);
    tensor.observed = fresh;
    return fresh;
  }

  see(slot: number, tensor: Tensor): void {
    const before = this.slots[slot];
    const observed = retain(this.observe(tensor));
    if (before === undefined) this.slots[slot] = { observed, count: 1 };
    else {
      const last = before.observed;
      before.observed = observed;
      before.count++;
      release(last);
    }
  }

  /** Hand out the tensors that expressions show, each once; the handles in order. */
  keep(give: (seen: Observation) => number): number[] {
    // Those of an earlier finish, in a session, are no longer anybody's.
    this.kept.clear();
    for (const seen of this.slots)
      if (seen !== undefined && !this.kept.has(seen.observed))
        this.kept.set(seen.observed, give(seen.observed));
    return [...this.kept.values()];
  }

  /** Views that were seen before the program had their grad_fn renewed, and were the same otherwise, are seen with it. */
  renewSlots(): void {
    for (const seen of this.slots) {
      if (seen === undefined || seen.observed.node !== null || seen.observed.isLeaf) continue;
      const later = seen.observed.tensor?.observed ?? null;
      if (later === null || later.refs === 0 || later.version !== seen.observed.version) continue;
      retain(later);
      release(seen.observed);
      seen.observed = later;
    }
  }

  beginPass(options: PassOptions, where: number): PassRecord {
    return new PassRecord(this, options, where);
  }

  endPass(pass: PassRecord): void {
    this.passes.push(pass);
    this.bytes += pass.bytes;
    this.numbers += pass.numbers;
    const isTooMuch = (): boolean =>
      this.passes.length > KEPT_PASSES || this.bytes > KEPT_BYTES || this.numbers > KEPT_NUMBERS;
    while (this.passes.length > 1 && isTooMuch()) {
      const oldest = this.passes.shift() as PassRecord;
      this.bytes -= oldest.bytes;
      this.numbers -= oldest.numbers;
      this.omitted++;
      this.summaries.add(oldest, this.omitted - 1);
      oldest.drop();
    }
  }

  /** Hold what a node kept, before the pass frees it. */
  keepSaved(node: Node): void {
    if (node.observedSaved !== null || node.freed) return;
    const kept: (Observation | null)[] = [];
    for (const { content } of node.saved) {
      if (content instanceof SavedTensor || Array.isArray(content))
        for (const saved of savedTensors(content)) {
          const refusal = saved?.refusal(node) ?? null;
          if (refusal !== null) node.attach().savedRefusals.set(kept.length, refusal);
          kept.push(saved === null ? null : retain(this.savedBy(node, saved)));
        }
      else kept.push(null);
    }
    node.observedSaved = kept;
  }

  /** An output that was kept is shown as the output itself, not as the copy without history that holds it. */
  private savedBy(node: Node, saved: SavedTensor): Observation {
    const output = saved.isOutput ? node.observedOutputs[saved.outputNr] : undefined;
    return output ?? this.observe(saved.data);
  }

  dispose(): void {
    for (const pass of this.passes) pass.drop();
    for (const seen of this.slots) release(seen?.observed ?? null);
    this.passes.length = this.slots.length = 0;
  }
}
