/** The webview panel: opens it, answers its messages, and tells it of each change of the session. */
import * as l10n from "@vscode/l10n";
import * as vscode from "vscode";
import type { z } from "zod";
import { sideFileOf } from "../../engines/side-file.ts";
import { acrossRanks } from "../../trace/ranks.ts";
import type { Range } from "../../trace/schema.ts";
import { sideBySide } from "../../trace/sides.ts";
import { type Spans, sliceOf, storedValues } from "../../trace/slice.ts";
import type { Subject } from "../../trace/why/answer.ts";
import type { Turn } from "../live/turning.ts";
import {
  isStale,
  type Listener,
  patient,
  type Ready,
  type Session,
  type SessionState,
  type TraceSet as Traces,
} from "../session.ts";
import { failureText } from "../views/failure.ts";
import { pageOf } from "./html.ts";
import {
  type Handlers,
  inParts,
  type PanelState,
  receive,
  type SliceAnswer,
  type ToPanel,
  type TraceSet,
  toHost,
} from "./protocol.ts";

export const PANEL = "backstep.panel";

/** What the panel may ask for beyond the session's own moves. */
export interface PanelActions {
  reveal(node: number): Promise<void>;
  revealRange(range: Range): Promise<void>;
  turn(turn: Turn): Promise<void>;
  rerun(): Promise<void>;
  check(): Promise<void>;
  export(format: z.infer<typeof toHost.export>["format"]): Promise<void>;
  picture(format: "svg" | "png", data: string): Promise<void>;
}

export function panelState(state: SessionState): PanelState {
  switch (state.kind) {
    case "idle":
      return { kind: "idle", ...(state.cancelled === undefined ? {} : { cancelled: state.cancelled }) };
    case "running":
      return { kind: "running", title: state.job.title, engine: state.engine, output: state.output };
    case "failed":
      return {
        kind: "failed",
        title: state.job.title,
        message: failureText(state),
        output: state.output,
        ...(state.trace === undefined ? {} : { trace: state.trace }),
      };
    case "ready":
      return {
        kind: "ready",
        title: state.job.title,
        trace: state.trace,
        place: state.place,
        breakpoints: [...state.breakpoints],
        conditions: conditionsOf(state),
        stale: isStale(state),
        ...(state.set === undefined ? {} : { set: setOf(state.set) }),
        ...(state.job.asked === undefined ? {} : { editable: state.job.asked }),
      };
  }
}

const conditionsOf = ({ conditions }: Ready): { node: number | null; text: string }[] =>
  [...conditions].map(([node, text]) => ({ node, text }));

/** What compares the traces of a set, worked out once for it. */
const compared = new WeakMap<Traces["members"][number]["trace"], Pick<TraceSet, "ranks" | "engines">>();

function setOf({ kind, members, chosen }: Traces): TraceSet {
  const traces = members.map(({ trace }) => trace);
  const [first, second] = traces;
  if (first === undefined || second === undefined) throw new RangeError("a set has two traces or more");
  let more = compared.get(first);
  if (more === undefined) {
    more =
      kind === "ranks"
        ? { ranks: [...acrossRanks(traces)] }
        : kind === "engines"
          ? { engines: sideBySide(first, second) }
          : {};
    compared.set(first, more);
  }
  return { labels: members.map(({ label }) => label), chosen, ...more };
}

/** Elements of a tensor of the trace that is shown, or why they cannot be had. */
async function sliceAnswer(state: SessionState, stored: number, spans: Spans): Promise<SliceAnswer> {
  try {
    if (state.kind !== "ready") throw new Error(l10n.t("No trace is shown any more."));
    const summary = storedValues(state.trace).get(stored);
    const file = sideFileOf(state.trace);
    if (summary === undefined || file === null)
      throw new Error(l10n.t("The elements of this tensor were not kept: only its summary was."));
    return { kind: "elements", value: await sliceOf(summary, spans, file) };
  } catch (error) {
    return { kind: "failed", message: (error as Error).message };
  }
}

export class Panel implements vscode.Disposable {
  #panel: vscode.WebviewPanel | null = null;
  /** Whether its page hears what is posted. */
  #loaded = false;
  /** For a panel that has not loaded yet. */
  #toAsk: Subject | null = null;
  readonly #subscription: { dispose(): void };

  constructor(
    private readonly extension: vscode.Uri,
    private readonly session: Session,
    private readonly actions: PanelActions,
  ) {
    this.#subscription = session.listen(patient(this.#tell));
  }

