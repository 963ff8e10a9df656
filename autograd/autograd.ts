/** Running an op: forward by the row's kernel, then the node on the tape, with its edges and saved tensors. */
import type { Core } from "./core.ts";
import { dtypeRow, isFloat } from "./dtype.ts";
import { fail } from "./errors.ts";
import { asNumber, asScalar, Formula, type FormulaValue } from "./formula.ts";
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
import { type ArgValue, Scalar } from "./schema.ts";
import { retain, Scope, Tensor } from "./tensor.ts";

type AnyPrimitive = Primitive<string>;

/** What is worked out from a row's formulas once. */
interface Rule {
  /** By argument position; null where the argument takes no gradient. */
  readonly formulas: readonly (Formula | null)[];
  /** Terms to keep, with PyTorch's attribute name; plain terms and inputs alike. */
  readonly saves: readonly Save[];
}

interface Save {
  readonly attribute: string;
  readonly term: string;
  /** Position of the argument that it is, or -1 for an output. */
  readonly arg: number;
  /** For an output: its number. */
  readonly outputNr: number;
  /** For a plain term such as `self.sizes()`. */
  readonly read: ((value: Tensor | readonly Tensor[]) => FormulaValue) | null;
  /** Positions of the arguments whose gradients need it. */
  readonly neededBy: readonly number[];
}

