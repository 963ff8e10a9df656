/** What the arguments of each request must be, as far as they are used here; looked at before a request is done. */
import * as z from "zod";

/** Absent, also where a client says so by null. */
const maybe = <T extends z.ZodType>(of: T) => of.nullish().transform((given) => given ?? undefined);
const count = z.int().nonnegative();
const text = z.string();
const source = z.looseObject({ path: maybe(text), sourceReference: maybe(z.int()) });
/** What every breakpoint may have. */
const parts = { condition: maybe(text), hitCondition: maybe(text), logMessage: maybe(text) };
const step = z.looseObject({ granularity: maybe(text) });

const ARGUMENTS: Readonly<Record<string, z.ZodType>> = {
  initialize: z.looseObject({
    locale: maybe(text),
    linesStartAt1: maybe(z.boolean()),
    columnsStartAt1: maybe(z.boolean()),
    pathFormat: text.nullish().transform((given) => given ?? "path"),
    supportsProgressReporting: maybe(z.boolean()),
  }),
  setBreakpoints: z.looseObject({
    source,
    breakpoints: maybe(z.array(z.looseObject({ line: count, ...parts }))),
  }),
  setFunctionBreakpoints: z.looseObject({ breakpoints: z.array(z.looseObject({ name: text, ...parts })) }),
  setDataBreakpoints: z.looseObject({ breakpoints: z.array(z.looseObject({ dataId: text, ...parts })) }),
  setExceptionBreakpoints: z.looseObject({
    filters: maybe(z.array(text)),
    filterOptions: maybe(z.array(z.looseObject({ filterId: text, condition: maybe(text) }))),
  }),
  dataBreakpointInfo: z.looseObject({ name: text }),
  breakpointLocations: z.looseObject({ source, line: count, endLine: maybe(count) }),
  stackTrace: z.looseObject({ startFrame: maybe(count), levels: maybe(count) }),
  scopes: z.looseObject({ frameId: count }),
  variables: z.looseObject({
    variablesReference: count,
    filter: maybe(z.enum(["indexed", "named"])),
    start: maybe(count),
    count: maybe(count),
  }),
  evaluate: z.looseObject({ expression: text, context: maybe(text), frameId: maybe(count) }),
  completions: z.looseObject({ text, column: count, frameId: maybe(count) }),
  setVariable: z.looseObject({ variablesReference: count, name: text, value: text }),
  setExpression: z.looseObject({ expression: text, value: text }),
  source: z.looseObject({ source: maybe(source), sourceReference: maybe(z.int()) }),
  gotoTargets: z.looseObject({ source, line: count }),
  goto: z.looseObject({ targetId: count }),
  cancel: z.looseObject({ requestId: maybe(z.int()), progressId: maybe(text) }),
  next: step,
  stepIn: step,
  stepOut: step,
  stepBack: step,
};
const ANY = z.looseObject({});

/** The arguments of a request as they are used, or in words what is wrong with them. */
export function argumentsOf(
  command: string,
  given: unknown,
): { readonly arguments: object } | { readonly problem: string } {
  const schema = Object.hasOwn(ARGUMENTS, command) ? (ARGUMENTS[command] as z.ZodType) : ANY;
  const checked = schema.safeParse(given ?? {});
  return checked.success
    ? { arguments: checked.data as object }
    : { problem: z.prettifyError(checked.error) };
}
