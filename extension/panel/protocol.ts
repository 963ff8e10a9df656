/**
 * The messages between the extension host and the panel. Adding one is one line in `toHost` or `toPanel`;
 * both sides then fail to compile until it is handled. Whoever receives a message checks it with its schema.
 * The host owns the place: the panel sends a `move` and is told the new `place`.
 */
import * as z from "zod";
import { fitsOf } from "../../trace/fits.ts";
import { isLarge, split } from "../../trace/parts.ts";
import { Place } from "../../trace/place.ts";
import { LeafAcross } from "../../trace/ranks.ts";
import { Range, Trace, Value } from "../../trace/schema.ts";
import { Comparison } from "../../trace/sides.ts";
import { Spans } from "../../trace/slice.ts";
import { Move } from "../../trace/stepper.ts";
import { Subject } from "../../trace/why/answer.ts";

const index = z.int().nonnegative();
export const ExportFormat = z.enum(["text", "json", "dot", "html"]);

/** Traces that are looked at together; the state's own is the chosen one. */
export const TraceSet = z.object({
  labels: z.array(z.string()),
  chosen: index,
  /** Of one program's processes: its leaves over all of them. */
  ranks: z.array(LeafAcross).optional(),
  /** Of two engines. */
  engines: Comparison.optional(),
});
export type TraceSet = z.infer<typeof TraceSet>;

/** An inline value of the slice's shape, or the reason why there is none. */
export const SliceAnswer = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("elements"), value: Value }),
  z.object({ kind: z.literal("failed"), message: z.string() }),
]);
export type SliceAnswer = z.infer<typeof SliceAnswer>;
/** When breakpoints stop: of a node, or (null) of any. The language is that of trace/condition.ts. */
const Conditions = z.array(z.object({ node: index.nullable(), text: z.string().max(500) }));

/** What the panel shows: one of these, never a set of flags. */
export const PanelState = z.discriminatedUnion("kind", [
  /** `cancelled`: the title of the run that was ended before it gave a trace. */
  z.object({ kind: z.literal("idle"), cancelled: z.string().optional() }),
  /** `output` is what has been printed so far. */
  z.object({
    kind: z.literal("running"),
    title: z.string(),
    engine: Trace.shape.engine.shape.name.optional(),
    output: z.string(),
  }),
  /** No trace could be made: the reason in words. */
  z.object({
    kind: z.literal("failed"),
    title: z.string(),
    message: z.string(),
    /** What it printed before it ended. */
    output: z.string(),
    /** How far it came before a limit ended it, if that is known. */
    trace: Trace.optional(),
  }),
  z.object({
    kind: z.literal("ready"),
    title: z.string(),
    trace: Trace,
    /** null: the trace has no backward pass. */
    place: Place.nullable(),
    breakpoints: z.array(index),
    conditions: Conditions.optional(),
    /** The source has changed since. */
    stale: z.boolean(),
    set: TraceSet.optional(),
    /** Of how many sources, from the first, the numbers can be turned: those whose text can run again from its editor. */
    editable: index.optional(),
    /** Of a large trace the long lists came before, as that many `part` messages of this transfer. */
    parts: z.object({ transfer: index, count: index }).optional(),
  }),
]);
export type PanelState = z.infer<typeof PanelState>;

/** Units of its last digit by which a message may turn a number. */
const TURN = 100_000;

/** Panel → host. */
export const toHost = {
  /** The panel has loaded and wants its state. */
  ready: z.object({}),
  move: z.object({ move: Move }),
  /** Show a node's expression in the editor. */
  reveal: z.object({ node: index }),
  /** Show a place of the source in the editor. */
  revealRange: z.object({ range: Range }),
  /** Count a number of the source up or down by its last digit; `begins`: the first of a drag. */
  turn: z.object({ range: Range, by: z.int().min(-TURN).max(TURN), begins: z.boolean() }),
  toggleBreakpoint: z.object({ node: index }),
  condition: z.object({ node: index.nullable(), text: z.string().max(500).nullable() }),
  cancel: z.object({}),
  rerun: z.object({}),
  /** Hold all gradients against finite differences. */
  check: z.object({}),
  export: z.object({ format: ExportFormat }),
  /** Keep the drawn picture as a file: SVG as text, PNG in base64. */
  picture: z.object({ format: z.enum(["svg", "png"]), data: z.string() }),
  /** Show another trace of the set. */
  choose: z.object({ index }),
  copy: z.object({ text: z.string() }),
  /**
   * Elements of a tensor that the trace only summarises: that with this `stored`, those within the spans (at most
   * SLICE_LIMIT). `request` comes back with the answer.
   */
  slice: z.object({ request: index, stored: index, spans: Spans }),
} as const;

/** Host → panel. */
export const toPanel = {
  /** `catalogue`: the l10n bundle for the display language, English text to translation. */
  configure: z.object({
    catalogue: z.record(z.string(), z.string()),
    /** There is no editor around the panel: it stands in a page of its own. */
    alone: z.boolean().optional(),
  }),
  state: z.object({ state: PanelState }),
  /**
   * A piece of the trace of the `state` that follows: a `Part` as JSON in UTF-8. Bytes are handed on as they are, where
   * every window on the way would copy an object item by item.
   */
  part: z.object({ transfer: index, bytes: z.instanceof(Uint8Array) }),
  place: z.object({ place: Place }),
  breakpoints: z.object({ breakpoints: z.array(index), conditions: Conditions }),
  stale: z.object({ stale: z.boolean() }),
  output: z.object({ text: z.string() }),
  /** A person asks "why?" about this. */
  why: z.object({ subject: Subject }),
  /** What a `slice` asked for, or why it cannot be had, in words. */
  slice: z.object({ request: index, answer: SliceAnswer }),
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

let transfers = 0;

/** A message as it is sent: a state with a large trace goes in parts, so that the panel is never busy for long. */
export function inParts(message: ToPanel): ToPanel[] {
  if (message.kind !== "state" || message.body.state.kind !== "ready") return [message];
  const { state } = message.body;
  if (!isLarge(state.trace)) return [message];
  const { head, parts } = split(state.trace);
  const transfer = transfers++;
  const encoder = new TextEncoder();
  return [
    ...parts.map(
      (part): ToPanel => ({
        kind: "part",
        body: { transfer, bytes: encoder.encode(JSON.stringify(part)) },
      }),
    ),
    { kind: "state", body: { state: { ...state, trace: head, parts: { transfer, count: parts.length } } } },
  ];
}

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
  const given = (message as { body?: unknown }).body;
  const body = fitsOf(schema)?.(given) ? { success: true as const, data: given } : schema.safeParse(given);
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