/** PyTorch's attribute for a term: the reference's names, in this one place (see `TORCH_VERSION`). */
function savedName(term: string): string {
  const meta = /^(\w+)\.(\w+)\(\)$/.exec(term);
  if (meta === null) return `_saved_${term}`;
  const what = meta[2] === "sizes" || meta[2] === "strides" ? `sym_${meta[2]}` : meta[2];
  return `_saved_${meta[1]}_${what}`;
}

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
  private sequence = 0;
  private readonly rules = new Map<AnyPrimitive, Rule>();

  constructor(readonly core: Core) {
    this.k = new Kernels(core, this.scope);
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
    const needs =
      this.gradMode && primitive.backward !== undefined && this.anyRequiresGrad(op, primitive, args);
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
      const made = !this.gradMode ? "no_grad" : result instanceof Tensor ? "default" : "several";
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
    if (row.reshapesSelf === true) {
      const node = needs ? this.record(op, row, args, [result]) : null;
      self.shape = result.shape;
      self.strides = result.strides;
      self.offset = result.offset;
      self.counter.value++;
      if (node !== null) this.rebase(self, node);
      return self;
    }
    if (!sameShape(result.shape, self.shape))
      fail(
        `output with shape ${showShape(self.shape)} doesn't match the broadcast shape ${showShape(result.shape)}`,
      );
    if (dtypeRow(result.dtype).category > dtypeRow(self.dtype).category)
      fail(
        `result type ${dtypeRow(result.dtype).scalarType} can't be cast to the desired output type ${dtypeRow(self.dtype).scalarType}`,
      );
    // What the rule needs of the old numbers is kept as a copy, as PyTorch does.
    const keepsSelf =
      needs && this.ruleOf(op, row).saves.some((save) => save.arg === 0 && save.read === null);
    const kept = keepsSelf ? [this.call("clone", self), ...args.slice(1)] : args;
    const edges = needs ? this.edges(op, row, args) : null;
    this.overwrite(self, result);
    if (edges !== null) this.rebase(self, this.record(op, row, kept, [self], edges));
    return self;
  }

  /** Change a tensor's numbers in place, telling whoever still needs the old ones. */
  overwrite(self: Tensor, from: Tensor): void {
    self.willChange();
    this.k.copyInto(self, from);
    self.counter.value++;
  }

  /** After an in-place change: `node` is the tensor's history from now on. Where it is a view, a part of its base's. */
  private rebase(self: Tensor, node: Node): void {
    if (self.viewHistory === null) {
      self.setGradFn(node, 0);
      this.observe(node, [self]);
      return;
    }
    const base = self.base as Tensor;
    const whole = this.edgeTo(base, node.edges[0]?.input ?? "self", node.edges[0]?.formula ?? null, null);
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

  private anyRequiresGrad(op: Op, row: AnyPrimitive, args: readonly ArgValue[]): boolean {
    const { formulas } = this.ruleOf(op, row);
    for (let i = 0; i < args.length; i++) {
      if (formulas[i] === null) continue;
      const value = args[i];
      if (value instanceof Tensor ? value.requiresGrad : tensorsOf(value).some((t) => t.requiresGrad))
        return true;
    }
    return false;
  }

  private ruleOf(op: Op, row: AnyPrimitive): Rule {
    const known = this.rules.get(row);
    if (known !== undefined) return known;
    const { args, returns } = op.schema;
    const inputs = new Set(args.map((a) => a.name));
    const rules = row.backward as { readonly [name: string]: string | undefined };
    const formulas = args.map((a) => {
      const text = rules[a.name];
      return text === undefined ? null : new Formula(text, inputs, row.doubles);
    });
    const saves = new Map<string, Save & { neededBy: number[] }>();
    const outputs = outputNames(returns);
    const add = (term: string, neededBy: number | null, read: Save["read"], of: string): void => {
      const entry = saves.get(term) ?? {
        attribute: row.savedNames?.[term] ?? savedName(term),
        term,
        arg: args.findIndex((a) => a.name === of),
        outputNr: outputs.indexOf(of),
        read,
        neededBy: [],
      };
      if (neededBy !== null) entry.neededBy.push(neededBy);
      saves.set(term, entry);
    };
    for (const [i, formula] of formulas.entries()) {
      if (formula === null) continue;
      for (const meta of formula.metas) add(meta.term, i, meta.read, meta.input);
      for (const name of formula.names)
        if (inputs.has(name) || outputs.includes(name)) add(name, i, null, name);
    }
    for (const term of row.alsoSaves ?? []) {
      const meta = new Formula(term, inputs).metas[0];
      add(term, null, meta?.read ?? null, meta?.input ?? term);
    }
    const rule: Rule = {
      formulas,
      saves: [...saves.values()].sort((a, b) => (a.attribute < b.attribute ? -1 : 1)),
    };
    this.rules.set(row, rule);
    return rule;
  }

  /** The edges of a node for an op on these values, and the positions of the arguments whose gradients are needed. */
  private edges(op: Op, row: AnyPrimitive, args: readonly ArgValue[]): Edges {
    const rule = this.ruleOf(op, row);
    const edges: NodeEdge[] = [];
    const needed = new Set<number>();
    for (const [i, formula] of rule.formulas.entries()) {
      if (formula === null) continue;
      const name = op.schema.args[i]?.name ?? "";
      const value = args[i] as Tensor | readonly (Tensor | null)[] | null;
      const many = Array.isArray(value);
      for (const [item, t] of (many ? value : [value as Tensor | null]).entries()) {
        if (t === null) continue;
        if (t.requiresGrad) needed.add(i);
        edges.push(this.edgeTo(t, many ? `${name}[${item}]` : name, formula, many ? item : null));
      }
    }
    return { edges, needed };
  }

  /** Make the node; `edges` are given where they lead to what the arguments were before an in-place change. */
  private record(
    op: Op,
    row: AnyPrimitive,
    args: readonly ArgValue[],
    outputs: readonly Tensor[],
    { edges, needed }: Edges = this.edges(op, row, args),
  ): Node {
    const rule = this.ruleOf(op, row);
    const node = new Node(
      row.node ?? fail(`${op.key} has local rules but no node name`),
      op,
      this.sequence++,
      null,
      this.where,
      this.module,
    );
    node.outputs = outputs.map((t) => ({ shape: t.shape, dtype: t.dtype }));
    node.edges = edges;
    node.saved = rule.saves.map((save): SavedEntry => {
      const wanted = save.neededBy.length === 0 || save.neededBy.some((i) => needed.has(i));
      return {
        attribute: save.attribute,
        term: save.term,
        content: this.content(save, wanted, args, outputs),
      };
    });
    return node;
  }

  private content(
    save: Save,
    wanted: boolean,
    args: readonly ArgValue[],
    outputs: readonly Tensor[],
  ): SavedContent {
    if (save.arg < 0) {
      const output = outputs[save.outputNr];
      if (output === undefined) fail(`there is no output ${save.outputNr} to keep`);
      return wanted ? new SavedTensor(this.k.alias(output), true, save.outputNr, output) : null;
    }
    const value = args[save.arg];
    if (save.read !== null) return { literal: save.read(value as Tensor | readonly Tensor[]) };
    const keep = (t: Tensor): SavedTensor => new SavedTensor(t, false, t.outputNr, t);
    if (value instanceof Tensor) return wanted ? keep(value) : null;
    if (Array.isArray(value) && value.some((v) => v instanceof Tensor))
      return wanted ? value.map((v) => (v instanceof Tensor ? keep(v) : null)) : null;
    return { literal: value as FormulaValue };
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

/** What formulas call the outputs: `result`, or the names in `(Tensor values, Tensor indices)`. */
function outputNames(returns: string): readonly string[] {
  return returns === "Tensor"
    ? ["result"]
    : [...returns.matchAll(/Tensor (\w+)/g)].map((m) => m[1] as string);
}

/** The tensors in an argument, whatever its type. */
export function tensorsOf(value: ArgValue | undefined): readonly Tensor[] {
  if (value instanceof Tensor) return [value];
  return Array.isArray(value) ? (value.filter((v) => v instanceof Tensor) as Tensor[]) : [];
}
