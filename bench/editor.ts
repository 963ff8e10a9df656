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
/** Of the time of the first runs. */
const GROWTH = 1.2;
const RUNS = 210;
/** Runs of which the middle is taken, at the start and at the end; the first ones warm up. */
const WARM = 10;
const SAMPLE = 10;

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

/** The longest of the answers over a program's expressions, each the middle of several, and of the runs' growth. */
export async function editor(): Promise<Row[]> {
  const engine = createEngine("embedded", { assets: "dist", log: () => {} });
  const session = new Session();
  const ran = async (text: string): Promise<Trace> => {
    await session.run(engine, jobOf(text));
    if (session.state.kind !== "ready")
      throw new Error(
        `the run is ${session.state.kind}: ${"message" in session.state ? session.state.message : ""}`,
      );
    return session.state.trace;
  };
  try {
    const rows: Row[] = [];
    const programs: [string, string][] = [
      ["a snippet", SNIPPET],
      ["a pass of 900 nodes", LONG],
    ];
    for (const [name, text] of programs) {
      const ours = slowestHover(await ran(text));
      rows.push({ work: `hover over any expression of ${name}`, ours, theirs: null, goal: { ms: HOVER } });
    }
    const times: number[] = [];
    for (let run = 0; run < RUNS; run++) {
      // As a person pauses: the next sandbox is ready by then.
      await new Promise((done) => setTimeout(done, 400));
      const start = performance.now();
      await ran(SNIPPET.replace("3.", `${run}.`));
      times.push(performance.now() - start);
    }
    const [first, last] = [times.slice(WARM, WARM + SAMPLE), times.slice(-SAMPLE)].map(middle);
    rows.push({
      work: `runs ${RUNS - SAMPLE} to ${RUNS}, against runs ${WARM} to ${WARM + SAMPLE}`,
      ours: last as number,
      theirs: first as number,
      goal: { ratio: GROWTH },
    });
    return rows;
  } finally {
    await engine.dispose();
  }
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
