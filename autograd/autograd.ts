/** Running an op: forward by the row's kernel, then the node on the tape, with its edges and saved tensors. */
import { Callbacks } from "./callbacks.ts";
import type { Core } from "./core.ts";
import { dtypeRow, isFloat } from "./dtype.ts";
import { fail } from "./errors.ts";
import { asNumber, asScalar, type Formula, type FormulaValue } from "./formula.ts";
import type { Handles } from "./handles.ts";
import { Kernels, sameShape, showShape } from "./kernels.ts";
import {
  LEAF_SEQUENCE,
  Node,
  type NodeEdge,
  type SavedContent,
  type SavedEntry,
  SavedTensor,
} from "./node.ts";
import { opNamed } from "./ops/index.ts";
import type { Recorder } from "./record.ts";
import type { Composite, Op, Primitive } from "./row.ts";
import { ruleOf, type Save } from "./rule.ts";
import { type ArgValue, Scalar } from "./schema.ts";
import { madeLike, retain, Scope, Tensor } from "./tensor.ts";

type AnyPrimitive = Primitive<string>;

const NOWHERE = { node: null, outputNr: 0, item: null, observed: null };
interface Edges {
  readonly edges: readonly NodeEdge[];
  readonly needed: ReadonlySet<number>;
}

export class Autograd {
  readonly scope = new Scope();
  readonly k: Kernels;
  gradMode = true;
  recorder: Recorder | null = null;
  /** The Python expression and module that ops are called from now; see `Bridge`. */
  where = 0;
  module = "";
  readonly callbacks: Callbacks;
  private sequence = 0;

  /** `tensors`: those that Python knows, for what it is called back with. */
  constructor(
    readonly core: Core,
    tensors: Handles<Tensor>,
  ) {
    this.k = new Kernels(core, this.scope);
    this.callbacks = new Callbacks(tensors, this.scope);
  }

  /** Call an op by its name with loosely typed values, as formulas and composite ops do. */
  readonly call = (name: string, ...args: unknown[]): Tensor & readonly Tensor[] => {
    const op = opNamed(name, args);
    return this.apply(op, this.coerce(op, args)) as Tensor & readonly Tensor[];
  };

  /** Run an op on values that have its schema's types. */
  apply(op: Op, args: readonly ArgValue[]): Tensor | readonly Tensor[] {
    const { row } = op;
    if ("compose" in row)
      return (row as Composite<string>).compose(this.call, this.k, ...(args as never)) as
        | Tensor
        | readonly Tensor[];
    const primitive = row as AnyPrimitive;
    const needs = this.gradMode && primitive.backward !== undefined && this.anyRequiresGrad(op, args);
    return op.inplace
      ? this.applyInplace(op, primitive, args, needs)
      : this.applyPlain(op, primitive, args, needs);
  }

  private applyPlain(
    op: Op,
    row: AnyPrimitive,
    args: readonly ArgValue[],
    needs: boolean,
  ): Tensor | readonly Tensor[] {
    const result = row.forward(this.k, ...(args as never)) as Tensor | readonly Tensor[];
    const outputs = result instanceof Tensor ? [result] : result;
    if (row.view === true) {
      const made = !this.gradMode ? "no_grad" : result instanceof Tensor ? madeLike(args[0]) : "several";
      for (const t of outputs)
        t.viewHistory = { version: t.version, made, renew: (view) => this.renewView(view) };
    }
    if (needs) {
      const differentiable = outputs.filter(
        (t, i) => isFloat(t.dtype) && !(row.nonDifferentiable ?? []).includes(i),
      );
      if (differentiable.length > 0) {
        const node = this.record(op, row, args, outputs);
        for (const [i, t] of outputs.entries()) if (differentiable.includes(t)) t.setGradFn(node, i);
        this.observe(node, outputs);
      }
    }
    return result;
  }

  private applyInplace(op: Op, row: AnyPrimitive, args: readonly ArgValue[], needs: boolean): Tensor {
    const self = args[0] as Tensor;
    if (this.gradMode) checkInplace(self, needs);
    const result = row.forward(this.k, ...(args as never)) as unknown as Tensor;
    if (row.reshapesSelf !== true) checkResult(self, result);
    const node = needs ? this.begin(op, row, args, true) : null;
    const whole = node === null ? null : this.baseEdge(self, node);
    if (row.reshapesSelf === true) self.reshape(result);
    else this.overwrite(self, result);
    if (node !== null) {
      this.finish(node, [self]);
      this.rebase(self, node, whole);
    }
    return self;
  }

