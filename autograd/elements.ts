/** The elements of large tensors, packed one tensor after another as a trace's side file has them (trace/slice.ts). */
import type { Core, Strided } from "./core.ts";
import { dtypeSize } from "./dtype.ts";
import { contiguousStrides, isContiguous, numelOf } from "./tensor.ts";

/** Bytes that are kept of one trace. They cross to the engine with it, so there may not be too many. */
export const ELEMENTS_LIMIT = 16 << 20;
/** Characters that one call may take as arguments. */
const PIECE = 1 << 13;

export class Elements {
  /** Was there something that did not fit? */
  full = false;
  private readonly chunks: Uint8Array[] = [];
  private readonly known = new Map<string, number>();
  private size = 0;

  constructor(
    private readonly core: Core,
    private readonly limit = ELEMENTS_LIMIT,
  ) {}

  /** The offset of a tensor's elements; null where no more fit. Between two calls no tensor may change. */
  keep(t: Strided): number | null {
    const key = [t.ptr, t.dtype, t.shape, t.strides].join(";");
    const known = this.known.get(key);
    if (known !== undefined) return known;
    const offset = this.size;
    const bytes = numelOf(t.shape) * dtypeSize(t.dtype);
    if (offset + bytes > this.limit) {
      this.full = true;
      return null;
    }
    this.chunks.push(this.packed(t, bytes));
    this.size += bytes;
    this.known.set(key, offset);
    return offset;
  }

  /** All of them, a character for each byte: only strings cross to the engine. */
  text(): string {
    return this.chunks
      .flatMap((chunk) =>
        Array.from({ length: Math.ceil(chunk.length / PIECE) }, (_, i) =>
          // Spreading a typed array goes through its iterator, five times slower.
          String.fromCharCode.apply(null, chunk.subarray(i * PIECE, (i + 1) * PIECE) as unknown as number[]),
        ),
      )
      .join("");
  }

  private packed(t: Strided, bytes: number): Uint8Array {
    const { core } = this;
    if (isContiguous(t)) return core.bytes.slice(t.ptr, t.ptr + bytes);
    const ptr = core.alloc(bytes);
    try {
      core.copy({ dtype: t.dtype, shape: t.shape, strides: contiguousStrides(t.shape), ptr }, t);
      return core.bytes.slice(ptr, ptr + bytes);
    } finally {
      core.free(ptr);
    }
  }
}
