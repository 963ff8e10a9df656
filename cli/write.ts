/** How a trace leaves the command line: its format, its pass, and a file or standard output. */

import { createHash, randomUUID } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { saveSideFile } from "../engines/side-file.ts";
import { EXPORT_FORMATS, type ExportFormat, exportTrace } from "../trace/export.ts";
import { PAGE_FILES, pageData, pageFiles, standalonePage } from "../trace/page.ts";
import { omittedOf } from "../trace/pass-number.ts";
import type { Trace } from "../trace/schema.ts";
import { wholeStep } from "../trace/stepper.ts";
import { UsageError } from "./source.ts";

/** `html` is a page that steps through the pass. */
export const FORMATS = [...EXPORT_FORMATS, "html"] as const;
export type Format = ExportFormat | "html";

export interface WriteOptions {
  readonly backward?: number;
  readonly format: Format;
  readonly out?: string;
}

/** The text of a trace, where it does not go into a file. `title`: what was run. */
export async function written(
  trace: Trace,
  { format, out, backward }: WriteOptions,
  title: string,
): Promise<string> {
  const pass = passAt(trace, backward);
  const text = format === "html" ? await pageOf(trace, pass, title) : exportTrace(trace, format, pass);
  if (out === undefined) return text;
  try {
    writeFileSync(out, text);
    if (format === "json") saveSideFile(trace, out);
  } catch (error) {
    throw new UsageError(`cannot write ${out}: ${(error as Error).message}`);
  }
  return "";
}

/** One page that holds the panel and the trace, at the start of the pass. */
function pageOf(trace: Trace, pass: number | null, title: string): Promise<string> {
  const folder = join(dirname(fileURLToPath(import.meta.url)), "webview");
  const place = pass === null ? null : wholeStep(trace, pass, -1);
  const state = { kind: "ready", title, trace, place, breakpoints: [], stale: false };
  return standalonePage({
    title: `${title} – Backstep`,
    language: "en",
    data: pageData({ state, catalogue: {} }),
    ...pageFiles(PAGE_FILES.map((name) => readFileSync(join(folder, name), "utf8"))),
    hash: async (text) => createHash("sha256").update(text).digest("base64"),
    nonce: randomUUID(),
  });
}

/** Passes are counted from the first that the program ran, also where the trace has only the last ones. */
export function passAt({ backwards }: Trace, wanted: number | undefined): number | null {
  if (wanted === undefined) return backwards.length === 0 ? null : backwards.length - 1;
  const omitted = omittedOf({ backwards });
  const last = omitted + backwards.length;
  if (wanted > omitted && wanted <= last) return wanted - omitted - 1;
  const allowed = last === omitted + 1 ? `give ${last}` : `give ${omitted + 1} to ${last}`;
  throw new UsageError(
    backwards.length === 0
      ? `--backward ${wanted}: the program ran no backward pass; call .backward() in it, or leave the option out`
      : `--backward ${wanted}: ${wanted > last ? `the program ran ${last === 1 ? "one backward pass" : `${last} backward passes`}` : `only the last ${backwards.length} passes are kept`}; ${allowed}`,
  );
}
