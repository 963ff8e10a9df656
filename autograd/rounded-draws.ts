/** Random float16 and bfloat16: PyTorch's transforms of the stream for them, with what it rounds on the way. */
import { DType, Random } from "../assembly/shared/codes.ts";
import { dtypeRow } from "./dtype.ts";
import { rounder } from "./half.ts";
import type { Kernels } from "./kernels.ts";
import type { Tensor } from "./tensor.ts";

export interface Draw {
  readonly p: number;
  readonly q: number;
  readonly range: bigint;
  readonly base: bigint;
  /** The address of probabilities. */
  readonly chances: number;
}

/** Numbers that PyTorch draws in another type and converts. */
const BY_WAY_OF: { readonly [R in Random]?: DType } = {
  [Random.normalEach]: DType.f64,
  [Random.exponential]: DType.f64,
  [Random.geometric]: DType.f64,
  [Random.logNormal]: DType.f64,
  [Random.cauchy]: DType.f64,
  [Random.integers]: DType.i64,
  [Random.any64]: DType.i64,
  [Random.permutation]: DType.i64,
};

/** Fill `out`, which has no gaps; false where PyTorch has no kernel for such numbers. */
export function drawRounded(k: Kernels, kind: Random, out: Tensor, g: number, draw: Draw): boolean {
  const { p, q } = draw;
  switch (kind) {
    case Random.uniform:
      write(k, out, units(k, out, g, p, q));
      return true;
    case Random.normal:
      if (out.numel < 16) return drawRounded(k, Random.normalEach, out, g, draw);
      write(k, out, normals(k, out, g, p, q));
      return true;
    case Random.anyInteger: {
      const range = 2n ** BigInt(dtypeRow(out.dtype).digits as number) + 1n;
      return drawRounded(k, Random.integers, out, g, { ...draw, range, base: 0n });
    }
  }
  const trial = kind === Random.bernoulli || kind === Random.bernoulli32 || kind === Random.bernoulli64;
  // PyTorch has no trials in float16.
  const wide = trial && out.dtype === DType.bf16 ? DType.f32 : BY_WAY_OF[kind];
  if (wide === undefined) return false;
  const drawn = k.emptyStrided(out.shape, out.strides, wide);
  k.core.random.random(kind, wide, g, drawn.ptr, drawn.numel, p, q, draw.range, draw.base, draw.chances);
  k.core.copy(out, drawn);
  return true;
}

/** In the order of memory. */
function write(k: Kernels, out: Tensor, values: readonly number[]): void {
  k.core.write(k.reshaped(out, [out.numel]), values);
}

/** From `from` to `to`, of as many bits of the stream as the dtype has digits. */
function units(k: Kernels, out: Tensor, g: number, from: number, to: number): number[] {
  const round = rounder(out.dtype);
  const [low, size] = [round(from), round(round(to) - round(from))];
  const steps = 2 ** (dtypeRow(out.dtype).digits as number);
  return Array.from(
    { length: out.numel },
    () => (((k.core.random.draw32(g) >>> 0) % steps) / steps) * size + low,
  );
}

/** By Box and Muller, sixteen at a time; where 16 does not divide their number, the last sixteen are drawn anew. */
function normals(k: Kernels, out: Tensor, g: number, mean: number, std: number): number[] {
  const round = rounder(out.dtype);
  const [m, s] = [round(mean), round(std)];
  const values = units(k, out, g, 0, 1);
  const sixteen = (at: number): void => {
    for (let j = at; j < at + 8; j++) {
      const radius = round(Math.sqrt(round(-2 * round(Math.log(round(1 - (values[j] as number)))))));
      const theta = round(2 * Math.PI * (values[j + 8] as number));
      const scaled = (x: number): number => round(round(round(radius * round(x)) * s) + m);
      values[j] = scaled(Math.cos(theta));
      values[j + 8] = scaled(Math.sin(theta));
    }
  };
  for (let i = 0; i < values.length - 15; i += 16) sixteen(i);
  if (values.length % 16 !== 0) {
    const last = values.length - 16;
    values.splice(last, 16, ...units(k, k.empty([16], out.dtype), g, 0, 1));
    sixteen(last);
  }
  return values;
}
