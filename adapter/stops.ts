/** Breakpoints of every kind, and where the walk stops for them. */
import type { DebugProtocol } from "@vscode/debugprotocol";
import * as l10n from "@vscode/l10n";
import { type Condition, factsOf, readCondition } from "../trace/condition.ts";
import type { Step, Trace, Value } from "../trace/schema.ts";
import { numel } from "../trace/shape.ts";
import { statisticsOf } from "../trace/statistics.ts";
import { recordsOf } from "../trace/timeline.ts";

/** What makes a breakpoint hold at a step. */
interface Trigger {
  readonly id: number;
  readonly reason: string;
  readonly holds: (step: Step) => boolean;
  /** Said where it stops, if it is an exception. */
  readonly description: string | null;
  readonly condition: Condition | null;
  /** How often it must have been met. */
  readonly hits: ((count: number) => boolean) | null;
  /** Printed instead of stopping. */
  readonly log: string | null;
}

export interface Stop {
  readonly reason: string;
  readonly ids: readonly number[];
  readonly description: string | null;
}

/** Without a number of the person's own. */
const LARGE = 100;

/** The protocol gives an exception filter one text, so all that a breakpoint may have stands in it. */
const more = (): string => l10n.t("then, if wanted: ; hits 2 ; log a message with {upstream}");

/** The exception filters, in the language of the person. */
export const exceptions = (): DebugProtocol.ExceptionBreakpointsFilter[] => [
  {
    filter: "nan",
    label: l10n.t("Gradient is NaN or infinite"),
    supportsCondition: true,
    conditionDescription: l10n.t("a condition, such as {0}; {1}", 'op == "sqrt"', more()),
    default: true,
  },
  {
    filter: "zero",
    label: l10n.t("Gradient is all zero"),
    supportsCondition: true,
    conditionDescription: l10n.t("a condition, such as {0}; {1}", "size > 1", more()),
    default: false,
  },
  {
    filter: "large",
    label: l10n.t("Gradient is larger than"),
    supportsCondition: true,
    conditionDescription: l10n.t(
      "a number: stop where an element of the upstream gradient is beyond it ({0}), or a condition; {1}",
      LARGE,
      more(),
    ),
    default: false,
  },
  {
    filter: "python",
    label: l10n.t("Python exception in the forward pass"),
    supportsCondition: true,
    conditionDescription: l10n.t("the exception's type, such as RuntimeError"),
    default: true,
  },
];

const FILTERS: readonly string[] = exceptions().map(({ filter }) => filter);

type Given = Pick<DebugProtocol.SourceBreakpoint, "condition" | "hitCondition" | "logMessage">;
type Kind = "source" | "function" | "data" | "exception";

/** `condition; hits 2; log message`: what one text of the client says, each part optional. Throws for other parts. */
export function readParts(text: string): Given {
  const [condition = "", ...rest] = text.split(";").map((part) => part.trim());
  const given: { condition?: string; hitCondition?: string; logMessage?: string } =
    condition === "" ? {} : { condition };
  // A message may hold semicolons of its own.
  const at = rest.findIndex((part) => /^log\b/.test(part));
  const before = at < 0 ? rest : rest.slice(0, at);
  if (at >= 0)
    given.logMessage = rest
      .slice(at)
      .join("; ")
      .replace(/^log\s*/, "");
  for (const part of before) {
    const hits = /^hits\s*(.+)$/.exec(part)?.[1];
    if (hits === undefined)
      throw new Error(
        l10n.t('"{0}" is not understood: after a semicolon write hits 2, or log a message', part),
      );
    given.hitCondition = hits;
  }
  return given;
}

/** `== 2`, `> 2`, `>= 2`, `% 3`, `2`: how often a breakpoint must be met. Throws where it is none of these. */
export function readHits(text: string): (count: number) => boolean {
  const found = /^\s*(==?|>=?|<=?|%)?\s*(\d+)\s*$/.exec(text);
  if (found === null)
    throw new Error(
      l10n.t(
        'hit condition "{0}" is not understood: give a number, or one after ==, >, >=, <, <= or %',
        text,
      ),
    );
  const [, sign = ">=", digits] = found;
  const n = Number(digits);
  switch (sign) {
    case "%":
      return (count) => n > 0 && count % n === 0;
    case ">":
      return (count) => count > n;
    case "<":
      return (count) => count < n;
    case "<=":
      return (count) => count <= n;
    case "=":
    case "==":
      return (count) => count === n;
    default:
      return (count) => count >= n;
  }
}

export class Stops {
  readonly #triggers = new Map<string, readonly Trigger[]>();
  readonly #met = new Map<number, number>();
  #lastId = 0;
  #filters = new Map<string, string | null>();

