/**
 * Reading Python's arguments of an op, for the common case: tensors, plain numbers, tuples and lists of them, of exactly
 * these types. What is anything else, or fits in more than one way, is left to the facade's own functions.
 */
import type { Direct } from "../../../autograd/direct.ts";
import { type Argument, type ArgValue, Scalar } from "../../../autograd/schema.ts";
import type { Tensor } from "../../../autograd/tensor.ts";
import type { Python } from "./capi.ts";
import type { Objects } from "./objects.ts";

/** What was read is not one of this type; another overload may fit. */
const OTHER = Symbol("other");
/** It may be one; the facade knows. */
const UNSURE = Symbol("unsure");
type Read = ArgValue | typeof OTHER | typeof UNSURE;

/** An op's arguments as Python may give them. */
interface Form {
  readonly arguments: readonly Argument[];
  /** How many may be given by position. */
  readonly positional: number;
  /** Python's objects of their names; 0 where the name is one that the facade writes in another way. */
  readonly names: readonly number[];
  /** Of a method the sizes may stand one by one: `x.view(2, 3)`. */
  readonly spread: boolean;
}

export class Arguments {
  private readonly forms = new Map<number, Form>();

  constructor(
    private readonly python: Python,
    private readonly objects: Objects,
    private readonly direct: Direct,
  ) {}

  private formOf(op: number): Form {
    let form = this.forms.get(op);
    if (form === undefined) {
      const { args, text } = this.direct.schemaOf(op);
      const before = /\((.*?)(?:(?:, )?\*.*)?\) ->/.exec(text)?.[1] ?? "";
      const positional = before === "" ? 0 : before.split(", ").length;
      form = {
        arguments: args,
        positional,
        names: args.map(({ name, type }) =>
          this.python.text(name === "self" && type.startsWith("Tensor") ? "input" : name, true),
        ),
        spread: positional === 2 && args[1]?.type === "int[]",
      };
      this.forms.set(op, form);
    }
    return form;
  }

  /**
   * The values for an op, from objects given by position and, where `named` is not 0, by name in that dict. Null: they
   * are not for this op. False: the facade should look.
   */
  read(
    op: number,
    count: number,
    at: (i: number) => number,
    named: number,
    method: boolean,
  ): ArgValue[] | null | false {
    const form = this.formOf(op);
    const { c } = this.python;
    let left = named === 0 ? 0 : c._PyDict_Size(named);
    if (method && form.spread && left === 0 && count > 1) {
      const sizes = this.sizes(count, at);
      if (sizes !== null) {
        const self = this.objects.get(at(0));
        return self === undefined ? false : [self, sizes];
      }
    }
    if (count > form.positional) return left === 0 ? null : false;
    const values: ArgValue[] = [];
    for (let i = 0; i < form.arguments.length; i++) {
      const argument = form.arguments[i] as Argument;
      let object = i < count ? at(i) : 0;
      if (object === 0 && left > 0) {
        object = c._PyDict_GetItemWithError(named, form.names[i] as number);
        if (object !== 0) left--;
      }
      if (object === 0) {
        if (argument.default === undefined) return named === 0 ? null : false;
        values.push(this.direct.defaultOf(op, i));
        continue;
      }
      const value = this.value(argument.type, object);
      if (value === OTHER) return null;
      if (value === UNSURE) return false;
      values.push(value);
    }
    return left === 0 ? values : false;
  }

  private sizes(count: number, at: (i: number) => number): number[] | null {
    const sizes: number[] = [];
    for (let i = 1; i < count; i++) {
      const size = this.int(at(i));
      if (typeof size !== "number") return null;
      sizes.push(size);
    }
    return sizes;
  }

  private int(object: number): number | typeof UNSURE {
    return this.python.smallInt(object) ?? UNSURE;
  }

  private scalar(object: number): Scalar | null {
    const { python } = this;
    const type = python.typeOf(object);
    if (type === python.c._PyFloat_Type) return new Scalar(python.c._PyFloat_AsDouble(object), "float");
    if (type === python.c._PyLong_Type) {
      const value = python.smallInt(object);
      return value === null ? null : new Scalar(value, "int");
    }
    if (object === python.true || object === python.false)
      return new Scalar(object === python.true ? 1 : 0, "bool");
    return null;
  }

  /** The items of a tuple (or of a class made from it, as torch.Size) or of a list; null for anything else. */
  private items(object: number): number[] | null {
    const { python } = this;
    const { c } = python;
    const type = python.typeOf(object);
    const isList = type === c._PyList_Type;
    if (!isList && type !== c._PyTuple_Type && c._PyType_IsSubtype(type, c._PyTuple_Type) === 0) return null;
    const n = isList ? c._PyList_Size(object) : c._PyTuple_Size(object);
    const items = new Array<number>(n);
    for (let i = 0; i < n; i++)
      items[i] = isList ? c._PyList_GetItem(object, i) : c._PyTuple_GetItem(object, i);
    return items;
  }

  private ints(object: number, repeated: number): readonly number[] | typeof UNSURE {
    const single = this.int(object);
    if (single !== UNSURE) return repeated === 0 ? UNSURE : new Array<number>(repeated).fill(single);
    const items = this.items(object);
    if (items === null) return UNSURE;
    const ints: number[] = [];
    for (const item of items) {
      const value = this.int(item);
      if (value === UNSURE) return UNSURE;
      ints.push(value);
    }
    return ints;
  }

  /** The tensors in a tuple or a list; a symbol where it is neither, or holds anything else. */
  listOf(object: number): readonly Tensor[] | typeof UNSURE {
    const items = this.items(object);
    if (items === null) return UNSURE;
    const list: Tensor[] = [];
    for (const item of items) {
      const tensor = this.objects.get(item);
      if (tensor === undefined) return UNSURE;
      list.push(tensor);
    }
    return list;
  }

  private value(type: Argument["type"], object: number): Read {
    const { python } = this;
    const isNone = object === python.none;
    switch (type) {
      case "Tensor":
        return this.objects.get(object) ?? (this.scalar(object) === null ? UNSURE : OTHER);
      case "Tensor?":
        return isNone ? null : (this.objects.get(object) ?? UNSURE);
      case "Tensor|Scalar":
        return this.objects.get(object) ?? (this.scalar(object) as never) ?? UNSURE;
      case "Scalar":
        return this.scalar(object) ?? (this.objects.get(object) === undefined ? UNSURE : OTHER);
      case "Scalar?":
        return isNone ? null : (this.scalar(object) ?? UNSURE);
      case "Tensor[]":
        return this.listOf(object);
      case "int":
        return this.int(object);
      case "int?":
        return isNone ? null : this.int(object);
      case "int[]":
        return this.ints(object, 0);
      case "int[1]":
        return this.ints(object, 1);
      case "int[2]":
        return this.ints(object, 2);
      case "int[3]":
        return this.ints(object, 3);
      case "int[]?":
        return isNone ? null : this.ints(object, 1);
      case "float":
      case "float?": {
        if (isNone && type === "float?") return null;
        const scalar = this.scalar(object);
        return scalar === null || scalar.kind === "bool" ? UNSURE : scalar.number;
      }
      case "bool":
        return object === python.true ? true : object === python.false ? false : UNSURE;
      case "str":
      case "str?":
        if (isNone && type === "str?") return null;
        return python.typeOf(object) === python.c._PyUnicode_Type ? python.string(object) : UNSURE;
      default:
        return isNone && type === "ScalarType?" ? null : UNSURE;
    }
  }
}
