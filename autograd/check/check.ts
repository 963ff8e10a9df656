/**
 * Check gradients: each node's rule, each leaf's gradient and what was recorded of them against finite differences,
 * in float64, by calling the recorded forwards again on what they were called with.
 */
import { DType } from "../../assembly/shared/codes.ts";
import type { Check } from "../../trace/schema.ts";
import type { Autograd } from "../autograd.ts";
import { PythonRaised } from "../callbacks.ts";
import { epsilonOf, isFloat } from "../dtype.ts";
import { runBackward } from "../engine.ts";
import type { Node } from "../node.ts";
import type { Observation } from "../observe.ts";
import type { PassRecord, StepRecord } from "../record.ts";
import { release, type Tensor } from "../tensor.ts";
import { element } from "../value.ts";
import { compare, type Finding } from "./differences.ts";
import { Narrow, Replay } from "./replay.ts";

type Outputs = readonly (Tensor | null)[];
type Verdict = Omit<Check, "edge">;
/** By step. */
export type Checks = ReadonlyMap<StepRecord, readonly Check[]>;

/** Forward calls in all, and such as a large tensor's count for; and for one input. */
const EFFORT = 150_000;
const CALLS = 400;
/** Elements that count as one more call. */
const LARGE = 4096;
/** How many units in the last place of the largest element a recorded gradient may be off. */
const ROUNDINGS = 4096;

class OutOfEffort extends Error {}

/** Check the passes that a recording kept, newest first: each node once, each leaf in each pass. */
export function checkGradients(ad: Autograd, passes: readonly PassRecord[]): Checks {
  const state = {
    gradMode: ad.gradMode,
    recorder: ad.recorder,
    anomaly: ad.anomaly,
    inference: ad.inference,
  };
  const { savedHook } = ad;
  const { warn } = ad.k;
  try {
    ad.k.warn = () => {};
    Object.assign(ad, { gradMode: true, recorder: null, anomaly: null, inference: false, savedHook: 0 });
    return new Checker(ad).check(passes);
  } finally {
    Object.assign(ad, state, { savedHook });
    ad.k.warn = warn;
  }
}

/** The outputs of a forward for inputs of its own, and what arrives at each output. */
interface Subject {
  readonly inputs: readonly Observation[];
  readonly run: (inputs: readonly Tensor[]) => Outputs;
  readonly upstream: readonly (Observation | null)[];
  /** By input: the gradient that was recorded; null for none. */
  readonly recorded: readonly (Observation | null)[];
  /** Whether a call again gives the same numbers, so that what was recorded can be held against them. */
  readonly repeats: boolean;
  readonly hooked: boolean;
  /** How many forward calls a run is. */
  readonly calls: number;
}

class Checker {
  private readonly replay: Replay;
  private effort = EFFORT;

  constructor(private readonly ad: Autograd) {
    this.replay = new Replay(ad);
  }

  check(passes: readonly PassRecord[]): Checks {
    const checks = new Map<StepRecord, Check[]>();
    const seen = new Set<Node>();
    for (const pass of [...passes].reverse())
      for (const step of pass.steps) {
        const { node } = step;
        if (node.variable !== null) checks.set(step, [{ edge: null, ...this.leaf(pass, step) }]);
        else if (!seen.has(node)) checks.set(step, this.rules(step));
        seen.add(node);
      }
    return checks;
  }

  /** A node's rule, for each input that a gradient goes to. */
  private rules(step: StepRecord): Check[] {
    const { node } = step;
    const edges = [...node.edges.keys()].filter((i) => node.edges[i]?.node !== null);
    const inputs = edges.map((i) => Replay.inputOf(node, i));
    if (inputs.includes(null)) return edges.map((edge) => ({ edge, status: "unchecked", why: "unknown" }));
    const verdicts = this.verdicts({
      inputs: inputs as Observation[],
      run: (given) => {
        const all: (Tensor | null)[] = node.edges.map(() => null);
        for (const [k, i] of edges.entries()) all[i] = given[k] as Tensor;
        return this.replay.run(node, all);
      },
      upstream: step.upstream,
      recorded: edges.map((i) => step.downstream.find((d) => d.edge === i)?.value ?? null),
      repeats: !Replay.isRandom(node),
      hooked: false,
      calls: 1,
    });
    return edges.map((edge, k) => ({ edge, ...(verdicts[k] as Verdict) }));
  }

