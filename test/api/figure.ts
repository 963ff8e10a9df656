/** From what both sides answered to the checks: which public names are equal, which are refused by name, which are missing. */
import { outside } from "./outside.ts";

export interface Said {
  readonly said: string;
  readonly error: string;
}
export interface Judged extends Said {
  /** The public names that the check's text uses. */
  readonly names: readonly string[];
}

export type Status = "equal" | "error" | "missing";
export interface Name {
  readonly name: string;
  readonly status: Status;
  /** Why it is not counted among the dense CPU names; null where it is. */
  readonly outside: string | null;
  /** Why it is not equal. */
  readonly reason: string;
}

export interface Recorded {
  readonly torch: string;
  /** Public names, with what each is. */
  readonly names: Readonly<Record<string, string>>;
  /** What PyTorch answered, by check. */
  readonly answers: Readonly<Record<string, Judged>>;
  /** Those that were equal when the report was made. */
  readonly equal: readonly string[];
}

export const agree = (ours: Said | undefined, theirs: Said): boolean =>
  ours !== undefined && ours.said === theirs.said && ours.error === theirs.error;

/** `present`: what the embedded engine says when asked for a name, "" where it has it. */
export function judge(
  names: Readonly<Record<string, string>>,
  theirs: Readonly<Record<string, Judged>>,
  ours: Readonly<Record<string, Said>>,
  present: Readonly<Record<string, string>>,
): readonly Name[] {
  const passed = new Set<string>();
  const failed = new Map<string, string>();
  for (const [text, answer] of Object.entries(theirs)) {
    const same = agree(ours[text], answer);
    for (const name of answer.names) {
      if (same) passed.add(name);
      else if (!failed.has(name)) failed.set(name, text);
    }
  }
  return Object.entries(names).map(([name, kind]) => {
    const because = outside(name, kind);
    if (passed.has(name)) return { name, status: "equal", outside: because, reason: "" };
    const said = present[name] ?? "";
    if (/not in the embedded engine/.test(said))
      return {
        name,
        status: "error",
        outside: because,
        reason: "not in the embedded engine; the error names it",
      };
    if (said !== "") return { name, status: "missing", outside: because, reason: said };
    const check = failed.get(name);
    const answer = check === undefined ? undefined : ours[check]?.error;
    if (check !== undefined && answer !== undefined && /not in the embedded engine/.test(answer))
      return {
        name,
        status: "error",
        outside: because,
        reason: `in this form it is refused by name: \`${check}\``,
      };
    return {
      name,
      status: "missing",
      outside: because,
      reason: check === undefined ? "it is there, but no check has run" : `differs: \`${check}\``,
    };
  });
}

/** How many of the dense CPU names are equal, in percent. */
export function percentage(names: readonly Name[]): number {
  const dense = names.filter((n) => n.outside === null);
  return (100 * dense.filter((n) => n.status === "equal").length) / dense.length;
}
