/**
 * Forward-mode differentiation: dual tensors carry a tangent. An op's tangent comes from its local rules, which are
 * linear in the upstream gradient u: differentiating `rule(u) · tangent` with respect to u gives the Jacobian's product
 * with the tangent. So what has a rule has a forward derivative, with no second formula that could disagree.
 */
import type { Autograd } from "./autograd.ts";
import type { Bridge } from "./bridge.ts";
import { isFloat } from "./dtype.ts";
import { type Root, runBackward } from "./engine.ts";
import { fail, TorchError } from "./errors.ts";
import type { FormulaValue } from "./formula.ts";
import type { Handles } from "./handles.ts";
import { sameShape, showShape } from "./kernels.ts";
import type { Node } from "./node.ts";
import { SavedTensor } from "./node.ts";
import type { Op, Primitive } from "./row.ts";
import { ruleOf } from "./rule.ts";
import { type ArgValue, Scalar } from "./schema.ts";
import { release, retain, Tensor } from "./tensor.ts";

type Values = readonly ArgValue[];

export class ForwardMode {
  /** Inside a dual level, and not within the computing of a tangent. */
  active = false;
  private readonly duals = new Set<Tensor>();

  constructor(private readonly ad: Autograd) {}

  set(t: Tensor, tangent: Tensor | null): void {
    if (tangent !== null) retain(tangent);
    const before = t.tangent;
    t.tangent = tangent;
    // Last: the history of what goes may hold `t` itself.
    release(before);
    if (tangent !== null) this.duals.add(t);
  }

  /** The end of a level: its tangents are gone. */
  leave(): void {
    for (const t of this.duals) this.set(t, null);
    this.duals.clear();
    this.active = false;
  }

  concerns(args: Values): boolean {
    return this.active && args.some((value) => tensorsIn(value).some((t) => t.tangent !== null));
  }

  /** Give the outputs of an op that has run their tangents. `node`: its node, if it was recorded. */
  derive(
    op: Op,
    row: Primitive<string>,
    args: Values,
    outputs: readonly (Tensor | null)[],
    node: Node | null,
  ): void {
    if (!outputs.some((t) => t !== null && isFloat(t.dtype))) return;
    if (row.view === true) {
      const [self, ...rest] = args;
      const along = (self as Tensor).tangent;
      if (along === null) return;
      const moved = this.ad.apply(op, [along, ...rest]);
      for (const [i, t] of (moved instanceof Tensor ? [moved] : moved).entries())
        this.set(outputs[i] as Tensor, t);
      return;
    }
    for (const [i, tangent] of this.tangents(op, row, args, outputs).entries())
      if (tangent !== null) this.set(outputs[i] as Tensor, tangent);
    for (const { content } of node?.saved ?? [])
      if (content instanceof SavedTensor && content.isOutput)
        this.set(content.data, outputs[content.outputNr]?.tangent ?? null);
  }

  /** The same for an in-place op; `args` have what `self` was before. */
  deriveInplace(op: Op, row: Primitive<string>, args: Values, self: Tensor): void {
    const [tangent = null] = this.tangents(op, row, args, [self]);
    if (tangent === null) return;
    if (row.reshapesSelf === true) this.set(self, tangent);
    else {
      if (self.tangent === null) this.set(self, this.zeroTangent(self));
      this.ad.call("copy_", self.tangent, tangent);
    }
  }

  /** Zeros; for a view, a view of its base's tangent, so that what is written to it is the base's as well. */
  private zeroTangent(self: Tensor): Tensor {
    const { ad } = this;
    const { base } = self;
    if (self.viewHistory === null || base === null) return ad.k.full(self.shape, 0, self.dtype);
    if (base.tangent === null) this.set(base, ad.k.full(base.shape, 0, base.dtype));
    return ad.call("as_strided", base.tangent, self.shape, self.strides, self.offset - base.offset);
  }

  private tangents(
    op: Op,
    row: Primitive<string>,
    args: Values,
    outputs: readonly (Tensor | null)[],
  ): readonly (Tensor | null)[] {
    const { ad } = this;
    if (row.backward === undefined) unsupported(op);
    const wantsGraph = ad.gradMode;
    const { recorder } = ad;
    this.active = false;
    ad.gradMode = true;
    ad.recorder = null;
    try {
      const seeds = outputs.map((t, i) => {
        const seed = ad.k.full(t?.shape ?? [], 0, t?.dtype ?? ad.k.defaultDtype);
        seed.requiresGrad = t !== null && isFloat(t.dtype) && row.nonDifferentiable?.includes(i) !== true;
        return seed;
      });
      const roots = this.pulledBack(op, args, outputs, seeds);
      const inputs = seeds.filter((seed) => seed.requiresGrad);
      const got =
        roots.length === 0
          ? inputs.map(() => null)
          : runBackward(ad, roots, {
              retainGraph: false,
              createGraph: wantsGraph,
              inputs,
              accumulate: false,
              allowUnused: true,
            });
      const given = args.flatMap(tensorsIn).map((t) => t.tangent?.storage);
      const owned = got.map((t) => {
        if (t === null) return null;
        const kept = ad.scope.own(t);
        release(t);
        // A gradient that passes is the input's tangent itself: an output has one of its own.
        return given.includes(kept.storage) ? ad.call("clone", kept) : kept;
      });
      return seeds.map((seed) => {
        const at = inputs.indexOf(seed);
        return at < 0 ? null : (owned[at] ?? ad.k.full(seed.shape, 0, seed.dtype));
      });
    } catch (error) {
      if (error instanceof TorchError && /derivative for .* is not implemented/.test(error.message))
        unsupported(op);
      throw error;
    } finally {
      this.active = true;
      ad.gradMode = wantsGraph;
      ad.recorder = recorder;
    }
  }

