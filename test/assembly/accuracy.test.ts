/** How near the core's functions come to the true values, over a sample of every float there is. */
import { describe, expect, test } from "vitest";
import { Binary, DType, Unary } from "../../assembly/shared/codes.ts";
import { dtypeName } from "../../autograd/dtype.ts";
import { loadCore } from "../../autograd/wasm.ts";
import { builds } from "../support/core.ts";
import { testWithTorch } from "../support/torch.ts";
import { powC, rounder, UNARY_FLOAT, ulps } from "./reference.ts";
import { Bench, FLOATS } from "./tensors.ts";

/** Evenly through the bit patterns: every exponent, both signs, subnormals, NaNs. */
function sample(dtype: DType, count: number): number[] {
  const view = new DataView(new ArrayBuffer(8));
  return Array.from({ length: count }, (_, i) => {
    const bits = (BigInt(i) * 2n ** 64n) / BigInt(count) + BigInt(i * 7919);
    view.setBigUint64(0, BigInt.asUintN(64, bits));
    return dtype === DType.f32 ? view.getFloat32(0) : view.getFloat64(0);
  });
}

const EDGES = [
  0,
  -0,
  1,
  -1,
  0.5,
  -0.5,
  2,
  -2,
  Infinity,
  -Infinity,
  Number.NaN,
  0.625,
  -0.625,
  0.6249999,
  88.72283,
  88.72284,
  89,
  -87.33655,
  -87.4,
  -103.27893,
  -103.97208,
  -104,
  -200,
  709.78,
  709.79,
  -745.13,
  -745.14,
  1.17549435e-38,
  1e-45,
  -1e-45,
  5e-324,
  3.4028235e38,
  Math.PI,
  -Math.PI,
  Math.PI / 2,
  1000 * Math.PI,
  1e5 * Math.PI,
  1048575.9,
  1048576,
  1647099,
  1647100.5,
  -1905277.157823263,
  3246790.4877266088,
  4194303.9,
  4194304,
  4.2e8,
  6.1897e26,
  -3.4028218e38,
  0.99999994,
  1.0000001,
  Math.SQRT1_2,
];

/** Thickly where these functions change. */
const NEAR = Array.from({ length: 8000 }, (_, i) => (i - 4000) / 200);

/** Units in the last place. */
const BOUNDS: readonly (readonly [Unary, f32: number, f64: number])[] = [
  [Unary.exp, 1, 1],
  [Unary.log, 1, 1],
  [Unary.tanh, 2, 2],
  [Unary.sigmoid, 3, 2],
  [Unary.sin, 1, 2],
  [Unary.cos, 1, 2],
  [Unary.rsqrt, 1, 1],
  [Unary.sqrt, 0, 0],
];

