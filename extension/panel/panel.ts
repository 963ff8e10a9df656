/** The webview panel: opens it, answers its messages, and tells it of each change of the session. */
import { randomUUID } from "node:crypto";
import * as vscode from "vscode";
import { isStale, type Listener, type Session, type SessionState } from "../session.ts";
import { failureText } from "../views/failure.ts";
import { pageOf } from "./html.ts";
import { type Handlers, type PanelState, receive, type ToPanel, toHost } from "./protocol.ts";

export const PANEL = "backstep.panel";

/** Ms for which the old picture stays while a run is under way: most are over by then, and nothing flickers. */
const RUNNING_DELAY = 150;

/** What the panel may ask for beyond the session's own moves. */
export interface PanelActions {
  reveal(node: number): Promise<void>;
  rerun(): Promise<void>;
  export(format: "text" | "json" | "dot"): Promise<void>;
}

export function panelState(state: SessionState): PanelState {
  switch (state.kind) {
    case "idle":
      return { kind: "idle" };
    case "running":
      return { kind: "running", title: state.job.title, output: state.output };
    case "failed":
      return { kind: "failed", title: state.job.title, message: failureText(state) };
    case "ready":
      return {
        kind: "ready",
        title: state.job.title,
        trace: state.trace,
        place: state.place,
        breakpoints: [...state.breakpoints],
        stale: isStale(state),
      };
  }
}

export class Panel implements vscode.Disposable {
  #panel: vscode.WebviewPanel | null = null;
  /** Set while the panel has not yet been told that a run is under way. */
  #untold: NodeJS.Timeout | null = null;
  readonly #subscription: { dispose(): void };

  constructor(
    private readonly extension: vscode.Uri,
    private readonly session: Session,
    private readonly actions: PanelActions,
  ) {
    this.#subscription = session.listen(this.#tell);
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
      nonce: randomUUID(),
      language: vscode.env.language,
    });
  }

  dispose(): void {
    this.#told();
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
        this.#post({ kind: "configure", body: { catalogue: { ...vscode.l10n.bundle } } });
        this.#postState();
      },
      move: ({ move }) => session.move(move),
      reveal: ({ node }) => actions.reveal(node),
      toggleBreakpoint: ({ node }) => session.toggleBreakpoint(node),
      cancel: () => session.cancel(),
      rerun: () => actions.rerun(),
      export: ({ format }) => actions.export(format),
      copy: async ({ text }) => {
        await vscode.env.clipboard.writeText(text);
      },
    };
  }

  readonly #tell: Listener = (state, change) => {
    switch (change.kind) {
      case "state":
        this.#told();
        if (state.kind === "running") this.#untold = setTimeout(() => this.#postState(), RUNNING_DELAY);
        else this.#postState();
        return;
      case "output":
        if (this.#untold === null) this.#post({ kind: "output", body: { text: change.text } });
        return;
      case "stale":
        return this.#post({ kind: "stale", body: { stale: isStale(state) } });
    }
    if (state.kind !== "ready") return;
    if (change.kind === "breakpoints") {
      this.#post({ kind: "breakpoints", body: { breakpoints: [...state.breakpoints] } });
    } else if (state.place !== null) this.#post({ kind: "place", body: { place: state.place } });
  };

  #postState(): void {
    this.#told();
    this.#post({ kind: "state", body: { state: panelState(this.session.state) } });
  }

  #told(): void {
    if (this.#untold !== null) clearTimeout(this.#untold);
    this.#untold = null;
  }

  #post(message: ToPanel): void {
    void this.#panel?.webview.postMessage(message);
  }
}
