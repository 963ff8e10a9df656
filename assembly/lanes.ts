/** Sums and products in lanes. */

/** a·b + c rounded twice, as the reference BLAS that PyTorch calls, which is compiled without fused multiply-add. */
export function mulAdd<T>(a: v128, b: v128, c: v128): v128 {
  return v128.add<T>(v128.mul<T>(a, b), c);
}
