/** The debug adapter: the Debug Adapter Protocol over a walk. Backward is what this debugger does, so Step Back works. */

import { InitializedEvent, OutputEvent, Response, TerminatedEvent } from "@vscode/debugadapter";
import type { DebugProtocol } from "@vscode/debugprotocol";
import * as l10n from "@vscode/l10n";
import * as z from "zod";
import { omittedOf } from "../trace/pass-number.ts";
import type { Place } from "../trace/place.ts";
import type { Trace } from "../trace/schema.ts";
import { type Move, move, wholeStep } from "../trace/stepper.ts";
import { progressOf, Refusal, THREAD, wordsOf } from "./base.ts";
import { lookedUp } from "./evaluate.ts";
import { LookingSession } from "./looking.ts";
import { argumentsOf } from "./requests.ts";
import { exceptions, type Stop } from "./stops.ts";
import { AttachArguments, LaunchArguments, OpenArguments, type Walk } from "./walk.ts";

export class BackstepSession extends LookingSession {
  private begin: ((request: number) => Promise<Walk>) | null = null;
  private stopOnEntry = true;
  private backward: number | null = null;
  private configured: () => void = () => {};
  private readonly isConfigured = new Promise<void>((resolve) => {
    this.configured = resolve;
  });

  protected override initializeRequest(
    response: DebugProtocol.InitializeResponse,
    client: DebugProtocol.InitializeRequestArguments,
  ): void {
    this.client = client;
    if (client.locale !== undefined) this.host.speak(client.locale);
    response.body = {
      supportsConfigurationDoneRequest: true,
      supportsFunctionBreakpoints: true,
      supportsConditionalBreakpoints: true,
      supportsHitConditionalBreakpoints: true,
      supportsLogPoints: true,
      supportsDataBreakpoints: true,
      supportsExceptionFilterOptions: true,
      supportsExceptionInfoRequest: true,
      exceptionBreakpointFilters: exceptions(),
      supportsStepBack: true,
      supportsGotoTargetsRequest: true,
      supportsRestartRequest: true,
      supportsTerminateRequest: true,
      supportsCancelRequest: true,
      supportsEvaluateForHovers: true,
      supportsClipboardContext: true,
      supportsCompletionsRequest: true,
      completionTriggerCharacters: ["."],
      supportsSetVariable: true,
      supportsSetExpression: true,
      supportsLoadedSourcesRequest: true,
      supportsBreakpointLocationsRequest: true,
    };
    this.sendResponse(response);
  }

  protected override launchRequest(
    response: DebugProtocol.LaunchResponse,
    given: DebugProtocol.LaunchRequestArguments,
  ): void {
    if ("trace" in given) this.open(response, given);
    else
      this.starting(response, LaunchArguments, given, (checked, signal) =>
        this.host.launch(checked, this.events, signal),
      );
  }

  protected open(response: DebugProtocol.Response, args: unknown): void {
    this.starting(response, OpenArguments, args, (checked, signal) => this.host.open(checked, signal));
  }

  protected override attachRequest(
    response: DebugProtocol.AttachResponse,
    given: DebugProtocol.AttachRequestArguments,
  ): void {
    this.starting(response, AttachArguments, given, async () => {
      const walk = this.host.attach();
      if (walk === null)
        throw new Refusal(
          l10n.t("there is no trace to attach to: run Trace backward first, or launch a program"),
        );
      return walk;
    });
  }

  /** The one way in: check the arguments, make the walk with progress, stand at its first place. */
  protected starting<T extends { stopOnEntry: boolean; backward?: number | undefined }>(
    response: DebugProtocol.Response,
    schema: z.ZodType<T>,
    args: unknown,
    begin: (checked: T, signal: AbortSignal) => Promise<Walk>,
  ): void {
    if (this.begin !== null) {
      this.refuse(
        response,
        l10n.t(
          "something has been launched already: send restart, or begin another session for another program",
        ),
      );
      return;
    }
    const checked = schema.safeParse(args);
    if (!checked.success) {
      this.refuse(
        response,
        l10n.t("the launch arguments are not right: {0}", z.prettifyError(checked.error)),
      );
      return;
    }
    this.stopOnEntry = checked.data.stopOnEntry;
    this.backward = checked.data.backward ?? null;
    this.begin = (request) => this.within(request, (signal) => begin(checked.data, signal));
    void this.started(response, this.begin);
  }

