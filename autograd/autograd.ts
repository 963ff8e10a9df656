/** Running an op: forward by the row's kernel, then the node on the tape, with its edges and saved tensors. */
import { Binary } from "../assembly/shared/codes.ts";
import { Callbacks } from "./callbacks.ts";
import { Called } from "./check/called.ts";
import type { Core } from "./core.ts";
import { canCast, dtypeRow, isFloat } from "./dtype.ts";
import { ForwardMode } from "./dual.ts";
import { fail } from "./errors.ts";
import { asNumber, asScalar, type Formula, type FormulaValue } from "./formula.ts";
import { runForward } from "./forward.ts";
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
import { checkMemory } from "./order.ts";
import type { Recorder } from "./record.ts";
import type { Composite, Op, Primitive } from "./row.ts";
import { ruleOf, type Save } from "./rule.ts";
import { type ArgValue, Scalar } from "./schema.ts";
import { isContiguous, madeLike, retain, Scope, Tensor } from "./tensor.ts";

type AnyPrimitive = Primitive<string>;

const NOWHERE = { node: null, outputNr: 0, item: null, observed: null };
/** What Python does while anomaly detection is on. */
export interface Anomaly {
  readonly checksNan: boolean;
  /** Keep the stack that the program is at, under a number. */
  readonly trace: () => number;
  /** Say that a node failed. */
  readonly failed: (node: Node) => void;
}

interface Edges {
  readonly edges: readonly NodeEdge[];
  readonly needed: readonly number[];
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
  /** The hook that packs what is saved; 0 for none. */
  savedHook = 0;
  /** Whether inference mode is on. */
  inference = false;
  anomaly: Anomaly | null = null;
  readonly forward = new ForwardMode(this);
  private sequence = 0;

  /** `tensors`: those that Python knows, for what it is called back with. */
  constructor(
    readonly core: Core,
    tensors: Handles<Tensor>,
  ) {
    this.k = new Kernels(core, this.scope);
    this.callbacks = new Callbacks(tensors, this.scope);
    this.k.warn = (message) => this.callbacks.warn(message);
  }

  /** Call an op by its name with loosely typed values, as formulas and composite ops do. */
  readonly call = (name: string, ...args: unknown[]): Tensor & readonly Tensor[] => this.callWith(name, args);

  /** The same with the values as a list, for formulas. */
  readonly callWith = (name: string, args: readonly unknown[]): Tensor & readonly Tensor[] => {
    const op = opNamed(name, args);
    return this.apply(op, this.coerce(op, args)) as Tensor & readonly Tensor[];
  };

  /** Run an op on values that have its schema's types. */
  apply(op: Op, args: readonly ArgValue[]): Tensor | readonly Tensor[] {
    const { row } = op;
    if ("compose" in row) {
      const { compose, fused } = row as Composite<string>;
      // Under dual numbers each op derives its own tangent.
      const whole =
        this.gradMode || this.forward.concerns(args) ? null : (fused?.(this.k, ...(args as never)) ?? null);
      return (whole ?? compose(this.call, this.k, ...(args as never))) as Tensor | readonly Tensor[];
    }
    const primitive = row as AnyPrimitive;
    if (primitive.refuses !== undefined && this.gradMode) refuseGradients(op, primitive.refuses, args);
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
    const result = runForward(this.k, op, args);
    // A backward op for several inputs gives null where no gradient was asked for.
    const outputs: readonly (Tensor | null)[] = result instanceof Tensor ? [result] : result;
    if (row.view === true) {
      const made = !this.gradMode ? "no_grad" : result instanceof Tensor ? madeLike(args[0]) : "several";
      for (const t of outputs as readonly Tensor[])
        t.viewHistory = { version: t.version, made, renew: this.renewView };
    }
    let node: Node | null = null;
    if (needs) {
      if (outputs.some((t, i) => takesGradient(row, t, i))) {
        node = this.record(op, row, args, outputs);
        for (let i = 0; i < outputs.length; i++) {
          const t = outputs[i] as Tensor | null;
          if (takesGradient(row, t, i)) t?.setGradFn(node, i);
        }
        this.packOutputs(node);
        if (outputs.every((t) => t !== null)) this.observe(node, outputs);
      }
    }
    if (this.forward.concerns(args)) this.forward.derive(op, row, args, outputs, node);
    return result as Tensor | readonly Tensor[];
  }

