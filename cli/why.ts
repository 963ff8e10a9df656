/** `backstep why`: whom it is about, and the answers as a terminal shows them. */
import type { Trace } from "../trace/schema.ts";
import { answersText, NoSubject, subjectsOf } from "../trace/why/text.ts";
import { UsageError } from "./source.ts";

/** Answers about the tensor of that name; without a name about the run's error, else about every leaf. */
export function answered(trace: Trace, name: string | undefined, backward: number | null): string {
  try {
    return answersText(trace, subjectsOf(trace, name), backward);
  } catch (error) {
    if (!(error instanceof NoSubject)) throw error;
    throw new UsageError(
      name === undefined ? `${error.message} with --tensor NAME` : `--tensor ${name}: ${error.message}`,
    );
  }
}
