/** Gradient magnitude in the gutter: a bar beside each line, the longer and the darker the larger, by the logarithm. */
import * as vscode from "vscode";
import { base64Of } from "../../trace/base64.ts";
import { patient, type Session } from "../session.ts";
import { LEVELS, type Shade, shadesOf } from "./shades.ts";

const SIZE = 16;

/** Keep the bars at the session's place; `enabled` is asked at each change. */
export function gutter(session: Session, enabled: () => boolean): vscode.Disposable & { refresh(): void } {
  const types = new Map<Shade["level"], vscode.TextEditorDecorationType>();
  const typeOf = (level: Shade["level"]): vscode.TextEditorDecorationType => {
    let type = types.get(level);
    if (type === undefined) {
      const gutterIconPath = vscode.Uri.parse(`data:image/svg+xml;base64,${base64Of(pictureOf(level))}`);
      type = vscode.window.createTextEditorDecorationType({ gutterIconPath, gutterIconSize: "contain" });
      types.set(level, type);
    }
    return type;
  };
  const refresh = (): void => {
    const shades = enabled() ? shadesOf(session.state) : [];
    const levels = new Set([...types.keys(), ...shades.map(({ level }) => level)]);
    for (const level of levels) {
      for (const editor of vscode.window.visibleTextEditors) {
        const uri = editor.document.uri.toString();
        const lines = shades.filter((shade) => shade.level === level && shade.uri === uri);
        editor.setDecorations(
          typeOf(level),
          lines.map(({ line }) => new vscode.Range(line, 0, line, 0)),
        );
      }
    }
  };
  const listening = [session.listen(patient(refresh)), vscode.window.onDidChangeVisibleTextEditors(refresh)];
  const forget = { dispose: () => vscode.Disposable.from(...types.values()).dispose() };
  return Object.assign(vscode.Disposable.from(forget, ...listening), { refresh });
}

/** An outline where all is zero, a cross where something is no number. */
function pictureOf(level: Shade["level"]): string {
  const width = typeof level === "number" ? (level / LEVELS) * 12 : 0;
  const shape =
    level === "broken"
      ? `<path d="M4 4L12 12M12 4L4 12" stroke="#c026a8" stroke-width="2"/>`
      : level === 0
        ? `<rect x="2.5" y="5.5" width="4" height="5" fill="none" stroke="#888888"/>`
        : `<rect x="2" y="5" width="${width}" height="6" fill="#d9822b" fill-opacity="${0.35 + (0.65 * level) / LEVELS}"/>`;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${SIZE}" height="${SIZE}" viewBox="0 0 ${SIZE} ${SIZE}">${shape}</svg>`;
}
