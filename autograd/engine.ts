/** The backward pass: node by node in PyTorch's order, with un-broadcasting and accumulation in this one place. */
import type { Autograd } from "./autograd.ts";
import { isFloat } from "./dtype.ts";
import { fail } from "./errors.ts";
import type { Evaluation, FormulaValue } from "./formula.ts";
import { ReadyQueue } from "./heap.ts";
import { expandable, sameShape, showShape } from "./kernels.ts";
import { FREED, longName, type Node, type NodeEdge, SavedTensor, type Slice } from "./node.ts";
import { isGapless, repeats, sameLayout } from "./order.ts";
import type { PassRecord } from "./record.ts";
import { inOrder, ruleOf } from "./rule.ts";
import { contiguousStrides, isContiguous, release, retain, Tensor } from "./tensor.ts";

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

const NONE: ReadonlyMap<number, Tensor> = new Map();

/** What a pass knows of a node: the gradients that have arrived, summed by output number, and how many edges still lead there. */
class Inbox {
  waiting = 0;
  /** Whether a gradient has arrived. */
  used = false;
  readonly sums: (Tensor | null)[];
  /** What was there before hooks that came after `retain_grad`, by output. */
  retained = NONE;

  constructor(node: Node) {
    this.sums = new Array<null>(node.outputs.length).fill(null);
  }

  add(outputNr: number, value: Tensor, add: (a: Tensor, b: Tensor) => Tensor): Tensor {
    const before = this.sums[outputNr] ?? null;
    const sum = retain(before === null ? value : add(before, value));
    release(before);
    this.sums[outputNr] = sum;
    this.used = true;
    return sum;
  }

  /** Keep what is there as what `retain_grad` asked for. */
  keep(outputNr: number, value: Tensor): void {
    this.retained = new Map(this.retained).set(outputNr, retain(value));
  }

  replace(outputNr: number, value: Tensor): void {
    const before = this.sums[outputNr] ?? null;
    this.sums[outputNr] = retain(value);
    release(before);
  }

  empty(): void {
    const { sums } = this;
    for (let i = 0; i < sums.length; i++) {
      release(sums[i] as Tensor | null);
      sums[i] = null;
    }
    if (this.retained === NONE) return;
    for (const early of this.retained.values()) release(early);
    this.retained = NONE;
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
    const { node, outputNr } = ad.originOf(tensor);
    const gradient = conform(
      ad,
      gradients[i] as Tensor,
      node,
      outputNr,
      () => "backward() was given a gradient",
    );
    return { tensor, node, outputNr, gradient };
  });
}

/** A gradient with the shape and dtype of the output that it belongs to; `from` says who gave it, for the error. */
function conform(ad: Autograd, gradient: Tensor, node: Node, outputNr: number, from: () => string): Tensor {
  const meta = node.outputs[outputNr];
  if (meta === undefined) fail(`${node.name} has no output ${outputNr}`);
  let g = gradient;
  if (!sameShape(g.shape, meta.shape)) {
    if (!expandable(meta.shape, g.shape))
      fail(
        `Function ${from()} - got ${showShape(g.shape)} but expected shape compatible with ${showShape(meta.shape)}`,
      );
    g = ad.call("sum_to_size", g, meta.shape);
  }
  return g.dtype === meta.dtype || !isFloat(meta.dtype) ? g : ad.call("_to_copy", g, meta.dtype);
}

/** The places of edges, in the order of their inputs' names. */
function byInput({ op, edges }: Node): readonly number[] {
  const known = op === null ? null : ruleOf(op).order;
  return known ?? inOrder(edges.map(({ input }) => input));
}

