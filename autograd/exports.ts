/** The exports of core.wasm, typed, and the two steps that make them: choosing a build and instantiating it. */

/** See `assembly/index.ts` for what each one does; addresses and strides in bytes. */
export interface Kernels {
  readonly memory: { readonly buffer: ArrayBuffer };
  alloc(bytes: number): number;
  free(ptr: number): number;
  allocated(): number;
  dimsTable(): number;
  reducedTable(): number;
  cell(): number;
  unary(
    op: number,
    dtype: number,
    dims: number,
    n: number,
    o: number,
    so: number,
    a: number,
    sa: number,
  ): number;
  binary(
    ...args: [
      op: number,
      dtype: number,
      dims: number,
      n: number,
      o: number,
      so: number,
      a: number,
      sa: number,
      b: number,
      sb: number,
    ]
  ): number;
  convert(
    to: number,
    from: number,
    dims: number,
    n: number,
    o: number,
    so: number,
    a: number,
    sa: number,
  ): number;
  move(size: number, dims: number, n: number, o: number, so: number, a: number, sa: number): number;
  where(
    ...args: [
      size: number,
      dims: number,
      n: number,
      o: number,
      so: number,
      c: number,
      sc: number,
      a: number,
      sa: number,
      b: number,
      sb: number,
    ]
  ): number;
  reduce(
    ...args: [
      op: number,
      dtype: number,
      reduced: number,
      dims: number,
      n: number,
      o: number,
      so: number,
      a: number,
      sa: number,
    ]
  ): number;
  argReduce(
    op: number,
    dtype: number,
    dims: number,
    n: number,
    o: number,
    so: number,
    a: number,
    sa: number,
  ): number;
  axis(strideOut: number, strideIn: number, index: number, stride: number, n: number): void;
  indexInRange(index: number, stride: number, n: number, size: number): number;
  select(size: number, dims: number, n: number, o: number, so: number, a: number, sa: number): number;
  put(size: number, dims: number, n: number, o: number, so: number, a: number, sa: number): number;
  indexAdd(dtype: number, dims: number, n: number, o: number, so: number, a: number, sa: number): number;
  bmm(
    ...args: [
      dtype: number,
      batch: number,
      m: number,
      n: number,
      k: number,
      o: number,
      oBatch: number,
      oRow: number,
      oColumn: number,
      a: number,
      aBatch: number,
      aRow: number,
      aInner: number,
      b: number,
      bBatch: number,
      bInner: number,
      bColumn: number,
    ]
  ): number;
  gelu(n: number, o: number, a: number, slope: boolean): void;
  mulAdd(n: number, o: number, a: number, b: number, step: number, c: number): void;
  norm(
    ...args: [
      op: number,
      dtype: number,
      first: number,
      second: number,
      third: number,
      eps: number,
      o: number,
      x: number,
      g: number,
      w: number,
      b: number,
      mean: number,
      invstd: number,
    ]
  ): number;
  softmax(
    ...args: [
      op: number,
      dtype: number,
      outer: number,
      size: number,
      inner: number,
      o: number,
      a: number,
      b: number,
    ]
  ): number;
  arange(dtype: number, o: number, n: number, first: number, step: number): number;
  linspace(dtype: number, o: number, n: number, first: number, last: number): number;
  seed(g: number, seed: number): void;
  draw32(g: number): number;
  draw64(g: number): bigint;
  random(
    ...args: [
      op: number,
      dtype: number,
      g: number,
      o: number,
      n: number,
      p: number,
      q: number,
      range: bigint,
      base: bigint,
      chances: number,
    ]
  ): number;
}

/** As much of the host's WebAssembly as is used here; neither Node's nor the DOM's types are in this folder. */
interface Wasm {
  validate(bytes: Uint8Array): boolean;
  Module: new (bytes: Uint8Array) => object;
  Instance: new (module: object, imports?: object) => { readonly exports: object };
}

const wasm = (globalThis as unknown as { WebAssembly: Wasm }).WebAssembly;

/**
 * A module whose function `f` says whether relaxed multiply-add rounds once: the square of 1 + 2^-12 less 1 + 2^-11 is then
 * not 0.
 */
const PROBE = Uint8Array.of(
  ...[0, 97, 115, 109, 1, 0, 0, 0], // \0asm, version 1
  ...[1, 5, 1, 96, 0, 1, 127, 3, 2, 1, 0, 7, 5, 1, 1, 102, 0, 0, 10, 37, 1, 35, 0], // f: () -> i32
  ...[67, 0, 8, 128, 63, 253, 19, 67, 0, 8, 128, 63, 253, 19], // f32.const 1 + 2^-12, f32x4.splat; twice
  ...[67, 0, 16, 128, 191, 253, 19, 253, 133, 2], // -(1 + 2^-11), f32x4.splat; f32x4.relaxed_madd
  ...[253, 31, 0, 67, 0, 0, 0, 0, 92, 11], // f32x4.extract_lane 0, f32.const 0, f32.ne, end
);

function fuses(): boolean {
  if (!wasm.validate(PROBE)) return false;
  const { f } = new wasm.Instance(new wasm.Module(PROBE)).exports as { f(): number };
  return f() !== 0;
}

/** The build for this host: relaxed SIMD where its multiply-add rounds once, as PyTorch's does, else plain SIMD. */
export function chooseCore(simd: Uint8Array, relaxed: Uint8Array): Uint8Array {
  return fuses() && wasm.validate(relaxed) ? relaxed : simd;
}

export function instantiate(bytes: Uint8Array): Kernels {
  const abort = () => {
    throw new RangeError("the tensor core gave up");
  };
  return new wasm.Instance(new wasm.Module(bytes), { env: { abort } }).exports as Kernels;
}
