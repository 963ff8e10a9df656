/** Where two traces of one program part: the judge of one engine by the other. Order of nodes in a trace does not matter. */
import { omittedOf } from "./pass-number.ts";
import type { Backward, Binding, Edge, Element, Node, Range, Saved, Step, Trace, Value } from "./schema.ts";

export interface Difference {
  /** What differs, as a path: `backward 1, step 3 MulBackward0: downstream 0`. */
  readonly at: string;
  readonly left: string;
  readonly right: string;
  /** Indices into the left trace where it is about a step: the panel can go there. */
  readonly step: { readonly backward: number; readonly step: number } | null;
}

/**
 * How far two numbers may lie apart: absolute plus a share of the larger one. It is a few units in the last place of
 * the dtype, for sums are added in another order by another kernel. A float64 in a program with narrower tensors may
 * be made of those, and carries their rounding.
 */
export const TOLERANCE: Readonly<Record<string, { readonly absolute: number; readonly relative: number }>> = {
  float64: { absolute: 1e-12, relative: 1e-11 },
  float32: { absolute: 5e-6, relative: 5e-6 },
  float16: { absolute: 1e-3, relative: 2e-3 },
  bfloat16: { absolute: 1e-2, relative: 1e-2 },
};
const EXACT = { absolute: 0, relative: 0 };
type Tolerance = typeof EXACT;

/** Of numbers of one dtype; whole numbers and truth values must be equal. */
export const toleranceOf = (dtype: string): Tolerance => TOLERANCE[dtype] ?? EXACT;

/** Every difference, the outcome first, then the passes in the order in which they ran; empty where there is none. */
export function compareTraces(left: Trace, right: Trace): readonly Difference[] {
  return new Comparison(left, right).run();
}

/** The first step at which two traces part; null where no step does. */
export function firstParting(differences: readonly Difference[]): Difference["step"] {
  return differences.find(({ step }) => step !== null)?.step ?? null;
}

class Comparison {
  private readonly found: Difference[] = [];
  /** Which node of the right trace a node of the left one is. */
  private readonly pairs = new Map<number, number>();
  private step: Difference["step"] = null;
  private readonly narrowest: string;

  constructor(
    private readonly left: Trace,
    private readonly right: Trace,
  ) {
    const used = new Set<string>(left.tensors.map(({ dtype }) => dtype));
    this.narrowest = Object.keys(TOLERANCE).findLast((dtype) => used.has(dtype)) ?? "float64";
  }

  run(): readonly Difference[] {
    const { left, right } = this;
    this.same("stdout", stdout(left), stdout(right));
    this.same("error", left.error?.type ?? null, right.error?.type ?? null);
    this.same("error message", left.error?.message ?? null, right.error?.message ?? null);
    if (left.error !== null && right.error !== null)
      this.same("error ranges", left.error.ranges.map(showRange), right.error.ranges.map(showRange));
    const [passes, others] = [begun(left), begun(right)];
    this.same("number of backward passes", omittedOf(left) + passes.length, omittedOf(right) + others.length);
    for (const [i, { pass, backward }] of passes.entries()) {
      const number = omittedOf(left) + i;
      // One of them may keep fewer of the first passes.
      const other = others[number - omittedOf(right)];
      if (other !== undefined) this.pass(number, backward, pass, other.pass);
    }
    this.bindings();
    return this.found;
  }

  private same(at: string, left: unknown, right: unknown): void {
    const [a, b] = [show(left), show(right)];
    if (a !== b) this.found.push({ at, left: a, right: b, step: this.step });
  }

  private pass(number: number, backward: number, a: Backward, b: Backward): void {
    const at = `backward ${number + 1}`;
    this.same(`${at}: kind`, a.kind, b.kind);
    this.same(`${at}: retain_graph`, a.retainGraph, b.retainGraph);
    this.same(`${at}: create_graph`, a.createGraph, b.createGraph);
    this.same(`${at}: range`, showRange(a.range), showRange(b.range));
    this.same(`${at}: error`, a.error, b.error);
    this.same(`${at}: roots`, a.roots.length, b.roots.length);
    for (const [j, root] of a.roots.entries()) {
      const other = b.roots[j];
      if (other === undefined) continue;
      this.value(`${at}: seed ${j}`, root.seed, other.seed);
      this.same(`${at}: output of root ${j}`, root.outputNr, other.outputNr);
      this.pair(root.node, other.node, `${at}: root ${j}`);
    }
    const order = (trace: Trace, steps: readonly Step[]) => steps.map((s) => trace.nodes[s.node]?.name);
    this.same(`${at}: order`, order(this.left, a.steps), order(this.right, b.steps));
    for (const [j, step] of a.steps.entries()) {
      const other = b.steps[j];
      if (other === undefined) continue;
      this.step = { backward, step: j };
      this.oneStep(`${at}, step ${j + 1} ${this.left.nodes[step.node]?.name}`, step, other);
      this.step = null;
    }
  }

