/** Which expression of a line the cursor means, as debuggers take it: a name, its attributes and items up to the cursor; pure. */

const CHAIN = /[\p{L}_][\p{L}\p{N}_]*(?:\s*\.\s*[\p{L}_][\p{L}\p{N}_]*|\[[^[\]()]*\])*/gu;
const LINK = /\s*\.\s*[\p{L}_][\p{L}\p{N}_]*|\[[^[\]()]*\]|[\p{L}_][\p{L}\p{N}_]*/gu;

/** The selected text, or the chain around the cursor; null where there is none. */
export function expressionAt(line: string, start: number, end: number): string | null {
  if (end > start) return line.slice(start, end).trim() || null;
  for (const chain of line.matchAll(CHAIN)) {
    if (start < chain.index || start > chain.index + chain[0].length) continue;
    let text = "";
    for (const [link] of chain[0].matchAll(LINK)) {
      text += link;
      if (chain.index + text.length >= start) break;
    }
    return text;
  }
  return null;
}
