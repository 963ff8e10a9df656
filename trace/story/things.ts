/** What a formula's functions are given, read as what they expect. */
import { type Lazy, type Plain, scalar, type Thing, Untold } from "./lazy.ts";

export type Rule = (...args: readonly Thing[]) => Thing;

export const tensor = (thing: Thing | undefined): Lazy => {
  if (thing !== undefined && "tensor" in thing) return thing.tensor;
  if (
    thing !== undefined &&
    "plain" in thing &&
    (typeof thing.plain === "number" || typeof thing.plain === "boolean")
  )
    return scalar(Number(thing.plain));
  throw new Untold("a tensor was expected");
};
export const plain = (thing: Thing | undefined): Plain => {
  if (thing !== undefined && "plain" in thing) return thing.plain;
  throw new Untold("a plain value was expected");
};
export const whole = (thing: Thing | undefined): number => Number(plain(thing));
export const numbers = (thing: Thing | undefined): readonly number[] => {
  const value = plain(thing);
  return Array.isArray(value) ? (value as readonly number[]) : [Number(value)];
};
/** A tensor that may be None. */
export const maybe = (thing: Thing | undefined): Lazy | null =>
  thing !== undefined && "tensor" in thing ? thing.tensor : null;
export const T = (of: Lazy): Thing => ({ tensor: of });
export const list = (thing: Thing | undefined): readonly Lazy[] => {
  if (thing !== undefined && "tensors" in thing) return thing.tensors;
  throw new Untold("a list of tensors was expected");
};
export const yes = (thing: Thing | undefined): boolean =>
  thing !== undefined && "plain" in thing && thing.plain === true;