  private oneStep(at: string, a: Step, b: Step): void {
    if (this.pairs.get(a.node) !== b.node) {
      this.same(`${at}: node`, a.node, `another ${this.right.nodes[b.node]?.name}`);
      return;
    }
    this.values(`${at}: upstream`, a.upstream, b.upstream);
    this.same(`${at}: arrivals`, a.arrivals.length, b.arrivals.length);
    for (const [i, arrival] of a.arrivals.entries()) {
      const other = b.arrivals[i];
      if (other === undefined) continue;
      this.same(`${at}: arrival ${i} from`, arrival.from, other.from);
      this.value(`${at}: arrival ${i}`, arrival.value, other.value);
      this.value(`${at}: sum after arrival ${i}`, arrival.sum, other.sum);
    }
    const edges = (step: Step) => step.downstream.map((d) => d.edge);
    this.same(`${at}: edges with a gradient`, edges(a), edges(b));
    for (const [i, sent] of a.downstream.entries()) {
      const other = b.downstream[i];
      if (other === undefined) continue;
      this.value(`${at}: downstream ${sent.edge}`, sent.value, other.value);
      this.value(
        `${at}: downstream ${sent.edge} before broadcasting is undone`,
        sent.unbroadcast?.before ?? null,
        other.unbroadcast?.before ?? null,
      );
      this.same(`${at}: axes summed for ${sent.edge}`, sent.unbroadcast?.axes, other.unbroadcast?.axes);
    }
    for (const part of ["before", "added", "after"] as const)
      this.value(`${at}: .grad ${part}`, a.accumulate?.[part] ?? null, b.accumulate?.[part] ?? null);
  }

