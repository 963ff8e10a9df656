/** Which fences of a note tell something else than what their blocks printed in the session's run; pure. */
import { type Claim, claimsOf, corrected, readings, sameOutput } from "../../notes/outputs.ts";
import type { Trace } from "../../trace/schema.ts";
import type { SessionState } from "../session.ts";
import { type OpenText, piecesOfNote } from "../source/choose.ts";

export interface Mismatch {
  readonly claim: Claim;
  /** What the block really prints. */
  readonly printed: string;
  /** The whole fence, corrected: in place of the lines from `claim.open` to the end of the fence. */
  readonly lines: readonly string[];
}

export interface Verdict {
  /** How many fences could be compared. */
  readonly compared: number;
  readonly mismatches: readonly Mismatch[];
}

/** Null where the session's run tells nothing about that document as it reads now. */
export function verdictOn(state: SessionState, document: OpenText): Verdict | null {
  if (state.kind !== "ready" || state.job.mode !== "note" || document.language !== "markdown") return null;
  const { job, trace, edited } = state;
  if (edited.has(document.uri) || !job.pieces.some(({ uri }) => uri === document.uri)) return null;
  const blocks = piecesOfNote(document);
  const mismatches: Mismatch[] = [];
  let compared = 0;
  for (const claim of claimsOf(document.lines.join("\n"))) {
    const sources = (blocks[claim.block] ?? []).map(({ line, text }) =>
      job.pieces.findIndex((ran) => ran.uri === document.uri && ran.line === line && ran.text === text),
    );
    if (sources.length === 0 || !sources.every((source) => source in trace.sources)) continue;
    compared++;
    const told = readings(printedBy(trace, sources));
    if (told.some((reading) => sameOutput(claim.text, reading))) continue;
    const [printed] = told;
    mismatches.push({ claim, printed, lines: corrected(document.lines, claim, printed) });
  }
  return { compared, mismatches };
}

/** An error ends the run, so it is that of the last block that ran. */
function printedBy({ output, error, sources: ran }: Trace, sources: readonly number[]) {
  const last = Math.max(...sources);
  const raised = error !== null && (error.ranges[0]?.source ?? ran.length - 1) === last;
  return { chunks: output.filter(({ source }) => sources.includes(source)), error: raised ? error : null };
}
