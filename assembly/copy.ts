/** Moving elements: copies with and without conversion, and the choice of `where`. */
import { byType } from "./dtype";
import { Brain, Half, Stored } from "./half";
import { convert } from "./number";
import { DType } from "./shared/codes";
import { length, nextRow, p0, p1, p2, p3, s0, s1, s2, s3 } from "./walk";

function put<TO, FROM>(o: usize, x: FROM): void {
  if (Stored.is<TO>()) store<u16>(o, Stored.narrow<TO>(<f32>x));
  else store<TO>(o, convert<TO, FROM>(x));
}

class Convert<FROM> {
  run<TO>(op: i32): bool {
    do {
      let o = p0;
      let a = p1;
      const so = s0;
      const sa = s1;
      for (let left = length; left > 0; left--) {
        if (Stored.is<FROM>()) put<TO, f32>(o, Stored.widen<FROM>(load<u16>(a)));
        else put<TO, FROM>(o, load<FROM>(a));
        o += so;
        a += sa;
      }
    } while (nextRow());
    return true;
  }
}

/** out = a converted; `op` is the dtype of out. */
class ConvertFamily {
  run<FROM>(op: i32): bool {
    return byAnyType<Convert<FROM>>(op, 0);
  }
}

/** As `byType`, for those too that are only stored. */
function byAnyType<F>(dtype: i32, op: i32): bool {
  const family = changetype<F>(0);
  if (dtype === DType.f16) return family.run<Half>(op);
  if (dtype === DType.bf16) return family.run<Brain>(op);
  return byType<F>(dtype, op);
}

/** The walk's out = a, from one dtype to another. */
export function convertAll(from: i32, to: i32): bool {
  return byAnyType<ConvertFamily>(from, to);
}

/** out = a, bit by bit. */
export class MoveFamily {
  run<T>(op: i32): bool {
    const size = <i32>sizeof<T>();
    do {
      let o = p0;
      let a = p1;
      const so = s0;
      const sa = s1;
      if (so === size && sa === size) {
        memory.copy(o, a, length * size);
        continue;
      }
      if (so === size && sa === 0) {
        fillRow<T>(o, length, load<T>(a));
        continue;
      }
      for (let left = length; left > 0; left--) {
        store<T>(o, load<T>(a));
        o += so;
        a += sa;
      }
    } while (nextRow());
    return true;
  }
}

function fillRow<T>(to: usize, count: i32, value: T): void {
  const step = <i32>(16 / sizeof<T>());
  const value16 = v128.splat<T>(value);
  let o = to;
  let left = count;
  for (; left >= step; left -= step) {
    v128.store(o, value16);
    o += 16;
  }
  for (; left > 0; left--) {
    store<T>(o, value);
    o += sizeof<T>();
  }
}

/** As many conditions as a vector holds elements of `T`, each widened to a mask. */
function conditions<T>(c: usize): v128 {
  if (sizeof<T>() === 1) return i8x16.neg(v128.load(c));
  if (sizeof<T>() === 2) return i16x8.neg(i16x8.extend_low_i8x16_u(v128.load64_zero(c)));
  if (sizeof<T>() === 4) {
    return i32x4.neg(i32x4.extend_low_i16x8_u(i16x8.extend_low_i8x16_u(v128.load32_zero(c))));
  }
  return i64x2.replace_lane(i64x2.splat(-(<i64>load<u8>(c))), 1, -(<i64>load<u8>(c, 1)));
}

/** out = condition ? a : b, bit by bit; the condition is operand 1. */
export class WhereFamily {
  run<T>(op: i32): bool {
    const size = <i32>sizeof<T>();
    const step = 16 / size;
    const so = s0;
    const sc = s1;
    const sa = s2;
    const sb = s3;
    const near = so === size && sc === 1 && (sa === size || sa === 0) && (sb === size || sb === 0);
    do {
      let o = p0;
      let c = p1;
      let a = p2;
      let b = p3;
      let left = length;
      if (near) {
        for (; left >= step; left -= step) {
          const x = sa === 0 ? v128.load_splat<T>(a) : v128.load(a);
          const y = sb === 0 ? v128.load_splat<T>(b) : v128.load(b);
          v128.store(o, v128.bitselect(x, y, conditions<T>(c)));
          o += 16;
          c += step;
          a += sa * step;
          b += sb * step;
        }
      }
      for (; left > 0; left--) {
        store<T>(o, load<T>(load<u8>(c) ? a : b));
        o += so;
        c += sc;
        a += sa;
        b += sb;
      }
    } while (nextRow());
    return true;
  }
}
