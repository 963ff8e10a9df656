/** From the recorder's references to the Trace: everything gets an index, a value and, where known, a name and a range. */

import { REPR_LIMIT, TRACE_FORMAT, TRACE_VERSION } from "../trace/format-id.ts";
import type * as T from "../trace/schema.ts";
import type { Core, Strided } from "./core.ts";
import { dtypeName } from "./dtype.ts";
import { ELEMENTS_LIMIT, type Elements } from "./elements.ts";
import { pythonText } from "./literal.ts";
import { meaningOf } from "./meaning.ts";
import { LEAF_SEQUENCE, type Node, SavedTensor, savedTensors } from "./node.ts";
import { Observation } from "./observe.ts";
import type { FinishMeta, Held, PassRecord, Recorder, StepRecord } from "./record.ts";
import { measure } from "./value.ts";
import { TORCH_VERSION } from "./version.ts";

/** Nodes of kept passes and of graphs that are still alive, oldest first, each leaf before the first node that uses it. */
export function nodesOf(recorder: Recorder): readonly Node[] {
  const found = new Set<Node>();
  const stack: Node[] = [];
  const visit = (node: Node | null): void => {
    if (node === null || node.disposed || found.has(node)) return;
    found.add(node);
    stack.push(node);
  };
  for (const pass of recorder.passes) {
    for (const root of pass.roots) visit(root.node);
    for (const step of pass.steps) visit(step.node);
  }
  for (const slot of recorder.slots) visit(slot?.observed.node ?? null);
  for (let node = stack.pop(); node !== undefined; node = stack.pop())
    for (const edge of node.edges) visit(edge.node);
  const ops = [...found]
    .filter((n) => n.sequenceNr !== LEAF_SEQUENCE)
    .sort((a, b) => a.sequenceNr - b.sequenceNr);
  const order = new Set<Node>();
  for (const node of ops) {
    for (const { node: next } of node.edges) if (next?.sequenceNr === LEAF_SEQUENCE) order.add(next);
    order.add(node);
  }
  for (const node of found) order.add(node);
  return [...order];
}

/** `paths`: what parameters of modules are called, by uid. `elements` takes what is only summarised. */
export function assemble(
  core: Core,
  recorder: Recorder,
  meta: FinishMeta,
  paths: ReadonlyMap<number, string>,
  elements: Elements,
): T.Trace {
  return new Assembly(core, recorder, meta, paths, elements).trace();
}

class Assembly {
  private readonly nodes: readonly Node[];
  private readonly nodeIndex: ReadonlyMap<Node, number>;
  private readonly observations: Observation[] = [];
  private readonly tensorIndex = new Map<string, number>();
  private readonly values = new Map<Observation, T.Value>();
  private readonly objects = new Map<number, number>();
  private readonly names = new Map<number, string[]>();

  constructor(
    private readonly core: Core,
    private readonly recorder: Recorder,
    private readonly meta: FinishMeta,
    private readonly paths: ReadonlyMap<number, string>,
    private readonly elements: Elements,
  ) {
    this.nodes = nodesOf(recorder);
    this.nodeIndex = new Map(this.nodes.map((node, i) => [node, i]));
  }

  trace(): T.Trace {
    const { recorder, meta } = this;
    const bindings = recorder.slots.flatMap((seen, i): T.Binding[] => {
      const slot = meta.slots[i];
      if (seen === undefined || slot === undefined) return [];
      if (slot.name !== null) this.name(seen.observed.uid, slot.name);
      return [{ range: slot.range, text: slot.text, tensor: this.tensor(seen.observed), count: seen.count }];
    });
    const nodes = this.nodes.map((node) => this.node(node));
    const backwards = recorder.passes.map((pass, i) => this.backward(pass, i === 0 ? recorder.omitted : 0));
    const tensors: T.TensorRecord[] = [];
    // Describing a tensor may bring in the one that it is a view of.
    for (let i = 0; i < this.observations.length; i++)
      tensors.push(this.describe(this.observations[i] as Observation));
    const notes = [...meta.notes];
    if (recorder.omitted > 0)
      notes.push(
        `${recorder.omitted} earlier backward passes are not kept: only the last ${recorder.passes.length} are.`,
      );
    if (this.elements.full)
      notes.push(
        `The elements of large tensors are kept up to ${ELEMENTS_LIMIT >> 20} MB; of the others only the summaries are.`,
      );
    return {
      format: TRACE_FORMAT,
      version: TRACE_VERSION,
      engine: { name: "embedded", torch: TORCH_VERSION },
      sources: [...meta.sources],
      tensors,
      nodes,
      backwards,
      bindings,
      output: [...meta.output],
      error: meta.error,
      notes,
      ...(meta.figures.length === 0 ? {} : { figures: [...meta.figures] }),
      ...(recorder.summaries.all.length === 0 ? {} : { summaries: this.summaries() }),
    };
  }

