/** "Trace backward" while a Python program stands at a breakpoint: from a tensor of the chosen frame, without running anything. */
import * as l10n from "@vscode/l10n";
import * as vscode from "vscode";
import * as z from "zod";
import { DEFAULT_LIMITS } from "../../engines/engine.ts";
import { formatShape } from "../../trace/format.ts";
import type { Trace } from "../../trace/schema.ts";
import { showProgress, type Tracer } from "../commands/tracer.ts";
import { linesOf } from "../editor.ts";
import type { Panel } from "../panel/panel.ts";
import type { Job, Session } from "../session.ts";
import { pieceOf } from "../source/pieces.ts";
import { type FrameTensor, refusalText, type TensorsAnswer } from "./answer.ts";
import { Asker, type Frame } from "./ask.ts";
import { expressionAt } from "./expression.ts";
import { type Focus, focus, standsStill } from "./focus.ts";

/** What VS Code hands to a command of the Variables view's menu. */
const VariableMenu = z.object({
  variable: z.object({ name: z.string(), evaluateName: z.string().optional() }),
});

type Stopped = Extract<Focus, { kind: "stopped" }>;
type Pick = vscode.QuickPickItem & { readonly expression?: string; readonly ordinary?: true };

export class PausedTracer {
  constructor(
    private readonly session: Session,
    private readonly panel: Panel,
    private readonly recorder: string,
    /** Runs the editor's code, as without a debugger. */
    private readonly tracer: Tracer,
  ) {}

  /** The editor's command: a tensor of the frame where a Python program stands still, else an ordinary run. */
  async traceBackward(): Promise<void> {
    const language = vscode.window.activeTextEditor?.document.languageId;
    if (!standsStill() || language === "markdown") return this.tracer.traceBackward();
    return this.#choose(await focus(), true);
  }

  /** The palette's command: a tensor of the frame, or the reason why there is none. */
  async tracePaused(): Promise<void> {
    return this.#choose(await focus(), false);
  }

  /** The Variables view's command. */
  async traceVariable(menu: unknown): Promise<void> {
    const { data } = VariableMenu.safeParse(menu);
    const stopped = await focus();
    if (stopped.kind === "none") return complain(stopped.message);
    if (data === undefined)
      return complain(l10n.t("Choose a tensor in the Variables view and open its context menu."));
    const expression = data.variable.evaluateName;
    if (expression === undefined)
      return complain(l10n.t("{0} cannot be named in the program: choose a variable.", data.variable.name));
    return this.#trace(stopped, expression);
  }