  /** Replace the breakpoints of one kind (and, of source breakpoints, of one file). */
  set(kind: Kind, file: string, triggers: readonly Trigger[]): void {
    this.#triggers.set(`${kind}:${file}`, triggers);
  }

  /** A breakpoint with its condition read; throws in words where that cannot be understood. */
  trigger(
    reason: string,
    given: Given,
    holds: (step: Step) => boolean,
    description: string | null = null,
  ): Trigger {
    const { condition, hitCondition, logMessage } = given;
    return {
      id: ++this.#lastId,
      reason,
      holds,
      description,
      condition: condition ? readCondition(condition, l10n) : null,
      hits: hitCondition ? readHits(hitCondition) : null,
      log: logMessage || null,
    };
  }

  /** The exception filters that are on, each with its condition. Throws for a filter that there is not. */
  setExceptions(filters: readonly { readonly filterId: string; readonly condition?: string }[]): void {
    const triggers: Trigger[] = [];
    const on = new Map<string, string | null>();
    for (const { filterId, condition } of filters) {
      if (!FILTERS.includes(filterId))
        throw new Error(
          l10n.t(
            "there is no exception filter {0}: there are {1}",
            JSON.stringify(filterId),
            FILTERS.join(", "),
          ),
        );
      on.set(filterId, condition?.trim() || null);
      if (filterId !== "python") triggers.push(this.#exception(filterId, readParts(condition ?? "")));
    }
    this.#filters = on;
    this.set("exception", "", triggers);
  }

  #exception(filter: string, given: Given): Trigger {
    const { condition } = given;
    if (filter === "nan")
      return this.trigger("exception", given, isBad, l10n.t("a gradient is NaN or infinite"));
    if (filter === "zero")
      return this.trigger("exception", given, isZero, l10n.t("the gradient is all zero"));
    const limit = condition === undefined ? LARGE : Number(condition);
    if (Number.isNaN(limit))
      return this.trigger(
        "exception",
        given,
        () => true,
        l10n.t("the gradient is large: {0}", condition ?? ""),
      );
    const { condition: _, ...rest } = given;
    const words = l10n.t("an element of the gradient is beyond {0}", limit);
    return this.trigger("exception", rest, (step) => isBeyond(step, limit), words);
  }

  /** Does the walk stop where Python raised that in the forward pass? */
  onPythonError(type: string): boolean {
    const wanted = this.#filters.get("python");
    return wanted === null || wanted === type;
  }

  /** Hits are counted from the start of a run. */
  forget(): void {
    this.#met.clear();
  }

  /** What stops the walk at a step; null where nothing does. Log messages go to `log`. */
  at(
    trace: Trace,
    step: Step,
    index: number,
    others: ReadonlySet<number>,
    log: (text: string) => void,
  ): Stop | null {
    const ids: number[] = [];
    let reason: string | null = others.has(step.node) ? "breakpoint" : null;
    let description: string | null = null;
    for (const triggers of this.#triggers.values())
      for (const trigger of triggers) {
        if (
          !trigger.holds(step) ||
          (trigger.condition !== null && !trigger.condition(factsOf(trace, step, index)))
        )
          continue;
        const count = (this.#met.get(trigger.id) ?? 0) + 1;
        this.#met.set(trigger.id, count);
        if (trigger.hits !== null && !trigger.hits(count)) continue;
        if (trigger.log !== null) log(trigger.log);
        else {
          ids.push(trigger.id);
          if (reason === null) ({ reason, description } = trigger);
        }
      }
    if (reason === null) return null;
    return { reason, ids, description };
  }
}

const values = (step: Step): Value[] => [
  ...step.upstream.filter((value) => value !== null),
  ...step.downstream.flatMap(({ value }) => (value === null ? [] : [value])),
];

const isBad = (step: Step): boolean =>
  values(step).some((value) => {
    const { nans, infinities } = statisticsOf(value);
    return nans + infinities > 0;
  });

const isZero = ({ upstream }: Step): boolean =>
  upstream.some(
    (value) => value !== null && numel(value.shape) > 0 && statisticsOf(value).zeros === numel(value.shape),
  );

const isBeyond = ({ upstream }: Step, limit: number): boolean =>
  upstream.some((value) => {
    if (value === null) return false;
    const { min, max } = statisticsOf(value);
    return Math.max(Math.abs(Number(min)), Math.abs(Number(max))) > limit;
  });

/** Does a step change the `.grad` of the leaf that a tensor is a record of? */
export const changesGrad =
  (trace: Trace, tensor: number) =>
  (step: Step): boolean =>
    step.accumulate !== null && recordsOf(trace, tensor).includes(trace.nodes[step.node]?.variable ?? -1);
