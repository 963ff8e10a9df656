/** The corpus of snippets, and PyTorch's traces: of many programs at once by PyTorch itself, or as they were recorded. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gunzipSync, gzipSync } from "node:zlib";
import { cellPrograms } from "../../notes/parts.ts";
import { readTrace } from "../../trace/read.ts";
import type { Trace } from "../../trace/schema.ts";
import { runPython } from "../support/pytorch.ts";

const HERE = fileURLToPath(new URL(".", import.meta.url));
const SNIPPETS = fileURLToPath(new URL("../snippets/", import.meta.url));
const RECORDED = fileURLToPath(new URL("../recorded/traces.json.gz", import.meta.url));
const RECORDER = fileURLToPath(new URL("../../dist/recorder/", import.meta.url));

export interface Snippet {
  /** `scalars: square` */
  readonly name: string;
  readonly text: string;
}

/** The corpus: each cell (`# %% name`) of a file in test/snippets is a program, as `backstep compare --cells` has it. */
export function snippets(): readonly Snippet[] {
  return readdirSync(SNIPPETS)
    .filter((file) => file.endsWith(".py"))
    .sort()
    .flatMap((file) =>
      cellPrograms(readFileSync(SNIPPETS + file, "utf8")).map(({ name, text }) => ({
        name: `${file.replace(".py", "")}: ${name}`,
        text,
      })),
    );
}

/** Traces of programs by real PyTorch, in their order. */
export function recordAll(python: string, programs: readonly string[]): readonly Trace[] {
  const answers = runPython(python, `${HERE}batch.py`, programs, [RECORDER]) as readonly string[];
  return answers.map((text, i) => {
    if (text === "") throw new Error(`the recorder failed on:\n${programs[i]}`);
    return readTrace(text);
  });
}

/** The kept traces, by the program's text, for machines without PyTorch; `npm run record` writes them anew. */
export function readRecorded(): ReadonlyMap<string, Trace> {
  if (!existsSync(RECORDED)) return new Map();
  const traces = JSON.parse(gunzipSync(readFileSync(RECORDED)).toString()) as readonly unknown[];
  return new Map(
    traces.map((trace) => {
      const read = readTrace(JSON.stringify(trace));
      return [read.sources[0]?.text ?? "", read];
    }),
  );
}

/** Keep what the judge looks at. */
export function writeRecorded(traces: readonly Trace[]): void {
  const compact = traces.map((trace) => ({
    ...trace,
    tensors: trace.tensors.map((tensor) => ({ ...tensor, repr: null })),
    error: trace.error === null ? null : { ...trace.error, traceback: "" },
    backwards: trace.backwards.map((pass) => ({
      ...pass,
      steps: pass.steps.map((step) => ({
        ...step,
        downstream: step.downstream.map((sent) => ({ ...sent, terms: [] })),
      })),
    })),
  }));
  writeFileSync(RECORDED, gzipSync(JSON.stringify(compact), { level: 9 }));
}