  private applyInplace(op: Op, row: AnyPrimitive, args: readonly ArgValue[], needs: boolean): Tensor {
    const self = args[0] as Tensor;
    if (this.gradMode) checkInplace(self, needs);
    if (row.reshapesSelf !== true) checkMemory(op.schema.name, row.overlaps, self, args);
    const result = runForward(this.k, op, args) as Tensor;
    if (row.reshapesSelf !== true) checkResult(op, self, result);
    const node = needs ? this.begin(op, row, args, true) : null;
    // What takes another shape in place is a view of its base no more than before: as in PyTorch, the node is its own.
    const whole = node === null || row.reshapesSelf === true ? null : this.baseEdge(self, node);
    const before = this.forward.concerns(args) ? this.beforeChange(self) : null;
    if (row.reshapesSelf === true) self.reshape(result);
    else this.overwrite(self, result);
    if (node !== null) {
      this.finish(node, [self]);
      this.rebase(self, node, whole);
      this.packOutputs(node);
    }
    if (before !== null) this.forward.deriveInplace(op, row, [before, ...args.slice(1)], self);
    return self;
  }

  /** What a tensor that is about to change is now, with its tangent. */
  private beforeChange(self: Tensor): Tensor {
    const before = this.k.clone(self);
    this.forward.set(before, self.tangent);
    return before;
  }

  /** Change a tensor's numbers in place, telling whoever still needs the old ones. */
  overwrite(self: Tensor, from: Tensor): void {
    self.willChange();
    this.k.copyInto(self, from);
    this.changed(self);
  }

  /** Add to a tensor in place what is not to be differentiated. */
  addInto(self: Tensor, added: Tensor): void {
    const plain =
      self.dtype === added.dtype && dtypeRow(self.dtype).computes === undefined && isContiguous(self);
    if (
      !plain ||
      this.forward.active ||
      self.storage === added.storage ||
      !sameShape(self.shape, added.shape)
    ) {
      this.overwrite(self, this.call("add", self, added));
      return;
    }
    self.willChange();
    this.core.binary(Binary.add, self, self, added);
    this.changed(self);
  }

  private changed(self: Tensor): void {
    // As PyTorch, which finds it when it counts the change.
    if (self.inference && !this.inference)
      fail(
        "Inplace update to inference tensor outside InferenceMode is not allowed.You can make a clone to get a normal tensor before doing inplace update.See https://github.com/pytorch/rfcs/pull/17 for more details.",
      );
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
  private readonly renewView = (view: Tensor): void => {
    const history = view.viewHistory;
    if (history === null) return;
    refuseChangedView(view, "its base or another view of its base has been");
    const op = opNamed("as_strided", [view, [], [], 0]);
    const args = [view.base as Tensor, view.shape, view.strides, view.offset];
    const node = this.record(op, op.row as AnyPrimitive, args, [view]);
    view.setGradFn(node, 0);
    this.observe(node, [view]);
  };

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
    const needed: number[] = [];
    const { formulas, items } = rule;
    for (let i = 0; i < formulas.length; i++) {
      const formula = formulas[i] as Formula | null;
      if (formula === null) continue;
      const name = op.schema.args[i]?.name ?? "";
      const value = args[i] as Tensor | readonly (Tensor | null)[] | null;
      // As PyTorch: an optional input that is left out still has its place among the edges.
      if (value === null) edges.push({ ...NOWHERE, input: name, formula, item: items[i] ?? null });
      else if (value instanceof Tensor) {
        if (value.requiresGrad) needed.push(i);
        edges.push(this.edgeTo(value, name, formula, items[i] ?? null));
      } else
        for (const [item, t] of value.entries()) {
          if (t === null) continue;
          if (t.requiresGrad) needed.push(i);
          edges.push(this.edgeTo(t, `${name}[${item}]`, formula, item));
        }
    }
    return { edges, needed };
  }

