/** Every command of package.json and what it does. */
import * as l10n from "@vscode/l10n";
import * as vscode from "vscode";
import type { Range, Trace } from "../../trace/schema.ts";
import type { Move } from "../../trace/stepper.ts";
import { debugBackward } from "../adapter/debug.ts";
import type { PausedTracer } from "../debugging/paused.ts";
import { reveal } from "../editor.ts";
import { Spot } from "../lens/lenses.ts";
import type { Live } from "../live/live.ts";
import { changeNumber } from "../live/numbers.ts";
import type { Notebooks } from "../notebooks/controller.ts";
import type { NoteCheck } from "../notes/check.ts";
import { tell } from "../notes/check.ts";
import type { Panel } from "../panel/panel.ts";
import type { Ready, Session } from "../session.ts";
import { nodeAt } from "../source/at.ts";
import { toDocument } from "../source/pieces.ts";
import { chooseEngine } from "./engine.ts";
import { openExample } from "./example.ts";
import type { Tracer } from "./tracer.ts";
import { askWhy } from "./why.ts";

export interface Rooms {
  /** Where the extension's own files are. */
  readonly extension: vscode.Uri;
  /** Asks for the format and the file. */
  readonly exportTrace: () => Promise<void>;
  readonly session: Session;
  readonly tracer: Tracer;
  readonly paused: PausedTracer;
  readonly panel: Panel;
  readonly notes: NoteCheck;
  readonly notebooks: Notebooks;
  readonly live: Live;
  readonly output: vscode.OutputChannel;
}

const MOVES = {
  "backstep.stepForward": { kind: "forward" },
  "backstep.stepBack": { kind: "back" },
  "backstep.subStepForward": { kind: "phaseForward" },
  "backstep.subStepBack": { kind: "phaseBack" },
  "backstep.first": { kind: "first" },
  "backstep.last": { kind: "last" },
  "backstep.overModule": { kind: "overModule" },
  "backstep.outOfModule": { kind: "outOfModule" },
  "backstep.nextBreakpoint": { kind: "toBreakpoint", direction: "forward" },
  "backstep.previousBreakpoint": { kind: "toBreakpoint", direction: "back" },
} as const satisfies Record<string, Move>;

/** The commands by identifier; package.json declares the same, and a test keeps the two equal. */
export function commandTable({
  extension,
  exportTrace,
  session,
  tracer,
  paused,
  panel,
  notes,
  notebooks,
  live,
  output,
}: Rooms): Record<string, (...given: unknown[]) => unknown> {
  return {
    "backstep.traceBackward": () => paused.traceBackward(),
    "backstep.tracePaused": () => paused.tracePaused(),
    "backstep.traceVariable": (menu: unknown) => paused.traceVariable(menu),
    "backstep.traceAt": (spot: unknown) => tracer.traceAt(Spot.parse(spot)),
    "backstep.checkNote": () => checkNote(tracer, notes),
    "backstep.toggleGutter": () => toggle("gutter"),
    "backstep.toggleLive": () => live.toggle(),
    "backstep.increaseNumber": (times: unknown) => changeNumber(live, 1, times),
    "backstep.decreaseNumber": (times: unknown) => changeNumber(live, -1, times),
    "backstep.restartNotebook": () => notebooks.restart(),
    "backstep.traceWithPyTorch": () => tracer.traceBackward("pytorch"),
    "backstep.debugBackward": () => debugBackward(session, tracer),
    "backstep.openExample": () => openExample(extension),
    "backstep.checkGradients": () => tracer.checkGradients(),
    "backstep.compareEngines": () => tracer.compareEngines(),
    "backstep.openTrace": (uri?: unknown, uris?: unknown) => tracer.openTrace(urisOf(uri, uris)),
    "backstep.chooseEngine": () => chooseEngine(),
    "backstep.traceAgain": () => tracer.traceAgain(),
    "backstep.cancel": () => session.cancel(),
    "backstep.showPanel": () => panel.show(),
    "backstep.showOutput": () => output.show(true),
    "backstep.stepToCursor": (given?: unknown) => {
      const go = (node: number): void => session.move({ kind: "toNode", node });
      if (typeof given !== "number") return withNodeAtCursor(session, go);
      panel.show();
      go(given);
    },
    "backstep.toggleBreakpoint": () => withNodeAtCursor(session, (node) => session.toggleBreakpoint(node)),
    "backstep.why": (given?: unknown) => askWhy(session, panel, given),
    "backstep.revealSource": () => revealCurrent(session),
    "backstep.exportTrace": () => exportTrace(),
    "backstep.toggleHighlight": () => toggle("highlightSource"),
    ...Object.fromEntries(Object.entries(MOVES).map(([id, move]) => [id, () => session.move(move)])),
  };
}

export function registerCommands(rooms: Rooms): vscode.Disposable {
  const table = Object.entries(commandTable(rooms));
  return vscode.Disposable.from(...table.map(([id, run]) => vscode.commands.registerCommand(id, run)));
}

/** Run the note in front to its end, and say which of its outputs are not what is printed. */
async function checkNote(tracer: Tracer, notes: NoteCheck): Promise<void> {
  const document = vscode.window.activeTextEditor?.document;
  if (document === undefined || !(await tracer.traceNote(document)))
    void vscode.window.showWarningMessage(l10n.t("Open a Markdown note that has a Python block."));
  else tell(notes.compare());
}

/** What the explorer or another extension hands to a command. */
function urisOf(uri: unknown, uris: unknown): readonly vscode.Uri[] | undefined {
  const all = Array.isArray(uris) && uris.length > 0 ? uris : [uri];
  const given = all.filter((one): one is vscode.Uri => one instanceof vscode.Uri);
  return given.length > 0 ? given : undefined;
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

/** Show a place of the source; says so where it stands in no document or the text has changed. */
export async function revealRange(state: Ready, range: Range | null): Promise<void> {
  const place = range === null ? null : toDocument(state.job.pieces, range);
  if (place === null) throw new Error(l10n.t("This node has no expression in the editor."));
  if (state.edited.has(place.uri)) {
    throw new Error(l10n.t("The text has changed since this trace was made: run Trace backward again."));
  }
  await reveal(place);
}

/** Show the source of a node; says so where the trace has none or the text has changed. */
export async function revealNode(state: Ready, node: number): Promise<void> {
  await revealRange(state, sourceOf(state.trace, node));
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

/** Switch a setting on or off, for the person. */
async function toggle(setting: "highlightSource" | "gutter"): Promise<void> {
  const configuration = vscode.workspace.getConfiguration("backstep");
  const on = configuration.get<boolean>(setting) === true;
  await configuration.update(setting, !on, vscode.ConfigurationTarget.Global);
}
