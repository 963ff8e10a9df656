/** What PyTorch answers to the samples: asked now where it is installed, else as it answered when that was recorded. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import { pytorch } from "../support/pytorch.ts";
import type { Answer, Mode } from "./samples.ts";

export const HARNESS = fileURLToPath(new URL("harness.py", import.meta.url));
const RECORDED = fileURLToPath(new URL("../recorded/rows.json.gz", import.meta.url));

export interface Recorded {
  readonly torch: string;
  readonly graphs: Readonly<Record<string, unknown>>;
  readonly order: Readonly<Record<string, unknown>>;
}

export const recorded = (): Recorded => JSON.parse(gunzipSync(readFileSync(RECORDED)).toString("utf8"));

/** Ask the PyTorch of that Python. */
export function ask(python: string, mode: Mode, samples: readonly string[]): Answer {
  const folder = mkdtempSync(join(tmpdir(), "backstep-rows-"));
  try {
    const file = join(folder, "samples.json");
    writeFileSync(file, JSON.stringify(samples));
    const { status, stdout, stderr } = spawnSync(python, [HARNESS, mode, file], {
      encoding: "utf8",
      maxBuffer: 2 ** 28,
    });
    if (status !== 0) throw new Error(`the harness failed under ${python}: ${stderr}`);
    return JSON.parse(stdout) as Answer;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Which PyTorch the samples are held against, in words. */
export const REFERENCE =
  pytorch === null ? `recorded answers of PyTorch ${recorded().torch}` : "live PyTorch";

/** By sample; a sample that was never recorded is an error. */
export function reference(
  mode: "graphs" | "order",
  samples: readonly string[],
): ReadonlyMap<string, unknown> {
  if (pytorch !== null) {
    const { results } = ask(pytorch, mode, samples);
    return new Map(samples.map((sample, i) => [sample, results[i]]));
  }
  const known = recorded()[mode];
  return new Map(
    samples.map((sample) => {
      if (!Object.hasOwn(known, sample))
        throw new Error(
          `no recorded answer for "${sample}": run node scripts/record-rows.mjs where PyTorch is`,
        );
      return [sample, known[sample]];
    }),
  );
}
