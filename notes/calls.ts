/** Where a Python text starts a backward pass, as far as can be told without running it. */

/** Comments and strings are passed over; of what is left, calls of `.backward(` and `autograd.grad(` count. */
const TOKEN =
  /#[^\n]*|[rbuf]{0,2}("""|''')(?:\\[\s\S]|(?!\1)[\s\S])*(?:\1|$)|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|\.\s*backward\s*\(|\bautograd\s*\.\s*grad\s*\(/gi;
const CALL = /^(?:\.\s*backward|autograd\s*\.\s*grad)\s*\($/;

/** The lines (zero-based, each once, in order) on which such a call begins. */
export function backwardCalls(text: string): number[] {
  if (!/\bbackward\b|\bautograd\b/.test(text)) return [];
  const found: number[] = [];
  let line = 0;
  let counted = 0;
  for (const { 0: token, index } of text.matchAll(TOKEN)) {
    if (!CALL.test(token)) continue;
    for (; counted < index; counted++) if (text.charCodeAt(counted) === 10) line++;
    if (found.at(-1) !== line) found.push(line);
  }
  return found;
}
