/** Tensors for the core's tests: any layout, filled from plain numbers, read back without the core's help. */
import fc from "fast-check";
import { DType } from "../../assembly/shared/codes.ts";
import type { Core, Strided } from "../../autograd/core.ts";
import { dtypeSize } from "../../autograd/dtype.ts";
import { decode, encode, range, rounded } from "./formats.ts";

export type Numbers = readonly (number | bigint)[];

export const FLOATS = [DType.f32, DType.f64] as const;
const INTS = [DType.i64, DType.i32, DType.i16, DType.i8, DType.u8] as const;
export const NUMBERS = [...FLOATS, ...INTS] as const;
export const ALL = [...NUMBERS, DType.bool, DType.f16, DType.bf16] as const;

/** Where the elements of a shape lie, in elements, in a block of `count` elements. */
export interface Layout {
  readonly strides: readonly number[];
  readonly offset: number;
  readonly count: number;
}

export const numel = (shape: readonly number[]): number => shape.reduce((n, size) => n * size, 1);

export function contiguous(shape: readonly number[]): Layout {
  const strides: number[] = [];
  let step = 1;
  for (let i = shape.length - 1; i >= 0; i--) {
    strides[i] = step;
    step *= shape[i] as number;
  }
  return { strides, offset: 0, count: step };
}

/** Every position of `shape`, row-major. */
export function* positions(shape: readonly number[]): Generator<number[]> {
  if (shape.length === 0) {
    yield [];
    return;
  }
  for (let i = 0; i < (shape[0] as number); i++) {
    for (const rest of positions(shape.slice(1))) yield [i, ...rest];
  }
}

const at = (t: Strided, position: readonly number[]): number =>
  t.ptr + position.reduce((sum, p, d) => sum + p * (t.strides[d] as number), 0) * dtypeSize(t.dtype);

export function peek(core: Core, dtype: DType, ptr: number): number | bigint {
  const view = new DataView(core.bytes.buffer);
  switch (dtype) {
    case DType.f32:
      return view.getFloat32(ptr, true);
    case DType.f64:
      return view.getFloat64(ptr, true);
    case DType.i64:
      return view.getBigInt64(ptr, true);
    case DType.f16:
    case DType.bf16:
      return decode(dtype, view.getUint16(ptr, true));
    case DType.i32:
      return BigInt(view.getInt32(ptr, true));
    case DType.i16:
      return BigInt(view.getInt16(ptr, true));
    case DType.i8:
      return BigInt(view.getInt8(ptr));
    case DType.u8:
      return BigInt(view.getUint8(ptr));
    case DType.bool:
      return view.getUint8(ptr);
  }
}

type Write = (view: DataView, ptr: number, value: number | bigint) => void;
const float16 =
  (dtype: DType): Write =>
  (view, ptr, x) =>
    view.setUint16(ptr, encode(dtype, Number(x)), true);

const WRITE: { readonly [D in DType]: Write } = {
  [DType.f32]: (view, ptr, x) => view.setFloat32(ptr, Number(x), true),
  [DType.f64]: (view, ptr, x) => view.setFloat64(ptr, Number(x), true),
  [DType.f16]: float16(DType.f16),
  [DType.bf16]: float16(DType.bf16),
  [DType.i64]: (view, ptr, x) => view.setBigInt64(ptr, BigInt(x), true),
  [DType.i32]: (view, ptr, x) => view.setInt32(ptr, Number(x), true),
  [DType.i16]: (view, ptr, x) => view.setInt16(ptr, Number(x), true),
  [DType.i8]: (view, ptr, x) => view.setInt8(ptr, Number(x)),
  [DType.u8]: (view, ptr, x) => view.setUint8(ptr, Number(x)),
  [DType.bool]: (view, ptr, x) => view.setUint8(ptr, Number(x)),
};

function poke(core: Core, dtype: DType, ptr: number, value: number | bigint): void {
  WRITE[dtype](new DataView(core.bytes.buffer), ptr, value);
}

/** The elements, row-major. */
export function elements(core: Core, t: Strided): (number | bigint)[] {
  return [...positions(t.shape)].map((p) => peek(core, t.dtype, at(t, p)));
}

/** Blocks of one test, given back together. */
export class Bench {
  private readonly blocks: number[] = [];

  constructor(readonly core: Core) {}