  private summaries(): T.PassSummary[] {
    return this.recorder.summaries.all.map((summary) => ({
      ...summary,
      leaves: summary.leaves.map(({ uid, norm }) => ({
        object: this.objects.get(uid) ?? null,
        name: this.namesOf(uid)[0] ?? null,
        norm,
      })),
    }));
  }

  private tensor(seen: Observation): number {
    // Through `.data` numbers change without another version: then they lie elsewhere.
    const key = `${seen.uid}:${seen.version}:${seen.requiresGrad}:${seen.node?.sequenceNr ?? "leaf"}:${seen.ptr}`;
    const known = this.tensorIndex.get(key);
    if (known !== undefined) return known;
    const index = this.observations.push(seen) - 1;
    this.tensorIndex.set(key, index);
    return index;
  }

  private name(uid: number, name: string): void {
    const list = this.names.get(uid) ?? [];
    if (!list.includes(name)) list.push(name);
    this.names.set(uid, list);
  }

  /** A parameter's path in the program's module, then the variables that held the tensor. */
  private namesOf(uid: number): readonly string[] {
    const path = this.paths.get(uid);
    const names = this.names.get(uid) ?? [];
    return path === undefined ? names : [path, ...names.filter((name) => name !== path)];
  }

  private value(seen: Observation): T.Value {
    const known = this.values.get(seen);
    if (known !== undefined) return known;
    const value = this.measured(seen);
    this.values.set(seen, value);
    return value;
  }

  private measured(t: Strided): T.Value {
    const value = measure(this.core, t);
    if (value.kind === "inline") return value;
    const stored = this.elements.keep(t);
    return stored === null ? value : { ...value, stored };
  }

  private describe(seen: Observation): T.TensorRecord {
    const { recorder, meta } = this;
    const object = this.objects.get(seen.uid) ?? this.objects.size;
    this.objects.set(seen.uid, object);
    const { tensor } = seen;
    const grad =
      tensor !== null && tensor.refs > 0 && tensor.grad !== null ? this.measured(tensor.grad) : null;
    const base =
      seen.baseUid === null ? undefined : this.observations.findIndex((o) => o.uid === seen.baseUid);
    const handle = recorder.kept.get(seen);
    const repr = handle === undefined ? undefined : meta.reprs[handle];
    return {
      object,
      shape: [...seen.shape],
      dtype: dtypeName(seen.dtype),
      device: "cpu",
      requiresGrad: seen.requiresGrad,
      isLeaf: seen.isLeaf,
      node: seen.node === null ? null : (this.nodeIndex.get(seen.node) ?? null),
      outputNr: seen.outputNr,
      viewOf: base === undefined || base < 0 ? null : base,
      version: seen.version,
      value: this.value(seen),
      repr: repr === undefined ? null : repr.slice(0, REPR_LIMIT),
      names: [...this.namesOf(seen.uid)],
      grad,
    };
  }

  private savedContent(seen: Observation | null): T.Saved["content"] {
    return seen === null ? { kind: "literal", text: "None" } : { kind: "tensor", tensor: this.tensor(seen) };
  }

  private madeAt(seen: Observation | null): T.Range | null {
    return seen?.node == null ? null : (this.meta.sites[seen.node.where] ?? null);
  }

