/** Reading the flattened arguments of a bridge call back into the values of a schema (see `Bridge`). */
import type { DType } from "../assembly/shared/codes.ts";
import type { Plain } from "./bridge.ts";
import { fail } from "./errors.ts";
import type { Generators } from "./generators.ts";
import type { Handles } from "./handles.ts";
import type { Kernels } from "./kernels.ts";
import { type ArgType, type ArgValue, Scalar, type Schema } from "./schema.ts";
import type { Tensor } from "./tensor.ts";

const KINDS = [undefined, "bool", "int", "float"] as const;

export function readArguments(
  schema: Schema,
  flat: readonly Plain[],
  tensors: Handles<Tensor>,
  generators: Generators,
  k: Kernels,
): ArgValue[] {
  let at = 0;
  const next = (): Plain => flat[at++];
  const tensor = (): Tensor => tensors.get(next() as number);
  const list = <T>(read: () => T): T[] | null => {
    const n = Number(next());
    if (n > flat.length - at) fail(`expected ${n} values, but got ${flat.length - at}`, "ValueError");
    return n < 0 ? null : Array.from({ length: n }, read);
  };
  const scalar = (value: Plain, kind: number): Scalar => {
    const name = KINDS[kind];
    if (name === undefined)
      fail(
        "complex numbers are not in the embedded engine yet; the PyTorch engine has them",
        "NotImplementedError",
      );
    return new Scalar(typeof value === "boolean" ? Number(value) : (value as number | bigint), name);
  };
  const read = (type: ArgType): ArgValue => {
    switch (type) {
      case "Tensor":
        return tensor();
      case "Tensor?":
        return tensors.orNull(next() as number);
      case "Tensor[]":
        return list(tensor) ?? [];
      case "Tensor?[]":
        return list(() => tensors.orNull(next() as number)) ?? [];
      case "Tensor|Scalar": {
        const value = next();
        const kind = Number(next());
        return kind === 0 ? tensors.get(value as number) : k.wrap(scalar(value, kind));
      }
      case "Scalar":
      case "Scalar?": {
        const value = next();
        const kind = Number(next());
        return kind < 0 ? null : scalar(value, kind);
      }
      case "int[]":
      case "int[1]":
      case "int[2]":
      case "int[3]":
      case "int[]?":
        return list(() => Number(next()));
      case "float[]?":
        return list(() => Number(next()));
      case "bool[]":
        return list(() => Boolean(next()));
      case "bool":
        return Boolean(next());
      case "ScalarType?": {
        const code = Number(next());
        return code < 0 ? null : (code as DType);
      }
      case "Generator?":
        return generators.get(next() as number);
      case "str":
      case "str?":
        return (next() as string | undefined) ?? null;
      default: {
        const value = next();
        return value === undefined || value === null ? null : Number(value);
      }
    }
  };
  return schema.args.map((arg) => read(arg.type));
}
