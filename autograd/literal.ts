/** Plain values as Python writes them. */
import { Scalar } from "./schema.ts";

/** Python's `repr` of a float. */
export function floatText(x: number): string {
  if (Number.isNaN(x)) return "nan";
  if (!Number.isFinite(x)) return x > 0 ? "inf" : "-inf";
  if (Object.is(x, -0)) return "-0.0";
  const [digits = "", exponent] = x.toExponential().split("e");
  const e = Number(exponent);
  if (e >= -4 && e < 16) {
    const text = x.toFixed(Math.max(digits.replace(/[-.]/g, "").length - 1 - e, 0));
    return text.includes(".") ? text : `${text}.0`;
  }
  return `${digits}e${e < 0 ? "-" : "+"}${String(Math.abs(e)).padStart(2, "0")}`;
}

export function scalarText(scalar: Scalar): string {
  if (scalar.kind === "bool") return Number(scalar.value) === 0 ? "False" : "True";
  return scalar.kind === "float" ? floatText(Number(scalar.value)) : scalar.value.toString();
}

/** As PyTorch's `_saved_…` attributes answer: they read an int as 64 bits without a sign. */
export function savedText(value: unknown): string {
  if (typeof value === "number") {
    if (value < 0 && Number.isInteger(value)) return String(2n ** 64n + BigInt(value));
  }
  if (Array.isArray(value)) return tupleText(value.map(savedText));
  return pythonText(value);
}

const tupleText = (items: readonly string[]): string =>
  `(${items.join(", ")}${items.length === 1 ? "," : ""})`;

/** Tuples, numbers, truth values and None; anything else by `String`. */
export function pythonText(value: unknown): string {
  if (value === null || value === undefined) return "None";
  if (value instanceof Scalar) return scalarText(value);
  if (typeof value === "boolean") return value ? "True" : "False";
  // The end of a slice that is left open.
  if (typeof value === "number" && value >= Number.MAX_SAFE_INTEGER) return String(2n ** 63n - 1n);
  if (typeof value === "number") return Number.isInteger(value) ? String(value) : floatText(value);
  if (typeof value === "string") return JSON.stringify(value);
  if (Array.isArray(value)) return tupleText(value.map(pythonText));
  return String(value);
}

/** A float as C++ streams write it in PyTorch's messages: six significant digits. */
export function streamText(x: number): string {
  if (Number.isNaN(x)) return "nan";
  if (!Number.isFinite(x)) return x > 0 ? "inf" : "-inf";
  if (x === 0) return Object.is(x, -0) ? "-0" : "0";
  const [digits = "", exponent] = x.toExponential(5).split("e");
  const e = Number(exponent);
  const bare = (text: string): string => (text.includes(".") ? text.replace(/\.?0+$/, "") : text);
  if (e >= -4 && e < 6) return bare(x.toFixed(5 - e));
  return `${bare(digits)}e${e < 0 ? "-" : "+"}${String(Math.abs(e)).padStart(2, "0")}`;
}
