/**
 * Elements of tensors that a trace only summarises: where they lie in the trace's side file, and what they are. The
 * side file holds, at a summary's `stored`, its elements in row-major order, little-endian, each in its dtype's size.
 */
import * as z from "zod";
import type { Dtype, Element, Trace, Value } from "./schema.ts";

/** Elements that one slice may have. */
export const SLICE_LIMIT = 4096;

/** For each dimension the first index and the one after the last. */
export const Spans = z.array(z.object({ start: z.int().nonnegative(), end: z.int().nonnegative() }));
export type Spans = z.infer<typeof Spans>;

export type Summary = Extract<Value, { kind: "summary" }>;
type Inline = Extract<Value, { kind: "inline" }>;

/** Gives bytes of the side file while it is there. */
export interface SideFile {
  /** `length` bytes from `offset`; throws an Error in words where they are gone. */
  read(offset: number, length: number): Promise<Uint8Array>;
}

export const BYTES: Readonly<Record<Dtype, number>> = {
  float32: 4,
  float64: 8,
  float16: 2,
  bfloat16: 2,
  int64: 8,
  int32: 4,
  int16: 2,
  int8: 1,
  uint8: 1,
  bool: 1,
  complex64: 8,
  complex128: 16,
};

/** Every summary of the trace whose elements are in its side file, by their offset there. */
export function storedValues(trace: Trace): ReadonlyMap<number, Summary> {
  const found = new Map<number, Summary>();
  const look = (value: Value | null | undefined): void => {
    if (value?.kind === "summary" && value.stored !== undefined) found.set(value.stored, value);
  };
  for (const { value, grad } of trace.tensors) for (const one of [value, grad]) look(one);
  for (const { roots, steps } of trace.backwards) {
    for (const { seed } of roots) look(seed);
    for (const { arrivals, upstream, downstream, accumulate } of steps) {
      for (const { value, sum } of arrivals) for (const one of [value, sum]) look(one);
      for (const one of upstream) look(one);
      for (const { value, unbroadcast } of downstream)
        for (const one of [value, unbroadcast?.before]) look(one);
      for (const one of [accumulate?.before, accumulate?.added, accumulate?.after, accumulate?.left])
        look(one);
    }
  }
  return found;
}

/** A part of a summarised tensor, as a value of the part's shape. Throws RangeError for spans that it has not. */
export async function sliceOf(summary: Summary, spans: Spans, file: SideFile): Promise<Inline> {
  const { shape, dtype, stored } = summary;
  if (stored === undefined) throw new RangeError("the elements of this tensor were not kept");
  check(shape, spans);
  const extents = spans.map(({ start, end }) => end - start);
  const inner = extents.at(-1) ?? 1;
  const runs = extents.slice(0, -1).reduce((n, extent) => n * extent, 1);
  const strides = shape.map((_, i) => shape.slice(i + 1).reduce((n, size) => n * size, 1));
  const size = BYTES[dtype];
  const data: Element[] = [];
  for (let run = 0; run < runs && inner > 0; run++) {
    let [rest, at] = [run, spans.at(-1)?.start ?? 0];
    for (let d = extents.length - 2; d >= 0; d--) {
      const extent = extents[d] as number;
      at += ((spans[d]?.start ?? 0) + (rest % extent)) * (strides[d] as number);
      rest = Math.floor(rest / extent);
    }
    const bytes = await file.read(stored + at * size, inner * size);
    for (let i = 0; i < inner; i++) data.push(elementAt(bytes, i, dtype));
  }
  return { kind: "inline", shape: extents, dtype, data };
}

function check(shape: readonly number[], spans: Spans): void {
  if (spans.length !== shape.length)
    throw new RangeError(`a slice of this tensor has ${shape.length} spans, not ${spans.length}`);
  spans.forEach(({ start, end }, d) => {
    const size = shape[d] as number;
    if (end < start || end > size)
      throw new RangeError(`dimension ${d} goes from 0 to ${size}: ${start} to ${end} is not in it`);
  });
  const count = spans.reduce((n, { start, end }) => n * (end - start), 1);
  if (count > SLICE_LIMIT)
    throw new RangeError(`a slice may have ${SLICE_LIMIT} elements, this one has ${count}: ask for less`);
}

/** The element with that number in packed bytes of a dtype; as JSON can say it. */
function elementAt(bytes: Uint8Array, i: number, dtype: Dtype): Element {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const at = i * BYTES[dtype];
  switch (dtype) {
    case "float32":
      return told(view.getFloat32(at, true));
    case "float64":
      return told(view.getFloat64(at, true));
    case "float16":
      return told(half(view.getUint16(at, true)));
    case "bfloat16": {
      const wide = new DataView(new ArrayBuffer(4));
      wide.setUint32(0, view.getUint16(at, true) << 16);
      return told(wide.getFloat32(0));
    }
    case "int64": {
      const whole = view.getBigInt64(at, true);
      return Number.isSafeInteger(Number(whole)) ? Number(whole) : String(whole);
    }
    case "int32":
      return view.getInt32(at, true);
    case "int16":
      return view.getInt16(at, true);
    case "int8":
      return view.getInt8(at);
    case "uint8":
      return view.getUint8(at);
    case "bool":
      return view.getUint8(at) !== 0;
    case "complex64":
    case "complex128":
      throw new RangeError("complex numbers are not kept in the side file");
  }
}

function half(bits: number): number {
  const [sign, exponent, fraction] = [bits >> 15 === 1 ? -1 : 1, (bits >> 10) & 31, bits & 1023];
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

function told(x: number): Element {
  if (Object.is(x, -0)) return "-0";
  return Number.isFinite(x) ? x : (String(x) as Element);
}
