/**
 * From a dtype's code to the kernel compiled for its type: the one list of types that kernels exist for. float16 and
 * bfloat16 are only stored: the caller computes with them in float32.
 */
import { DType } from "./shared/codes";

/** Run the family `F` for the type of `dtype`: `F.run<T>(op)`. False where there is no such kernel. */
export function byType<F>(dtype: i32, op: i32): bool {
  const family = changetype<F>(0);
  switch (dtype) {
    case DType.f32:
      return family.run<f32>(op);
    case DType.f64:
      return family.run<f64>(op);
    case DType.i64:
      return family.run<i64>(op);
    case DType.bool:
      return family.run<bool>(op);
    case DType.i32:
      return family.run<i32>(op);
    case DType.i16:
      return family.run<i16>(op);
    case DType.i8:
      return family.run<i8>(op);
    case DType.u8:
      return family.run<u8>(op);
  }
  return false;
}

/** The same for kernels that only move bits: `F.run` for the unsigned type of `size` bytes. */
export function bySize<F>(size: i32, op: i32): bool {
  const family = changetype<F>(0);
  switch (size) {
    case 1:
      return family.run<u8>(op);
    case 2:
      return family.run<u16>(op);
    case 4:
      return family.run<u32>(op);
    case 8:
      return family.run<u64>(op);
  }
  return false;
}
