/** Products of three tensors summed over dimensions. */
import { Calc } from "../calc.ts";
import { fail } from "../errors.ts";
import type { Kernels } from "../kernels.ts";
import { composite, type OpRow, op } from "../row.ts";
import type { Tensor } from "../tensor.ts";

type Sizes = readonly number[];

/** With dimensions of 1 put in at the given places of the result. */
function spread(k: Kernels, t: Tensor, at: Sizes): Tensor {
  const shape = [...t.shape];
  for (const dim of [...at].sort((a, b) => a - b)) shape.splice(dim, 0, 1);
  return k.reshaped(k.contiguous(t), shape);
}

export const BILINEAR: readonly OpRow[] = [
  composite({
    schema: "bilinear(Tensor input1, Tensor input2, Tensor weight, Tensor? bias=None) -> Tensor",
    variants: "function",
    compose: (call, _k, input1, input2, weight, bias) => {
      const dims = input1.shape.length;
      if (dims !== input2.shape.length)
        fail(`bilinear(): input dimensions do not match: got ${dims} and ${input2.shape.length}`);
      for (let i = 0; i < dims - 1; i++)
        if (input1.shape[i] !== input2.shape[i])
          fail(
            `bilinear(): input batch dimensions do not match at dim ${i}: got ${input1.shape[i]} and ${input2.shape[i]}`,
          );
      for (const [i, input] of [input1, input2].entries())
        if (input.shape.at(-1) !== weight.shape[i + 1])
          fail(
            `bilinear(): input${i + 1} size does not match weight size: got ${input.shape.at(-1)} but expected ${weight.shape[i + 1]}`,
          );
      const out = weight.shape[0] as number;
      if (bias !== null && bias.shape[0] !== out)
        fail(`bilinear(): bias size does not match weight size: got ${bias.shape[0]} but expected ${out}`);
      const flat = (t: Tensor): Tensor => call("reshape", t, [-1, t.shape.at(-1)]);
      // C++ compilers work out the arguments of a call from the last one on, but these are named before.
      const [x, y] = [flat(input1), flat(input2)];
      const product = call("_trilinear", x, weight, y, [1, 3], [0], [1, 2], [2, 3]);
      const shaped = call("reshape", product, [...input1.shape.slice(0, -1), out]);
      return bias === null ? shaped : call("add", shaped, bias);
    },
    samples: [
      "torch.nn.functional.bilinear(a, b, torch.stack([m, m * 2]), v[:2])",
      "torch.bilinear(v, m[0], m[None])",
    ],
  }),
  op({
    schema:
      "_trilinear(Tensor i1, Tensor i2, Tensor i3, int[] expand1, int[] expand2, int[] expand3, int[] sumdim, int unroll_dim=1) -> Tensor",
    variants: "internal",
    node: "TrilinearBackward0",
    pattern: "mix",
    forward: (k, i1, i2, i3, expand1, expand2, expand3, sumdim) => {
      const c = new Calc(k);
      const all = c.mul(c.mul(spread(k, i1, expand1), spread(k, i2, expand2)), spread(k, i3, expand3));
      return sumdim.length === 0 ? all : c.sum(all, sumdim);
    },
    backward: {
      i1: "_trilinear(grad, i2, i3, sumdim, expand2, expand3, expand1)",
      i2: "_trilinear(i1, grad, i3, expand1, sumdim, expand3, expand2)",
      i3: "_trilinear(i1, i2, grad, expand1, expand2, sumdim, expand3)",
    },
    alsoSaves: ["i1", "i2", "i3"],
    samples: [],
  }),
];