class Pass {
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
      if (this.options.accumulate) this.ad.retainGrad(input);
      const { node, outputNr } = this.ad.originOf(input);
      const list = this.captures.get(node) ?? [];
      list.push({ outputNr, index });
      this.captures.set(node, list);
    }
    this.count(seeds.map((s) => s.node));
    try {
      for (const seed of seeds) {
        this.record?.root(seed.tensor, seed.node, seed.outputNr, seed.gradient);
        this.deliver(seed.node, this.inboxOf(seed.node), seed.outputNr, seed.gradient, null);
      }
      for (const node of new Set(seeds.map((s) => s.node)))
        if (this.inboxOf(node).waiting === 0 && this.wants(node)) this.ready.push(node);
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
    const stack = [...new Set(roots)];
    for (const node of stack) this.inboxes.set(node, new Inbox(node));
    for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
      const { edges } = node;
      for (let i = 0; i < edges.length; i++) {
        const next = (edges[i] as NodeEdge).node;
        if (next === null) continue;
        let inbox = this.inboxes.get(next);
        if (inbox === undefined) {
          inbox = new Inbox(next);
          this.inboxes.set(next, inbox);
          stack.push(next);
        }
        inbox.waiting++;
      }
    }
    if (this.captures.size === 0) return;
    // A node comes after all that lead to it, so one sweep from the leaves upwards settles who is needed.
    const needed = new Set<Node>(this.captures.keys());
    const order = [...this.inboxes.keys()].sort((a, b) => a.sequenceNr - b.sequenceNr);
    for (const node of order)
      if (node.edges.some((e) => e.node !== null && needed.has(e.node))) needed.add(node);
    this.needed = needed;
  }

  /** Of a node that was counted. */
  private inboxOf(node: Node): Inbox {
    return this.inboxes.get(node) as Inbox;
  }

  private deliver(
    node: Node,
    inbox: Inbox,
    outputNr: number,
    value: Tensor,
    from: { node: Node; edge: number } | null,
  ): void {
    const first = inbox.sums[outputNr] === null;
    const sum = inbox.add(outputNr, value, (a, b) => this.ad.call("add", a, b));
    this.record?.arrival(node, outputNr, value, first ? null : sum, from);
  }

  private wants(node: Node | null): node is Node {
    return node !== null && (this.needed === null || this.needed.has(node));
  }

  private step(node: Node): void {
    const inbox = this.inboxOf(node);
    if (!inbox.used) {
      this.passOn(node, [], () => null);
      if (!this.options.retainGraph) node.freeSaved();
      return;
    }
    /** At a leaf: its tensor's hooks are of the accumulation, so what the node was given is what came before them. */
    let arrived: readonly (Tensor | null)[] = [];
    try {
      const { accumulate } = this.options;
      if (!accumulate) this.capture(node, inbox.sums);
      const goesOn = node.variable === null ? node.edges.some((e) => this.wants(e.node)) : accumulate;
      if (node.variable !== null && node.extras.nodeHooks.length > 0)
        arrived = inbox.sums.map((sum) => (sum === null ? null : retain(sum)));
      if (goesOn || accumulate) this.runHooks(node, inbox);
      this.record?.beginStep(node, inbox.sums);
      if (goesOn || accumulate) this.retainGrads(node, inbox);
      if (accumulate) this.capture(node, inbox.sums);
      if (!goesOn) return;
      if (node.variable !== null) {
        this.accumulate(node.variable, inbox.sums[0] ?? null);
        for (const id of node.extras.nodeHooks) this.ad.callbacks.nodeHook(id, [], arrived);
        for (const id of node.variable.afterHooks ?? []) this.ad.callbacks.after(id, node.variable);
      } else if (node.custom === null) this.apply(node, inbox.sums);
      else this.applyCustom(node, node.custom.id, inbox.sums);
    } catch (error) {
      this.ad.anomaly?.failed(node);
      throw error;
    } finally {
      this.record?.endStep();
      inbox.empty();
      for (const gradient of arrived) release(gradient);
    }
  }

  /**
   * Keep what was asked for. `grad` takes what arrives before any hook has seen it, and calls no hook where the pass
   * goes no further: PyTorch 1.13 does so, 2.0 lets hooks go first.
   */
  private capture(node: Node, sums: readonly (Tensor | null)[]): void {
    if (this.captures.size === 0) return;
    for (const { outputNr, index } of this.captures.get(node) ?? []) {
      const gradient = sums[outputNr] ?? null;
      this.captured[index] = gradient === null ? null : retain(gradient);
    }
  }

  /** Under anomaly detection: no gradient that a node sends on may be NaN. */
  private checkNan(node: Node, gradients: readonly (Tensor | null)[]): void {
    for (const [i, gradient] of gradients.entries())
      if (gradient !== null && isFloat(gradient.dtype) && [...this.ad.core.read(gradient)].some(Number.isNaN))
        fail(`Function '${longName(node)}' returned nan values in its ${i}th output.`);
  }

  /** Run the local rules and send each gradient on. */
  private apply(node: Node, upstream: readonly (Tensor | null)[]): void {
    const { ad } = this;
    const [grad = null] = upstream;
    if (node.slice !== null && node.freed) fail(FREED);
    const slice = node.slice === null || grad === null ? null : this.sliceOf(node.slice, grad);
    const names = this.environment(node, slice === null ? upstream : [ad.call("clone", slice.part)]);
    const evaluations = this.evaluate(node, names);
    this.passOn(node, upstream, (edge, i) => {
      const evaluation = evaluations[i];
      if (edge.formula === null || evaluation === undefined) return null;
      const { formula, item } = edge;
      const value =
        item === null ? evaluation.value : ((evaluation.value as readonly FormulaValue[])[item] ?? null);
      if (value === null) return null;
      if (!(value instanceof Tensor)) throw new TypeError(`formula "${formula.text}" gave no tensor`);
      if (slice !== null && i === 0) {
        ad.call("copy_", slice.part, value);
        this.record?.downstream(i, slice.whole, evaluation, null);
        return slice.whole;
      }
      const from = (): string => `${longName(node)} returned an invalid gradient at index ${i}`;
      const given = conform(ad, value, edge.node as Node, edge.outputNr, from);
      this.record?.downstream(i, given, evaluation, sameShape(given.shape, value.shape) ? null : value);
      return given;
    });
    if (!this.options.retainGraph) node.freeSaved();
  }

  /**
   * What the rules give, by edge. They run in the order of their inputs' names, as in PyTorch's generated code: it
   * is seen in a second derivative. A rule for a list of tensors runs once and gives them all.
   */
  private evaluate(
    node: Node,
    names: ReadonlyMap<string, FormulaValue>,
  ): readonly (Evaluation | undefined)[] {
    const { edges } = node;
    const given = new Array<Evaluation | undefined>(edges.length);
    const order = byInput(node);
    for (let at = 0; at < order.length; at++) {
      const i = order[at] as number;
      const { node: next, formula, item } = edges[i] as NodeEdge;
      if (formula === null || !this.wants(next)) continue;
      const known =
        item === null ? undefined : given.find((_, j) => edges[j]?.formula?.text === formula.text);
      given[i] = known ?? formula.evaluate(names, this.ad.callWith, this.record !== null);
    }
    return given;
  }

  /** A custom function's backward: Python code gives the gradients. */
  private applyCustom(node: Node, id: number, upstream: readonly (Tensor | null)[]): void {
    const given = this.ad.callbacks.backward(node, id, this.options.retainGraph, upstream);
    this.passOn(node, upstream, (edge, i) => {
      const value = given[i] ?? null;
      // Hooks see also what goes no further.
      if (value === null || !this.wants(edge.node)) return value;
      const from = (): string => `${node.name} returned an invalid gradient at index ${i}`;
      const fitted = conform(this.ad, value, edge.node, edge.outputNr, from);
      this.record?.downstream(i, fitted, null, sameShape(fitted.shape, value.shape) ? null : value);
      return fitted;
    });
    if (!this.options.retainGraph) node.freeSaved();
  }

  /** Let hooks look at what has arrived, and change it. */
  private runHooks(node: Node, inbox: Inbox): void {
    for (let outputNr = 0; outputNr < inbox.sums.length; outputNr++) {
      const hooks = node.variable === null ? node.extras.hooks.get(outputNr) : node.variable.hooks;
      if (hooks === null || hooks === undefined) continue;
      for (const id of hooks) {
        const before = inbox.sums[outputNr] ?? null;
        if (before === null) break;
        if (node.extras.retainedAfter.get(outputNr)?.includes(id) === false && !inbox.retained.has(outputNr))
          inbox.keep(outputNr, before);
        const changed = this.ad.callbacks.hook(id, before);
        if (changed === null) continue;
        inbox.replace(outputNr, changed);
        release(changed);
      }
    }
    for (const id of node.extras.preHooks)
      for (const [outputNr, changed] of this.ad.callbacks.nodeHook(id, inbox.sums, []).entries())
        if (changed !== null && changed !== inbox.sums[outputNr]) inbox.replace(outputNr, changed);
  }

  /** The upstream gradient of a base, as a copy, and the part of it that belongs to the view. */
  private sliceOf({ base, view }: Slice, grad: Tensor): { whole: Tensor; part: Tensor } {
    const { ad } = this;
    const whole = ad.call("copy_", ad.k.emptyStrided(base.shape, base.strides, grad.dtype), grad);
    return { whole, part: ad.call("as_strided", whole, view.shape, view.strides, view.offset) };
  }

  private passOn(
    node: Node,
    upstream: readonly (Tensor | null)[],
    gradientFor: (edge: NodeEdge, i: number) => Tensor | null,
  ): void {
    const own = node.edges.map(gradientFor);
    if (this.ad.anomaly?.checksNan === true) this.checkNan(node, own);
    const { nodeHooks } = node.extras;
    const gradients = nodeHooks.length === 0 ? own : this.hooked(nodeHooks, own, upstream);
    for (let i = 0; i < node.edges.length; i++) {
      const edge = node.edges[i] as NodeEdge;
      const next = edge.node;
      if (!this.wants(next)) continue;
      const gradient = gradients[i] ?? null;
      const inbox = this.inboxOf(next);
      if (gradient !== null) this.deliver(next, inbox, edge.outputNr, gradient, { node, edge: i });
      if (--inbox.waiting === 0) this.ready.push(next);
    }
  }

  /** What hooks of a node make of the gradients that it sends on. */
  private hooked(
    nodeHooks: readonly number[],
    own: readonly (Tensor | null)[],
    upstream: readonly (Tensor | null)[],
  ): readonly (Tensor | null)[] {
    let gradients = own;
    for (const id of nodeHooks) gradients = this.ad.callbacks.nodeHook(id, gradients, upstream);
    for (const [i, gradient] of gradients.entries())
      if (gradient !== null && gradient !== own[i]) this.record?.hooked(i, gradient);
    return gradients;
  }

  private environment(node: Node, upstream: readonly (Tensor | null)[]): Map<string, FormulaValue> {
    const names = new Map<string, FormulaValue>();
    const { op } = node;
    const single = op?.schema.returns === "Tensor";
    // Gradients that nobody computed stay so.
    const optional = op?.schema.returns.includes("Tensor?") === true;
    if (single) names.set("grad", upstream[0] ?? null);
    else {
      const zeros = (i: number): Tensor => {
        const meta = node.outputs[i] as Node["outputs"][number];
        return this.ad.k.full(meta.shape, 0, meta.dtype);
      };
      const all = upstream.map(
        (g, i) => g ?? (!optional && isFloat(node.outputs[i]?.dtype ?? 0) ? zeros(i) : null),
      );
      names.set("grads", all);
      names.set("arrived", upstream);
      names.set("grad", all[0] ?? null);
    }
    if (node.edges.some(({ item }) => item !== null)) names.set("grad_input_mask", this.mask(node));
    for (const { term, content } of node.saved) {
      if (node.freed && (content instanceof SavedTensor || Array.isArray(content))) fail(FREED);
      if (content === null) names.set(term, null);
      else if (content instanceof SavedTensor)
        names.set(term, this.ad.unpack(content, node, this.options.createGraph));
      else if (Array.isArray(content))
        names.set(
          term,
          content.map((saved: SavedTensor | null) =>
            saved === null ? null : this.ad.unpack(saved, node, this.options.createGraph),
          ),
        );
      else names.set(term, (content as { literal: FormulaValue }).literal);
    }
    return names;
  }

  /** Of the inputs that share a rule, whose gradients are wanted. */
  private mask(node: Node): boolean[] {
    const mask: boolean[] = [];
    for (const { item, node: next } of node.edges) if (item !== null) mask[item] = this.wants(next);
    return mask;
  }

  private retainGrads(node: Node, { sums, retained }: Inbox): void {
    const { retainers } = node.extras;
    if (retainers.size === 0) return;
    for (const [outputNr, tensor] of retainers) {
      const gradient = retained.get(outputNr) ?? sums[outputNr];
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
    if (before === null) leaf.setGrad(this.firstGrad(leaf, added));
    else if (ad.gradMode) leaf.setGrad(ad.call("add", before, added));
    else ad.addInto(before, added);
    this.record?.accumulateAfter(leaf.grad as Tensor);
  }

  /**
   * What a leaf's `.grad` becomes: the gradient itself where nobody else has it and it lies in memory as the leaf does, else a
   * copy that does (PyTorch's "gradient layout contract"; of a leaf with gaps in memory it lies row by row). PyTorch's
   * copies are at version 1. What is a copy only here, because a kernel lays its result out in another way, is at 0 as there.
   */
  private firstGrad(leaf: Tensor, added: Tensor): Tensor {
    const { ad } = this;
    const { createGraph } = this.options;
    const { shape, dtype } = leaf;
    const isAlone = !createGraph && added.refs === 1;
    const gapless = isGapless(leaf);
    const strides = gapless ? leaf.strides : contiguousStrides(shape);
    if (isAlone && added.storage.refs === 1 && sameLayout(shape, added.strides, strides)) return added;
    const isOurs = isAlone && isContiguous(leaf) && !repeats(added);
    if (!createGraph && (isOurs || !gapless)) return ad.k.clone(added);
    return ad.call("copy_", ad.k.emptyStrided(shape, strides, dtype), added);
  }
}