  protected async started(
    response: DebugProtocol.Response,
    begin: (request: number) => Promise<Walk>,
  ): Promise<void> {
    try {
      this.adopt(await begin(response.request_seq));
      const walk = this.needWalk();
      if (this.backward !== null) walk.go(wholeStep(walk.trace, passNumber(walk.trace, this.backward), -1));
      this.sendEvent(new InitializedEvent());
      this.sendResponse(response);
      await this.isConfigured;
      this.enter();
    } catch (error) {
      this.begin = null;
      this.refuse(response, wordsOf(error));
      this.sendEvent(new TerminatedEvent());
    }
  }

  /** Stand at the start, or go to the first breakpoint. */
  protected enter(): void {
    const { trace, place } = this.needWalk();
    this.stops.forget();
    const { error } = trace;
    if (place === null) {
      const why = error === null ? l10n.t("no backward pass was run") : `${error.type}: ${error.message}`;
      this.sendEvent(
        new OutputEvent(`${l10n.t("There is nothing to step through: {0}.", why)}\n`, "console"),
      );
    }
    if (error !== null && this.stops.onPythonError(error.type)) {
      this.stopped("exception", error.message);
      return;
    }
    if (place === null) {
      this.sendEvent(new TerminatedEvent());
      return;
    }
    if (this.stopOnEntry) this.stopped("entry");
    else this.run(1);
  }

  protected override configurationDoneRequest(response: DebugProtocol.ConfigurationDoneResponse): void {
    this.sendResponse(response);
    this.configured();
  }

  protected override cancelRequest(
    response: DebugProtocol.CancelResponse,
    given: DebugProtocol.CancelArguments,
  ): void {
    const { requestId, progressId } = given;
    const chosen = [...this.running].filter(
      ([request]) =>
        (requestId === undefined || requestId === request) &&
        (progressId === undefined || progressId === progressOf(request)),
    );
    if (progressId !== undefined && chosen.length === 0) {
      this.refuse(response, l10n.t("there is no progress {0} to cancel", JSON.stringify(progressId)));
      return;
    }
    for (const [, abort] of chosen) abort.abort();
    this.sendResponse(response);
  }

  protected override terminateRequest(response: DebugProtocol.TerminateResponse): void {
    this.abort();
    this.sendResponse(response);
    this.sendEvent(new TerminatedEvent());
  }

  protected override disconnectRequest(response: DebugProtocol.DisconnectResponse): void {
    this.sendResponse(response);
    this.shutdown();
  }

  protected override restartRequest(response: DebugProtocol.RestartResponse): void {
    void this.answer(response, async () => {
      if (this.begin === null)
        throw new Refusal(l10n.t("nothing has been launched: send launch or attach first"));
      this.adopt(await this.begin(response.request_seq));
      this.enter();
    });
  }

  protected override threadsRequest(response: DebugProtocol.ThreadsResponse): void {
    response.body = { threads: [{ id: THREAD, name: l10n.t("backward pass") }] };
    this.sendResponse(response);
  }

  protected override continueRequest(response: DebugProtocol.ContinueResponse): void {
    response.body = { allThreadsContinued: true };
    this.walking(response, () => this.run(1));
  }

  protected override reverseContinueRequest(response: DebugProtocol.ReverseContinueResponse): void {
    this.walking(response, () => this.run(-1));
  }

  protected override nextRequest(response: DebugProtocol.NextResponse): void {
    this.walking(response, () => this.step({ kind: "forward" }));
  }

  protected override stepInRequest(response: DebugProtocol.StepInResponse): void {
    this.walking(response, () => this.step({ kind: "phaseForward" }));
  }

  protected override stepOutRequest(response: DebugProtocol.StepOutResponse): void {
    this.walking(response, () => this.step({ kind: "outOfModule" }));
  }

  protected override stepBackRequest(
    response: DebugProtocol.StepBackResponse,
    given: DebugProtocol.StepBackArguments,
  ): void {
    const fine = given.granularity === "instruction";
    this.walking(response, () => this.step({ kind: fine ? "phaseBack" : "back" }));
  }

  protected override pauseRequest(response: DebugProtocol.PauseResponse): void {
    this.walking(response, () => this.stopped("pause"));
  }

  protected walking(response: DebugProtocol.Response, act: () => void): void {
    void this.answer(response, () => {
      this.needPlace();
      // The client is told that it goes on before it is told where it stands. (Browsers know no setImmediate.)
      setTimeout(act);
    });
  }

  protected step(by: Move): void {
    const { trace, place } = this.needPlace();
    const next = move(trace, place, by, new Set());
    if (by.kind === "forward" && same(next, place)) {
      this.ended();
      return;
    }
    this.go(next);
    this.stopped("step");
  }

