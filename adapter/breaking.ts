/** Breakpoints: on lines, on nodes by name, on a leaf's `.grad`, on gradients that are out of the ordinary. */
import type { DebugProtocol } from "@vscode/debugprotocol";
import * as l10n from "@vscode/l10n";
import { BaseSession, Refusal, wordsOf } from "./base.ts";
import { leavesOf } from "./scopes.ts";
import { changesGrad, type Stops } from "./stops.ts";

type Triggers = ReturnType<Stops["trigger"]>[];

export abstract class BreakingSession extends BaseSession {
  /** What was asked for, so that it can be set again on another trace. */
  private files: ReadonlyMap<string, DebugProtocol.SetBreakpointsArguments> = new Map();
  private functions: DebugProtocol.SetFunctionBreakpointsArguments | null = null;

  protected override adopted(): void {
    for (const args of this.files.values()) this.setFile(args);
    if (this.functions !== null) this.setFunctions(this.functions);
  }

  protected override setBreakPointsRequest(
    response: DebugProtocol.SetBreakpointsResponse,
    given: DebugProtocol.SetBreakpointsArguments,
  ): void {
    void this.answer(response, () => {
      const { path } = given.source;
      if (path === undefined) throw new Refusal(l10n.t("breakpoints need a source with a path"));
      this.files = new Map([...this.files, [path, given]]);
      response.body = { breakpoints: this.setFile(given) };
    });
  }

  protected setFile({
    source,
    breakpoints = [],
  }: DebugProtocol.SetBreakpointsArguments): DebugProtocol.Breakpoint[] {
    const path = source.path ?? "";
    const triggers: Triggers = [];
    const answers = breakpoints.map((given): DebugProtocol.Breakpoint => {
      const line = this.convertClientLineToDebugger(given.line);
      const nodes = this.walk === null ? new Set<number>() : this.nodesAt(path, line);
      return this.breakpoint(
        triggers,
        "breakpoint",
        given,
        ({ node }) => nodes.has(node),
        this.whyNone(path, line, nodes),
        {
          line: given.line,
          source,
        },
      );
    });
    this.stops.set("source", path, triggers);
    return answers;
  }

  /** Why a line has no breakpoint; null where it has one. */
  protected whyNone(path: string, line: number, nodes: ReadonlySet<number>): string | null {
    const walk = this.walk;
    if (walk === null) return l10n.t("the program has not run yet");
    if (walk.toSource(path, line) === null) return l10n.t("nothing of this file or block was run");
    const { trace, place } = walk;
    if (nodes.size === 0) return l10n.t("no autograd node was made on this line");
    const reached = trace.backwards.some(({ steps }) => steps.some(({ node }) => nodes.has(node)));
    if (!reached) return l10n.t("no backward pass comes to a node that was made on this line");
    const here = trace.backwards[place?.backward ?? 0]?.steps.some(({ node }) => nodes.has(node));
    return here ? null : l10n.t("this backward pass does not come to a node that was made on this line");
  }

  protected breakpoint(
    triggers: Triggers,
    reason: string,
    given: DebugProtocol.SourceBreakpoint | DebugProtocol.FunctionBreakpoint | DebugProtocol.DataBreakpoint,
    holds: Parameters<Stops["trigger"]>[2],
    problem: string | null,
    more: Partial<DebugProtocol.Breakpoint> = {},
  ): DebugProtocol.Breakpoint {
    try {
      const trigger = this.stops.trigger(reason, given, holds);
      triggers.push(trigger);
      return {
        id: trigger.id,
        verified: problem === null,
        ...(problem === null ? {} : { message: problem }),
        ...more,
      };
    } catch (error) {
      return { verified: false, message: wordsOf(error), ...more };
    }
  }

  protected override setFunctionBreakPointsRequest(
    response: DebugProtocol.SetFunctionBreakpointsResponse,
    given: DebugProtocol.SetFunctionBreakpointsArguments,
  ): void {
    void this.answer(response, () => {
      this.functions = given;
      response.body = { breakpoints: this.setFunctions(given) };
    });
  }

