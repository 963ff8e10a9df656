/** How numbers, shapes and tensors are written wherever a person reads them. */
import type { Dtype, Element, Value } from "./schema.ts";
import { numel } from "./shape.ts";

/** How much of a tensor is shown before `…`. */
export interface Limits {
  readonly elements: number;
  readonly rows: number;
}
export const SHORT: Limits = { elements: 6, rows: 2 };
/** Everything. */
export const FULL: Limits = { elements: Number.POSITIVE_INFINITY, rows: Number.POSITIVE_INFINITY };

/**
 * One element: whole numbers without a point, others with PyTorch's four digits after it. Zeros at the end are
 * dropped only where nothing was rounded away, so `0.5` is exactly a half and `1.0000` is not exactly 1.
 */
export function formatElement(element: Element, dtype: Dtype): string {
  if (typeof element === "boolean") return element ? "True" : "False";
  if (typeof element === "string") return SPECIAL[element] ?? element;
  if (dtype === "bool") return element === 0 ? "False" : "True";
  const size = Math.abs(element);
  if (Number.isInteger(element) && (size < 1e8 || !isFloating(dtype))) return String(element);
  if (size >= 1e-4 && size < 1e8) return dropZeros(element.toFixed(4), element, dtype);
  const [digits = "", exponent = "0"] = element.toExponential(4).split("e");
  const sign = exponent.startsWith("-") ? "-" : "+";
  const short = dropZeros(digits, element, dtype, `e${exponent}`);
  return `${short}e${sign}${exponent.replace(/^[-+]/, "").padStart(2, "0")}`;
}

const SPECIAL: Readonly<Record<string, string>> = { NaN: "nan", Infinity: "inf", "-Infinity": "-inf" };

/** `digits` rounded `element`; cut its last zeros where it reads back as the very same number. */
function dropZeros(digits: string, element: number, dtype: Dtype, exponent = ""): string {
  const back = Number(digits + exponent);
  const same = dtype === "float32" ? Math.fround(back) === Math.fround(element) : back === element;
  return same ? digits.replace(/\.?0+$/, "") : digits;
}

export const isFloating = (dtype: Dtype): boolean => /^(b?float|complex)/.test(dtype);

/** `9`, `[6, 8]`, `[[1, 2], [3, 4], …]`; of a tensor that is not inline, its shape, mean and norm. */
export function formatValue(value: Value, limits: Limits = SHORT): string {
  if (value.kind === "summary") {
    const { mean, norm } = value.statistics;
    return `⟨${formatShape(value.shape)}, mean ${formatElement(mean, "float64")}, norm ${formatElement(norm, "float64")}⟩`;
  }
  return nested(value.shape, value.data, limits, (element) => formatElement(element, value.dtype), ", ");
}

function nested(
  shape: readonly number[],
  data: readonly Element[],
  { elements, rows }: Limits,
  write: (element: Element) => string,
  comma: string,
): string {
  const write1 = (level: number, offset: number): string => {
    const size = shape[level];
    if (size === undefined) return write(data[offset] as Element);
    const inner = numel(shape.slice(level + 1));
    const shown = Math.min(size, level === shape.length - 1 ? elements : rows);
    const parts = Array.from({ length: shown }, (_, i) => write1(level + 1, offset + i * inner));
    if (shown < size) parts.push("…");
    return `[${parts.join(comma)}]`;
  };
  return write1(0, 0);
}

/** As Python writes a size: `()`, `(2,)`, `(2, 3)`. */
export const formatShape = (shape: readonly number[]): string =>
  `(${shape.join(", ")}${shape.length === 1 ? "," : ""})`;

/** Python that makes the tensor again, every digit kept; null where the trace has only a summary of it. */
export function pythonLiteral(value: Value): string | null {
  if (value.kind === "summary") return null;
  const { shape, dtype, data } = value;
  const given = dtype === "float32" || dtype === "int64" || dtype === "bool" ? "" : `, dtype=torch.${dtype}`;
  if (data.length === 0)
    return `torch.empty(${formatShape(shape)}${dtype === "float32" ? "" : `, dtype=torch.${dtype}`})`;
  const numbers = nested(shape, data, FULL, (element) => pythonNumber(element, dtype), ", ");
  return `torch.tensor(${numbers}${given})`;
}

function pythonNumber(element: Element, dtype: Dtype): string {
  if (typeof element === "boolean" || dtype === "bool") return element ? "True" : "False";
  if (typeof element === "string") {
    if (element in SPECIAL) return `float("${SPECIAL[element]}")`;
    return isFloating(dtype) ? `${element}.` : element;
  }
  if (!isFloating(dtype)) return String(element);
  const text = shortest(element, dtype);
  return /[.e]/.test(text) ? text : `${text}.`;
}

/** The shortest decimal that reads back as the same number of that type. */
function shortest(element: number, dtype: Dtype): string {
  if (dtype !== "float32") return String(element);
  for (let digits = 1; digits <= 9; digits++) {
    const text = element.toPrecision(digits);
    if (Math.fround(Number(text)) === Math.fround(element)) return String(Number(text));
  }
  return String(element);
}
