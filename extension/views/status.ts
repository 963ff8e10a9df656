/** The status bar item: what Backstep is doing, and where the walk stands. */
import * as l10n from "@vscode/l10n";
import * as vscode from "vscode";
import { engineLabel, isStale, patient, type Ready, type Session, type SessionState } from "../session.ts";
import { failureText } from "./failure.ts";

/** Text, tooltip and command of the item; null hides it. */
export function statusOf(state: SessionState): { text: string; tooltip: string; command: string } | null {
  switch (state.kind) {
    case "idle":
      return null;
    case "running":
      return {
        text: `$(loading~spin) ${l10n.t("Backstep: running")}`,
        tooltip: l10n.t(
          "{0} is running in {1}. Click to cancel.",
          state.job.title,
          engineLabel(state.engine),
        ),
        command: "backstep.cancel",
      };
    case "failed":
      return {
        text: `$(error) ${l10n.t("Backstep: no trace")}`,
        tooltip: `${state.job.title}: ${failureText(state)}`,
        command: "backstep.showPanel",
      };
    case "ready":
      if (state.untraced !== undefined)
        return {
          text: `$(edit) ${progressOf(state)}${engineOf(state)}`,
          tooltip: l10n.t(
            "The text as it stands gives no trace ({0}); the last one is shown.",
            state.untraced,
          ),
          command: "backstep.showPanel",
        };
      return {
        text: `${isStale(state) ? "$(history)" : "$(debug-step-back)"} ${progressOf(state)}${engineOf(state)}`,
        tooltip: isStale(state)
          ? l10n.t("{0} has changed since this trace was made. Click to show the panel.", state.job.title)
          : l10n.t(
              "Backward pass of {0}, run by {1}. Click to show the panel.",
              state.job.title,
              engineLabel(state.engine),
            ),
        command: "backstep.showPanel",
      };
  }
}

/** The engine that ran it; the embedded one goes without saying. */
const engineOf = ({ engine }: Ready): string => (engine === "embedded" ? "" : ` · ${engineLabel(engine)}`);

function progressOf({ place, trace }: Extract<SessionState, { kind: "ready" }>): string {
  if (place === null) return l10n.t("Backstep: no backward pass");
  const steps = trace.backwards[place.backward]?.steps.length ?? 0;
  if (steps === 0) return l10n.t("Backstep: no backward pass");
  return l10n.t("Backstep: step {0} of {1}", place.step + 1, steps);
}

export function statusBar(session: Session): vscode.Disposable {
  const item = vscode.window.createStatusBarItem("backstep.status", vscode.StatusBarAlignment.Left, 10);
  item.name = "Backstep";
  const listening = session.listen(
    patient((state) => {
      const status = statusOf(state);
      if (status === null) return item.hide();
      Object.assign(item, status);
      item.show();
    }),
  );
  return vscode.Disposable.from(item, listening);
}
