/** Looking at a stop: the stack, its scopes and variables, expressions, and other values to run again with. */
import { InvalidatedEvent } from "@vscode/debugadapter";
import type { DebugProtocol } from "@vscode/debugprotocol";
import * as l10n from "@vscode/l10n";
import type { Place } from "../trace/place.ts";
import { samePlace } from "../trace/same-place.ts";
import type { Range, Trace } from "../trace/schema.ts";
import { checkedText } from "../trace/why/text.ts";
import { Refusal } from "./base.ts";
import { BreakingSession } from "./breaking.ts";
import { lookedUp, namesAt, programFor } from "./evaluate.ts";
import { type Question, questionOf, whyText } from "./questions.ts";
import { programVariables, scopesAt } from "./scopes.ts";
import { type Frame, framesAt } from "./stack.ts";
import { type Children, clipboardText, type Entry, type Target } from "./tensors.ts";
import type { Walk } from "./walk.ts";
import { editOf } from "./whatif.ts";

/** Numbered children of which a page is shown when nobody asks for a certain page. */
const PAGE = 100;
/** Ms that an expression may take. */
const PATIENCE = 30_000;

export abstract class LookingSession extends BreakingSession {
  protected override stackTraceRequest(
    response: DebugProtocol.StackTraceResponse,
    given: DebugProtocol.StackTraceArguments,
  ): void {
    void this.answer(response, () => {
      const walk = this.needWalk();
      const { trace, place } = walk;
      this.frames = place === null ? errorFrames(trace) : framesAt(trace, place);
      const from = given.startFrame ?? 0;
      const to = given.levels ? from + given.levels : this.frames.length;
      response.body = {
        totalFrames: this.frames.length,
        stackFrames: this.frames.slice(from, to).map((frame, i) => this.frame(walk, frame, from + i)),
      };
    });
  }

  protected frame(walk: Walk, { name, range }: Frame, id: number): DebugProtocol.StackFrame {
    const place = range === null ? null : this.source(walk, range);
    return {
      id,
      name,
      line: 0,
      column: 0,
      ...place,
      ...(place === null ? { presentationHint: "subtle" as const } : {}),
    };
  }

  protected source(
    walk: Walk,
    range: Range,
  ): Pick<DebugProtocol.StackFrame, "source" | "line" | "column" | "endLine" | "endColumn"> {
    const from = walk.toFile(range.source, range.start.line, range.start.character);
    const to = walk.toFile(range.source, range.end.line, range.end.character);
    return {
      source: this.sourceOf(walk, range.source),
      line: this.convertDebuggerLineToClient(from?.line ?? range.start.line),
      column: this.convertDebuggerColumnToClient(from?.character ?? range.start.character),
      endLine: this.convertDebuggerLineToClient(to?.line ?? range.end.line),
      endColumn: this.convertDebuggerColumnToClient(to?.character ?? range.end.character),
    };
  }

  /** A file, or, where a source stands in none, its text by reference. */
  protected sourceOf(walk: Walk, source: number): DebugProtocol.Source {
    const file = walk.toFile(source, 0, 0);
    const name = walk.trace.sources[source]?.name ?? "";
    return file === null ? { name, sourceReference: source + 1 } : { name, path: file.path };
  }

  protected override sourceRequest(
    response: DebugProtocol.SourceResponse,
    given: DebugProtocol.SourceArguments,
  ): void {
    void this.answer(response, () => {
      const reference = given.source?.sourceReference ?? given.sourceReference ?? 0;
      const source = this.needWalk().trace.sources[reference - 1];
      if (source === undefined) throw new Refusal(l10n.t("there is no source {0} in this trace", reference));
      response.body = { content: source.text, mimeType: "text/x-python" };
    });
  }

  protected override loadedSourcesRequest(response: DebugProtocol.LoadedSourcesResponse): void {
    void this.answer(response, () => {
      const walk = this.needWalk();
      response.body = { sources: walk.trace.sources.map((_, i) => this.sourceOf(walk, i)) };
    });
  }