  /** Change a tensor's numbers in place, telling whoever still needs the old ones. */
  overwrite(self: Tensor, from: Tensor): void {
    self.willChange();
    this.k.copyInto(self, from);
    self.counter.value++;
  }

  /** The edge to the base of a view that is about to change. */
  private baseEdge(self: Tensor, node: Node): NodeEdge | null {
    if (self.viewHistory === null || self.base === null) return null;
    const first = node.edges[0];
    return this.edgeTo(self.base, first?.input ?? "self", first?.formula ?? null, null);
  }

  /** After an in-place change: `node` is the tensor's history from now on. Where it is a view, a part of its base's. */
  private rebase(self: Tensor, node: Node, whole: NodeEdge | null): void {
    const { base } = self;
    if (whole === null || base === null) {
      self.setGradFn(node, 0);
      this.observe(node, [self]);
      return;
    }
    const slices = node.intoBase(
      this.sequence++,
      { shape: base.shape, dtype: base.dtype, strides: base.strides },
      { shape: self.shape, strides: self.strides, offset: self.offset - base.offset },
      whole,
    );
    base.setGradFn(slices, 0);
    this.observe(slices, [base]);
    self.outputNr = 0;
    // Asking renews it.
    void self.gradFn;
  }

  /** A view whose base has changed since: it is seen as a strided piece of what the base is now. */
  private renewView(view: Tensor): void {
    const history = view.viewHistory;
    if (history === null) return;
    refuseChangedView(view, "its base or another view of its base has been");
    const op = opNamed("as_strided", [view, [], [], 0]);
    const args = [view.base as Tensor, view.shape, view.strides, view.offset];
    const node = this.record(op, op.row as AnyPrimitive, args, [view]);
    view.setGradFn(node, 0);
    this.observe(node, [view]);
  }

  private anyRequiresGrad(op: Op, args: readonly ArgValue[]): boolean {
    const { formulas } = ruleOf(op);
    for (let i = 0; i < args.length; i++) {
      if (formulas[i] === null) continue;
      const value = args[i];
      if (value instanceof Tensor ? value.requiresGrad : tensorsOf(value).some((t) => t.requiresGrad))
        return true;
    }
    return false;
  }

  /** The edges of a node for an op on these values, and the positions of the arguments whose gradients are needed. */
  private edges(op: Op, args: readonly ArgValue[]): Edges {
    const rule = ruleOf(op);
    const edges: NodeEdge[] = [];
    const needed = new Set<number>();
    for (const [i, formula] of rule.formulas.entries()) {
      if (formula === null) continue;
      const name = op.schema.args[i]?.name ?? "";
      const value = args[i] as Tensor | readonly (Tensor | null)[] | null;
      const many = Array.isArray(value);
      for (const [item, t] of (many ? value : [value as Tensor | null]).entries()) {
        if (t === null) {
          // As PyTorch: an optional input that is left out still has its place among the edges.
          if (!many) edges.push({ ...NOWHERE, input: name, formula });
          continue;
        }
        if (t.requiresGrad) needed.add(i);
        edges.push(this.edgeTo(t, many ? `${name}[${item}]` : name, formula, many ? item : null));
      }
    }
    return { edges, needed };
  }

  private record(op: Op, row: AnyPrimitive, args: readonly ArgValue[], outputs: readonly Tensor[]): Node {
    const node = this.begin(op, row, args, false);
    this.finish(node, outputs);
    return node;
  }

  /** Make the node with its edges and what it keeps of the inputs: for an in-place op, before it changes them. */
  private begin(op: Op, row: AnyPrimitive, args: readonly ArgValue[], inplace: boolean): Node {
    const { edges, needed } = this.edges(op, args);
    const name = row.node ?? fail(`${op.key} has local rules but no node name`);
    const node = new Node(name, op, this.sequence++, null, this.where, this.module);
    node.edges = edges;
    node.saved = ruleOf(op).saves.map((save): SavedEntry => {
      const wanted = isKept(save, op, needed);
      // What the rule needs of the old numbers is kept as a copy, as PyTorch does.
      const copies = inplace && wanted && save.arg === 0 && save.read === null;
      const given = copies ? this.call("clone", args[0]) : args[save.arg];
      const isFloatArg = typeof given === "number" && op.schema.args[save.arg]?.type.startsWith("float");
      const value = isFloatArg ? new Scalar(given, "float") : given;
      return { attribute: save.attribute, term: save.term, content: contentOf(save, wanted, value) };
    });
    return node;
  }

