/** Op schemas in PyTorch's notation (`native_functions.yaml`): parsed at run time, and read by the compiler to type the rows. */
import type { DType } from "../assembly/shared/codes.ts";
import type { Generator } from "./random.ts";
import type { Tensor } from "./tensor.ts";

/** A Python number, with the kind that it had there: 2 and 2.0 are not the same to PyTorch. */
export class Scalar {
  constructor(
    readonly value: number | bigint,
    readonly kind: "bool" | "int" | "float",
  ) {}

  get number(): number {
    return Number(this.value);
  }
}

/** What a schema's type is in TypeScript. */
export interface ArgTypes {
  Tensor: Tensor;
  "Tensor?": Tensor | null;
  "Tensor[]": readonly Tensor[];
  "Tensor?[]": readonly (Tensor | null)[];
  /** A Python number is given as a tensor with `wrapped` set. */
  "Tensor|Scalar": Tensor;
  Scalar: Scalar;
  "Scalar?": Scalar | null;
  int: number;
  "int?": number | null;
  "int[]": readonly number[];
  /** One int stands for as many of it. */
  "int[1]": readonly number[];
  "int[2]": readonly number[];
  "int[3]": readonly number[];
  "int[]?": readonly number[] | null;
  float: number;
  "float?": number | null;
  "float[]?": readonly number[] | null;
  bool: boolean;
  "bool[]": readonly boolean[];
  "ScalarType?": DType | null;
  str: string;
  "str?": string | null;
  /** null: the default generator. */
  "Generator?": Generator | null;
}
export type ArgType = keyof ArgTypes;
export type ArgValue = ArgTypes[ArgType];

type Trim<S extends string> = S extends ` ${infer R}` ? Trim<R> : S extends `${infer R} ` ? Trim<R> : S;
type Split<S extends string> = S extends `${infer A}, ${infer B}`
  ? [Trim<A>, ...Split<B>]
  : Trim<S> extends ""
    ? []
    : [Trim<S>];
type Inside<S extends string> = S extends `${string}(${infer A}) -> ${string}` ? A : never;
type TypeOf<A extends string> = A extends `${infer T} ${string}`
  ? T extends ArgType
    ? ArgTypes[T]
    : never
  : never;
type NameOf<A extends string> = A extends `${string} ${infer N}=${string}`
  ? N
  : A extends `${string} ${infer N}`
    ? N
    : never;
type Values<P extends readonly string[]> = P extends readonly [
  infer A extends string,
  ...infer R extends string[],
]
  ? A extends "*"
    ? Values<R>
    : [TypeOf<A>, ...Values<R>]
  : [];
type Names<P extends readonly string[]> = P[number] extends infer A
  ? A extends string
    ? NameOf<A>
    : never
  : never;

/** The argument values of a schema, in order; its argument names; its result. */
export type SchemaArgs<S extends string> = Values<Split<Inside<S>>>;
export type SchemaNames<S extends string> = Names<Split<Inside<S>>>;
export type SchemaResult<S extends string> = S extends `${string} -> Tensor`
  ? Tensor
  : S extends `${string} -> (Tensor? ${string}`
    ? readonly (Tensor | null)[]
    : readonly Tensor[];

export interface Argument {
  readonly name: string;
  readonly type: ArgType;
  /** The default's text, or undefined where the argument must be given. */
  readonly default: string | undefined;
}

export interface Schema {
  readonly text: string;
  /** `pow`, without the overload. */
  readonly name: string;
  readonly overload: string;
  readonly args: readonly Argument[];
  /** `Tensor`, `Tensor[]`, or the names of a tuple's members. */
  readonly returns: string;
}

const ARG_TYPES: { readonly [T in ArgType]: true } = {
  Tensor: true,
  "Tensor?": true,
  "Tensor[]": true,
  "Tensor?[]": true,
  "Tensor|Scalar": true,
  Scalar: true,
  "Scalar?": true,
  int: true,
  "int?": true,
  "int[]": true,
  "int[1]": true,
  "int[2]": true,
  "int[3]": true,
  "int[]?": true,
  "float[]?": true,
  float: true,
  "float?": true,
  bool: true,
  "bool[]": true,
  "ScalarType?": true,
  str: true,
  "str?": true,
  "Generator?": true,
};

export function parseSchema(text: string): Schema {
  const match = /^(\w+)(?:\.(\w+))?\((.*)\) -> (.+)$/.exec(text);
  if (match === null)
    throw new SyntaxError(`not a schema: "${text}"; expected "name.overload(Type arg, …) -> Tensor"`);
  const [, name = "", overload = "", inside = "", returns = ""] = match;
  const args = inside
    .split(", ")
    .filter((part) => part !== "" && part !== "*")
    .map((part): Argument => {
      const found = /^(\S+) (\w+)(?:=(.+))?$/.exec(part);
      const type = found?.[1] ?? "";
      if (found === null || !Object.hasOwn(ARG_TYPES, type))
        throw new SyntaxError(
          `not an argument: "${part}" in "${text}"; types are ${Object.keys(ARG_TYPES).join(", ")}`,
        );
      return { name: found[2] as string, type: type as ArgType, default: found[3] };
    });
  return { text, name, overload, args, returns };
}
