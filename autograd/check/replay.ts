/** Calling a recorded node's forward again, in float64: a row's on copies of its arguments, a custom function's in Python. */
import { DType } from "../../assembly/shared/codes.ts";
import type { Autograd } from "../autograd.ts";
import { isFloat } from "../dtype.ts";
import { fail } from "../errors.ts";
import type { Node, NodeEdge } from "../node.ts";
import { Observation } from "../observe.ts";
import { STATE_BYTES } from "../random.ts";
import type { Op } from "../row.ts";
import type { ArgValue } from "../schema.ts";
import { Tensor } from "../tensor.ts";
import type { HeldArg } from "./called.ts";

type Outputs = readonly (Tensor | null)[];

/** A function computes in a narrower dtype than it was given: differences of it say nothing. */
export class Narrow extends Error {}

export class Replay {
  /** Every call draws the same random numbers. */
  private readonly random = new Uint8Array(STATE_BYTES);

  constructor(private readonly ad: Autograd) {
    ad.k.generator.getState(this.random);
  }

  /** Whether the numbers it gave came from the generator, so that another call gives others. */
  static isRandom({ op, called }: Node): boolean {
    return (
      called?.again?.draws === true || op?.schema.args.some(({ type }) => type === "Generator?") === true
    );
  }

  /** What an edge's input was; null where that was not kept. */
  static inputOf(node: Node, i: number): Observation | null {
    const edge = node.edges[i] as NodeEdge;
    const { called } = node;
    if (node.slice !== null && i === 0) return edge.observed;
    if (called === null) return null;
    const held = node.custom === null ? argument(node.op as Op, called.args, edge.input) : called.args[i];
    return held instanceof Observation ? held : null;
  }

  /** What was observed, in float64 where it has a fraction; owned by the scope. */
  copy(seen: Observation): Tensor {
    const plain = seen.plain(this.ad.scope);
    return this.ad.k.clone(plain, isFloat(seen.dtype) ? DType.f64 : seen.dtype);
  }

  /**
   * The outputs of a node's forward, where its edges' inputs are `given` (float64; null: what they were). With
   * gradients, where those are on. Throws what the forward throws, and `Narrow`.
   */
  run(node: Node, given: Outputs): Outputs {
    const { ad } = this;
    ad.k.generator.setState(this.random);
    const outputs =
      node.custom !== null
        ? this.custom(node, given)
        : node.slice !== null
          ? this.intoBase(node, given)
          : this.op(node.op as Op, node, given);
    for (const out of outputs)
      if (out !== null && isFloat(out.dtype) && out.dtype !== DType.f64) throw new Narrow();
    return outputs;
  }

  private custom(node: Node, given: Outputs): Outputs {
    const again = node.called?.again ?? null;
    if (again === null) fail("its forward cannot be called again");
    // It may change them in place.
    const own = given.map((t) => (t === null ? null : this.ad.call("clone", t)));
    return this.ad.callbacks.again(again.id, own);
  }

  private op(op: Op, node: Node, given: Outputs, view?: Tensor): Outputs {
    const { ad } = this;
    const args = this.arguments(op, node, given);
    if (view !== undefined) args[0] = view;
    else if (op.inplace) args[0] = ad.call("clone", args[0]);
    if (op.key === "as_strided") {
      const was = Replay.inputOf(node, 0) as Observation;
      args[0] = this.laidOut(args[0] as Tensor, was.shape, was.strides);
      args[3] = Number(args[3] ?? was.offset) - was.offset;
    }
    const result = ad.apply(op, args);
    return result instanceof Tensor ? [result] : result;
  }

  /** As PyTorch's CopySlices: an op that changed a view in place, as a change of the view's base. */
  private intoBase(node: Node, given: Outputs): Outputs {
    const { base, view, inner } = node.slice as NonNullable<Node["slice"]>;
    const whole = this.laidOut(
      given[0] ?? this.copy(Replay.inputOf(node, 0) as Observation),
      base.shape,
      base.strides,
    );
    const part = this.ad.call("as_strided", whole, view.shape, view.strides, view.offset);
    this.op(inner.op as Op, node, [null, ...given.slice(1)], part);
    return [whole];
  }

  private laidOut(t: Tensor, shape: readonly number[], strides: readonly number[]): Tensor {
    return this.ad.call("copy_", this.ad.k.emptyStrided(shape, strides, t.dtype), t);
  }

  private arguments(op: Op, node: Node, given: Outputs): ArgValue[] {
    const held = node.called?.args ?? fail("what it was called with was not kept");
    const copied = held.map((value, i): ArgValue => {
      if (value instanceof Observation) return this.copy(value);
      if (Array.isArray(value) && value.some((v) => v instanceof Observation))
        return value.map((v) => (v instanceof Observation ? this.copy(v) : null)) as ArgValue;
      const { type } = op.schema.args[i] as Op["schema"]["args"][number];
      if (type === "Generator?") return null;
      if (type === "ScalarType?" && value !== null && isFloat(value as DType)) return DType.f64;
      return value as ArgValue;
    });
    for (const [i, t] of given.entries()) {
      if (t === null) continue;
      const { position, item } = placeOf(op, (node.edges[i] as NodeEdge).input);
      if (item === null) copied[position] = t;
      else (copied[position] as Tensor[])[item] = t;
    }
    return copied;
  }
}

/** Which argument an edge's input is: `self`, `tensors[0]`. */
function placeOf(op: Op, input: string): { readonly position: number; readonly item: number | null } {
  const [, name, item] = /^(\w+)(?:\[(\d+)\])?$/.exec(input) ?? [];
  return {
    position: op.schema.args.findIndex((arg) => arg.name === name),
    item: item === undefined ? null : Number(item),
  };
}

function argument(op: Op, args: readonly HeldArg[], input: string): unknown {
  const { position, item } = placeOf(op, input);
  const held = args[position];
  return item === null ? held : (held as readonly unknown[])[item];
}