  /** On (or back) to the next step at which a breakpoint holds, else to the end (the start). */
  protected run(by: 1 | -1): void {
    const { walk, trace, place } = this.needPlace();
    const { steps = [] } = trace.backwards[place.backward] ?? {};
    const log = (text: string): void => {
      this.sendEvent(new OutputEvent(`${text}\n`, "console"));
    };
    if (by > 0 && same(place, wholeStep(trace, place.backward, steps.length - 1))) {
      this.ended();
      return;
    }
    for (let at = place.step + by; at >= 0 && at < steps.length; at += by) {
      const step = steps[at];
      const stop =
        step === undefined
          ? null
          : this.stops.at(trace, step, at, walk.stops, (text) => log(this.filled(text, at)));
      if (stop !== null) {
        this.go(wholeStep(trace, place.backward, at));
        this.stoppedFor(stop);
        return;
      }
    }
    this.go(wholeStep(trace, place.backward, by > 0 ? steps.length - 1 : -1));
    this.stopped(
      by > 0 ? "step" : "entry",
      by > 0 ? l10n.t("the end of the backward pass") : l10n.t("the start of the backward pass"),
    );
  }

  /** `{name}` in a log message, by what the trace knows. */
  protected filled(text: string, at: number): string {
    const { trace, place } = this.needPlace();
    const there = wholeStep(trace, place.backward, at);
    return text.replace(
      /\{([^{}]+)\}/g,
      (whole, name: string) => lookedUp(trace, there, name)?.value ?? whole,
    );
  }

  protected ended(): void {
    this.sendEvent(new TerminatedEvent());
  }

  protected stoppedFor({ reason, ids, description }: Stop): void {
    this.stopped(reason, description, ids);
    if (reason === "exception") this.gradient = description;
  }

  protected override gotoTargetsRequest(
    response: DebugProtocol.GotoTargetsResponse,
    { source, line }: DebugProtocol.GotoTargetsArguments,
  ): void {
    void this.answer(response, () => {
      const { trace, place } = this.needPlace();
      const nodes = this.nodesAt(source.path ?? "", this.convertClientLineToDebugger(line));
      const steps = trace.backwards[place.backward]?.steps ?? [];
      const targets = [...steps.entries()]
        .filter(([, { node }]) => nodes.has(node))
        .map(([step, { node }]) => ({ id: step, label: trace.nodes[node]?.name ?? "", line }));
      response.body = { targets };
    });
  }

  protected override gotoRequest(
    response: DebugProtocol.GotoResponse,
    { targetId }: DebugProtocol.GotoArguments,
  ): void {
    void this.answer(response, () => {
      const { trace, place } = this.needPlace();
      const count = trace.backwards[place.backward]?.steps.length ?? 0;
      if (targetId >= count)
        throw new Refusal(l10n.t("there is no step {0}: this pass has {1}", targetId, count));
      this.go(wholeStep(trace, place.backward, targetId));
      setTimeout(() => this.stopped("goto"));
    });
  }

  /** The base class answers requests that it does not know how to do as if they were done, and trusts their arguments. */
  protected override dispatchRequest(request: DebugProtocol.Request): void {
    const checked = argumentsOf(request.command, request.arguments);
    if ("arguments" in checked) request.arguments = checked.arguments;
    if (NOT_HERE.includes(request.command))
      this.refuse(new Response(request), l10n.t("there is no request {0}", JSON.stringify(request.command)));
    else if ("problem" in checked)
      this.refuse(
        new Response(request),
        l10n.t("the arguments of {0} are not right: {1}", request.command, checked.problem),
      );
    else super.dispatchRequest(request);
  }

  protected override customRequest(command: string, response: DebugProtocol.Response, args: unknown): void {
    if (command === "open") this.open(response, args);
    else this.refuse(response, l10n.t("there is no request {0}", JSON.stringify(command)));
  }
}

/** Requests of which no capability is declared. */
const NOT_HERE: readonly string[] = [
  "restartFrame",
  "terminateThreads",
  "stepInTargets",
  "readMemory",
  "writeMemory",
  "disassemble",
  "setInstructionBreakpoints",
];

const same = (a: Place, b: Place): boolean =>
  a.backward === b.backward && a.step === b.step && a.phase === b.phase;

/** Passes are counted from the first that the program ran, also where the trace has only the last ones. */
function passNumber(trace: Trace, wanted: number): number {
  const { backwards } = trace;
  const omitted = omittedOf({ backwards });
  const index = wanted - omitted - 1;
  if (backwards[index] === undefined)
    throw new Refusal(
      backwards.length === 0
        ? l10n.t("backward {0}: the program ran no backward pass", wanted)
        : l10n.t("backward {0}: give {1} to {2}", wanted, omitted + 1, omitted + backwards.length),
    );
  return index;
}
