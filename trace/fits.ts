/**
 * A quick yes or no to "does this data fit the schema", for what is large: zod may not compile its checks in a page
 * that forbids `eval`, and is ten times slower there. The schema stays the one source; on "no" zod is asked why.
 */
import type * as z from "zod";

type Fits = (data: unknown) => boolean;

/** The parts of a zod schema that are read. */
interface Definition {
  readonly type: string;
  readonly shape?: Readonly<Record<string, Schema>>;
  readonly element?: Schema;
  readonly innerType?: Schema;
  readonly keyType?: Schema;
  readonly valueType?: Schema;
  readonly options?: readonly Schema[];
  readonly discriminator?: string;
  readonly values?: readonly unknown[];
  readonly entries?: Readonly<Record<string, unknown>>;
  readonly items?: readonly Schema[];
  readonly checks?: readonly { readonly _zod: { readonly def: Check } }[];
  readonly check?: string;
  readonly format?: string;
}
interface Check {
  readonly check: string;
  readonly format?: string;
  readonly value?: number;
  readonly inclusive?: boolean;
  readonly pattern?: RegExp;
  readonly maximum?: number;
  /** Of a `refine`. */
  readonly fn?: (data: never) => unknown;
}
interface Schema {
  readonly _zod: { readonly def: Definition };
}

const known = new WeakMap<object, Fits | null>();

/** null where the schema holds something that this does not know: then zod alone must be asked. */
export function fitsOf(schema: z.ZodType): Fits | null {
  let fits = known.get(schema);
  if (fits === undefined) {
    try {
      fits = compile(schema as unknown as Schema);
    } catch (error) {
      if (!(error instanceof Unknown)) throw error;
      fits = null;
    }
    known.set(schema, fits);
  }
  return fits;
}

class Unknown extends Error {}

function compile(schema: Schema): Fits {
  const { def } = schema._zod;
  const checks = (def.checks ?? []).map((check) => check._zod.def);
  switch (def.type) {
    case "object":
      return refined(object(def.shape ?? unknown("shape")), checks);
    case "array": {
      if (checks.length > 0) return unknown("array with checks");
      const element = compile(def.element ?? unknown("element"));
      return (data) => {
        if (!Array.isArray(data)) return false;
        for (let i = 0; i < data.length; i++) if (!element(data[i])) return false;
        return true;
      };
    }
    case "nullable": {
      const inner = compile(def.innerType ?? unknown("innerType"));
      return (data) => data === null || inner(data);
    }
    case "optional": {
      const inner = compile(def.innerType ?? unknown("innerType"));
      return (data) => data === undefined || inner(data);
    }
    case "readonly":
      return compile(def.innerType ?? unknown("innerType"));
    case "union":
      return union(def);
    case "literal": {
      const values = new Set(def.values ?? unknown("values"));
      return (data) => values.has(data);
    }
    case "enum": {
      const values = new Set(Object.values(def.entries ?? unknown("entries")));
      return (data) => values.has(data);
    }
    case "boolean":
      return (data) => typeof data === "boolean";
    case "string":
      return string(checks);
    case "number":
      return number(def, checks);
    default:
      return unknown(def.type);
  }
}

function unknown(what: string): never {
  throw new Unknown(what);
}

function refined(fits: Fits, checks: readonly Check[]): Fits {
  if (checks.length === 0) return fits;
  const more = checks.map(({ check, fn }) =>
    check === "custom" && fn !== undefined ? (fn as Fits) : unknown(`object ${check}`),
  );
  return (data) => fits(data) && more.every((one) => one(data) === true);
}

function object(shape: Readonly<Record<string, Schema>>): Fits {
  const keys = Object.keys(shape);
  const fits = keys.map((key) => compile(shape[key] as Schema));
  return (data) => {
    if (typeof data !== "object" || data === null || Array.isArray(data)) return false;
    for (let i = 0; i < keys.length; i++)
      if (!(fits[i] as Fits)((data as Record<string, unknown>)[keys[i] as string])) return false;
    return true;
  };
}

function union({ options, discriminator }: Definition): Fits {
  const each = options ?? unknown("options");
  const fits = each.map(compile);
  if (discriminator === undefined) return (data) => fits.some((one) => one(data));
  const byKind = new Map<unknown, Fits>();
  each.forEach((option, i) => {
    const literal = option._zod.def.shape?.[discriminator]?._zod.def;
    if (literal?.type !== "literal") unknown("discriminator");
    for (const value of literal?.values ?? []) byKind.set(value, fits[i] as Fits);
  });
  return (data) => {
    if (typeof data !== "object" || data === null) return false;
    return byKind.get((data as Record<string, unknown>)[discriminator])?.(data) ?? false;
  };
}

function string(checks: readonly Check[]): Fits {
  const tests = checks.map(({ check, format, pattern, maximum }): ((text: string) => boolean) => {
    if (check === "max_length" && maximum !== undefined) return (text) => text.length <= maximum;
    if (check !== "string_format" || format !== "regex" || pattern === undefined)
      return unknown(`string ${check}`);
    const whole = new RegExp(pattern.source, pattern.flags.replace("g", ""));
    return (text) => whole.test(text);
  });
  if (tests.length === 0) return (data) => typeof data === "string";
  return (data) => typeof data === "string" && tests.every((test) => test(data));
}

function number(def: Definition, checks: readonly Check[]): Fits {
  // `z.int()` carries its own check.
  const all =
    def.check === "number_format"
      ? [{ check: "number_format", format: def.format as string }, ...checks]
      : checks;
  const tests = all.map(({ check, format, value, inclusive }: Check): ((n: number) => boolean) => {
    switch (check) {
      case "number_format":
        return format === "safeint" ? Number.isSafeInteger : unknown(`number ${format}`);
      case "greater_than":
        return inclusive ? (n) => n >= (value as number) : (n) => n > (value as number);
      case "less_than":
        return inclusive ? (n) => n <= (value as number) : (n) => n < (value as number);
      default:
        return unknown(`number ${check}`);
    }
  });
  return (data) => {
    if (typeof data !== "number" || !Number.isFinite(data)) return false;
    for (const test of tests) if (!test(data)) return false;
    return true;
  };
}