  protected override scopesRequest(
    response: DebugProtocol.ScopesResponse,
    given: DebugProtocol.ScopesArguments,
  ): void {
    void this.answer(response, () => {
      const place = this.placeOf(given.frameId);
      const { trace } = this.needWalk();
      response.body = {
        scopes: (place === null ? [] : scopesAt(trace, place)).map(({ name, hint, entries }) => ({
          name,
          expensive: false,
          variablesReference: this.containers.create({
            indexed: 0,
            list: (filter) => (filter === "named" ? entries() : []),
          }),
          ...(hint === undefined ? {} : { presentationHint: hint }),
        })),
      };
    });
  }

  protected override variablesRequest(
    response: DebugProtocol.VariablesResponse,
    given: DebugProtocol.VariablesArguments,
  ): void {
    void this.answer(response, () => {
      const { variablesReference, filter, start = 0, count } = given;
      const children = this.container(variablesReference);
      const named = filter === "indexed" ? [] : children.list("named", 0, 0);
      const indexed = filter === "named" ? [] : children.list("indexed", start, count || PAGE);
      response.body = {
        variables: [...named, ...indexed].map((entry) => this.variable(entry, variablesReference)),
      };
    });
  }

  private container(reference: number): Children {
    const children = this.containers.get(reference);
    if (children === undefined)
      throw new Refusal(l10n.t("there are no variables {0}: they were those of an earlier stop", reference));
    return children;
  }

  protected variable(entry: Entry, parent: number): DebugProtocol.Variable {
    const { name, value, type, children, evaluateName, target } = entry;
    if (target !== undefined) {
      const targets = this.targets.get(parent) ?? new Map<string, Target>();
      targets.set(name, target);
      this.targets.set(parent, targets);
    }
    return {
      name,
      value,
      ...(type === undefined ? {} : { type }),
      ...(evaluateName === undefined ? {} : { evaluateName }),
      variablesReference: children === undefined ? 0 : this.containers.create(children),
      ...(children !== undefined && children.indexed > 0 ? { indexedVariables: children.indexed } : {}),
      presentationHint: target === undefined ? { attributes: ["readOnly"] } : {},
    };
  }

  protected override exceptionInfoRequest(response: DebugProtocol.ExceptionInfoResponse): void {
    void this.answer(response, () => {
      const { error } = this.needWalk().trace;
      const { gradient } = this;
      if (gradient === null && error === null)
        throw new Refusal(l10n.t("the walk does not stand at an exception"));
      response.body =
        gradient !== null || error === null
          ? { exceptionId: "gradient", breakMode: "always", description: gradient ?? "" }
          : {
              exceptionId: error.type,
              description: error.message,
              breakMode: "always",
              details: { message: error.message, typeName: error.type, stackTrace: error.traceback },
            };
    });
  }

  protected override evaluateRequest(
    response: DebugProtocol.EvaluateResponse,
    given: DebugProtocol.EvaluateArguments,
  ): void {
    void this.answer(response, async () => {
      const { expression, context, frameId } = given;
      if (expression.trim() === "")
        throw new Refusal(l10n.t("the expression is empty: give a name or a Python expression"));
      const { trace } = this.needWalk();
      const place = this.placeOf(frameId);
      const found = lookedUp(trace, place, expression);
      if (found !== null) {
        const { value, type, children } = found;
        response.body = {
          result: context === "clipboard" ? this.clipboard(trace, place, expression) : value,
          variablesReference: children === undefined ? 0 : this.containers.create(children),
          ...(type === undefined ? {} : { type }),
        };
        return;
      }
      if (context === "hover") throw new Refusal(l10n.t("{0} is not known at this place", expression));
      const question = context === "repl" ? questionOf(expression) : null;
      if (question !== null) {
        response.body = {
          result: await this.answerTo(question, response.request_seq),
          variablesReference: 0,
        };
        return;
      }
      const shown = await this.cancellable(response.request_seq, (signal) =>
        this.host.evaluate(
          programFor(trace, place, expression),
          AbortSignal.any([signal, AbortSignal.timeout(PATIENCE)]),
        ),
      );
      response.body = { result: shown.replace(/\n$/, ""), variablesReference: 0 };
    });
  }