  /** Two nodes that should be one, and all that they lead to. */
  private pair(left: number, right: number, at: string): void {
    const waiting: [number, number, string][] = [[left, right, at]];
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      const [i, j, from] = next;
      const known = this.pairs.get(i);
      if (known !== undefined) {
        if (known !== j) this.same(`${from}: node`, "one and the same", "two different ones");
        continue;
      }
      this.pairs.set(i, j);
      const [a, b] = [this.left.nodes[i] as Node, this.right.nodes[j] as Node];
      const name = `${from} → ${a.name}`;
      this.node(name, a, b);
      for (const [k, edge] of a.edges.entries()) {
        const other: Edge | undefined = b.edges[k];
        if (other?.node != null && edge.node !== null) waiting.push([edge.node, other.node, name]);
      }
    }
  }

  private node(at: string, a: Node, b: Node): void {
    this.same(`${at}: name`, a.name, b.name);
    this.same(`${at}: range`, showRange(a.range), showRange(b.range));
    this.same(`${at}: module`, a.module, b.module);
    // PyTorch does not tell what CopySlices does with the view.
    const opaque = a.name === "CopySlices";
    const edges = (node: Node) =>
      node.edges.map((e) => [opaque ? "" : e.input, e.node === null ? null : e.outputNr]);
    this.same(`${at}: edges`, edges(a), edges(b));
    if (opaque) return;
    const names = (node: Node) => node.saved.map((saved) => saved.name);
    this.same(`${at}: saved`, names(a), names(b));
    for (const [i, saved] of a.saved.entries()) {
      const other = b.saved[i];
      if (other?.name === saved.name) this.saved(`${at}.${saved.name}`, saved, other);
    }
    if (a.variable !== null && b.variable !== null) this.tensor(`${at}.variable`, a.variable, b.variable);
  }

  private saved(at: string, { content: a }: Saved, { content: b }: Saved): void {
    if (a.kind === "tensor" && b.kind === "tensor") this.tensor(at, a.tensor, b.tensor);
    else if (a.kind === "literal" && b.kind === "literal") this.same(at, a.text, b.text);
    else this.same(at, a.kind, b.kind);
  }

  private tensor(at: string, i: number, j: number): void {
    const [a, b] = [this.left.tensors[i], this.right.tensors[j]];
    if (a === undefined || b === undefined) return;
    this.value(at, a.value, b.value);
    this.same(`${at}.requires_grad`, a.requiresGrad, b.requiresGrad);
    this.same(`${at}.is_leaf`, a.isLeaf, b.isLeaf);
    this.same(`${at}: names`, [...a.names].sort(), [...b.names].sort());
  }

  /** Expressions and names that both report: what they were last. */
  private bindings(): void {
    const key = (binding: Binding) => `${showRange(binding.range)} ${binding.text}`;
    const others = new Map(this.right.bindings.map((binding) => [key(binding), binding]));
    for (const binding of this.left.bindings) {
      const other = others.get(key(binding));
      if (other === undefined) continue;
      const at = `${key(binding)}`;
      this.tensor(at, binding.tensor, other.tensor);
      this.same(`${at}: count`, binding.count, other.count);
      const [a, b] = [this.left.tensors[binding.tensor], this.right.tensors[other.tensor]];
      if (a === undefined || b === undefined) continue;
      this.value(`${at}.grad`, a.grad, b.grad);
      const made = (trace: Trace, node: number | null) => (node === null ? null : trace.nodes[node]?.name);
      // Which node a view of a changed base had, PyTorch cannot be asked without its making one.
      if ([a, b].some((tensor) => tensor.node === null && !tensor.isLeaf)) continue;
      this.same(`${at}.grad_fn`, made(this.left, a.node), made(this.right, b.node));
    }
  }

  private values(at: string, left: readonly (Value | null)[], right: readonly (Value | null)[]): void {
    this.same(`${at} count`, left.length, right.length);
    for (const [i, value] of left.entries())
      if (i < right.length) this.value(`${at} ${i}`, value, right[i] ?? null);
  }

  private value(at: string, left: Value | null, right: Value | null): void {
    const kind = (v: Value | null): string => (v === null ? "none" : `${v.dtype}[${v.shape.join(", ")}]`);
    if (left === null || right === null || kind(left) !== kind(right)) {
      this.same(at, kind(left), kind(right));
      return;
    }
    const [a, b] = [numbersOf(left), numbersOf(right)];
    const statistic = left.kind === "summary" ? toleranceOf("float64") : EXACT;
    const tolerance = left.dtype in TOLERANCE ? toleranceOf(this.narrowest) : statistic;
    const i = a.findIndex((x, k) => !near(x, b[k] as Element, tolerance));
    if (i >= 0) this.found.push({ at: `${at} [${i}]`, left: show(a[i]), right: show(b[i]), step: this.step });
  }
}

/** What is compared of a value: its elements, or the statistics of one that is too large. */
function numbersOf(value: Value): readonly Element[] {
  if (value.kind === "inline") return value.data;
  const { min, max, mean, std, norm, zeros, nans, infinities } = value.statistics;
  return [min, max, mean, std, norm, zeros, nans, infinities];
}

/** Whether two numbers lie within the tolerance; NaN is near NaN. */
export function near(a: Element, b: Element, { absolute, relative }: Tolerance): boolean {
  if (a === b) return true;
  const [x, y] = [Number(a), Number(b)];
  if (Number.isNaN(x) || Number.isNaN(y)) return Number.isNaN(x) && Number.isNaN(y);
  if (x === y) return true;
  if (!Number.isFinite(x) || !Number.isFinite(y)) return false;
  return Math.abs(x - y) <= absolute + relative * Math.max(Math.abs(x), Math.abs(y));
}

/** A call that was refused before anything ran is an error of the program, not a pass that one engine must know of. */
const begun = ({ backwards }: Trace): readonly { readonly pass: Backward; readonly backward: number }[] =>
  backwards
    .map((pass, backward) => ({ pass, backward }))
    .filter(({ pass: { roots, steps } }) => roots.length > 0 || steps.length > 0);

const stdout = (trace: Trace): string =>
  trace.output
    .filter((chunk) => chunk.stream === "stdout")
    .map((chunk) => chunk.text)
    .join("");

function showRange(range: Range | null): string {
  if (range === null) return "nowhere";
  const { source, start, end } = range;
  return `${source}:${start.line + 1}:${start.character}-${end.line + 1}:${end.character}`;
}

const show = (value: unknown): string =>
  typeof value === "string" ? value : (JSON.stringify(value) ?? "nothing");