  /** Elements that no value is written to hold a byte pattern that no kernel should read or change. */
  tensor(
    dtype: DType,
    shape: readonly number[],
    layout: Layout = contiguous(shape),
    values?: Numbers,
  ): Strided {
    const { core } = this;
    const size = dtypeSize(dtype);
    const ptr = core.alloc(layout.count * size);
    this.blocks.push(ptr);
    core.bytes.fill(0x5a, ptr, ptr + layout.count * size);
    const t = { dtype, shape, strides: layout.strides, ptr: ptr + layout.offset * size };
    if (values !== undefined) {
      let i = 0;
      for (const p of positions(shape)) poke(core, dtype, at(t, p), values[i++] as number | bigint);
    }
    return t;
  }

  done(): void {
    for (const ptr of this.blocks.splice(0)) this.core.free(ptr);
  }
}

/** A layout of `shape`: axes in any order in memory, gaps between elements, an offset and, for inputs, repeated axes. */
export function layoutOf(shape: readonly number[], repeats: boolean): fc.Arbitrary<Layout> {
  const order = fc.shuffledSubarray(
    shape.map((_, i) => i),
    { minLength: shape.length },
  );
  const gap = fc.constantFrom(1, 1, 1, 2, 3);
  const repeat = repeats ? fc.constantFrom(false, false, true) : fc.constant(false);
  const axis = fc.record({ gap, repeat });
  const loose = fc
    .tuple(
      order,
      fc.array(axis, { minLength: shape.length, maxLength: shape.length }),
      fc.integer({ min: 0, max: 3 }),
    )
    .map(([axes, how, offset]) => {
      const strides = shape.map(() => 0);
      let step = 1;
      for (const i of axes) {
        const { gap, repeat } = how[i] as { gap: number; repeat: boolean };
        if (repeat) continue;
        strides[i] = step * gap;
        step *= gap * Math.max(shape[i] as number, 1);
      }
      return { strides, offset, count: step + offset };
    });
  return fc.oneof(fc.constant(contiguous(shape)), loose);
}

export const shapes = fc.oneof(
  fc.constantFrom([], [1], [0], [2, 0, 3], [37], [3, 21]),
  fc.array(fc.integer({ min: 1, max: 5 }), { maxLength: 4 }),
);

const SPECIAL = [
  0,
  -0,
  1,
  -1,
  2,
  -2,
  0.5,
  -0.5,
  3,
  1.5,
  2.5,
  -2.5,
  Infinity,
  -Infinity,
  Number.NaN,
  1e-40,
  -1e-40,
  1e30,
  -1e30,
  88.7,
  -88.7,
  -90,
  104,
  710,
];

export function oneOf(dtype: DType): fc.Arbitrary<number | bigint> {
  switch (dtype) {
    case DType.f32:
      return fc.oneof(
        fc.constantFrom(...SPECIAL).map(Math.fround),
        fc.float({ min: -8, max: 8, noNaN: true }),
        fc.float(),
      );
    case DType.f64:
      return fc.oneof(fc.constantFrom(...SPECIAL), fc.double({ min: -8, max: 8, noNaN: true }), fc.double());
    case DType.f16:
    case DType.bf16:
      return oneOf(DType.f32).map((x) => rounded(dtype, Number(x)));
    case DType.i64:
    case DType.i32:
    case DType.i16:
    case DType.i8:
    case DType.u8: {
      const [min, max] = range(dtype);
      const few = fc.bigInt({ min: min === 0n ? 0n : -9n, max: 9n });
      return fc.oneof(few, fc.bigInt({ min, max }), fc.constantFrom(min, max));
    }
    case DType.bool:
      return fc.constantFrom(0, 1);
  }
}

/** `count` values; many are made of few, which is as hard on a kernel and quicker to make. */
export function valuesOf(dtype: DType, count: number): fc.Arbitrary<(number | bigint)[]> {
  if (count <= 60) return fc.array(oneOf(dtype), { minLength: count, maxLength: count });
  return fc
    .array(oneOf(dtype), { minLength: 1, maxLength: 53 })
    .map((few) => Array.from({ length: count }, (_, i) => few[(i * i + i) % few.length] as number | bigint));
}

/** A shape with a layout and values for each input, and a layout for the output. */
export function cases(dtypes: readonly DType[], outDtype: DType) {
  return shapes.chain((shape) =>
    fc.record({
      shape: fc.constant(shape),
      out: layoutOf(shape, false).map((layout) => ({ dtype: outDtype, layout })),
      inputs: fc.tuple(
        ...dtypes.map((dtype) =>
          fc.record({
            dtype: fc.constant(dtype),
            layout: layoutOf(shape, true),
            values: valuesOf(dtype, numel(shape)),
          }),
        ),
      ),
    }),
  );
}