  /** What the panel answers to "Why?" and "Check gradients", in the console's words. */
  protected async answerTo(question: Question, request: number): Promise<string> {
    const walk = this.needWalk();
    const { trace, place } = walk;
    if (question.kind === "why") return whyText(trace, place, question.name);
    const next = await this.within(request, (signal) => this.host.check(walk, this.events, signal));
    this.replace(trace, place, next);
    return checkedText(next.trace, l10n).text.trimEnd();
  }

  /** Go on with another trace of the program, at the node at which the walk through the old one stood. */
  protected replace(old: Trace, stood: Place | null, next: Walk): Place | null {
    const place = samePlace(old, stood, next.trace);
    this.adopt(next);
    if (place !== null) this.go(place);
    this.sendEvent(new InvalidatedEvent(["all"]));
    return place;
  }

  protected clipboard(trace: Trace, place: Place | null, expression: string): string {
    const value = lookedUp(trace, place, expression)?.tensor ?? null;
    return value === null ? "None" : clipboardText(value);
  }

  protected override completionsRequest(
    response: DebugProtocol.CompletionsResponse,
    { text, column }: DebugProtocol.CompletionsArguments,
  ): void {
    void this.answer(response, () => {
      const { trace, place } = this.needWalk();
      const before = text.slice(0, column - (this.client.columnsStartAt1 === false ? 0 : 1));
      const word = /[\p{L}\p{N}_.[\]]*$/u.exec(before)?.[0] ?? "";
      const targets = namesAt(trace, place)
        .filter((name) => name.startsWith(word))
        .map((name) => ({
          label: name,
          start: before.length - word.length,
          length: word.length,
          type: "variable" as const,
        }));
      response.body = { targets };
    });
  }

  protected override setVariableRequest(
    response: DebugProtocol.SetVariableResponse,
    { variablesReference, name, value }: DebugProtocol.SetVariableArguments,
  ): void {
    void this.answer(response, async () => {
      this.container(variablesReference);
      const target = this.targets.get(variablesReference)?.get(name);
      if (target === undefined)
        throw new Refusal(
          l10n.t(
            "{0} cannot be set: only leaves and saved numbers can, since the program is run again with them",
            name,
          ),
        );
      response.body = { value: await this.whatIf(response.request_seq, target, value, name) };
    });
  }

  protected override setExpressionRequest(
    response: DebugProtocol.SetExpressionResponse,
    { expression, value }: DebugProtocol.SetExpressionArguments,
  ): void {
    void this.answer(response, async () => {
      const { trace } = this.needWalk();
      const found = programVariables(trace).find(({ name }) => name === expression.trim());
      if (found === undefined || !trace.tensors[found.tensor]?.isLeaf)
        throw new Refusal(
          l10n.t(
            "{0} cannot be set: only the name of a leaf can, since the program is run again with it",
            expression,
          ),
        );
      response.body = {
        value: await this.whatIf(
          response.request_seq,
          { kind: "leaf", tensor: found.tensor },
          value,
          expression.trim(),
        ),
      };
    });
  }

  /** Run again with another value and stand at the same node; the new value as it is shown. */
  protected async whatIf(request: number, target: Target, value: string, name: string): Promise<string> {
    const walk = this.needWalk();
    // A walk that is over stands nowhere.
    const { trace, place: stood } = walk;
    const edit = editOf(trace, target, value);
    const next = await this.within(request, (signal) => this.host.rerun(walk, [edit], this.events, signal));
    if (next.trace.error !== null && next.trace.backwards.length < trace.backwards.length)
      throw new Refusal(`${next.trace.error.type}: ${next.trace.error.message}`);
    const place = this.replace(trace, stood, next);
    return lookedUp(next.trace, place, name)?.value ?? value;
  }
}

function errorFrames({ error, sources }: Trace): Frame[] {
  return (error?.ranges ?? [])
    .toReversed()
    .map((range) => ({ step: null, name: sources[range.source]?.name ?? "", range }));
}
