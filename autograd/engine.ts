/** The backward pass: node by node in PyTorch's order, with un-broadcasting and accumulation in this one place. */
import type { Autograd } from "./autograd.ts";
import { isFloat } from "./dtype.ts";
import { fail } from "./errors.ts";
import type { Evaluation, FormulaValue } from "./formula.ts";
import { ReadyQueue } from "./heap.ts";
import { expandable, sameShape, showShape } from "./kernels.ts";
import { FREED, type Node, type NodeEdge, SavedTensor } from "./node.ts";
import type { PassRecord } from "./record.ts";
import { isContiguous, release, retain, Tensor } from "./tensor.ts";

export interface Root {
  readonly tensor: Tensor;
  /** The upstream gradient; null stands for 1 and is allowed for a scalar. */
  readonly gradient: Tensor | null;
}

export interface PassOptions {
  readonly retainGraph: boolean;
  readonly createGraph: boolean;
  /** Only these tensors get gradients; null for every leaf. */
  readonly inputs: readonly Tensor[] | null;
  /** `backward` adds to `.grad`; `grad` returns the gradients of `inputs`. */
  readonly accumulate: boolean;
  readonly allowUnused: boolean;
}

/** Gradients that have arrived at a node, summed by output number. */
class Inbox {
  readonly sums: (Tensor | null)[];

  constructor(node: Node) {
    this.sums = node.outputs.map(() => null);
  }

  add(outputNr: number, value: Tensor, add: (a: Tensor, b: Tensor) => Tensor): Tensor {
    const before = this.sums[outputNr] ?? null;
    const sum = retain(before === null ? value : add(before, value));
    release(before);
    this.sums[outputNr] = sum;
    return sum;
  }

  empty(): void {
    for (const sum of this.sums) release(sum);
    this.sums.fill(null);
  }
}

/** Run a pass. Returns the gradients of `inputs` (null where unused), retained for the caller; empty when accumulating. */
export function runBackward(
  ad: Autograd,
  roots: readonly Root[],
  options: PassOptions,
): readonly (Tensor | null)[] {
  const before = ad.gradMode;
  const record = ad.recorder?.beginPass(options, ad.where) ?? null;
  try {
    ad.gradMode = options.createGraph;
    return new Pass(ad, options, record).run(seeds(ad, roots));
  } catch (error) {
    record?.fail(error);
    throw error;
  } finally {
    ad.gradMode = before;
    if (record !== null) ad.recorder?.endPass(record);
  }
}

interface Seed {
  readonly tensor: Tensor;
  readonly node: Node;
  readonly outputNr: number;
  readonly gradient: Tensor;
}

function seeds(ad: Autograd, roots: readonly Root[]): Seed[] {
  const gradients = roots.map(({ tensor, gradient }, i) => {
    if (gradient !== null) {
      if (!sameShape(gradient.shape, tensor.shape))
        fail(
          `Mismatch in shape: grad_output[${i}] has a shape of torch.Size(${showShape(gradient.shape)}) and output[${i}] has a shape of torch.Size(${showShape(tensor.shape)}).`,
        );
      return gradient;
    }
    if (!tensor.requiresGrad) return tensor;
    if (tensor.numel !== 1) fail("grad can be implicitly created only for scalar outputs");
    return ad.k.full(tensor.shape, 1, tensor.dtype);
  });
  return roots.map(({ tensor }, i) => {
    if (!tensor.requiresGrad)
      fail(`element ${i} of tensors does not require grad and does not have a grad_fn`);
    const node = tensor.gradFn ?? ad.accumulatorOf(tensor);
    const gradient = fit(ad, gradients[i] as Tensor, node, tensor.gradFn === null ? 0 : tensor.outputNr);
    return { tensor, node, outputNr: tensor.gradFn === null ? 0 : tensor.outputNr, gradient };
  });
}

/** A gradient with the shape and dtype of the output it belongs to. */
function fit(ad: Autograd, gradient: Tensor, node: Node, outputNr: number): Tensor {
  const meta = node.outputs[outputNr];
  if (meta === undefined) fail(`${node.name} has no output ${outputNr}`);
  let g = gradient;
  if (!sameShape(g.shape, meta.shape)) {
    if (!expandable(meta.shape, g.shape))
      fail(
        `Function ${node.name} returned an invalid gradient at index ${outputNr} - got ${showShape(g.shape)} but expected shape compatible with ${showShape(meta.shape)}`,
      );
    g = ad.call("sum_to_size", g, meta.shape);
  }
  return g.dtype === meta.dtype || !isFloat(meta.dtype) ? g : ad.call("_to_copy", g, meta.dtype);
}