  /** By node or op name: `MulBackward0`, `mul`, or a part with `*`. */
  protected setFunctions({
    breakpoints = [],
  }: DebugProtocol.SetFunctionBreakpointsArguments): DebugProtocol.Breakpoint[] {
    const triggers: Triggers = [];
    const nodes = this.walk?.trace.nodes ?? [];
    const answers = breakpoints.map((given) => {
      const matches = (node: { name: string; op: string } | undefined): boolean =>
        node !== undefined && [node.name, node.op].some((name) => matchesGlob(given.name, name));
      const problem =
        this.walk === null
          ? l10n.t("the program has not run yet")
          : nodes.some(matches)
            ? null
            : l10n.t(
                "no node of this graph is called {0}: there are {1}",
                given.name,
                [...new Set(nodes.map(({ name }) => name))].slice(0, 8).join(", "),
              );
      return this.breakpoint(
        triggers,
        "function breakpoint",
        given,
        ({ node }) => matches(nodes[node]),
        problem,
      );
    });
    this.stops.set("function", "", triggers);
    return answers;
  }

  protected override dataBreakpointInfoRequest(
    response: DebugProtocol.DataBreakpointInfoResponse,
    { name }: DebugProtocol.DataBreakpointInfoArguments,
  ): void {
    void this.answer(response, () => {
      const leaf = this.leafOf(name);
      response.body =
        leaf === null
          ? {
              dataId: null,
              description: l10n.t("{0} is no leaf's .grad: only that changes during a backward pass", name),
            }
          : { dataId: leaf.name, description: `${leaf.name}.grad`, accessTypes: ["write"] };
    });
  }

  protected leafOf(name: string): { name: string; tensor: number } | null {
    const { trace } = this.needWalk();
    const wanted = name.replace(/\.grad$/, "");
    return leavesOf(trace).find((each) => each.name === wanted) ?? null;
  }

  protected override setDataBreakpointsRequest(
    response: DebugProtocol.SetDataBreakpointsResponse,
    given: DebugProtocol.SetDataBreakpointsArguments,
  ): void {
    void this.answer(response, () => {
      const { trace } = this.needWalk();
      const triggers: Triggers = [];
      const breakpoints = given.breakpoints.map((each) => {
        const leaf = this.leafOf(each.dataId);
        const problem = leaf === null ? l10n.t("there is no leaf called {0}", each.dataId) : null;
        const holds = leaf === null ? () => false : changesGrad(trace, leaf.tensor);
        return this.breakpoint(triggers, "data breakpoint", each, holds, problem);
      });
      this.stops.set("data", "", triggers);
      response.body = { breakpoints };
    });
  }

  protected override setExceptionBreakPointsRequest(
    response: DebugProtocol.SetExceptionBreakpointsResponse,
    given: DebugProtocol.SetExceptionBreakpointsArguments,
  ): void {
    void this.answer(response, () => {
      const { filters = [], filterOptions = [] } = given;
      this.stops.setExceptions([...filters.map((filterId) => ({ filterId })), ...filterOptions]);
    });
  }

  protected override breakpointLocationsRequest(
    response: DebugProtocol.BreakpointLocationsResponse,
    { source, line, endLine = line }: DebugProtocol.BreakpointLocationsArguments,
  ): void {
    void this.answer(response, () => {
      const breakpoints: DebugProtocol.BreakpointLocation[] = [];
      for (let at = line; at <= Math.min(endLine, line + 10_000); at++)
        if (this.nodesAt(source.path ?? "", this.convertClientLineToDebugger(at)).size > 0)
          breakpoints.push({ line: at });
      response.body = { breakpoints };
    });
  }
}

/** Is a name what a pattern says, in which `*` stands for anything? Upper and lower case are the same. */
function matchesGlob(pattern: string, name: string): boolean {
  const text = name.toLowerCase();
  const [head = "", ...rest] = pattern.toLowerCase().split("*");
  const tail = rest.pop();
  if (tail === undefined) return text === head;
  if (!text.startsWith(head)) return false;
  let at = head.length;
  for (const part of rest) {
    const found = text.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return text.length - tail.length >= at && text.endsWith(tail);
}