  private record(
    op: Op,
    row: AnyPrimitive,
    args: readonly ArgValue[],
    outputs: readonly (Tensor | null)[],
  ): Node {
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
    if (this.anomaly !== null) node.trace = this.anomaly.trace();
    this.keepCalled(node, args, null);
    node.saved = ruleOf(op).saves.map((save): SavedEntry => {
      const wanted = isKept(save, op, needed);
      // What the rule needs of the old numbers is kept as a copy, as PyTorch does.
      const copies = inplace && wanted && save.arg === 0 && save.read === null;
      const given = copies ? this.call("clone", args[0]) : args[save.arg];
      const isFloatArg = op.schema.args[save.arg]?.type.startsWith("float") === true;
      const value = isFloatArg ? asFloats(given) : given;
      return { attribute: save.attribute, term: save.term, content: this.contentOf(save, wanted, value) };
    });
    return node;
  }

  /** What a node keeps of an input. */
  private contentOf(save: Save, wanted: boolean, value: ArgValue | undefined): SavedContent {
    // An output: `finish` has it.
    if (save.arg < 0) return null;
    if (save.read !== null) {
      if (!wanted && save.term.endsWith(".strides()")) return { literal: [] };
      // PyTorch shows the sizes of an optional input that was left out so.
      if (value === null) return { literal: [0] };
      return { literal: save.read(value as Tensor | readonly Tensor[]) };
    }
    const keep = (t: Tensor): SavedTensor => this.pack(new SavedTensor(t, false, t.outputNr, t));
    if (value instanceof Tensor) return wanted ? keep(value) : null;
    if (Array.isArray(value) && value.some((v) => v instanceof Tensor))
      return wanted ? value.map((v) => (v instanceof Tensor ? keep(v) : null)) : null;
    return { literal: value as FormulaValue };
  }

  private pack(saved: SavedTensor): SavedTensor {
    if (saved.source.inference)
      fail(
        "Inference tensors cannot be saved for backward. To work around you can make a clone to get a normal tensor and use it in autograd.",
      );
    if (this.savedHook !== 0) this.packBy(this.savedHook, saved);
    return saved;
  }

  /** Let the hook of that number pack a tensor that is saved. */
  packBy(hook: number, saved: SavedTensor, as = saved.source): void {
    if (saved.packed !== null)
      fail(
        "Calling register_hooks on a saved tensor whose hooks have already been set. Hint: only one pair of hooks is allowed at a time.",
      );
    const { where } = this;
    const id = this.callbacks.pack(hook, as);
    this.where = where;
    saved.packed = { id, forget: (gone) => this.callbacks.forget(gone) };
  }

  /** Let the hook pack the outputs that a node keeps, now that they have their history. */
  private packOutputs(node: Node): void {
    if (this.savedHook === 0) return;
    for (const { content } of node.saved)
      if (content instanceof SavedTensor && content.packed === null && content.data !== content.source)
        this.pack(content);
  }

  /** What a node kept, as its rule or Python gets it; `withHistory`: an output with the node that made it. */
  unpack(saved: SavedTensor, keeper: Node, withHistory: boolean): Tensor {
    if (saved.packed !== null) {
      const given = this.callbacks.unpack(saved.packed.id);
      if (given === saved.data) return given;
      const t = this.k.alias(given);
      if (saved.isOutput) {
        if (withHistory) t.setGradFn(saved.maker(keeper), saved.outputNr);
        return t;
      }
      if (!saved.data.requiresGrad) return t;
      const { node, outputNr } = this.originOf(saved.data);
      if (node.variable === null) t.setGradFn(node, outputNr);
      else {
        t.requiresGrad = true;
        t.accumulator = node;
      }
      return t;
    }
    saved.check(keeper);
    if (!saved.isOutput) return saved.data;
    const output = this.k.alias(saved.data);
    if (saved.data.tangent !== null) this.forward.set(output, saved.data.tangent);
    if (withHistory) output.setGradFn(saved.maker(keeper), saved.outputNr);
    return output;
  }