class Pass {
  private readonly waiting = new Map<Node, number>();
  private readonly inboxes = new Map<Node, Inbox>();
  private readonly ready = new ReadyQueue<Node>((a, b) => a.sequenceNr < b.sequenceNr);
  /** Nodes that lead to an input, where only some gradients are asked for. */
  private needed: Set<Node> | null = null;
  private readonly captures = new Map<Node, { outputNr: number; index: number }[]>();
  private readonly captured: (Tensor | null)[];

  constructor(
    private readonly ad: Autograd,
    private readonly options: PassOptions,
    private readonly record: PassRecord | null,
  ) {
    this.captured = (options.inputs ?? []).map(() => null);
  }

  run(seeds: readonly Seed[]): readonly (Tensor | null)[] {
    for (const [index, input] of (this.options.inputs ?? []).entries()) {
      if (!input.requiresGrad) fail("One of the differentiated Tensors does not require grad");
      const node = input.gradFn ?? this.ad.accumulatorOf(input);
      const list = this.captures.get(node) ?? [];
      list.push({ outputNr: input.gradFn === null ? 0 : input.outputNr, index });
      this.captures.set(node, list);
    }
    this.count(seeds.map((s) => s.node));
    try {
      for (const seed of seeds) {
        this.record?.root(seed.tensor, seed.node, seed.outputNr, seed.gradient);
        this.deliver(seed.node, seed.outputNr, seed.gradient, null);
      }
      for (const node of new Set(seeds.map((s) => s.node)))
        if ((this.waiting.get(node) ?? 0) === 0) this.ready.push(node);
      for (let node = this.ready.pop(); node !== undefined; node = this.ready.pop()) {
        const current = node;
        this.ad.scope.within(() => this.step(current));
      }
    } finally {
      for (const inbox of this.inboxes.values()) inbox.empty();
    }
    if (!this.options.allowUnused && !this.options.accumulate && this.captured.includes(null))
      fail(
        "One of the differentiated Tensors appears to not have been used in the graph. Set allow_unused=True if this is the desired behavior.",
      );
    return this.captured;
  }

