/** Which Python function a place in the source is in: read from the indentation, once for each source. */
import type { Range, Source, Trace } from "./schema.ts";

const tables = new WeakMap<Source, readonly (string | null)[]>();

/** The name of the innermost `def` around the place; null outside of any. */
export function functionAt(trace: Trace, range: Range | null): string | null {
  const source = range === null ? undefined : trace.sources[range.source];
  if (source === undefined || range === null) return null;
  let lines = tables.get(source);
  if (lines === undefined) {
    lines = functionsOf(source.text);
    tables.set(source, lines);
  }
  return lines[range.start.line] ?? null;
}

const DEF = /^(?:async\s+)?def\s+([^\s(:]{1,200})/;

function functionsOf(text: string): (string | null)[] {
  const open: { indent: number; name: string }[] = [];
  return text.split(/\r\n|\r|\n/).map((line) => {
    const code = line.trimStart();
    // A bracket that closes a list of parameters stands where its `def` does.
    if (code !== "" && !/^[#)\]}]/.test(code)) {
      const indent = line.length - code.length;
      while (open.length > 0 && (open.at(-1) as { indent: number }).indent >= indent) open.pop();
      const name = DEF.exec(code)?.[1];
      if (name !== undefined) open.push({ indent, name });
    }
    return open.at(-1)?.name ?? null;
  });
}
