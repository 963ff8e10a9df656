/** `backstep open`: what is in trace files, in words. */

import { basename } from "node:path";
import { areRanks, readTraces, type TraceFile } from "../engines/traces.ts";
import { compareTraces } from "../trace/compare.ts";
import { UNPRINTABLE } from "../trace/export.ts";
import { ENGLISH } from "../trace/l10n.ts";
import { omittedOf } from "../trace/pass-number.ts";
import { acrossRanks, rankLines } from "../trace/ranks.ts";
import { UsageError } from "./source.ts";
import { complain, EXIT } from "./terminal.ts";
import { type Format, type WriteOptions, written } from "./write.ts";

export interface OpenOptions extends Omit<WriteOptions, "format"> {
  readonly format?: Format;
  readonly rank?: number;
}

/** Differences that are shown of two traces. */
const SHOWN = 10;

export async function opened(paths: readonly string[], options: OpenOptions): Promise<void> {
  const { files, problems, notes } = await readTraces(paths);
  for (const problem of problems) complain(problem);
  for (const note of notes) complain(note);
  if (problems.length > 0) process.exitCode ??= EXIT.usage;
  if (files.length === 0) return;
  const { format = options.out === undefined ? undefined : "json" } = options;
  if (format === undefined) {
    process.stdout.write(summary(files));
    return;
  }
  const { trace, path } = chosen(files, options.rank);
  process.stdout.write(await written(trace, { ...options, format }, basename(path)));
}

function chosen(files: readonly TraceFile[], rank: number | undefined): TraceFile {
  const file = rank === undefined ? files[0] : files.find((each) => each.rank === rank);
  if (file !== undefined) return file;
  const ranks = files.flatMap((each) => (each.rank === null ? [] : [each.rank]));
  throw new UsageError(
    `--rank ${rank}: ${ranks.length === 0 ? "these traces have no ranks; leave it out" : `there are the ranks ${ranks.join(", ")}`}`,
  );
}

function summary(files: readonly TraceFile[]): string {
  const lines = files.flatMap((file) => [headOf(file), ...factsOf(file).map((fact) => `  ${fact}`)]);
  const traces = files.map(({ trace }) => trace);
  if (areRanks(files)) {
    const labels = files.map(({ label }) => label);
    lines.push("", ...rankLines(acrossRanks(traces), labels, ENGLISH));
  } else if (files.length === 2) lines.push("", ...differences(files));
  return `${lines.join("\n").replace(UNPRINTABLE, " ")}\n`;
}

function headOf({ path, rank, trace }: TraceFile): string {
  const { engine, sources, process: of } = trace;
  const who = rank === null ? [] : [of === undefined ? `rank ${rank}` : `rank ${rank} of ${of.of}`];
  const ran = engine.name === "embedded" ? "embedded engine" : `PyTorch ${engine.torch}`;
  return [basename(path), ...who, ran, sources.map(({ name }) => basename(name)).join(", ")].join("  ");
}

function factsOf({ trace }: TraceFile): string[] {
  const { backwards, nodes, tensors, error, notes } = trace;
  const omitted = omittedOf({ backwards });
  const steps = backwards.map((pass) => pass.steps.length);
  return [
    `${counted(backwards.length, "backward pass", "backward passes")}${omitted > 0 ? ` (and ${omitted} earlier, not kept)` : ""}${steps.length === 0 ? "" : `, of ${listed(steps)}`}; ${counted(nodes.length, "node")}, ${counted(tensors.length, "tensor")}`,
    ...backwards.flatMap((pass, i) =>
      pass.error === null ? [] : [`pass ${omitted + i + 1} raised: ${pass.error}`],
    ),
    ...(error === null ? [] : [`the program raised ${error.type}: ${error.message}`]),
    ...notes.map((note) => `note: ${note}`),
  ];
}

/** `3 steps`, `3, 4 and 3 steps`; not every one of many. */
function listed(steps: readonly number[]): string {
  const [most, least] = [Math.max(...steps), Math.min(...steps)];
  if (most === least) return `${counted(most, "step")}${steps.length > 1 ? " each" : ""}`;
  return steps.length > 8 ? `${least} to ${most} steps` : `${steps.join(", ")} steps`;
}

function differences([left, right]: readonly TraceFile[]): string[] {
  if (left === undefined || right === undefined) return [];
  const found = compareTraces(left.trace, right.trace);
  if (found.length === 0) return ["The two traces agree."];
  return [
    `The two traces differ in ${counted(found.length, "place")} (${left.label} | ${right.label}):`,
    ...found.slice(0, SHOWN).map(({ at, left: a, right: b }) => `  ${at}: ${cut(a)} | ${cut(b)}`),
  ];
}

const LONGEST = 100;
const cut = (text: string): string => {
  const line = text.replace(/\s+/g, " ");
  return line.length > LONGEST ? `${line.slice(0, LONGEST)}…` : line;
};

const counted = (count: number, one: string, many = `${one}s`): string =>
  `${count} ${count === 1 ? one : many}`;