  /** Add to the node what it keeps of the outputs, and what they are. */
  private finish(node: Node, outputs: readonly (Tensor | null)[]): void {
    node.outputs = outputs.map((t) => ({ shape: t?.shape ?? [], dtype: t?.dtype ?? this.k.defaultDtype }));
    const { saves } = ruleOf(node.op as Op);
    if (saves.every((save) => save.arg >= 0)) return;
    node.saved = node.saved.map((entry, i) => {
      const save = saves[i] as Save;
      if (save.arg >= 0) return entry;
      const output = outputs[save.outputNr];
      if (output === undefined || output === null) fail(`there is no output ${save.outputNr} to keep`);
      const { nonDifferentiable } = (node.op as Op).row as AnyPrimitive;
      const isOutput = nonDifferentiable?.includes(save.outputNr) !== true;
      return { ...entry, content: new SavedTensor(this.k.alias(output), isOutput, save.outputNr, output) };
    });
  }

  /** The node of a custom function, whose backward is Python's callback `id`; null outputs take no gradient. */
  custom(name: string, id: number, inputs: readonly Tensor[], outputs: readonly (Tensor | null)[]): Node {
    const node = this.scope.own(new Node(name, null, this.sequence++, null, this.where, this.module));
    node.custom = { id, forget: (gone) => this.callbacks.forget(gone) };
    if (this.anomaly !== null) node.trace = this.anomaly.trace();
    node.edges = inputs.map((t, i) => this.edgeTo(t, `input${i}`, null, null));
    node.outputs = outputs.map((t) => ({ shape: t?.shape ?? [], dtype: t?.dtype ?? this.k.defaultDtype }));
    for (const [i, t] of outputs.entries()) {
      if (t === null) continue;
      // An input that comes back was changed in place.
      if (inputs.includes(t)) t.counter.value++;
      if (t.viewHistory !== null) t.viewHistory = { ...t.viewHistory, made: "custom" };
      t.setGradFn(node, i);
    }
    if (outputs.every((t) => t !== null)) this.observe(node, outputs);
    return node;
  }

  /** Where gradients will be checked: keep what a node's forward was called with; see `Called`. */
  keepCalled(node: Node, args: readonly ArgValue[], again: Called["again"]): void {
    const { recorder } = this;
    if (recorder?.checks === true) node.called = retain(new Called(args, (t) => recorder.observe(t), again));
  }