  /** Count, for each node that can be reached, the edges that lead to it; mark those that are needed. */
  private count(roots: readonly Node[]): void {
    const order: Node[] = [];
    const seen = new Set<Node>(roots);
    const stack = [...seen];
    for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
      order.push(node);
      for (const edge of node.edges) {
        if (edge.node === null) continue;
        this.waiting.set(edge.node, (this.waiting.get(edge.node) ?? 0) + 1);
        if (!seen.has(edge.node)) {
          seen.add(edge.node);
          stack.push(edge.node);
        }
      }
    }
    if (this.captures.size === 0) return;
    // A node comes after all that lead to it, so one sweep from the leaves upwards settles who is needed.
    const needed = new Set<Node>(this.captures.keys());
    order.sort((a, b) => a.sequenceNr - b.sequenceNr);
    for (const node of order)
      if (node.edges.some((e) => e.node !== null && needed.has(e.node))) needed.add(node);
    this.needed = needed;
  }

  private deliver(
    node: Node,
    outputNr: number,
    value: Tensor,
    from: { node: Node; edge: number } | null,
  ): void {
    const inbox = this.inboxes.get(node) ?? new Inbox(node);
    this.inboxes.set(node, inbox);
    const first = inbox.sums[outputNr] === null;
    const sum = inbox.add(outputNr, value, (a, b) => this.ad.call("add", a, b));
    this.record?.arrival(node, outputNr, value, first ? null : sum, from);
  }

  private wants(node: Node | null): node is Node {
    return node !== null && (this.needed === null || this.needed.has(node));
  }

  private step(node: Node): void {
    const inbox = this.inboxes.get(node);
    this.inboxes.delete(node);
    if (inbox === undefined) {
      this.passOn(node, () => null);
      if (!this.options.retainGraph) node.freeSaved();
      return;
    }
    try {
      this.record?.beginStep(node, inbox.sums);
      this.retainGrads(node, inbox.sums);
      const captures = this.captures.get(node) ?? [];
      for (const { outputNr, index } of captures) {
        const gradient = inbox.sums[outputNr] ?? null;
        this.captured[index] = gradient === null ? null : retain(gradient);
      }
      if (node.variable !== null) {
        if (this.options.accumulate) this.accumulate(node.variable, inbox.sums[0] ?? null);
      } else if (node.edges.some((e) => this.wants(e.node))) this.apply(node, inbox.sums);
    } finally {
      this.record?.endStep();
      inbox.empty();
    }
  }

  /** Run the local rules and send each gradient on. */
  private apply(node: Node, upstream: readonly (Tensor | null)[]): void {
    const names = this.environment(node, upstream);
    // A rule for a list of tensors runs once and gives them all.
    const lists = new Map<string, Evaluation>();
    this.passOn(node, (edge, i) => {
      if (edge.formula === null) return null;
      const run = (): Evaluation =>
        (edge.formula as NonNullable<typeof edge.formula>).evaluate(names, (op, args) =>
          this.ad.call(op, ...args),
        );
      let evaluation: Evaluation;
      if (edge.item === null) evaluation = run();
      else {
        const known = lists.get(edge.formula.text);
        evaluation = known ?? run();
        lists.set(edge.formula.text, evaluation);
      }
      const value =
        edge.item === null
          ? evaluation.value
          : ((evaluation.value as readonly FormulaValue[])[edge.item] ?? null);
      if (value === null) return null;
      if (!(value instanceof Tensor)) throw new TypeError(`formula "${edge.formula.text}" gave no tensor`);
      const target = edge.node as Node;
      const fitted = fit(this.ad, value, target, edge.outputNr);
      this.record?.downstream(i, fitted, evaluation, sameShape(fitted.shape, value.shape) ? null : value);
      return fitted;
    });
    if (!this.options.retainGraph) node.freeSaved();
  }

  private passOn(node: Node, gradientFor: (edge: NodeEdge, i: number) => Tensor | null): void {
    const gradients = node.edges.map((edge, i) => (this.wants(edge.node) ? gradientFor(edge, i) : null));
    for (const [i, edge] of node.edges.entries()) {
      const next = edge.node;
      if (!this.wants(next)) continue;
      const gradient = gradients[i] ?? null;
      if (gradient !== null) this.deliver(next, edge.outputNr, gradient, { node, edge: i });
      const left = (this.waiting.get(next) ?? 1) - 1;
      this.waiting.set(next, left);
      if (left === 0) this.ready.push(next);
    }
  }

  private environment(node: Node, upstream: readonly (Tensor | null)[]): Map<string, FormulaValue> {
    if (node.freed) fail(FREED);
    const names = new Map<string, FormulaValue>();
    const { op } = node;
    const single = op?.schema.returns === "Tensor";
    if (single) names.set("grad", upstream[0] ?? null);
    else {
      const zeros = (i: number): Tensor => {
        const meta = node.outputs[i] as Node["outputs"][number];
        return this.ad.k.full(meta.shape, 0, meta.dtype);
      };
      const all = upstream.map((g, i) => g ?? (isFloat(node.outputs[i]?.dtype ?? 0) ? zeros(i) : null));
      names.set("grads", all);
      names.set("grad", all[0] ?? null);
    }
    for (const { term, content } of node.saved) {
      if (content === null) names.set(term, null);
      else if (content instanceof SavedTensor) names.set(term, this.unpack(content, node));
      else if (Array.isArray(content))
        names.set(
          term,
          content.map((saved: SavedTensor | null) => (saved === null ? null : this.unpack(saved, node))),
        );
      else names.set(term, (content as { literal: FormulaValue }).literal);
    }
    return names;
  }

  private unpack(saved: SavedTensor, node: Node): Tensor {
    saved.check();
    if (!saved.isOutput) return saved.data;
    const output = this.ad.k.alias(saved.data);
    if (this.options.createGraph) output.setGradFn(node, saved.outputNr);
    return output;
  }

  private retainGrads(node: Node, sums: readonly (Tensor | null)[]): void {
    for (const [outputNr, tensor] of node.retainers) {
      const gradient = sums[outputNr];
      if (gradient !== null && gradient !== undefined && tensor.refs > 0)
        tensor.setGrad(this.options.createGraph ? gradient : this.ad.k.clone(gradient));
    }
  }

  /** `.grad` takes what arrived: as a tensor of its own the first time, added in place after that. */
  private accumulate(leaf: Tensor, added: Tensor | null): void {
    if (added === null) return;
    const { ad } = this;
    const before = leaf.grad;
    this.record?.accumulateBefore(before, added);
    if (before === null) {
      const fresh = this.options.createGraph
        ? ad.call("_copied", ad.k.empty(leaf.shape, leaf.dtype), added)
        : added.refs === 1 && added.storage.refs === 1 && isContiguous(added)
          ? added
          : ad.k.clone(added);
      leaf.setGrad(fresh);
    } else if (ad.gradMode) leaf.setGrad(ad.call("add", before, added));
    else ad.overwrite(before, ad.call("add", before, added));
    this.record?.accumulateAfter(leaf.grad as Tensor);
  }
}
