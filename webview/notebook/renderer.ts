/** Draws a cell's backward pass below it (its nodes in a row, and the button that opens the panel) and its figures. */
import { FIGURE_MIME, FigureOutput, figureWords } from "../../trace/figure.ts";
import { ENGLISH } from "../../trace/l10n.ts";
import { type OpenPass, PassOutput } from "../../trace/pass-output.ts";
import { drawFigure } from "../figures/figure.ts";

interface Item {
  readonly id: string;
  readonly mime?: string;
  json(): unknown;
}
interface Context {
  /** Missing where nobody listens: a notebook that is only looked at. */
  postMessage?(message: OpenPass): void;
}

const STYLE = `
  .figure { color: var(--vscode-foreground); font-family: var(--vscode-font-family, sans-serif); }
  .pass { font-family: var(--vscode-font-family, sans-serif); font-size: 12px; color: var(--vscode-foreground); }
  .pass ol { display: flex; flex-wrap: wrap; gap: 6px 0; list-style: none; margin: 4px 0; padding: 0; }
  .pass li { display: flex; align-items: center; }
  .pass li:has(.node) + li::before { content: "→"; margin: 0 6px; opacity: .7; }
  .pass .node { border: 1px solid var(--vscode-panel-border, currentColor); border-radius: 4px; padding: 2px 7px; }
  .pass code { font-family: var(--vscode-editor-font-family, monospace); font-weight: 600; }
  .pass small { font-family: var(--vscode-editor-font-family, monospace); margin-left: 6px; }
  .pass button { color: var(--vscode-button-foreground); background: var(--vscode-button-background);
    border: 1px solid var(--vscode-button-border, transparent); border-radius: 2px; padding: 3px 9px; cursor: pointer; }
  .pass button:hover { background: var(--vscode-button-hoverBackground); }
  .pass button:focus-visible { outline: 1px solid var(--vscode-focusBorder); outline-offset: 2px; }`;

function element<K extends keyof HTMLElementTagNameMap>(
  name: K,
  className: string,
  ...children: (Node | string)[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(name);
  if (className !== "") made.className = className;
  made.append(...children);
  return made;
}

export function activate({ postMessage }: Context): {
  renderOutputItem(item: Item, into: HTMLElement): void;
} {
  return {
    renderOutputItem(item, into) {
      // Of another version: the data, as any page would show it.
      const asData = (): void =>
        into.replaceChildren(element("pre", "", JSON.stringify(item.json(), null, 2)));
      if (item.mime === FIGURE_MIME) {
        const output = FigureOutput.safeParse(item.json());
        if (!output.success) return asData();
        const { figure, remark, words = figureWords(figure, ENGLISH) } = output.data;
        const drawn = element("div", "figure", drawFigure(figure, words), element("small", "", remark));
        into.replaceChildren(element("style", "", STYLE), drawn);
        return;
      }
      const checked = PassOutput.safeParse(item.json());
      if (!checked.success) return asData();
      const { steps, count, passes, key, backward, open } = checked.data;
      const nodes = steps.map(({ name, text }) =>
        element(
          "li",
          "",
          element(
            "span",
            "node",
            element("code", "", name),
            ...(text === "" ? [] : [element("small", "", text)]),
          ),
        ),
      );
      if (passes > 1) nodes.unshift(element("li", "", `${passes} ×`));
      if (count > steps.length) nodes.push(element("li", "", `… ${count - steps.length}`));
      const list = element("ol", "", ...nodes);
      const button = element("button", "", open);
      button.addEventListener("click", () => postMessage?.({ kind: "open", key, backward }));
      into.replaceChildren(
        element("style", "", STYLE),
        element("div", "pass", list, ...(postMessage === undefined ? [] : [button])),
      );
    },
  };
}
