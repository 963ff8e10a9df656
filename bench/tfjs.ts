/** The rows of bench/programs/works.py by tfjs-backend-wasm, one thread, with the tensors that they make. */
import { createRequire } from "node:module";
import { dirname, sep } from "node:path";

/** What is used of tfjs; its own types want those of a browser. */
interface Tensor {
  dispose(): void;
  dataSync(): ArrayLike<number>;
}
interface Tfjs {
  setBackend(name: string): Promise<boolean>;
  ready(): Promise<void>;
  randomUniform(shape: number[], low: number, high: number): Tensor;
  reshape(x: Tensor, shape: number[]): Tensor;
  tidy<T>(work: () => T): T;
  moments(x: Tensor, axis: number, keep: boolean): { mean: Tensor; variance: Tensor };
  [op: string]: (...args: never[]) => Tensor | unknown;
}

const require = createRequire(import.meta.url);

/** Least milliseconds by the row's name. */
export async function tfjsTimes(): Promise<Map<string, number>> {
  const tf = require("@tensorflow/tfjs-core") as Tfjs;
  const wasm = require("@tensorflow/tfjs-backend-wasm") as {
    setWasmPaths(folder: string): void;
    setThreadsCount(count: number): void;
  };
  wasm.setWasmPaths(dirname(require.resolve("@tensorflow/tfjs-backend-wasm")) + sep);
  wasm.setThreadsCount(1);
  await tf.setBackend("wasm");
  await tf.ready();
  const op = (name: string, ...args: unknown[]): Tensor =>
    (tf[name] as (...args: unknown[]) => Tensor)(...args);
  const a = tf.randomUniform([1_000_000], -2, 2);
  const b = tf.randomUniform([1_000_000], 0.5, 1.5);
  const A = tf.reshape(a, [1000, 1000]);
  const [weight, bias] = [tf.randomUniform([1000], 1, 1), tf.randomUniform([1000], 0, 0)];
  const image = tf.randomUniform([8, 56, 56, 32], 0, 1);
  const kernel = tf.randomUniform([3, 3, 32, 32], 0, 1);
  const square = (n: number): Tensor => tf.randomUniform([n, n], 0, 1);
  const [m64, m512, m1024] = [square(64), square(512), square(1024)];
  const works: Readonly<Record<string, () => Tensor>> = {
    add: () => op("add", a, b),
    mul: () => op("mul", a, b),
    div: () => op("div", a, b),
    relu: () => op("relu", a),
    sqrt: () => op("sqrt", b),
    exp: () => op("exp", a),
    tanh: () => op("tanh", a),
    sigmoid: () => op("sigmoid", a),
    sum: () => op("sum", a),
    max: () => op("max", a),
    "sum of rows": () => op("sum", A, 1),
    "sum of columns": () => op("sum", A, 0),
    softmax: () => op("softmax", A, 1),
    // It has no kernel for it: its own ops, as its layers put them together.
    "layer norm": () => {
      const { mean, variance } = tf.moments(A, 1, true);
      const scaled = op("mul", op("sub", A, mean), op("rsqrt", op("add", variance, 1e-5)));
      return op("add", op("mul", scaled, weight), bias);
    },
    "conv2d 3x3": () => op("conv2d", image, kernel, 1, "same"),
    "matmul 64": () => op("matMul", m64, m64),
    "matmul 512": () => op("matMul", m512, m512),
    "matmul 1024": () => op("matMul", m1024, m1024),
  };
  const once = (work: () => Tensor): void => tf.tidy(work).dispose();
  return new Map(Object.entries(works).map(([name, work]) => [name, least(() => once(work))]));
}

/** As works.py measures. */
function least(work: () => void): number {
  work();
  const began = performance.now();
  work();
  const repeat = Math.max(1, Math.floor(4 / (performance.now() - began + 1e-6)));
  let best = Number.POSITIVE_INFINITY;
  for (let i = 0; i < 12; i++) {
    const start = performance.now();
    for (let k = 0; k < repeat; k++) work();
    best = Math.min(best, (performance.now() - start) / repeat);
  }
  return best;
}
