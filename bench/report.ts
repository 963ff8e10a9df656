/** How measured times are written: ours, theirs and the ratio, with the machine that they are of. */
import { spawnSync } from "node:child_process";
import { cpus } from "node:os";

export interface Row {
  readonly work: string;
  /** Milliseconds, where no other unit is named. */
  readonly ours: number;
  readonly unit?: "MB";
  /** The same of what it is measured against; null where that is not on this machine, `over` where it was given up then. */
  readonly theirs: number | { readonly over: number } | null;
  /** What should not be passed; null where there is no goal. */
  readonly goal: { readonly ratio: number } | { readonly ms: number } | { readonly MB: number } | null;
}

export const machine = (): string =>
  `${cpus().length} x ${cpus()[0]?.model.trim() ?? "unknown processor"}, Node ${process.version}`;

const ms = (time: number): string =>
  time < 1 ? time.toFixed(4) : time < 100 ? time.toFixed(1) : time.toFixed(0);

function verdict(goal: Row["goal"], ours: number, ratio: number | null): string {
  if (goal === null) return "";
  if ("MB" in goal) return `${goal.MB} MB${ours <= goal.MB ? "" : " (missed)"}`;
  if ("ms" in goal) return `${goal.ms} ms${ours <= goal.ms ? "" : " (missed)"}`;
  return `${goal.ratio}${ratio === null ? " (not checked)" : ratio <= goal.ratio ? "" : " (missed)"}`;
}

/** A Python with PyTorch: the one on the path, or the system's; null where neither has it. */
export const findTorch = (): string | null =>
  ["python3", "/usr/bin/python3"].find((python) => spawnSync(python, ["-c", "import torch"]).status === 0) ??
  null;

/** A table in Markdown. */
export function table(heading: string, against: string, rows: readonly Row[]): string {
  const lines = rows.map(({ work, ours, unit, theirs, goal }) => {
    const given = typeof theirs === "object" ? (theirs?.over ?? null) : theirs;
    const bound = typeof theirs === "object" ? ["> ", "< "] : ["", ""];
    const ratio = given === null ? null : ours / given;
    const cells = [
      work,
      unit === undefined ? ms(ours) : `${ours.toFixed(0)} ${unit}`,
      given === null ? "-" : `${bound[0]}${ms(given)}`,
      ratio === null ? "-" : `${bound[1]}${ratio.toFixed(ratio < 0.1 ? 3 : 2)}`,
    ];
    return `| ${[...cells, verdict(goal, ours, ratio)].join(" | ")} |`;
  });
  const head = [`| ${heading} | Backstep, ms | ${against}, ms | ratio | goal |`, "|---|---|---|---|---|"];
  return [...head, ...lines].join("\n");
}

/** A whole process, from start to end: its time in milliseconds. Throws where it fails. */
export const processOf = (command: string, args: readonly string[]) => (): number => {
  const start = performance.now();
  const { status, stderr } = spawnSync(command, args, { encoding: "utf8" });
  if (status !== 0) throw new Error(`${command} ${args.join(" ")} failed: ${stderr}`);
  return performance.now() - start;
};

/** The middle of the times of so many runs, in milliseconds. */
export async function median(runs: number, run: () => Promise<number> | number): Promise<number> {
  const times: number[] = [];
  for (let i = 0; i < runs; i++) times.push(await run());
  return times.sort((a, b) => a - b)[runs >> 1] as number;
}