  private node(node: Node): T.Node {
    this.recorder.keepSaved(node);
    let next = 0;
    const observed = node.observedSaved ?? [];
    const range = this.meta.sites[node.where] ?? null;
    const custom = (seen: Observation | null, item: number): T.Saved => {
      const name = `saved_tensors[${item}]`;
      return { name, term: name, content: this.savedContent(seen), range: this.madeAt(seen) };
    };
    const own = node.saved.map(({ attribute, term, content }): T.Saved[] => {
      if (attribute === "") {
        next += Math.max(savedTensors(content).length, 1);
        return [];
      }
      const many = Array.isArray(content);
      if (content instanceof SavedTensor || many)
        return savedTensors(content).map((_, item) => {
          const reason = node.extras.savedRefusals.get(next);
          const seen = observed[next++] ?? null;
          return {
            name: many ? `${attribute}[${item}]` : attribute,
            term: many ? `${term}[${item}]` : term,
            content: reason === undefined ? this.savedContent(seen) : { kind: "unavailable", reason },
            range: this.madeAt(seen),
          };
        });
      next++;
      const literal = content === null ? null : (content as { literal: unknown }).literal;
      return [{ name: attribute, term, content: { kind: "literal", text: pythonText(literal) }, range }];
    });
    // As Python's dir() lists them.
    const byAttribute = [...node.saved.keys()].sort((a, b) =>
      (node.saved[a]?.attribute as string) < (node.saved[b]?.attribute as string) ? -1 : 1,
    );
    const saved = node.custom === null ? byAttribute.flatMap((i) => own[i] ?? []) : observed.map(custom);
    return {
      name: node.name,
      op: node.op?.schema.name ?? (node.custom === null ? "leaf" : node.name.replace(/Backward$/, "")),
      pattern:
        node.custom !== null
          ? "custom"
          : node.op === null
            ? "accumulate"
            : "pattern" in node.op.row
              ? (node.op.row.pattern ?? "custom")
              : "custom",
      sequenceNr: node.sequenceNr,
      edges: node.edges.map((edge) => ({
        input: edge.input,
        node: edge.node === null ? null : (this.nodeIndex.get(edge.node) ?? null),
        outputNr: edge.outputNr,
        tensor: edge.observed === null ? null : this.tensor(edge.observed),
        formula: edge.formula?.text ?? null,
        means: edge.formula === null ? null : meaningOf(edge.formula),
      })),
      saved,
      outputs: node.outputs.map((_, i) => {
        const seen = node.variable === null ? node.observedOutputs[i] : undefined;
        return seen === undefined ? null : this.tensor(seen);
      }),
      variable:
        node.variable === null || node.observedOutputs[0] === undefined
          ? null
          : this.tensor(node.observedOutputs[0]),
      range,
      module: node.module === "" ? null : node.module,
    };
  }

  private backward(pass: PassRecord, omittedBefore: number): T.Backward {
    const stepOf = new Map(pass.steps.map((step, i) => [step.node, i]));
    const indexOf = (node: Node): number => this.nodeIndex.get(node) as number;
    return {
      kind: pass.options.accumulate ? "backward" : "grad",
      roots: pass.roots.map((root) => ({
        tensor: this.tensor(root.tensor),
        node: indexOf(root.node),
        outputNr: root.outputNr,
        seed: this.value(root.seed),
      })),
      retainGraph: pass.options.retainGraph,
      createGraph: pass.options.createGraph,
      range: this.meta.sites[pass.where] ?? null,
      steps: pass.steps.map((step) => this.step(step, indexOf, stepOf)),
      error: pass.error,
      omittedBefore,
    };
  }

  private step(step: StepRecord, indexOf: (n: Node) => number, stepOf: ReadonlyMap<Node, number>): T.Step {
    const checks = this.recorder.checked?.get(step);
    return {
      node: indexOf(step.node),
      arrivals: step.arrivals.map((a) => ({
        from: a.from === null ? null : { step: stepOf.get(a.from.node) as number, edge: a.from.edge },
        outputNr: a.outputNr,
        value: this.value(a.value),
        sum: a.sum === null ? null : this.value(a.sum),
      })),
      upstream: step.upstream.map((seen) => (seen === null ? null : this.value(seen))),
      downstream: step.downstream.map((d) => ({
        edge: d.edge,
        value: this.value(d.value),
        formula: d.formula,
        terms: d.terms.map((t) => ({ start: t.start, end: t.end, content: this.content(t.value) })),
        unbroadcast:
          d.before === null
            ? null
            : {
                before: this.value(d.before),
                axes: summedAxes(d.before.shape, d.value.shape),
                shape: [...d.value.shape],
              },
      })),
      accumulate:
        step.accumulate?.after == null
          ? null
          : {
              before: step.accumulate.before === null ? null : this.value(step.accumulate.before),
              added: this.value(step.accumulate.added),
              after: this.value(step.accumulate.after),
            },
      ...(checks === undefined ? {} : { checks: [...checks] }),
    };
  }

  private content(held: Held): T.Term["content"] {
    if (held instanceof Observation) return { kind: "value", value: this.value(held) };
    if (Array.isArray(held) && held.length > 0 && held.every((h) => h instanceof Observation))
      return { kind: "values", values: held.map((h) => this.value(h)) };
    return { kind: "literal", text: pythonText(held) };
  }
}

/** Which axes of `from` were summed to come to `to`. */
function summedAxes(from: readonly number[], to: readonly number[]): number[] {
  const lead = from.length - to.length;
  return from.flatMap((size, i) => (i < lead || (to[i - lead] === 1 && size !== 1) ? [i] : []));
}
