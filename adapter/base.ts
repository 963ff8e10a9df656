/** What every request of the adapter stands on: the walk, how a request is answered, and where the client is told it stands. */
import {
  DebugSession,
  Handles,
  OutputEvent,
  ProgressEndEvent,
  ProgressStartEvent,
  Response,
  StoppedEvent,
} from "@vscode/debugadapter";
import type { DebugProtocol } from "@vscode/debugprotocol";
import * as l10n from "@vscode/l10n";
import { ConditionError } from "../trace/condition.ts";
import type { Place } from "../trace/place.ts";
import type { Output, Trace } from "../trace/schema.ts";
import { wholeStep } from "../trace/stepper.ts";
import { type Frame, nodesOfLine } from "./stack.ts";
import { Stops } from "./stops.ts";
import type { Children, Target } from "./tensors.ts";
import type { Host, Walk } from "./walk.ts";

/** A backward pass is one thing that happens, node after node. */
export const THREAD = 1;
const ERROR = 3000;

/** The name of the progress that a request's run has. */
export const progressOf = (request: number): string => `run-${request}`;

/** A request that cannot be done, in words for the person. */
export class Refusal extends Error {}

export abstract class BaseSession extends DebugSession {
  protected walk: Walk | null = null;
  protected client: Partial<DebugProtocol.InitializeRequestArguments> = {};
  /** Of the last stack trace that was asked for, by frame number. */
  protected frames: readonly Frame[] = [];
  protected readonly stops = new Stops();
  /** What the client may ask to be shown, by reference; of one stop only. */
  protected containers = new Handles<Children>(1);
  /** What can be set, by the reference of its container and its name. */
  protected readonly targets = new Map<number, Map<string, Target>>();
  /** Why the walk stands where a breakpoint on exceptional gradients stopped it; null elsewhere. */
  protected gradient: string | null = null;
  /** What takes its time and can be cancelled, by the number of its request. */
  protected readonly running = new Map<number, AbortController>();
  private moved: { dispose(): void } | null = null;
  private isMoving = false;

  constructor(protected readonly host: Host) {
    super();
    // What is no message is passed over, where the base class would end the session.
    this.removeAllListeners("error");
    this.on("error", ({ body }: DebugProtocol.Event) => {
      this.sendEvent(new OutputEvent(`${String(body)}\n`, "stderr"));
    });
  }

  override handleMessage(message: unknown): void {
    const { type, command } = Object(message) as Partial<DebugProtocol.Request>;
    if (type === "request" && typeof command !== "string")
      this.refuse(new Response({ command: "", ...Object(message) }), l10n.t("the request names no command"));
    else if (typeof type === "string") super.handleMessage(message as DebugProtocol.ProtocolMessage);
  }

  override shutdown(): void {
    this.abort();
    this.moved?.dispose();
    void this.host.dispose();
    super.shutdown();
  }

  /** Walk through another trace from now on. */
  protected adopt(walk: Walk): void {
    this.moved?.dispose();
    this.walk = walk;
    this.moved = walk.onMoved(() => {
      if (!this.isMoving) this.stopped("step");
    });
    this.adopted();
  }

  /** Another trace may have other nodes on a line. */
  protected abstract adopted(): void;

  /** Run something that takes its time, with a progress that can be cancelled. */
  protected async within<T>(request: number, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const id = progressOf(request);
    const shows = this.client.supportsProgressReporting ?? false;
    if (shows) {
      const begin = new ProgressStartEvent(id, l10n.t("Backstep: running the program"));
      Object.assign(begin.body, { cancellable: true, requestId: request });
      this.sendEvent(begin);
    }
    try {
      return await this.cancellable(request, work);
    } finally {
      if (shows) this.sendEvent(new ProgressEndEvent(id));
    }
  }

  /** Run something that the client may cancel. */
  protected async cancellable<T>(request: number, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const abort = new AbortController();
    this.running.set(request, abort);
    try {
      return await work(abort.signal);
    } finally {
      this.running.delete(request);
    }
  }

  protected abort(): void {
    for (const abort of this.running.values()) abort.abort();
  }

  protected readonly events = {
    output: ({ stream, text }: Output): void => {
      this.sendEvent(new OutputEvent(text, stream));
    },
  };

  protected go(place: Place): void {
    this.isMoving = true;
    try {
      this.needWalk().go(place);
    } finally {
      this.isMoving = false;
    }
  }

  protected stopped(reason: string, description: string | null = null, ids: readonly number[] = []): void {
    // Numbers are never used again: a client may still ask for what it saw at the stop before.
    this.containers = new Handles<Children>(this.containers.create({ indexed: 0, list: () => [] }) + 1);
    this.targets.clear();
    this.gradient = null;
    const event: DebugProtocol.StoppedEvent = new StoppedEvent(reason, THREAD, description ?? undefined);
    event.body = {
      ...event.body,
      allThreadsStopped: true,
      ...(description === null ? {} : { description, text: description }),
      ...(ids.length === 0 ? {} : { hitBreakpointIds: [...ids] }),
    };
    this.sendEvent(event);
  }

  /** The place that a frame shows: the walk's own for the innermost, the whole step for the others. */
  protected placeOf(frameId: number | undefined): Place | null {
    const { trace, place } = this.needWalk();
    if (place === null || frameId === undefined || frameId === 0) return place;
    const frame = this.frames[frameId];
    if (frame === undefined)
      throw new Refusal(l10n.t("there is no frame {0}: ask for the stack trace anew", frameId));
    return wholeStep(trace, place.backward, frame.step ?? -1);
  }

  /** Nodes that were made by an expression that begins on a line of a file. */
  protected nodesAt(path: string, line: number): ReadonlySet<number> {
    const { trace, toSource } = this.needWalk();
    const at = toSource(path, line);
    return at === null ? new Set() : nodesOfLine(trace, at.source, at.line);
  }

  /** Answer a request; what it throws is its error, in words. */
  protected async answer(response: DebugProtocol.Response, body: () => void | Promise<void>): Promise<void> {
    try {
      await body();
      this.sendResponse(response);
    } catch (error) {
      this.refuse(response, wordsOf(error));
    }
  }

  protected refuse(response: DebugProtocol.Response, words: string): void {
    this.sendErrorResponse(response, {
      id: ERROR,
      format: "{_words}",
      variables: { _words: words },
      showUser: false,
    });
  }

  protected needWalk(): Walk {
    if (this.walk === null)
      throw new Refusal(l10n.t("nothing has been launched: send launch or attach first"));
    return this.walk;
  }

  protected needPlace(): { walk: Walk; trace: Trace; place: Place } {
    const walk = this.needWalk();
    const { trace, place } = walk;
    if (place === null)
      throw new Refusal(
        trace.backwards.length === 0
          ? l10n.t("there is nothing to step through: no backward pass was run")
          : l10n.t("another run has taken the place of this one: restart the session to walk through it"),
      );
    return { walk, trace, place };
  }
}

export function wordsOf(error: unknown): string {
  if (error instanceof ConditionError) return l10n.t("the condition is not right: {0}", error.message);
  return error instanceof Error ? error.message : String(error);
}
