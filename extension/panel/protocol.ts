/**
 * The messages between the extension host and the panel. Adding one is one line in `toHost` or `toPanel`;
 * both sides then fail to compile until it is handled. Whoever receives a message checks it with its schema.
 * The host owns the place: the panel sends a `move` and is told the new `place`.
 */
import * as z from "zod";
import { Trace } from "../../trace/schema.ts";
import { Move, Place } from "../../trace/stepper.ts";

const index = z.int().nonnegative();
export const ExportFormat = z.enum(["text", "json", "dot"]);

/** What the panel shows: one of these, never a set of flags. */
export const PanelState = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("idle") }),
  /** `output` is what has been printed so far. */
  z.object({ kind: z.literal("running"), title: z.string(), output: z.string() }),
  /** No trace could be made: the reason in words. */
  z.object({ kind: z.literal("failed"), title: z.string(), message: z.string() }),
  z.object({
    kind: z.literal("ready"),
    title: z.string(),
    trace: Trace,
    /** null: the trace has no backward pass. */
    place: Place.nullable(),
    breakpoints: z.array(index),
    /** The source has changed since. */
    stale: z.boolean(),
  }),
]);
export type PanelState = z.infer<typeof PanelState>;

/** Panel → host. */
export const toHost = {
  /** The panel has loaded and wants its state. */
  ready: z.object({}),
  move: z.object({ move: Move }),
  /** Show a node's expression in the editor. */
  reveal: z.object({ node: index }),
  toggleBreakpoint: z.object({ node: index }),
  cancel: z.object({}),
  rerun: z.object({}),
  export: z.object({ format: ExportFormat }),
  copy: z.object({ text: z.string() }),
} as const;

/** Host → panel. */
export const toPanel = {
  /** `catalogue`: the l10n bundle for the display language, English text to translation. */
  configure: z.object({ catalogue: z.record(z.string(), z.string()) }),
  state: z.object({ state: PanelState }),
  place: z.object({ place: Place }),
  breakpoints: z.object({ breakpoints: z.array(index) }),
  stale: z.object({ stale: z.boolean() }),
  output: z.object({ text: z.string() }),
  /** A request of the panel failed: the reason in words. */
  problem: z.object({ message: z.string() }),
} as const;

type Table = typeof toHost | typeof toPanel;
export type Message<T extends Table> = {
  [K in keyof T & string]: { kind: K; body: T[K] extends z.ZodType ? z.infer<T[K]> : never };
}[keyof T & string];
export type Handlers<T extends Table> = {
  [K in keyof T & string]: (body: T[K] extends z.ZodType ? z.infer<T[K]> : never) => void | Promise<void>;
};
export type ToHost = Message<typeof toHost>;
export type ToPanel = Message<typeof toPanel>;

/** Check an unknown message against its table and hand it on; a bad one is reported in words, never thrown on. */
export async function receive<T extends Table>(
  table: T,
  handlers: Handlers<T>,
  message: unknown,
  refuse: (reason: string) => void,
): Promise<void> {
  const kind = (message as { kind?: unknown } | null)?.kind;
  if (typeof kind !== "string" || !Object.hasOwn(table, kind)) {
    refuse(
      `unknown message ${JSON.stringify(kind)?.slice(0, 80)}: allowed are ${Object.keys(table).join(", ")}`,
    );
    return;
  }
  const schema = table[kind as keyof T] as z.ZodType;
  const body = schema.safeParse((message as { body?: unknown }).body);
  if (!body.success) {
    refuse(`malformed message "${kind}": ${z.prettifyError(body.error)}`);
    return;
  }
  try {
    await (handlers[kind as keyof T & string] as (body: unknown) => void | Promise<void>)(body.data);
  } catch (error) {
    refuse(error instanceof Error ? error.message : String(error));
  }
}
