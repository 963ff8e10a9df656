/** Sums over a row in the order in which PyTorch's CPU kernels add on 256-bit registers, and the steps they are made of. */
import { Four } from "./single";

/** Bytes of a register of PyTorch's: two of ours. */
export const VECTOR: i32 = 32;
/** One such register. */
export const LANES: usize = memory.data(VECTOR, 16);

// biome-ignore lint/complexity/noStaticOnlyClass: only methods may be marked inline in what is also TypeScript
export class Lanes {
  @inline static fma<T>(x: v128, y: v128, z: v128): v128 {
    return sizeof<T>() === 4 ? Four.sure(x, y, z) : v128.add<T>(v128.mul<T>(x, y), z);
  }
  @inline static first<T>(x: v128): T {
    return sizeof<T>() === 4 ? <T>f32x4.extract_lane(x, 0) : <T>f64x2.extract_lane(x, 0);
  }
}

export function fma<T>(x: T, y: T, z: T): T {
  return Lanes.first<T>(Lanes.fma<T>(v128.splat<T>(x), v128.splat<T>(y), v128.splat<T>(z)));
}

/** What a register's lanes add up to: by halves, in float64 one after the other. */
function total<T>(low: v128, high: v128): T {
  if (sizeof<T>() === 4) {
    const four = f32x4.add(low, high);
    const two = f32x4.add(four, v128.shuffle<i32>(four, four, 2, 3, 0, 1));
    return <T>(f32x4.extract_lane(two, 0) + f32x4.extract_lane(two, 1));
  }
  let sum = f64x2.extract_lane(low, 0) + f64x2.extract_lane(low, 1);
  sum += f64x2.extract_lane(high, 0);
  return <T>(sum + f64x2.extract_lane(high, 1));
}

/** One element of what `sumRow` adds up, in all lanes or as a number. */
function term<T>(p: usize, by: usize, too: usize): T {
  let x = load<T>(p);
  if (by) x = <T>(x * load<T>(by));
  return too ? <T>(x * load<T>(too)) : x;
}

/** A register's half of products added to `sum`: the last one is not rounded before it is added. */
function addTerm<T>(sum: v128, p: usize, by: usize, too: usize): v128 {
  const x = v128.load(p);
  const y = v128.load(by);
  return too ? Lanes.fma<T>(v128.mul<T>(x, y), v128.load(too), sum) : Lanes.fma<T>(x, y, sum);
}

/** The sum of a row of `count`, or of its products with one or two others (0: none), as PyTorch's `vec::reduce_all` has it. */
export function sumRow<T>(row: usize, by: usize, too: usize, count: i32): T {
  const lanes = VECTOR / <i32>sizeof<T>();
  if (count < lanes) {
    let sum = term<T>(row, by, too);
    for (let i: usize = sizeof<T>(); i < <usize>count * sizeof<T>(); i += sizeof<T>())
      sum = <T>(sum + term<T>(row + i, by ? by + i : 0, too ? too + i : 0));
    return sum;
  }
  let low = v128.load(row);
  let high = v128.load(row, 16);
  if (by) {
    low = v128.mul<T>(low, v128.load(by));
    high = v128.mul<T>(high, v128.load(by, 16));
  }
  if (too) {
    low = v128.mul<T>(low, v128.load(too));
    high = v128.mul<T>(high, v128.load(too, 16));
  }
  const next = by ? by + VECTOR : 0;
  return sumMore<T>(low, high, row + VECTOR, next, too ? too + VECTOR : 0, count - lanes);
}

/** The rest of `sumRow`: `count` more elements from `p` on, added to a register's two halves. */
export function sumMore<T>(low: v128, high: v128, p: usize, by: usize, too: usize, count: i32): T {
  const size = <i32>sizeof<T>();
  const apart = by ? by - p : 0;
  const apartToo = too ? too - p : 0;
  const end = p + <usize>((count * size) & -VECTOR);
  if (!by) {
    for (; p < end; p += VECTOR) {
      low = v128.add<T>(low, v128.load(p));
      high = v128.add<T>(high, v128.load(p, 16));
    }
  } else {
    for (; p < end; p += VECTOR) {
      low = addTerm<T>(low, p, p + apart, too ? p + apartToo : 0);
      const q = p + 16;
      high = addTerm<T>(high, q, q + apart, too ? q + apartToo : 0);
    }
  }
  const left = <usize>((count * size) & (VECTOR - 1));
  if (left > 0) {
    v128.store(LANES, low);
    v128.store(LANES, high, 16);
    for (let i: usize = 0; i < left; i += sizeof<T>()) {
      let x = load<T>(p + i);
      let y: T = 1;
      if (too) {
        x = <T>(x * load<T>(p + apart + i));
        y = load<T>(p + apartToo + i);
      } else if (by) y = load<T>(p + apart + i);
      store<T>(LANES + i, by ? fma<T>(x, y, load<T>(LANES + i)) : <T>(load<T>(LANES + i) + x));
    }
    low = v128.load(LANES);
    high = v128.load(LANES, 16);
  }
  return total<T>(low, high);
}
