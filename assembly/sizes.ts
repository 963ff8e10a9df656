/**
 * Σ |x|, Σ x², Σ x and products of floats in the order in which PyTorch's norms and products take them: one element
 * after the other as they lie in memory, each square and its sum rounded once. Only float32 that lie side by side along
 * one reduced dimension are squared in the eight parts of a register; of what is left over, four are multiplied at a
 * time and then added, and the last three again in one rounding, as PyTorch's compiler has put it.
 */
import { REDUCED, reducedDims, reducedSize, reducedStride } from "./fold";
import { Fma } from "./fused";
import { Reduce } from "./shared/codes";
import { Four } from "./single";
import { length, nextRow, p0, p1, s0, s1 } from "./walk";

/** Where one register's parts are put to be added. */
const LANES = 8;
const PARTS: usize = memory.data(LANES * 4, 16);

const ROWS: usize = memory.data(128, 16);

class Size {
  @inline join<T>(sum: T, x: T): T {
    return <T>(sum + abs<T>(x));
  }
}

class Square {
  @inline join<T>(sum: T, x: T): T {
    if (sizeof<T>() === 8) return <T>Fma.of64(<f64>x, <f64>x, <f64>sum);
    const four = f32x4.splat(<f32>x);
    if (ASC_FEATURE_RELAXED_SIMD)
      return <T>f32x4.extract_lane(v128.relaxed_madd<f32>(four, four, f32x4.splat(<f32>sum)), 0);
    return <T>Fma.of32(<f32>x, <f32>x, <f32>sum);
  }
}

class Plain {
  @inline join<T>(sum: T, x: T): T {
    return <T>(sum + x);
  }
}

/** Everything from `ptr` on over the dimensions up to `d`, added to `sum`. */
function inOrder<T, OP>(d: i32, ptr: usize, sum: T): T {
  const op = changetype<OP>(0);
  const stride = reducedStride(d);
  for (let left = reducedSize(d); left > 0; left--) {
    sum = d === 0 ? op.join<T>(sum, load<T>(ptr)) : inOrder<T, OP>(d - 1, ptr, sum);
    ptr += stride;
  }
  return sum;
}

function squaresSideBySide(ptr: usize, count: i32): f32 {
  let low = f32x4.splat(0);
  let high = f32x4.splat(0);
  let left = count;
  for (; left >= LANES; left -= LANES) {
    const a = v128.load(ptr);
    const b = v128.load(ptr, 16);
    low = Four.sure(a, a, low);
    high = Four.sure(b, b, high);
    ptr += LANES * 4;
  }
  v128.store(PARTS, low);
  v128.store(PARTS, high, 16);
  let sum = load<f32>(PARTS);
  for (let i = 1; i < LANES; i++) sum += load<f32>(PARTS + i * 4);
  if (left >= 4) {
    for (let i = 0; i < 4; i++) {
      const x = load<f32>(ptr + i * 4);
      sum += x * x;
    }
    ptr += 16;
    left -= 4;
  }
  for (; left > 0; left--) {
    sum = changetype<Square>(0).join<f32>(sum, load<f32>(ptr));
    ptr += 4;
  }
  return sum;
}

function each<T, OP>(): bool {
  const top = reducedDims() - 1;
  do {
    let o = p0;
    let a = p1;
    for (let left = length; left > 0; left--) {
      store<T>(o, inOrder<T, OP>(top, a, 0));
      o += s0;
      a += s1;
    }
  } while (nextRow());
  return true;
}

function squares(): bool {
  const count = load<i32>(REDUCED);
  do {
    let o = p0;
    let a = p1;
    for (let left = length; left > 0; left--) {
      store<f32>(o, squaresSideBySide(a, count));
      o += s0;
      a += s1;
    }
  } while (nextRow());
  return true;
}

export function sizes<T>(op: i32): bool {
  if (!isFloat<T>()) return false;
  if (op === Reduce.sizes) return each<T, Size>();
  if (op === Reduce.inOrder) return each<T, Plain>();
  const sideBySide = sizeof<T>() === 4 && reducedDims() === 1 && reducedStride(0) === 4;
  return sideBySide ? squares() : each<T, Square>();
}

/**
 * A row of a product onto `product`: where the elements lie side by side, in four registers of PyTorch's (32 bytes each)
 * that are multiplied with one another at the end, and what is left over one by one.
 */
function multiplied<T>(ptr: usize, stride: i32, count: i32, product: T): T {
  const size = <i32>sizeof<T>();
  const step = 128 / size;
  let left = count;
  if (stride === size && left >= step) {
    memory.copy(ROWS, ptr, 128);
    ptr += 128;
    for (left -= step; left >= step; left -= step) {
      for (let i = 0; i < 128; i += 16)
        v128.store(ROWS + i, v128.mul<T>(v128.load(ROWS + i), v128.load(ptr + i)));
      ptr += 128;
    }
    let part: T = 1;
    for (let i = 0; i < 32; i += size) {
      const first = load<T>(ROWS + i) * load<T>(ROWS + i, 32);
      part = <T>(part * <T>(first * <T>(load<T>(ROWS + i, 64) * load<T>(ROWS + i, 96))));
    }
    product = <T>(product * part);
  }
  for (; left > 0; left--) {
    product = <T>(product * load<T>(ptr));
    ptr += stride;
  }
  return product;
}

function productOver<T>(d: i32, ptr: usize, product: T): T {
  const stride = reducedStride(d);
  const count = reducedSize(d);
  if (d === 0) return multiplied<T>(ptr, stride, count, product);
  for (let left = count; left > 0; left--) {
    product = productOver<T>(d - 1, ptr, product);
    ptr += stride;
  }
  return product;
}

/** Products of floats in PyTorch's order. */
export function products<T>(): bool {
  const top = reducedDims() - 1;
  do {
    let o = p0;
    let a = p1;
    for (let left = length; left > 0; left--) {
      store<T>(o, productOver<T>(top, a, 1));
      o += s0;
      a += s1;
    }
  } while (nextRow());
  return true;
}
