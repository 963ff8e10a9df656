/** Ops called with tensors themselves, for a host that knows Python's objects: the bridge's `call` without the numbers in between. */
import type { Autograd } from "./autograd.ts";
import { fail } from "./errors.ts";
import type { Handles } from "./handles.ts";
import { OPS } from "./ops/index.ts";
import { type ArgValue, Scalar, type Schema } from "./schema.ts";
import type { Tensor } from "./tensor.ts";

export type Guarded = <T>(body: () => T, failed: T) => T;

export interface Direct {
  readonly tensors: Handles<Tensor>;
  /** Is what runs being recorded, so that positions are wanted? */
  readonly recording: boolean;
  readonly gradMode: boolean;
  /** Throws where there is no such op, or it gives several tensors. */
  schemaOf(op: number): Schema;
  /** The value of an argument that is left out. */
  defaultOf(op: number, argument: number): ArgValue;
  /**
   * Run an op; `take` gets the result while it is still owned. False where it failed, with the error left for `error()`.
   * `op` gives one tensor. A number may stand where a tensor or a number is asked for.
   */
  apply(op: number, where: number, args: ArgValue[], take: (result: Tensor) => void): boolean;
  see(slot: number, tensor: Tensor): void;
}

export function directly(
  ad: Autograd,
  tensors: Handles<Tensor>,
  guarded: Guarded,
  made: (result: Tensor) => void,
): Direct {
  const defaults = new Map<number, ArgValue[]>();
  return {
    tensors,
    get recording() {
      return ad.recorder !== null;
    },
    get gradMode() {
      return ad.gradMode;
    },
    schemaOf(op) {
      const { schema } = OPS[op] ?? fail(`there is no op ${op}`, "ValueError");
      return schema.returns === "Tensor"
        ? schema
        : fail(`${schema.name} gives several tensors`, "ValueError");
    },
    defaultOf(op, argument) {
      let known = defaults.get(op);
      if (known === undefined) {
        const entry = OPS[op] as (typeof OPS)[number];
        known = entry.schema.args.map((arg) =>
          arg.default === undefined ? null : ad.defaultOf(arg.type, arg.default, arg.name),
        );
        defaults.set(op, known);
      }
      return known[argument] as ArgValue;
    },
    apply: (op, where, args, take) =>
      guarded(() => {
        ad.where = where;
        const entry = OPS[op] as (typeof OPS)[number];
        const { args: expected } = entry.schema;
        for (let i = 0; i < args.length; i++) {
          const value = args[i];
          if (value instanceof Scalar && expected[i]?.type === "Tensor|Scalar") args[i] = ad.k.wrap(value);
        }
        const result = ad.apply(entry, args) as Tensor;
        made(result);
        take(result);
        return true;
      }, false),
    see: (slot, tensor) => ad.recorder?.see(slot, tensor),
  };
}
