/** What an answer to "why?" is made of. */
import * as z from "zod";
import type { L10n } from "../l10n.ts";
import { sourceText, tensorName } from "../names.ts";
import type { Range, RunError, Trace } from "../schema.ts";

/** What is asked about: a tensor (its gradient), a node, how the run ended, or what checking the gradients found. */
export const Subject = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("tensor"), tensor: z.int().nonnegative() }),
  z.object({ kind: z.literal("node"), node: z.int().nonnegative() }),
  z.object({ kind: z.literal("run") }),
  z.object({ kind: z.literal("check") }),
]);
export type Subject = z.infer<typeof Subject>;

/** One station on the way to the answer, with where it stands in the source. */
export interface Station {
  readonly text: string;
  readonly node: number | null;
  readonly range: Range | null;
}

export interface Answer {
  /** `Why is x.grad None?` */
  readonly question: string;
  readonly answer: string;
  /** From the tensor in question to the cause. */
  readonly path: readonly Station[];
  /** What to do about it; null where nothing is wrong. */
  readonly fix: string | null;
}

/** What every question needs to be answered. */
export interface Asked {
  readonly trace: Trace;
  /** The pass that is asked about. */
  readonly backward: number;
  readonly l10n: L10n;
}

/** What a person calls the tensor; its shape where the source has no name for it. */
export function called({ trace, l10n }: Pick<Asked, "trace" | "l10n">, tensor: number): string {
  return (
    tensorName(trace, tensor) ??
    l10n.t("the tensor of shape ({0})", trace.tensors[tensor]?.shape.join(", ") ?? "")
  );
}

/** `line 3` of a range, as editors count. */
export const lineOf = (range: Range, l10n: L10n): string => l10n.t("line {0}", range.start.line + 1);

/** Where an error was raised: the failing expression in each of the program's frames. */
export function placeOf({ trace, l10n }: Asked, { ranges }: RunError): Station[] {
  return ranges.map((range, i) => {
    const text = sourceText(trace, range)?.replace(/\s+/g, " ").trim() ?? "";
    return { text: i === ranges.length - 1 ? l10n.t("{0}: raised here", text) : text, node: null, range };
  });
}
