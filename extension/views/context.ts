/** Context keys, by which package.json enables commands and keys: `backstep.state` and `backstep.hasPass`. */
import * as vscode from "vscode";
import { patient, type Session, type SessionState } from "../session.ts";

export function contextKeys(session: Session): vscode.Disposable {
  const set = (state: SessionState): void => {
    void vscode.commands.executeCommand("setContext", "backstep.state", state.kind);
    const hasPass = state.kind === "ready" && state.place !== null;
    void vscode.commands.executeCommand("setContext", "backstep.hasPass", hasPass);
  };
  set(session.state);
  return session.listen(
    patient((state, change) => {
      if (change.kind === "state") set(state);
    }),
  );
}