  /** Add to the node what it keeps of the outputs, and what they are. */
  private finish(node: Node, outputs: readonly Tensor[]): void {
    node.outputs = outputs.map((t) => ({ shape: t.shape, dtype: t.dtype }));
    const { saves } = ruleOf(node.op as Op);
    node.saved = node.saved.map((entry, i) => {
      const save = saves[i] as Save;
      if (save.arg >= 0) return entry;
      const output = outputs[save.outputNr];
      if (output === undefined) fail(`there is no output ${save.outputNr} to keep`);
      const { nonDifferentiable } = (node.op as Op).row as AnyPrimitive;
      const isOutput = nonDifferentiable?.includes(save.outputNr) !== true;
      return { ...entry, content: new SavedTensor(this.k.alias(output), isOutput, save.outputNr, output) };
    });
  }

  /** The node of a custom function, whose backward is Python's callback `id`; null outputs take no gradient. */
  custom(name: string, id: number, inputs: readonly Tensor[], outputs: readonly (Tensor | null)[]): Node {
    const node = this.scope.own(new Node(name, null, this.sequence++, null, this.where, this.module));
    node.custom = { id, forget: (gone) => this.callbacks.forget(gone) };
    node.edges = inputs.map((t, i) => this.edgeTo(t, `input${i}`, null, null));
    node.outputs = outputs.map((t) => ({ shape: t?.shape ?? [], dtype: t?.dtype ?? this.k.defaultDtype }));
    for (const [i, t] of outputs.entries()) t?.setGradFn(node, i);
    if (outputs.every((t) => t !== null)) this.observe(node, outputs);
    return node;
  }

  /** The edge along which a tensor's gradient goes: to the node that made it, or to its leaf's AccumulateGrad. */
  private edgeTo(t: Tensor, input: string, formula: Formula | null, item: number | null): NodeEdge {
    const origin = t.requiresGrad ? this.originOf(t) : null;
    const observed = this.recorder?.observe(t) ?? null;
    if (observed !== null) retain(observed);
    if (origin !== null) retain(origin.node);
    return { node: origin?.node ?? null, outputNr: origin?.outputNr ?? 0, input, formula, item, observed };
  }

  /** Where a tensor's gradient goes: the node that made it, or its leaf's AccumulateGrad, and the output's number there. */
  originOf(t: Tensor): { node: Node; outputNr: number } {
    const { gradFn } = t;
    return gradFn === null
      ? { node: this.accumulatorOf(t), outputNr: 0 }
      : { node: gradFn, outputNr: t.outputNr };
  }

  /** A leaf's AccumulateGrad node: one as long as any graph holds it. */
  accumulatorOf(leaf: Tensor): Node {
    if (leaf.accumulator !== null) return leaf.accumulator;
    const node = this.scope.own(new Node("AccumulateGrad", null, LEAF_SEQUENCE, leaf, 0, this.module));
    node.outputs = [{ shape: leaf.shape, dtype: leaf.dtype }];
    leaf.accumulator = node;
    const observed = this.recorder?.observe(leaf);
    if (observed !== undefined) node.observedOutputs = [retain(observed)];
    return node;
  }

  private observe(node: Node, outputs: readonly Tensor[]): void {
    const { recorder } = this;
    if (recorder !== null) node.observedOutputs = outputs.map((t) => retain(recorder.observe(t)));
  }

  /** Fit loosely typed values to a schema, filling in defaults. */
  coerce(op: Op, given: readonly unknown[]): ArgValue[] {
    return op.schema.args.map((arg, i): ArgValue => {
      const value = given[i] as FormulaValue | undefined;
      if (value === undefined) return this.defaultOf(arg.type, arg.default, `${op.key}: ${arg.name}`);
      switch (arg.type) {
        case "Tensor|Scalar":
          return value instanceof Tensor ? value : this.k.wrap(asScalar(value));
        case "Scalar":
          return asScalar(value);
        case "Scalar?":
          return value === null ? null : asScalar(value);
        case "int":
        case "float":
          return asNumber(value);
        case "int[]":
        case "int[1]":
        case "int[2]":
        case "int[]?":
          return value === null ? null : Array.isArray(value) ? value.map(asNumber) : [asNumber(value)];
        default:
          return value as ArgValue;
      }
    });
  }

