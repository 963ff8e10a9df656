/** Runs in the browser, not in Node: the webview's surroundings as VS Code gives them. */

/** Before the panel's script: `acquireVsCodeApi`, the theme's colours and the body's class. */
export function surround({ kind, colors, kept }) {
  let state = kept;
  window.acquireVsCodeApi = () => ({
    postMessage: (message) => void window.toHost(message),
    getState: () => state,
    setState(next) {
      state = next;
    },
  });
  window.keptState = () => state;
  document.addEventListener("DOMContentLoaded", () => {
    document.body.className = kind;
    for (const [name, value] of Object.entries(colors))
      document.documentElement.style.setProperty(`--vscode-${name}`, value);
  });
}

export const post = (message) => window.postMessage(message, "*");
export const keptState = () => window.keptState();
export const hasState = () => document.body.dataset.state !== undefined;
/** Whether code that stood in a trace has run: such code sets this. */
export const wasInjected = () => window.injected === true;
/** The part of the element that is on screen, from 0 to 1. */
export const shownPart = (element) => {
  const { left, top, right, bottom, width, height } = element.getBoundingClientRect();
  const stage = element.closest(".stage").getBoundingClientRect();
  const w = Math.max(0, Math.min(right, stage.right) - Math.max(left, stage.left));
  const h = Math.max(0, Math.min(bottom, stage.bottom) - Math.max(top, stage.top));
  return (w * h) / (width * height);
};
