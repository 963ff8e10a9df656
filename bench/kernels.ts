/** The core's kernels against PyTorch's, one thread each, over the same sizes; outputs allocated beforehand on both sides. */
import { spawnSync } from "node:child_process";
import { Binary, DType, Reduce, Unary } from "../assembly/shared/codes.ts";
import type { Core, Strided } from "../autograd/core.ts";
import { dtypeSize } from "../autograd/dtype.ts";

export interface KernelTime {
  readonly work: string;
  /** Best of several runs, in milliseconds. */
  readonly ours: number;
  /** The same for PyTorch; null where it is not installed. */
  readonly theirs: number | null;
}

interface Work {
  readonly work: string;
  readonly ours: () => void;
  /** An expression over what SETUP defines. */
  readonly theirs: string;
}

const COUNT = 1_000_000;
const SIDE = 1000;
const RUNS = 15;

const SETUP = `import json, time, torch
torch.set_num_threads(1)
a = torch.rand(${COUNT}) * 4 - 2; b = a.clone(); o = torch.empty(${COUNT}); c = torch.empty(${COUNT}, dtype=torch.bool)
A = a.view(${SIDE}, ${SIDE}); B = b.view(${SIDE}, ${SIDE}); O = o.view(${SIDE}, ${SIDE}); s = torch.empty(()); r = torch.empty(${SIDE})
x = torch.rand(2); y = torch.empty(2)
m64 = torch.rand(64, 64); o64 = torch.empty(64, 64); m512 = torch.rand(512, 512); o512 = torch.empty(512, 512)
def best(f):
    least = 1e9
    for _ in range(${RUNS}):
        t = time.perf_counter(); f(); least = min(least, time.perf_counter() - t)
    return least * 1e3
def small():
    for _ in range(1000): torch.add(x, x, out=y)
`;

function tensor(core: Core, dtype: DType, ...shape: number[]): Strided {
  const strides = shape.map((_, i) => shape.slice(i + 1).reduce((n, size) => n * size, 1));
  const count = shape.reduce((n, size) => n * size, 1);
  return { dtype, shape, strides, ptr: core.alloc(count * dtypeSize(dtype)) };
}

function works(core: Core): Work[] {
  const flat = (dtype = DType.f32) => tensor(core, dtype, COUNT);
  const square = (t: Strided, strides = [SIDE, 1]): Strided => ({ ...t, shape: [SIDE, SIDE], strides });
  const [a, b, o, c] = [flat(), flat(), flat(), flat(DType.bool)];
  core.write(
    a,
    Array.from({ length: COUNT }, (_, i) => ((i * 7919) % 4001) / 1000 - 2),
  );
  core.copy(b, a);
  const [A, O] = [square(a), square(o)];
  const s = tensor(core, DType.f32, 1);
  const [across, down] = [tensor(core, DType.f32, 1, SIDE), tensor(core, DType.f32, SIDE, 1)];
  const two = tensor(core, DType.f32, 1);
  core.fill(two, 2);
  const [x, y] = [tensor(core, DType.f32, 2), tensor(core, DType.f32, 2)];
  core.fill(x, 1);
  const product = (n: number): Work => {
    const [m, out] = [tensor(core, DType.f32, 1, n, n), tensor(core, DType.f32, 1, n, n)];
    core.fill(m, 0.5);
    return {
      work: `matmul ${n}`,
      ours: () => core.bmm(out, m, m),
      theirs: `torch.mm(m${n}, m${n}, out=o${n})`,
    };
  };
  const binary = (op: keyof typeof Binary & string, name: string, out = o): Work => ({
    work: name,
    ours: () => core.binary(Binary[op] as Binary, out, a, b),
    theirs: `torch.${name}(a, b, out=${out === c ? "c" : "o"})`,
  });
  const unary = (op: keyof typeof Unary & string): Work => ({
    work: op,
    ours: () => core.unary(Unary[op] as Unary, o, a),
    theirs: `torch.${op}(a, out=o)`,
  });
  return [
    ...(["add", "mul", "div", "maximum", "remainder", "pow"] as const).map((op) => binary(op, op)),
    binary("gt", "gt", c),
    {
      work: "pow 2",
      ours: () => core.binary(Binary.powScalar, o, a, { ...two, shape: [COUNT], strides: [0] }),
      theirs: "torch.pow(a, 2, out=o)",
    },
    ...(["neg", "sqrt", "exp", "log", "tanh", "sigmoid", "sin"] as const).map(unary),
    { work: "sum", ours: () => core.reduce(Reduce.sum, s, a, [0]), theirs: "torch.sum(a, 0, out=s)" },
    { work: "max", ours: () => core.reduce(Reduce.max, s, a, [0]), theirs: "torch.amax(a, 0, out=s)" },
    {
      work: "sum, axis 0",
      ours: () => core.reduce(Reduce.sum, across, A, [0]),
      theirs: "torch.sum(A, 0, out=r)",
    },
    {
      work: "sum, axis 1",
      ours: () => core.reduce(Reduce.sum, down, A, [1]),
      theirs: "torch.sum(A, 1, out=r)",
    },
    { work: "copy of a transpose", ours: () => core.copy(O, square(a, [1, SIDE])), theirs: "O.copy_(A.t())" },
    {
      work: "add, one row to all",
      ours: () => core.binary(Binary.add, O, A, square(b, [0, 1])),
      theirs: "torch.add(A, B[0], out=O)",
    },
    product(64),
    product(512),
    {
      work: "1000 additions of two elements",
      ours: () => {
        for (let i = 0; i < 1000; i++) core.binary(Binary.add, y, x, x);
      },
      theirs: "small()",
    },
  ];
}

function best(run: () => void): number {
  let least = Infinity;
  for (let i = 0; i < RUNS; i++) {
    const start = performance.now();
    run();
    least = Math.min(least, performance.now() - start);
  }
  return least;
}

/** Time every kernel; `python` is an interpreter that may have torch. */
export function benchKernels(core: Core, python = "python3"): KernelTime[] {
  const all = works(core);
  const lines = all.map(({ theirs }) => `times.append(best(lambda: ${theirs}))`);
  const program = [SETUP, "times = []", ...lines, "print(json.dumps(times))"].join("\n");
  const { status, stdout } = spawnSync(python, ["-c", program], {
    encoding: "utf8",
    env: { ...process.env, OMP_NUM_THREADS: "1", OPENBLAS_NUM_THREADS: "1" },
  });
  const theirs: number[] | null = status === 0 ? JSON.parse(stdout) : null;
  return all.map(({ work, ours }, i) => ({ work, ours: best(ours), theirs: theirs?.[i] ?? null }));
}
