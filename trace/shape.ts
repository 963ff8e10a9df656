/** Small questions about a shape. */

/** Number of elements of a tensor of that shape; 1 for a scalar. */
export function numel(shape: readonly number[]): number {
  let product = 1;
  for (const size of shape) product *= size;
  return product;
}