  /** For the trace: what a custom function's node keeps, which Python holds. */
  keepCustom(node: Node, kept: readonly (Tensor | null)[]): void {
    const { recorder } = this;
    if (recorder !== null)
      node.observedSaved = kept.map((t) => (t === null ? null : retain(recorder.observe(t))));
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
    const node = this.scope.own(new Node("AccumulateGrad", null, LEAF_SEQUENCE, leaf, 0, ""));
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
        case "int[3]":
        case "int[]?":
        case "float[]?":
          return value === null ? null : Array.isArray(value) ? value.map(asNumber) : [asNumber(value)];
        default:
          return value as ArgValue;
      }
    });
  }

  /** The value of a default's text. */
  defaultOf(type: string, text: string | undefined, what: string): ArgValue {
    if (text === undefined) throw new TypeError(`${what} must be given`);
    if (text === "None") return null;
    if (text === "True" || text === "False") return text === "True";
    if (text.startsWith("[")) return JSON.parse(text);
    if (type.startsWith("str")) return text.replace(/^["']|["']$/g, "");
    const n = Number(text);
    if (type.startsWith("int[")) return new Array<number>(Number(/\d/.exec(type)?.[0] ?? 1)).fill(n);
    return type.startsWith("Scalar") ? new Scalar(n, /[.e]/.test(text) ? "float" : "int") : n;
  }

  /** `.grad` will be kept though it is not a leaf. */
  retainGrad(t: Tensor): void {
    if (!t.requiresGrad) fail("can't retain_grad on Tensor that has requires_grad=False");
    const { gradFn } = t;
    if (gradFn === null) return;
    if (!t.retainsGrad)
      gradFn.attach().retainedAfter.set(t.outputNr, [...(gradFn.extras.hooks.get(t.outputNr) ?? [])]);
    t.retainsGrad = true;
    gradFn.attach().retainers.set(t.outputNr, t);
  }

  /** A leaf that may ask for gradients; PyTorch's error for dtypes that have none. */
  setRequiresGrad(t: Tensor, on: boolean): void {
    if (on && !isFloat(t.dtype))
      fail("only Tensors of floating point and complex dtype can require gradients");
    if (on && t.inference && !this.inference)
      fail("Setting requires_grad=True on inference tensor outside InferenceMode is not allowed.");
    if (!on && !t.isLeaf)
      fail(
        "you can only change requires_grad flags of leaf variables. If you want to use a computed variable in a subgraph that doesn't require differentiation use var_no_grad = var.detach().",
      );
    t.requiresGrad = on;
  }
}

/** Whether an output of that number is part of the graph. */
const takesGradient = (row: AnyPrimitive, t: Tensor | null, i: number): boolean =>
  t !== null && isFloat(t.dtype) && row.nonDifferentiable?.includes(i) !== true;

/** PyTorch keeps what several rules or a backward op need, and outputs, always; other things where that gradient is needed. */
function isKept(save: Save, op: Op, needed: readonly number[]): boolean {
  const { neededBy } = save;
  if (neededBy.length !== 1 || op.schema.name.includes("backward")) return true;
  return needed.includes(neededBy[0] as number) || op.schema.args.some((arg) => arg.type === "Tensor[]");
}

/** Floats as such: 2.0 is not 2. */
function asFloats(given: ArgValue | undefined): ArgValue | undefined {
  if (typeof given === "number") return new Scalar(given, "float");
  return Array.isArray(given) ? (given.map((x) => new Scalar(x as number, "float")) as never) : given;
}

/** The ops whose own check names the output's type as the compiler does. */
const NAMES_IN_CXX = /^cl(amp|ip)/;

/** May `result` be written over `self`? */
function checkResult(op: Op, self: Tensor, result: Tensor): void {
  if (!sameShape(result.shape, self.shape))
    fail(
      `output with shape ${showShape(self.shape)} doesn't match the broadcast shape ${showShape(result.shape)}`,
    );
  if (!canCast(result.dtype, self.dtype))
    fail(
      `result type ${dtypeRow(result.dtype).scalarType} can't be cast to the desired output type ${NAMES_IN_CXX.test(op.key) && !op.key.includes("Tensor") ? dtypeRow(self.dtype).cxx[1] : dtypeRow(self.dtype).scalarType}`,
    );
}

/** PyTorch's error where an input needs a gradient that there is none of. */
function refuseGradients(
  op: Op,
  refuses: NonNullable<AnyPrimitive["refuses"]>,
  args: readonly ArgValue[],
): void {
  for (const [i, { name }] of op.schema.args.entries()) {
    const value = args[i];
    if (value instanceof Tensor && value.requiresGrad && (refuses.inputs as readonly string[]).includes(name))
      fail(
        `The function '${refuses.as}' is not differentiable with respect to argument '${name}'. This input cannot have requires_grad True.`,
      );
  }
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
  if (made === "custom")
    fail(
      `Output ${view.outputNr} of ${view.heldGradFn?.name} is a view and ${what} modified inplace. This view was created inside a custom Function (or because an input was returned as-is) and the autograd logic to handle view+inplace would override the custom backward associated with the custom Function, leading to incorrect gradients. This behavior is forbidden. You can fix this by cloning the output of the custom Function.`,
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