  /** A leaf's gradient in a pass, through all nodes between it and the roots. */
  private leaf(pass: PassRecord, step: StepRecord): Verdict {
    const leaf = step.node;
    const nodes = pass.steps.map(({ node }) => node).filter((node) => node.variable === null);
    const [value] = leaf.observedOutputs;
    if (value === undefined) return { status: "unchecked", why: "unknown" };
    const depends = new Set<Node>([leaf]);
    nodes.sort((a, b) => a.sequenceNr - b.sequenceNr);
    for (const node of nodes)
      if (node.edges.some((e) => e.node !== null && depends.has(e.node))) depends.add(node);
    const between = nodes.filter((node) => depends.has(node));
    const [verdict] = this.verdicts({
      inputs: [value],
      run: ([moved]) => this.through(between, leaf, value, moved as Tensor, pass),
      upstream: pass.roots.map(({ seed }) => seed),
      recorded: [step.upstream[0] ?? null],
      repeats: !between.some(Replay.isRandom),
      hooked:
        (leaf.variable?.hooks?.length ?? 0) > 0 ||
        pass.steps.some(
          ({ node: n }) => n.extras.hooks.size + n.extras.nodeHooks.length + n.extras.preHooks.length > 0,
        ),
      calls: between.length + 1,
    });
    return verdict as Verdict;
  }

  /** The roots of a pass where a leaf is `moved`; it may have had other numbers at each use, so what it moved by is added. */
  private through(
    between: readonly Node[],
    leaf: Node,
    value: Observation,
    moved: Tensor,
    pass: PassRecord,
  ): Outputs {
    const { ad, replay } = this;
    const outputs = new Map<Node, Outputs>();
    const used = (seen: Observation): Tensor =>
      seen === value ? moved : ad.call("add", replay.copy(seen), ad.call("sub", moved, replay.copy(value)));
    for (const node of between) {
      const given = node.edges.map((edge, i) => {
        if (edge.node === leaf) return used(Replay.inputOf(node, i) ?? value);
        return edge.node === null ? null : (outputs.get(edge.node)?.[edge.outputNr] ?? null);
      });
      outputs.set(node, replay.run(node, given));
    }
    return pass.roots.map(({ node, outputNr, tensor }) =>
      node === leaf ? used(tensor) : (outputs.get(node)?.[outputNr] ?? null),
    );
  }

  private verdicts(subject: Subject): readonly Verdict[] {
    try {
      return this.ad.scope.within(() => this.judge(subject));
    } catch (error) {
      const verdict = this.reason(error);
      return subject.inputs.map(() => verdict);
    }
  }

  private reason(error: unknown): Verdict {
    if (error instanceof OutOfEffort) return { status: "unchecked", why: "effort" };
    if (error instanceof Narrow) return { status: "unchecked", why: "narrow" };
    const message =
      error instanceof PythonRaised
        ? this.ad.callbacks.takeRaised()
        : error instanceof Error
          ? error.message
          : "";
    return { status: "unchecked", why: "raised", message };
  }

  private judge(subject: Subject): readonly Verdict[] {
    const { ad } = this;
    const base = subject.inputs.map((seen) => Float64Array.from(this.read(this.replay.copy(seen))));
    const cost = subject.calls + base.reduce((sum, x) => sum + x.length, 0) / LARGE;
    const spend = (): boolean => {
      if (this.effort < cost) throw new OutOfEffort();
      this.effort -= cost;
      return true;
    };
    spend();
    const rules = this.byRules(subject, base);
    const weights = subject.upstream.map((seen) =>
      seen === null ? null : this.read(this.replay.copy(seen)),
    );
    const all = Float64Array.from(weights.flatMap((w) => (w === null ? [] : [...w])));
    return subject.inputs.map((seen, k): Verdict => {
      const claimed = rules[k] as Float64Array;
      let calls = 0;
      const f = (x: Float64Array): Float64Array =>
        ad.scope.within(() => {
          const given = base.map((was, j) =>
            this.tensor(j === k ? x : was, (subject.inputs[j] as Observation).shape, false),
          );
          ad.gradMode = false;
          try {
            const outputs = subject.run(given);
            const numbers = weights.flatMap((w, i) => {
              const out = outputs[i] ?? null;
              return w === null ? [] : out === null ? [...w].fill(Number.NaN) : [...this.read(out)];
            });
            return Float64Array.from(numbers);
          } finally {
            ad.gradMode = true;
          }
        });
      try {
        const probe = { x: base[k] as Float64Array, f, weights: all, claimed };
        const { findings, whole } = compare(probe, () => ++calls <= CALLS && spend());
        return (
          worst(findings, seen.shape) ??
          this.asRecorded(subject, k, claimed) ??
          (whole ? { status: "ok" } : { status: "unchecked", why: "effort" })
        );
      } catch (error) {
        return this.reason(error);
      }
    });
  }

