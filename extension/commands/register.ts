/** Every command of package.json and what it does. */
import * as l10n from "@vscode/l10n";
import * as vscode from "vscode";
import type { Trace } from "../../trace/schema.ts";
import type { Move } from "../../trace/stepper.ts";
import { reveal } from "../editor.ts";
import type { Panel } from "../panel/panel.ts";
import type { Ready, Session } from "../session.ts";
import { nodeAt } from "../source/at.ts";
import { toDocument } from "../source/pieces.ts";
import { exportTrace } from "./export.ts";
import type { Tracer } from "./tracer.ts";

export interface Rooms {
  readonly session: Session;
  readonly tracer: Tracer;
  readonly panel: Panel;
  readonly output: vscode.OutputChannel;
}

const MOVES = {
  "backstep.stepForward": { kind: "forward" },
  "backstep.stepBack": { kind: "back" },
  "backstep.subStepForward": { kind: "phaseForward" },
  "backstep.subStepBack": { kind: "phaseBack" },
  "backstep.first": { kind: "first" },
  "backstep.last": { kind: "last" },
  "backstep.nextBreakpoint": { kind: "toBreakpoint", direction: "forward" },
  "backstep.previousBreakpoint": { kind: "toBreakpoint", direction: "back" },
} as const satisfies Record<string, Move>;

/** The commands by identifier; package.json declares the same, and a test keeps the two equal. */
export function commandTable({ session, tracer, panel, output }: Rooms): Record<string, () => unknown> {
  return {
    "backstep.traceBackward": () => tracer.traceBackward(),
    "backstep.traceAgain": () => tracer.traceAgain(),
    "backstep.cancel": () => session.cancel(),
    "backstep.showPanel": () => panel.show(),
    "backstep.showOutput": () => output.show(true),
    "backstep.stepToCursor": () =>
      withNodeAtCursor(session, (node) => session.move({ kind: "toNode", node })),
    "backstep.toggleBreakpoint": () => withNodeAtCursor(session, (node) => session.toggleBreakpoint(node)),
    "backstep.revealSource": () => revealCurrent(session),
    "backstep.exportTrace": () => exportTrace(session),
    "backstep.toggleHighlight": () => toggleHighlight(),
    ...Object.fromEntries(Object.entries(MOVES).map(([id, move]) => [id, () => session.move(move)])),
  };
}

export function registerCommands(rooms: Rooms): vscode.Disposable {
  const table = Object.entries(commandTable(rooms));
  return vscode.Disposable.from(...table.map(([id, run]) => vscode.commands.registerCommand(id, run)));
}

function withNodeAtCursor(session: Session, act: (node: number) => void): void {
  const { state } = session;
  const editor = vscode.window.activeTextEditor;
  if (state.kind !== "ready" || editor === undefined) return;
  const uri = editor.document.uri.toString();
  const node = state.edited.has(uri)
    ? null
    : nodeAt(state.trace, state.job.pieces, uri, editor.selection.active);
  if (node !== null) act(node);
  else
    void vscode.window.showWarningMessage(
      state.edited.has(uri)
        ? l10n.t("The text has changed since this trace was made: run Trace backward again.")
        : l10n.t("No autograd node was made at the cursor: put it on an expression such as x**2."),
    );
}

/** Show the source of a node; says so where the trace has none or the text has changed. */
export async function revealNode(state: Ready, node: number): Promise<void> {
  const range = sourceOf(state.trace, node);
  const place = range === null ? null : toDocument(state.job.pieces, range);
  if (place === null) throw new Error(l10n.t("This node has no expression in the editor."));
  if (state.edited.has(place.uri)) {
    throw new Error(l10n.t("The text has changed since this trace was made: run Trace backward again."));
  }
  await reveal(place);
}

/** A node's expression; an AccumulateGrad has none of its own, so the first binding of its leaf stands for it. */
function sourceOf(trace: Trace, node: number): Trace["nodes"][number]["range"] {
  const { range, variable } = trace.nodes[node] ?? { range: null, variable: null };
  return range ?? trace.bindings.find((binding) => binding.tensor === variable)?.range ?? null;
}

async function revealCurrent(session: Session): Promise<void> {
  const { state } = session;
  if (state.kind !== "ready" || state.place === null) return;
  const step = state.trace.backwards[state.place.backward]?.steps[state.place.step];
  if (step === undefined) return;
  try {
    await revealNode(state, step.node);
  } catch (error) {
    void vscode.window.showWarningMessage((error as Error).message);
  }
}

async function toggleHighlight(): Promise<void> {
  const configuration = vscode.workspace.getConfiguration("backstep");
  const on = configuration.get<boolean>("highlightSource") !== false;
  await configuration.update("highlightSource", !on, vscode.ConfigurationTarget.Global);
}
