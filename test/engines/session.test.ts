import { afterEach, describe, expect, test } from "vitest";
import { DEFAULT_LIMITS, type EngineSession, type Limits, type RunResult } from "../../engines/engine.ts";
import { startSession } from "../../engines/index.ts";

let session: EngineSession;
let count = 0;
const open = (): void => {
  session = startSession({ assets: "dist", log: () => {} }, DEFAULT_LIMITS.memory);
};
afterEach(() => session.dispose());

interface Cell {
  readonly result: RunResult;
  readonly printed: string;
  readonly shown: string | null;
}

async function cell(text: string, limits: Partial<Limits> = {}, during = (_: string) => {}): Promise<Cell> {
  let printed = "";
  let shown: string | null = null;
  const result = await session.run(
    {
      mode: "note",
      blocks: [{ name: `In [${++count}]`, text }],
      files: new Map(),
      argv: ["n.ipynb"],
      record: true,
      limits: { ...DEFAULT_LIMITS, ...limits },
    },
    {
      output: (chunk) => {
        printed += chunk.text;
        during(printed);
      },
      result: (value) => {
        shown = value;
      },
    },
    new AbortController().signal,
  );
  return { result, printed, shown };
}
const traceOf = ({ result }: Cell) => {
  if (result.kind !== "done" || result.trace === null) throw new Error(JSON.stringify(result));
  return result.trace;
};

describe("a session of the embedded engine", () => {
  test("keeps what cells made, tells values from prints, and records the pass across cells", async () => {
    open();
    expect(
      (await cell("import random\nx = torch.tensor([3., 4.]).requires_grad_()\nr = random.random()")).shown,
    ).toBe(null);
    const second = await cell("y = (x**2).sum()\nprint('two')\ny");
    expect(second.printed).toBe("two\n");
    expect(second.shown).toBe("tensor(25., grad_fn=<SumBackward0>)");
    const third = await cell("y.backward()\nx.grad, r == r");
    expect(third.shown).toBe("(tensor([6., 8.]), True)");
    const trace = traceOf(third);
    expect(trace.backwards[0]?.steps.map(({ node }) => trace.nodes[node]?.name)).toEqual([
      "SumBackward0",
      "PowBackward0",
      "AccumulateGrad",
    ]);
    // The expression that made a node stands in the cell that ran it.
    const made = trace.nodes.find(({ name }) => name === "PowBackward0")?.range;
    expect(trace.sources[made?.source ?? -1]?.text).toContain("(x**2).sum()");
    expect((await cell("y")).shown).toBe("tensor(25., grad_fn=<SumBackward0>)");
  });

  test("goes on after a cell that raised, with what it had made before", async () => {
    open();
    const failed = traceOf(await cell("a = 1\ndef f():\n    return 1 / 0\nb = f()"));
    expect(failed.error?.type).toBe("ZeroDivisionError");
    expect(failed.error?.ranges.map(({ start }) => start.line)).toEqual([3, 2]);
    const next = await cell("a");
    expect(next.shown).toBe("1");
    expect(traceOf(next).error).toBeNull();
    expect(traceOf(await cell("f()")).error?.ranges.map(({ source }) => source)).toEqual([2, 0]);
    expect(traceOf(await cell("def")).error?.type).toBe("SyntaxError");
    expect(traceOf(await cell("raise SystemExit(3)")).error?.type).toBe("SystemExit");
    expect((await cell("a")).shown).toBe("1");
  });

  test("is interrupted by a KeyboardInterrupt, and stays", async () => {
    open();
    await cell("n = 0");
    const stopped = await cell("print('going')\nwhile True: n += 1", {}, () => session.interrupt());
    expect(traceOf(stopped).error?.type).toBe("KeyboardInterrupt");
    expect((await cell("n > 0")).shown).toBe("True");
    // One that comes when nothing runs stops nothing.
    session.interrupt();
    expect((await cell("'still here'")).shown).toBe("'still here'");
  });

  test("ends a cell that passes a limit, and stays where Python could be told", async () => {
    open();
    await cell("a = 1");
    const slow = await cell("while True: pass", { seconds: 1 });
    expect(slow.result).toMatchObject({ kind: "failed", reason: "time" });
    const loud = await cell("while True: print('x' * 100)", { output: 5000 });
    expect(loud.result).toMatchObject({ kind: "failed", reason: "output" });
    expect((await cell("a")).shown).toBe("1");
  });

  test("is gone once its interpreter has died, and says so", async () => {
    open();
    const { result } = await cell("import os\nos._exit(3)");
    expect(result.kind).toBe("failed");
    expect(session.alive).toBe(false);
    expect((await cell("1")).result.kind).toBe("failed");
  });
});