  /** The gradients by the rules themselves, in float64. */
  private byRules({ inputs, run, upstream }: Subject, base: readonly Float64Array[]): Float64Array[] {
    const leaves = base.map((x, k) => this.tensor(x, (inputs[k] as Observation).shape, true));
    const outputs = run(leaves);
    const roots = upstream.flatMap((seen, i) => {
      const out = outputs[i] ?? null;
      return seen === null || out === null || !out.requiresGrad
        ? []
        : [{ tensor: out, gradient: this.replay.copy(seen) }];
    });
    const options = {
      retainGraph: false,
      createGraph: false,
      inputs: leaves,
      accumulate: false,
      allowUnused: true,
    };
    const gradients = roots.length === 0 ? leaves.map(() => null) : runBackward(this.ad, roots, options);
    const numbers = gradients.map((g, k) =>
      g === null ? new Float64Array((base[k] as Float64Array).length) : Float64Array.from(this.read(g)),
    );
    for (const g of gradients) release(g);
    return numbers;
  }

  /** What was recorded must be what the rules give, but for rounding: something kept may have changed meanwhile. */
  private asRecorded(subject: Subject, k: number, claimed: Float64Array): Verdict | null {
    if (!subject.repeats) return null;
    const seen = subject.recorded[k] ?? null;
    const { dtype, shape } = seen ?? (subject.inputs[k] as Observation);
    const recorded = seen === null ? new Float64Array(claimed.length) : this.read(this.replay.copy(seen));
    const largest = claimed.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
    const allowed = ROUNDINGS * epsilonOf(dtype) * largest;
    let [at, most] = [-1, allowed];
    for (let i = 0; i < claimed.length; i++) {
      const off = Math.abs((recorded[i] as number) - (claimed[i] as number));
      if (off > most) [at, most] = [i, off];
    }
    if (at < 0) return null;
    const numbers = { rule: recorded[at] as number, numeric: claimed[at] as number };
    return {
      status: "differs",
      why: subject.hooked ? "hook" : "recorded",
      element: described(at, shape, { ...numbers, left: numbers.numeric, right: numbers.numeric }),
    };
  }

  private tensor(x: Float64Array, shape: readonly number[], asks: boolean): Tensor {
    const t = this.ad.k.empty(shape, DType.f64);
    this.ad.core.write(t, x);
    t.requiresGrad = asks;
    return t;
  }

  private read(t: Tensor): Float64Array {
    const wide = isFloat(t.dtype) ? t : this.ad.k.cast(t, DType.f64);
    return this.ad.core.read(wide) as Float64Array;
  }
}

const ORDER = ["differs", "unsettled", "infinite", "kink"] as const;

function worst(findings: readonly Finding[], shape: readonly number[]): Verdict | null {
  const off = ({ claimed, numeric }: Finding): number => Math.abs(claimed - numeric);
  for (const status of ORDER) {
    const found = findings.filter((finding) => finding.status === status);
    if (found.length === 0) continue;
    const most = found.reduce((a, b) => (off(b) > off(a) ? b : a));
    const { claimed: rule, numeric, left, right } = most;
    const element = described(most.element, shape, { rule, numeric, left, right });
    if (status === "differs") return { status, why: "rule", element };
    return status === "kink" ? { status, element } : { status: "unchecked", why: status, element };
  }
  return null;
}

function described(
  flat: number,
  shape: readonly number[],
  numbers: { readonly rule: number; readonly numeric: number; readonly left: number; readonly right: number },
): NonNullable<Verdict["element"]> {
  const at: number[] = [];
  let left = flat;
  for (const size of [...shape].reverse()) {
    at.unshift(left % size);
    left = Math.floor(left / size);
  }
  const shown = (x: number) => element(x, DType.f64);
  return {
    at,
    rule: shown(numbers.rule),
    numeric: shown(numbers.numeric),
    left: shown(numbers.left),
    right: shown(numbers.right),
  };
}
