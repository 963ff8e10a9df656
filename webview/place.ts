/** Where in the source something stands, in words. */
import * as l10n from "@vscode/l10n";
import type { Range, Trace } from "../trace/schema.ts";
import { plain } from "./plain.ts";

/** The line where a range starts; of several sources also which of them, since each counts its own lines. */
export function lineIn(trace: Trace, { source, start }: Range): string {
  const line = start.line + 1;
  return trace.sources.length > 1
    ? placeName(trace.sources[source]?.name ?? "", line)
    : l10n.t("line {0}", line);
}

/** A line of one source among several: the parts of one note differ in their blocks, which must not be cut off. */
function placeName(name: string, line: number): string {
  const [, extension, number] = /(\.\w+)#([\d.]+)$/.exec(name) ?? [];
  if (number !== undefined && extension === ".md") return l10n.t("block {0}, line {1}", number, line);
  if (number !== undefined && extension === ".ipynb") return l10n.t("cell {0}, line {1}", number, line);
  return l10n.t("{0}, line {1}", plain(name, 30), line);
}
