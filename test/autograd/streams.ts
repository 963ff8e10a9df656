/** What PyTorch answers to streams.py: asked now where it is installed, else as it answered when that was recorded. */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import { pytorch } from "../support/pytorch.ts";

export const PROGRAM = fileURLToPath(new URL("streams.py", import.meta.url));
const RECORDED = fileURLToPath(new URL("../recorded/random.json.gz", import.meta.url));

export interface Streams {
  readonly torch: string;
  /** By call: what came out of it, or the exception. */
  readonly results: Readonly<Record<string, unknown>>;
}

export const recorded = (): Streams =>
  JSON.parse(gunzipSync(readFileSync(RECORDED)).toString("utf8")) as Streams;

/** What the PyTorch of that Python prints, as JSON. */
export const ask = (python: string): string =>
  execFileSync(python, [PROGRAM], { encoding: "utf8", maxBuffer: 2 ** 28 });

export const streams = (): Streams => (pytorch === null ? recorded() : (JSON.parse(ask(pytorch)) as Streams));

/** Which PyTorch, in words. */
export const WHOSE = pytorch === null ? `recorded answers of PyTorch ${recorded().torch}` : "live PyTorch";