  private defaultOf(type: string, text: string | undefined, what: string): ArgValue {
    if (text === undefined) throw new TypeError(`${what} must be given`);
    if (text === "None") return null;
    if (text === "True" || text === "False") return text === "True";
    if (text === "[]") return [];
    if (type.startsWith("str")) return text.replace(/^["']|["']$/g, "");
    const n = Number(text);
    if (type.startsWith("int[")) return type === "int[2]" ? [n, n] : [n];
    return type.startsWith("Scalar") ? new Scalar(n, /[.e]/.test(text) ? "float" : "int") : n;
  }

  /** `.grad` will be kept though it is not a leaf. */
  retainGrad(t: Tensor): void {
    if (!t.requiresGrad) fail("can't retain_grad on Tensor that has requires_grad=False");
    const { gradFn } = t;
    if (gradFn === null) return;
    t.retainsGrad = true;
    gradFn.retainers.set(t.outputNr, t);
  }

  /** A leaf that may ask for gradients; PyTorch's error for dtypes that have none. */
  setRequiresGrad(t: Tensor, on: boolean): void {
    if (on && !isFloat(t.dtype))
      fail("only Tensors of floating point and complex dtype can require gradients");
    if (!on && !t.isLeaf)
      fail(
        "you can only change requires_grad flags of leaf variables. If you want to use a computed variable in a subgraph that doesn't require differentiation use var_no_grad = var.detach().",
      );
    t.requiresGrad = on;
  }
}

/** PyTorch keeps what several rules need, and outputs, always; what one rule needs, only where that gradient is needed. */
function isKept(save: Save, op: Op, needed: ReadonlySet<number>): boolean {
  const [only, ...more] = save.neededBy;
  if (only === undefined || more.length > 0) return true;
  return needed.has(only) || op.schema.args.some((arg) => arg.type === "Tensor[]");
}

/** What a node keeps of an input. */
function contentOf(save: Save, wanted: boolean, value: ArgValue | undefined): SavedContent {
  // An output: `finish` has it.
  if (save.arg < 0) return null;
  if (save.read !== null) {
    if (!wanted && save.term.endsWith(".strides()")) return { literal: [] };
    // PyTorch shows the sizes of an optional input that was left out so.
    if (value === null) return { literal: [0] };
    return { literal: save.read(value as Tensor | readonly Tensor[]) };
  }
  const keep = (t: Tensor): SavedTensor => new SavedTensor(t, false, t.outputNr, t);
  if (value instanceof Tensor) return wanted ? keep(value) : null;
  if (Array.isArray(value) && value.some((v) => v instanceof Tensor))
    return wanted ? value.map((v) => (v instanceof Tensor ? keep(v) : null)) : null;
  return { literal: value as FormulaValue };
}

/** May `result` be written over `self`? */
function checkResult(self: Tensor, result: Tensor): void {
  if (!sameShape(result.shape, self.shape))
    fail(
      `output with shape ${showShape(self.shape)} doesn't match the broadcast shape ${showShape(result.shape)}`,
    );
  if (dtypeRow(result.dtype).category > dtypeRow(self.dtype).category)
    fail(
      `result type ${dtypeRow(result.dtype).scalarType} can't be cast to the desired output type ${dtypeRow(self.dtype).scalarType}`,
    );
}

/** PyTorch's conditions on an in-place change while gradients are recorded. */
function checkInplace(self: Tensor, needs: boolean): void {
  if (self.viewHistory !== null && (needs || self.requiresGrad)) refuseChangedView(self, "is being");
  if (!self.requiresGrad) return;
  if (self.viewHistory !== null && self.base?.isLeaf === true)
    fail("a view of a leaf Variable that requires grad is being used in an in-place operation.");
  if (self.isLeaf) fail("a leaf Variable that requires grad is being used in an in-place operation.");
}

/** Views of some origins may not be changed in place; `what` says by whom they are. */
function refuseChangedView(view: Tensor, what: string): void {
  const made = view.viewHistory?.made;
  if (made === "no_grad")
    fail(
      `A view was created in no_grad mode and ${what} modified inplace with grad mode enabled. Given that this use case is ambiguous and error-prone, it is forbidden. You can clarify your code by moving both the view and the inplace either both inside the no_grad block (if you don't want the inplace to be tracked) or both outside (if you want the inplace to be tracked).`,
    );
  if (made === "several")
    fail(
      `Output ${view.outputNr} of ${view.heldGradFn?.name} is a view and ${what} modified inplace. This view is the output of a function that returns multiple views. Such functions do not allow the output views to be modified inplace. You should replace the inplace operation by an out-of-place one.`,
    );
}

/** The tensors in an argument, whatever its type. */
export function tensorsOf(value: ArgValue | undefined): readonly Tensor[] {
  if (value instanceof Tensor) return [value];
  return Array.isArray(value) ? (value.filter((v) => v instanceof Tensor) as Tensor[]) : [];
}
