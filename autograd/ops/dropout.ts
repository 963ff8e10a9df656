/** Dropout: a product with random zeros, as PyTorch puts it together on a CPU; its node is that of the product. */
import { DType, Random } from "../../assembly/shared/codes.ts";
import { Calc } from "../calc.ts";
import { draw } from "../draws.ts";
import { dtypeRow, isFloat } from "../dtype.ts";
import { fail } from "../errors.ts";
import type { Kernels } from "../kernels.ts";
import { streamText } from "../literal.ts";
import { type Call, composite, type OpRow, op } from "../row.ts";
import type { Tensor } from "../tensor.ts";

type Kind = "each" | "feature" | "alpha" | "feature alpha";

/** What SELU takes far below 0, with its sign turned: a dropped element becomes this. */
const ALPHA = 1.7580993408473766;

function dropout(
  call: Call,
  k: Kernels,
  input: Tensor,
  p: number,
  train: boolean,
  kind: Kind,
  times: "mul" | "mul_",
): Tensor {
  if (!(p >= 0 && p <= 1)) fail(`dropout probability has to be between 0 and 1, but got ${streamText(p)}`);
  if (p === 0 || !train || input.numel === 0) return input;
  if (p === 1) return call(times, input, k.full([], 0, input.dtype));
  const noise = k.empty(kind.startsWith("feature") ? featureShape(input) : input.shape, input.dtype);
  draw(k, Random.bernoulli, "bernoulli_scalar_cpu_", noise, null, { p: 1 - p });
  if (!kind.endsWith("alpha")) return call(times, input, call("div_", noise, 1 - p));
  // So that the mean stays 0 and the variance 1.
  const a = 1 / Math.sqrt((ALPHA * ALPHA * p + 1) * (1 - p));
  const b = call("add_", call("mul_", call("add", noise, -1), ALPHA * a), ALPHA * a * p);
  const scaled = call(times, input, call("mul_", noise, a));
  return call("add_", scaled, b);
}

/** One number for each channel of each item. */
function featureShape({ shape }: Tensor): number[] {
  if (shape.length < 2) fail("Feature dropout requires at least 2 dimensions in the input");
  return shape.map((size, i) => (i < 2 ? size : 1));
}

const seeded = (...calls: readonly string[]): string[] =>
  calls.map((call) => `torch.manual_seed(3); ${call}`);

export const DROPOUT: readonly OpRow[] = [
  composite({
    schema: "dropout(Tensor input, float p, bool train) -> Tensor",
    variants: "function",
    compose: (call, k, input, p, train) => dropout(call, k, input, p, train, "each", "mul"),
    samples: seeded(
      "torch.dropout(a, 0.5, True)",
      "torch.dropout(a, 1.0, True)",
      "torch.dropout(a, 0.5, False) * b",
    ),
  }),
  op({
    schema: "native_dropout(Tensor input, float p, bool train) -> (Tensor result0, Tensor result1)",
    variants: "function",
    node: "NativeDropoutBackward0",
    pattern: "scale",
    nonDifferentiable: [1],
    forward: (k, input, p, train) => {
      if (input.numel === 0) return [k.clone(input), k.full(input.shape, 1, DType.bool)];
      if (!train) return [k.clone(input), k.full(input.shape, 1, DType.bool)];
      if (!isFloat(input.dtype))
        fail(
          `result type Float can't be cast to the desired output type ${dtypeRow(input.dtype).scalarType}`,
        );
      const c = new Calc(k);
      const mask = k.empty(input.shape, DType.bool);
      draw(k, Random.bernoulli, "bernoulli_scalar_cpu_", mask, null, { p: 1 - p });
      return [c.mul(c.mul(input, k.cast(mask, input.dtype)), p === 1 ? 0 : 1 / (1 - p)), mask];
    },
    backward: { input: "grad * result1 * (train ? (p == 1 ? 0 : 1 / (1 - p)) : 1)" },
    savedNames: { train: "" },
    exempt: { second: "PyTorch multiplies by mask and scale in a node of its own" },
    samples: seeded("torch.native_dropout(a, 0.4, True)", "torch.native_dropout(a, 0.4, False)"),
  }),
  composite({
    schema: "dropout_(Tensor input, float p, bool train) -> Tensor",
    variants: "function",
    compose: (call, k, input, p, train) => dropout(call, k, input, p, train, "each", "mul_"),
    samples: seeded("torch.dropout_(a * 1, 0.5, True)", "torch.dropout_(a * 1, 1.0, True)"),
  }),
  composite({
    schema: "feature_dropout(Tensor input, float p, bool train) -> Tensor",
    variants: "function",
    compose: (call, k, input, p, train) => dropout(call, k, input, p, train, "feature", "mul"),
    samples: seeded(
      "torch.feature_dropout(a, 0.5, True)",
      "torch.feature_dropout(a.view(1, 2, 3), 0.5, True)",
    ),
  }),
  composite({
    schema: "feature_dropout_(Tensor input, float p, bool train) -> Tensor",
    variants: "function",
    compose: (call, k, input, p, train) => dropout(call, k, input, p, train, "feature", "mul_"),
    samples: seeded("torch.feature_dropout_(a * 1, 0.5, True)"),
  }),
  composite({
    schema: "alpha_dropout(Tensor input, float p, bool train) -> Tensor",
    variants: "function",
    compose: (call, k, input, p, train) => dropout(call, k, input, p, train, "alpha", "mul"),
    samples: seeded("torch.alpha_dropout(a, 0.5, True)", "torch.alpha_dropout(a, 1.0, True)"),
  }),
  composite({
    schema: "alpha_dropout_(Tensor input, float p, bool train) -> Tensor",
    variants: "function",
    compose: (call, k, input, p, train) => dropout(call, k, input, p, train, "alpha", "mul_"),
    samples: seeded("torch.alpha_dropout_(a * 1, 0.5, True)"),
  }),
  composite({
    schema: "feature_alpha_dropout(Tensor input, float p, bool train) -> Tensor",
    variants: "function",
    compose: (call, k, input, p, train) => dropout(call, k, input, p, train, "feature alpha", "mul"),
    samples: seeded("torch.feature_alpha_dropout(a.view(1, 2, 3), 0.5, True)"),
  }),
  composite({
    schema: "feature_alpha_dropout_(Tensor input, float p, bool train) -> Tensor",
    variants: "function",
    compose: (call, k, input, p, train) => dropout(call, k, input, p, train, "feature alpha", "mul_"),
    samples: seeded("torch.feature_alpha_dropout_((a * 1).view(1, 2, 3), 0.5, True)"),
  }),
];
