/**
 * The speed table: one op after another, and whole programs, as a program sees them, against PyTorch and against
 * tfjs-backend-wasm. One thread each; what an op makes is counted on all sides.
 */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { DEFAULT_LIMITS, type RunRequest } from "../engines/engine.ts";
import { createEngine } from "../engines/index.ts";
import { findTorch, type Row } from "./report.ts";
import { tfjsTimes } from "./tfjs.ts";

const PROGRAMS = "bench/programs/";
/** Not to be passed, against PyTorch with OpenBLAS. */
const GOALS: Readonly<Record<string, number>> = { exp: 1.8, tanh: 1.8, sigmoid: 1.8, softmax: 1.8 };
const goalOf = (work: string): number => GOALS[work] ?? (/^(conv|matmul)/.test(work) ? 2 : 1.2);

/** One thread; a kind of processor that was named for an older OpenBLAS is not heeded. */
function environment(): NodeJS.ProcessEnv {
  const { OPENBLAS_CORETYPE: _type, OPENBLAS_L2_SIZE: _size, ...kept } = process.env;
  return { ...kept, OMP_NUM_THREADS: "1", OPENBLAS_NUM_THREADS: "1" };
}

/** What a program prints last, by PyTorch; null where there is none. */
function byTorch(program: string): string | null {
  const python = findTorch();
  if (python === null) return null;
  const { status, stdout, stderr } = spawnSync(python, [PROGRAMS + program], {
    encoding: "utf8",
    env: environment(),
  });
  if (status !== 0) throw new Error(`${program} failed: ${stderr}`);
  return lastLine(stdout);
}

/** The same by the embedded engine, in this process's own child. */
export async function byBackstep(program: string, record = false): Promise<string> {
  const engine = createEngine("embedded", { assets: "dist", log: () => {} });
  const request: RunRequest = {
    mode: "script",
    blocks: [{ name: program, text: readFileSync(PROGRAMS + program, "utf8") }],
    files: new Map(),
    argv: [program],
    record,
    limits: { ...DEFAULT_LIMITS, seconds: 600 },
  };
  let printed = "";
  const output = ({ text }: { text: string }): void => {
    printed += text;
  };
  const result = await engine.run(request, { output }, new AbortController().signal);
  await engine.dispose();
  if (result.kind !== "done" || result.exitCode !== 0)
    throw new Error(`${program} failed: ${printed} ${JSON.stringify(result).slice(0, 500)}`);
  return lastLine(printed);
}

const lastLine = (text: string): string => text.trim().split("\n").at(-1) ?? "";

const timesOf = (json: string): Map<string, number> => new Map(Object.entries(JSON.parse(json)));

/** Which library multiplies PyTorch's matrices: the file that its process has loaded. */
export function blas(): string {
  const python = findTorch();
  if (python === null) return "no PyTorch";
  const program =
    "import torch, re; torch.ones(64, 64) @ torch.ones(64, 64); print(*sorted(set(re.findall(r'\\S*/(\\S*(?:blas|mkl)\\S*)', open('/proc/self/maps').read()))))";
  const { stdout } = spawnSync(python, ["-c", program], { encoding: "utf8", env: environment() });
  return stdout.trim() || "unknown";
}

export async function againstTorch(): Promise<Row[]> {
  const ours = timesOf(await byBackstep("works.py"));
  const theirs = byTorch("works.py");
  const known = theirs === null ? null : timesOf(theirs);
  return [...ours].map(([work, time]) => ({
    work,
    ours: time,
    theirs: known?.get(work) ?? null,
    goal: { ratio: goalOf(work) },
  }));
}

export async function againstTfjs(): Promise<Row[]> {
  const theirs = await tfjsTimes();
  const ours = timesOf(await byBackstep("works.py"));
  return [...ours].map(([work, time]) => ({
    work,
    ours: time,
    theirs: theirs.get(work) ?? null,
    goal: { ratio: 1 },
  }));
}

/** Programs that print their seconds. */
export async function programs(): Promise<Row[]> {
  const rows: Row[] = [];
  for (const [program, record, work, ratio] of [
    ["small.py", true, "an op on two-element tensors, recorded", 1.5],
    ["training.py", false, "1,000 training steps of an MLP 2-16-16-1, batch 100", 2],
    ["training.py", true, "the same, traced", 2],
    ["transformer.py", false, "a step of a transformer (6 layers, 384 wide, 8 x 64)", 3],
  ] as const) {
    const ours = Number(await byBackstep(program, record)) * 1000;
    const theirs = byTorch(program);
    rows.push({ work, ours, theirs: theirs === null ? null : Number(theirs) * 1000, goal: { ratio } });
  }
  return rows;
}