  /** What the rules make of the seeds for each argument that has a tangent, beside that tangent. */
  private pulledBack(
    op: Op,
    args: Values,
    outputs: readonly (Tensor | null)[],
    seeds: readonly Tensor[],
  ): Root[] {
    const { ad } = this;
    const { formulas, items, saves } = ruleOf(op);
    const mask: boolean[] = [];
    for (const [i, value] of args.entries()) {
      const item = items[i] ?? null;
      if (item !== null) mask[item] = value instanceof Tensor && value.tangent !== null;
    }
    const names = new Map<string, FormulaValue>([
      ["grads", [...seeds]],
      ["arrived", [...seeds]],
      ["grad", seeds[0] ?? null],
      ["grad_input_mask", mask],
    ]);
    for (const save of saves) {
      const given = save.arg < 0 ? (outputs[save.outputNr] as Tensor) : args[save.arg];
      const isFloatArg = typeof given === "number" && op.schema.args[save.arg]?.type.startsWith("float");
      const value = isFloatArg ? new Scalar(given, "float") : given;
      names.set(
        save.term,
        save.read === null
          ? (value as FormulaValue)
          : value === null
            ? [0]
            : save.read(value as Tensor | readonly Tensor[]),
      );
    }
    const roots: Root[] = [];
    for (const [i, value] of args.entries()) {
      const inputs = tensorsIn(value);
      if (inputs.every((t) => t.tangent === null)) continue;
      const formula = formulas[i] ?? null;
      if (formula === null) {
        if (inputs.some((t) => isFloat(t.dtype))) unsupported(op);
        continue;
      }
      const evaluated = formula.evaluate(names, ad.callWith, false).value;
      const item = items[i] ?? null;
      const pulled = item === null ? evaluated : ((evaluated as readonly FormulaValue[])[item] ?? null);
      const parts = pulled instanceof Tensor ? [pulled] : ((pulled ?? []) as readonly (Tensor | null)[]);
      for (const [at, t] of inputs.entries()) {
        let part = parts[at] ?? null;
        if (t.tangent === null || part === null || !part.requiresGrad) continue;
        if (!sameShape(part.shape, t.shape)) part = ad.call("sum_to_size", part, t.shape);
        if (part.dtype !== t.tangent.dtype) part = ad.call("_to_copy", part, t.tangent.dtype);
        roots.push({ tensor: part, gradient: t.tangent });
      }
    }
    return roots;
  }
}

function tensorsIn(value: ArgValue | undefined): readonly Tensor[] {
  if (value instanceof Tensor) return [value];
  return Array.isArray(value) ? (value.filter((v) => v instanceof Tensor) as Tensor[]) : [];
}

function unsupported(op: Op): never {
  const name = op.schema.name.replace(/_$/, "");
  return fail(
    `Trying to use forward AD with ${name} that does not support it because it has not been implemented yet.\nPlease file an issue to PyTorch at https://github.com/pytorch/pytorch/issues/new?template=feature-request.yml so that we can prioritize its implementation.\nNote that forward AD support for some operators require PyTorch to be built with TorchScript and for JIT to be enabled. If the environment var PYTORCH_JIT=0 is set or if the library is not built with TorchScript, some operators may no longer be used with forward AD.`,
    "NotImplementedError",
  );
}

/** The part of the bridge that is about dual tensors. */
export function forwardFunctions(
  ad: Autograd,
  tensors: Handles<Tensor>,
  guarded: <T>(body: () => T, failed: T) => T,
): Pick<Bridge, "dualLevel" | "tangent" | "setTangent"> {
  return {
    dualLevel: (on) =>
      guarded(() => {
        if (on === 0) ad.forward.leave();
        else ad.forward.active = on === 1;
        return 0;
      }, -1),
    tangent: (h) =>
      guarded(() => {
        const { tangent } = tensors.get(h);
        return tangent === null ? 0 : tensors.give(tangent);
      }, -1),
    setTangent: (h, tangent) =>
      guarded(() => {
        const primal = tensors.get(h);
        const along = tensors.orNull(tangent);
        if (along !== null && !sameShape(primal.shape, along.shape))
          fail(
            `Trying to set a forward gradient that has a different size than that of the original Tensor, this is not supported. Tensor is of size ${showShape(primal.shape)} while the given forward gradient is of size ${showShape(along.shape)}.`,
          );
        ad.forward.set(primal, along);
        return 0;
      }, -1),
  };
}