  /** The same expression again, in the frame that is chosen now. */
  async #again(expression: string): Promise<void> {
    const stopped = await focus();
    if (stopped.kind === "none") return complain(stopped.message);
    return this.#trace(stopped, expression);
  }

  /** Trace the expression at the cursor if it is a tensor with a graph, else ask which; `ordinary`: offer the run of the code. */
  async #choose(stopped: Focus, ordinary: boolean): Promise<void> {
    if (stopped.kind === "none") return complain(stopped.message);
    const asker = new Asker(stopped.session, this.recorder);
    const expression = expressionOf(stopped.frame);
    let answer: TensorsAnswer;
    try {
      answer = await asker.tensors(stopped.frame, expression);
    } catch (error) {
      return complain((error as Error).message);
    }
    if (answer.kind === "refused") {
      if (!ordinary) return complain(refusalText(answer));
      answer = { kind: "tensors", tensors: [], chosen: null };
    }
    const { tensors, chosen } = answer;
    if (chosen !== null && chosen.refused === null) return this.#trace(stopped, chosen.expression);
    if (tensors.length === 0 && !ordinary)
      return complain(
        l10n.t("No tensor of this frame has a grad_fn: go on to a line after the loss was computed."),
      );
    const why =
      chosen?.refused == null || chosen.refused.code === "unset"
        ? ""
        : `${chosen.expression}: ${refusalText(chosen.refused)} `;
    const picked = await vscode.window.showQuickPick(picks(tensors, ordinary), {
      title: l10n.t("Trace backward from a tensor of {0}, line {1}", stopped.frame.name, stopped.frame.line),
      placeHolder: `${why}${l10n.t("The program is not run on, and nothing of it changes.")}`,
    });
    if (picked?.ordinary) return this.tracer.traceBackward();
    if (picked?.expression !== undefined) return this.#trace(stopped, picked.expression);
  }

  /** What is shown stays where there is nothing to trace. A cancelled question is still answered, but nobody listens. */
  async #trace({ session, frame }: Stopped, expression: string): Promise<void> {
    const title = l10n.t("{0} at {1}:{2}", expression, frame.name, frame.line);
    let listening = true;
    const asked = this.#ask(new Asker(session, this.recorder), frame, expression).then(async (traced) => {
      if (!listening || traced === null) return;
      const job = await jobOf(frame, title);
      this.tracer.remember(() => this.#again(expression));
      this.panel.show();
      this.session.open(job, "files", [{ label: title, trace: traced, pieces: job.pieces }]);
      for (const document of vscode.workspace.textDocuments)
        this.session.documentChanged(document.uri.toString(), [], () => linesOf(document));
    });
    let cancel = (): void => {};
    const cancelled = new Promise<void>((resolve) => {
      cancel = resolve;
    });
    await showProgress(Promise.race([asked, cancelled]), title, () => {
      listening = false;
      cancel();
    });
  }

  /** The trace of an expression; null where there is none, and the person has been told why. */
  async #ask(asker: Asker, frame: Frame, expression: string): Promise<Trace | null> {
    try {
      const answer = await asker.trace(frame, expression);
      if (answer.kind === "traced") return answer.trace;
      complain(`${expression}: ${refusalText(answer)}`);
    } catch (error) {
      complain((error as Error).message);
    }
    return null;
  }
}

const complain = (message: string): void => {
  void vscode.window.showWarningMessage(message);
};

/** The expression at the cursor, where the editor shows the frame's file. */
function expressionOf({ file }: Frame): string | null {
  const editor = vscode.window.activeTextEditor;
  if (editor === undefined || editor.document.uri.fsPath !== vscode.Uri.file(file).fsPath) return null;
  const { start, end, isSingleLine } = editor.selection;
  if (!isSingleLine) return null;
  return expressionAt(editor.document.lineAt(start.line).text, start.character, end.character);
}

function picks(tensors: readonly FrameTensor[], ordinary: boolean): Pick[] {
  const list: Pick[] = tensors.map(({ expression, shape, dtype, gradFn }) => ({
    label: expression,
    description: `${formatShape(shape)}  ${dtype}  ${gradFn}`,
    expression,
  }));
  if (!ordinary) return list;
  return [
    ...list,
    { label: "", kind: vscode.QuickPickItemKind.Separator },
    {
      label: l10n.t("Run the code in the editor instead"),
      description: l10n.t("as without a debugger"),
      ordinary: true,
    },
  ];
}

/** The frame's file is the one piece, as it stands on the disk, for that is what runs. */
async function jobOf({ file, name }: Frame, title: string): Promise<Job> {
  const uri = vscode.Uri.file(file);
  const text = await readText(uri);
  return {
    title,
    mode: "script",
    pieces: [pieceOf(text === null ? "" : uri.toString(), name, text ?? "", 0, (text ?? "").split("\n"))],
    files: new Map(),
    uriOf: () => uri.toString(),
    limits: DEFAULT_LIMITS,
  };
}

async function readText(uri: vscode.Uri): Promise<string | null> {
  try {
    const text = new TextDecoder().decode(await vscode.workspace.fs.readFile(uri));
    return text.replace(/\r\n?/g, "\n");
  } catch {
    return null;
  }
}