describe.each(builds)("%s", (_, bytes) => {
  const core = loadCore(bytes);
  const bench = new Bench(core);

  for (const dtype of FLOATS) {
    const round = rounder(dtype);
    const values = [...EDGES, ...NEAR, ...sample(dtype, 20000)].map(round);

    const named = BOUNDS.map(([op, single, double]) => [Unary[op], op, single, double] as const);
    test.each(named)(`%s of ${dtypeName(dtype)} is within its bound`, (_, op, single, double) => {
      const a = bench.tensor(dtype, [values.length], undefined, values);
      const out = bench.tensor(dtype, [values.length]);
      core.unary(op, out, a);
      const got = core.read(out);
      const bound = dtype === DType.f32 ? single : double;
      values.forEach((x, i) => {
        const wanted = round(UNARY_FLOAT[op](x, round));
        const off = ulps(dtype, Number(got[i]), wanted);
        if (off > bound) expect.fail(`${Unary[op]}(${x}) = ${got[i]}, ${off} units from ${wanted}`);
      });
      bench.done();
    });

    test(`a ${dtypeName(dtype)} value is the same wherever it lies`, () => {
      // Not sigmoid: what does not fill a register of PyTorch's goes by the C library.
      for (const op of [Unary.exp, Unary.log, Unary.tanh, Unary.sin, Unary.cos]) {
        const near = bench.tensor(dtype, [values.length], undefined, values);
        const layout = { strides: [2], offset: 1, count: 2 * values.length };
        const apart = bench.tensor(dtype, [values.length], layout, values);
        const [x, y] = [bench.tensor(dtype, [values.length]), bench.tensor(dtype, [values.length])];
        core.unary(op, x, near);
        core.unary(op, y, apart);
        expect(core.read(x)).toEqual(core.read(y));
        bench.done();
      }
    });

    test(`pow of ${dtypeName(dtype)} is within 1 unit, its special cases exact`, () => {
      const some = [
        ...EDGES,
        ...sample(dtype, 150),
        ...NEAR.filter((_, i) => i % 200 === 0),
        3,
        -3,
        1 / 3,
        1e-5,
        7,
      ].map(round);
      const pairs = some.flatMap((x) => some.map((y) => [x, y] as const));
      const a = bench.tensor(
        dtype,
        [pairs.length],
        undefined,
        pairs.map(([x]) => x),
      );
      const b = bench.tensor(
        dtype,
        [pairs.length],
        undefined,
        pairs.map(([, y]) => y),
      );
      const out = bench.tensor(dtype, [pairs.length]);
      core.binary(Binary.pow, out, a, b);
      const got = core.read(out);
      pairs.forEach(([x, y], i) => {
        const wanted = round(powC(x, y));
        const special = !Number.isFinite(wanted) || wanted === 0 || Math.abs(wanted) === 1;
        // JavaScript's own pow is off by one unit in double at times.
        const bound = dtype === DType.f64 ? 2 : special ? 0 : 1;
        const off = ulps(dtype, Number(got[i]), wanted);
        if (off > bound) expect.fail(`pow(${x}, ${y}) = ${got[i]}, ${off} units from ${wanted}`);
      });
      bench.done();
    });
  }

  testWithTorch("floats come as PyTorch gives them, to 1e-6 in float32 and 1e-14 in float64", (ask) => {
    const ops = [
      "exp",
      "log",
      "tanh",
      "sigmoid",
      "sin",
      "cos",
      "rsqrt",
      "sqrt",
      "relu",
      "sign",
      "round",
      "reciprocal",
    ] as const;
    const pairs = ["floorDiv", "remainder", "pow", "atan2", "maximum", "minimum"] as const;
    for (const dtype of FLOATS) {
      const name = dtypeName(dtype);
      const values = [...EDGES, ...NEAR.filter((_, i) => i % 16 === 7)].map(rounder(dtype));
      const others = values.map((_, i) => values[(i * 37 + 11) % values.length] as number);
      const answer = ask(
        `x = torch.tensor(given['x'], dtype=torch.${name}); y = torch.tensor(given['y'], dtype=torch.${name})
answer = {f: getattr(torch, f)(x).tolist() for f in given['ops']}
for ours, f in given['pairs']:
    answer[ours] = getattr(torch, f)(x, y).tolist()`,
        {
          x: values,
          y: others,
          ops,
          pairs: pairs.map((op) => [op, op === "floorDiv" ? "floor_divide" : op]),
        },
      ) as Record<string, number[]>;
      const a = bench.tensor(dtype, [values.length], undefined, values);
      const b = bench.tensor(dtype, [values.length], undefined, others);
      const out = bench.tensor(dtype, [values.length]);
      const compare = (op: string) => {
        core.read(out).forEach((value, i) => {
          const theirs = answer[op]?.[i] as number;
          const ours = Number(value);
          // PyTorch's vector fmod gives NaN where the quotient is huge; its number form, which ours is, does not.
          const quotient = Math.abs((values[i] as number) / (others[i] as number));
          if ((op === "floorDiv" || op === "remainder") && quotient > 1e7) return;
          const near = Math.abs(ours - theirs) <= (dtype === DType.f32 ? 1e-6 : 1e-14) * Math.abs(theirs);
          const tiny = Math.abs(theirs) < 1.2e-38 && Math.abs(ours - theirs) <= 3e-45;
          const sameZero = ours !== 0 || theirs !== 0 || Object.is(ours, theirs) || op.startsWith("m");
          if (!((near || tiny || Object.is(ours, theirs)) && sameZero)) {
            expect.fail(`${op}(${values[i]}, ${others[i]}) of ${name} = ${ours}, PyTorch's is ${theirs}`);
          }
        });
      };
      for (const op of ops) {
        core.unary(Unary[op], out, a);
        compare(op);
      }
      for (const op of pairs) {
        core.binary(Binary[op], out, a, b);
        compare(op);
      }
      bench.done();
    }
  });
});
