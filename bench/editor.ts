/** What a person feels in the editor: a hover's answer, and runs that must not slow down with those before them. */
import { DEFAULT_LIMITS } from "../engines/engine.ts";
import { createEngine } from "../engines/index.ts";
import { hoverText } from "../extension/hovers/text.ts";
import { type Job, Session } from "../extension/session.ts";
import { pieceOf } from "../extension/source/pieces.ts";
import type { Trace } from "../trace/schema.ts";
import { wholeStep } from "../trace/stepper.ts";
import type { Row } from "./report.ts";

const HOVER = 20;
/** Expressions of a program that are hovered over. */
const HOVERS = 60;
/** Of the time after a few runs. */
const GROWTH = 1.2;
const RUNS = 200;
const WARM = 5;
/** Re-traces of which the middle is taken. */
const SAMPLE = 11;
/** Ms. */
const PAUSE = 800;

const SNIPPET =
  "import torch\nx = torch.tensor([3., 4.], requires_grad=True)\ny = (x**2).sum()\ny.backward()\n";
/** A recurrent net: three nodes for each of its 300 steps. */
const LONG = `import torch
w = (torch.eye(64) * 0.9).requires_grad_()
b = torch.zeros(64, requires_grad=True)
h = torch.ones(8, 64)
for step in range(300):
    h = torch.tanh(h @ w + b)
h.sum().backward()
`;

const jobOf = (text: string): Job => ({
  title: "bench.py",
  mode: "script",
  pieces: [pieceOf("file:///bench.py", "bench.py", text, 0, text.split("\n"))],
  files: new Map(),
  uriOf: () => null,
  limits: DEFAULT_LIMITS,
});

/** The longest of the answers over a program's expressions, each the middle of several, and what grows with past runs. */
export async function editor(): Promise<Row[]> {
  const [old, fresh] = [newEditor(), newEditor()];
  try {
    const rows: Row[] = [];
    const programs: [string, string][] = [
      ["a snippet", SNIPPET],
      ["a pass of 900 nodes", LONG],
    ];
    for (const [name, text] of programs) {
      const ours = slowestHover(await old.ran(text));
      rows.push({ work: `hover over any expression of ${name}`, ours, theirs: null, goal: { ms: HOVER } });
    }
    for (let run = 0; run < RUNS; run++) await old.ran(SNIPPET.replace("3.", `${run}.`));
    for (let run = 0; run < WARM; run++) await fresh.ran(SNIPPET.replace("3.", `${run}.`));
    // In turn, so that other work of the machine falls on both.
    const times = { old: [] as number[], fresh: [] as number[] };
    const hovers = { old: [] as number[], fresh: [] as number[] };
    for (let i = 0; i < SAMPLE; i++)
      for (const [which, each] of [
        ["old", old],
        ["fresh", fresh],
      ] as const) {
        // As a person pauses: the next sandbox is ready by then.
        await new Promise((done) => setTimeout(done, PAUSE));
        const start = performance.now();
        const trace = await each.ran(SNIPPET.replace("3.", `${i}.`));
        times[which].push(performance.now() - start);
        hovers[which].push(slowestHover(trace));
      }
    for (const [name, each] of [
      ["live re-trace", times],
      ["hover", hovers],
    ] as const)
      rows.push({
        work: `${name} after ${RUNS} runs, against after ${WARM}`,
        ours: middle(each.old),
        theirs: middle(each.fresh),
        goal: { ratio: GROWTH },
      });
    return rows;
  } finally {
    await Promise.all([old.dispose(), fresh.dispose()]);
  }
}

/** An engine and what is shown of it; every run after the first is one of live mode: what is shown stays until it is there. */
function newEditor(): { ran(text: string): Promise<Trace>; dispose(): Promise<void> } {
  const engine = createEngine("embedded", { assets: "dist", log: () => {} });
  const session = new Session();
  return {
    async ran(text) {
      await session.refresh(engine, jobOf(text), () => true);
      const { state } = session;
      if (state.kind !== "ready")
        throw new Error(`the run is ${state.kind}: ${"message" in state ? state.message : ""}`);
      return state.trace;
    },
    dispose: () => engine.dispose(),
  };
}

const middle = (times: readonly number[]): number =>
  [...times].sort((a, b) => a - b)[times.length >> 1] as number;

/** At the end of the pass, where a hover has the most to tell. */
function slowestHover(trace: Trace): number {
  const backward = trace.backwards.length - 1;
  const steps = trace.backwards[backward]?.steps.length ?? 0;
  const place = steps === 0 ? null : wholeStep(trace, backward, steps - 1);
  // Evenly over the program.
  const every = Math.ceil(trace.bindings.length / HOVERS);
  const sample = trace.bindings.filter((_, i) => i % every === 0);
  const each = sample.map(({ range }) => {
    const times = Array.from({ length: 5 }, () => {
      const start = performance.now();
      if (hoverText(trace, place, range.source, range.start) === null) throw new Error("a hover is empty");
      return performance.now() - start;
    });
    return middle(times);
  });
  return Math.max(...each);
}