  /** Open the panel beside the editor, or bring it to the front; the focus stays in the editor. */
  show(): void {
    if (this.#panel !== null) {
      if (!this.#panel.visible) this.#panel.reveal(undefined, true);
      return;
    }
    this.adopt(
      vscode.window.createWebviewPanel(
        PANEL,
        "Backstep",
        { viewColumn: vscode.ViewColumn.Beside, preserveFocus: true },
        this.#options(),
      ),
    );
  }

  /** Fill a panel that VS Code made: a new one, or one that it brought back after a reload. */
  adopt(panel: vscode.WebviewPanel): void {
    this.#panel?.dispose();
    this.#panel = panel;
    this.#loaded = false;
    const { webview } = panel;
    webview.options = this.#options();
    panel.iconPath = vscode.Uri.joinPath(this.extension, "media", "icon.svg");
    const file = (...path: string[]): string =>
      webview.asWebviewUri(vscode.Uri.joinPath(this.extension, "dist", "webview", ...path)).toString();
    const handlers = this.#handlers();
    webview.onDidReceiveMessage((message: unknown) =>
      receive(toHost, handlers, message, (reason) =>
        this.#post({ kind: "problem", body: { message: reason } }),
      ),
    );
    panel.onDidDispose(() => {
      if (this.#panel === panel) this.#panel = null;
    });
    webview.html = pageOf({
      cspSource: webview.cspSource,
      script: file("main.js"),
      style: file("style.css"),
      nonce: crypto.randomUUID(),
      language: vscode.env.language,
    });
  }

  dispose(): void {
    this.#subscription.dispose();
    this.#panel?.dispose();
  }

  #options(): vscode.WebviewPanelOptions & vscode.WebviewOptions {
    return {
      enableScripts: true,
      // The picture, its zoom and its open groups stay while another tab is in front.
      retainContextWhenHidden: true,
      localResourceRoots: [vscode.Uri.joinPath(this.extension, "dist", "webview")],
    };
  }

  #handlers(): Handlers<typeof toHost> {
    const { session, actions } = this;
    return {
      ready: () => {
        this.#loaded = true;
        this.#post({ kind: "configure", body: { catalogue: { ...vscode.l10n.bundle } } });
        this.#postState();
        if (this.#toAsk !== null) this.#post({ kind: "why", body: { subject: this.#toAsk } });
        this.#toAsk = null;
      },
      move: ({ move }) => session.move(move),
      reveal: ({ node }) => actions.reveal(node),
      revealRange: ({ range }) => actions.revealRange(range),
      turn: (turn) => actions.turn(turn),
      toggleBreakpoint: ({ node }) => session.toggleBreakpoint(node),
      condition: ({ node, text }) => session.setCondition(node, text),
      cancel: () => session.cancel(),
      rerun: () => actions.rerun(),
      check: () => actions.check(),
      export: ({ format }) => actions.export(format),
      picture: ({ format, data }) => actions.picture(format, data),
      choose: ({ index }) => session.choose(index),
      copy: async ({ text }) => {
        await vscode.env.clipboard.writeText(text);
      },
      slice: async ({ request, stored, spans }) => {
        const answer = await sliceAnswer(session.state, stored, spans);
        this.#post({ kind: "slice", body: { request, answer } });
      },
    };
  }

  /** Show the answers to "why?" about something of the session's trace. */
  ask(subject: Subject): void {
    this.show();
    if (this.#loaded) this.#post({ kind: "why", body: { subject } });
    else this.#toAsk = subject;
  }

  readonly #tell: Listener = (state, change) => {
    switch (change.kind) {
      case "state":
        return this.#postState();
      case "output":
        return this.#post({ kind: "output", body: { text: change.text } });
      case "stale":
        return this.#post({ kind: "stale", body: { stale: isStale(state) } });
    }
    if (state.kind !== "ready") return;
    if (change.kind === "breakpoints") {
      const breakpoints = [...state.breakpoints];
      this.#post({ kind: "breakpoints", body: { breakpoints, conditions: conditionsOf(state) } });
    } else if (state.place !== null) this.#post({ kind: "place", body: { place: state.place } });
  };

  #postState(): void {
    this.#post({ kind: "state", body: { state: panelState(this.session.state) } });
  }

  #post(message: ToPanel): void {
    for (const part of inParts(message)) void this.#panel?.webview.postMessage(part);
  }
}
