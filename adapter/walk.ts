/** What the debug adapter stands on: a walk through a trace, and a host that makes one. Nothing here knows VS Code. */
import * as z from "zod";
import type { Place } from "../trace/place.ts";
import type { Output, Range, Trace } from "../trace/schema.ts";

const whole = z.int().positive();

/** What both ways to begin have. */
const common = {
  /** The backward pass to walk through, from 1 as the program ran them; without it the last. */
  backward: whole.optional(),
  /** Stand at the start of the pass; without it the walk goes to the first breakpoint. */
  stopOnEntry: z.boolean().default(true),
};

/** `launch`: run a program and walk through its backward pass. */
export const LaunchArguments = z.object({
  /** A Python file or a Markdown note. */
  program: z.string().min(1),
  args: z.array(z.string()).default([]),
  engine: z.enum(["embedded", "pytorch"]).default("embedded"),
  /** The interpreter of the engine `pytorch`; without it the first that has PyTorch. */
  python: z.string().min(1).optional(),
  /** Of a note: run its Python blocks up to this one, from 1. */
  block: whole.optional(),
  ...common,
});
export type LaunchArguments = z.infer<typeof LaunchArguments>;

/** `open`: walk through a saved trace. */
export const OpenArguments = z.object({ trace: z.string().min(1), ...common });
export type OpenArguments = z.infer<typeof OpenArguments>;

/** `attach`: walk through what the host shows already. */
export const AttachArguments = z.object({ stopOnEntry: common.stopOnEntry });

/** A place in a file, zero-based as in a trace. */
export interface FilePlace {
  readonly path: string;
  readonly line: number;
  readonly character: number;
}

/** Text to put in place of a range of one of the sources that were run. */
export interface Edit {
  readonly range: Range;
  readonly text: string;
}

/** A trace and the one place in it; others may move it as well. */
export interface Walk {
  readonly trace: Trace;
  /** null: the trace has no backward pass. */
  readonly place: Place | null;
  /** Nodes at which somebody else wants the walk to stop. */
  readonly stops: ReadonlySet<number>;
  go(place: Place): void;
  /** Hear when somebody else has moved it. */
  onMoved(listener: () => void): { dispose(): void };
  /** Where a place of a source stands in a file; null where it stands in none. */
  toFile(source: number, line: number, character: number): FilePlace | null;
  /** Which source and line a line of a file is; null where nothing of it was run. */
  toSource(path: string, line: number): { readonly source: number; readonly line: number } | null;
}

export interface Events {
  output(chunk: Output): void;
}

/** Makes walks. Every failure is an Error whose message says what was given and what to do. */
export interface Host {
  /** Speak the language of a locale such as `ko` or `de-CH` from now on, where there are words of it. */
  speak(locale: string): void;
  launch(given: LaunchArguments, events: Events, signal: AbortSignal): Promise<Walk>;
  open(given: OpenArguments, signal: AbortSignal): Promise<Walk>;
  /** The walk that is there already (the panel's); null where the host has none. */
  attach(): Walk | null;
  /** Run what made a walk again, with other text in some places; the files stay as they are. */
  rerun(walk: Walk, edits: readonly Edit[], events: Events, signal: AbortSignal): Promise<Walk>;
  /** Run it again by the embedded engine, with its gradients held against finite differences. */
  check(walk: Walk, events: Events, signal: AbortSignal): Promise<Walk>;
  /** Run a piece of Python as a notebook cell, by the embedded engine: what it shows. Throws what it raises. */
  evaluate(code: string, signal: AbortSignal): Promise<string>;
  dispose(): Promise<void>;
}
