/** Which node of a trace the editor's cursor means. */
import type { Position, Trace } from "../../trace/schema.ts";
import { type Piece, toSource } from "./pieces.ts";

const isAfter = (a: Position, b: Position): boolean =>
  a.line > b.line || (a.line === b.line && a.character > b.character);

/**
 * The node made by the smallest expression around the place, the latest where it ran several times; null where
 * no node was made there.
 */
export function nodeAt(trace: Trace, pieces: readonly Piece[], uri: string, at: Position): number | null {
  const place = toSource(pieces, uri, at);
  if (place === null) return null;
  let found: number | null = null;
  trace.nodes.forEach(({ range }, node) => {
    if (range === null || range.source !== place.source) return;
    if (isAfter(range.start, place.position) || isAfter(place.position, range.end)) return;
    const best = found === null ? null : trace.nodes[found]?.range;
    const wider = best != null && (isAfter(best.start, range.start) || isAfter(range.end, best.end));
    if (!wider) found = node;
  });
  return found;
}
