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
    // The same letters on every machine: which font is "math" depends on what else is installed.
    const sheet = new CSSStyleSheet();
    sheet.replaceSync("math { font-family: 'DejaVu Sans' }");
    document.adoptedStyleSheets.push(sheet);
  });
}

export const post = (message) => window.postMessage(message, "*");
/** Messages as one text (bytes in it as base64): a large trace as data would take the browser's pipe very long. */
export const postAll = (json) => {
  const revive = (_key, value) =>
    typeof value?.base64 === "string"
      ? Uint8Array.from(atob(value.base64), (letter) => letter.charCodeAt(0))
      : value;
  for (const message of JSON.parse(json, revive)) window.postMessage(message, "*");
};
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
/** The part of two pictures' pixels (PNG, base64) that differ by more than a fifth of a channel; 1 where their sizes do. */
export async function apart(pictures) {
  const images = await Promise.all(
    pictures.map(async (data) => {
      const image = new Image();
      image.src = `data:image/png;base64,${data}`;
      await image.decode();
      return image;
    }),
  );
  const [a, b] = images;
  if (a.width !== b.width || a.height !== b.height) return 1;
  const pixels = images.map((image) => {
    const canvas = document.createElement("canvas");
    canvas.width = image.width;
    canvas.height = image.height;
    const context = canvas.getContext("2d");
    context.drawImage(image, 0, 0);
    return context.getImageData(0, 0, image.width, image.height).data;
  });
  let differing = 0;
  for (let i = 0; i < pixels[0].length; i += 4)
    if ([0, 1, 2].some((channel) => Math.abs(pixels[0][i + channel] - pixels[1][i + channel]) > 51))
      differing++;
  return differing / (a.width * a.height);
}

/** The colour of a figure's words, and that of the text around it. @param {Element} svg */
export const inkOf = (svg) => [
  getComputedStyle(/** @type {Element} */ (svg.querySelector("text"))).fill,
  getComputedStyle(/** @type {Element} */ (svg.parentElement)).color,
];

/** Whether the unseen picture has been in a frame. */
export const rehearsed = () => performance.getEntriesByName("rehearsed").length > 0;

/** Whether there is or was one. */
export const rehearsing = () =>
  document.querySelector(".rehearsal") !== null || performance.getEntriesByName("rehearsed").length > 0;

/** Whether the first canvas within has anything on it, and how many of its pixels are black. @param {Element} map */
export const inkShares = (map) => {
  const canvas = /** @type {HTMLCanvasElement} */ (map.querySelector("canvas"));
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  const [reds, greens, blues, alphas] = [0, 1, 2, 3].map((i) => data.filter((_, at) => at % 4 === i));
  const inked = [...alphas.keys()].filter((i) => alphas[i] > 60);
  const black = inked.filter((i) => reds[i] + greens[i] + blues[i] === 0).length;
  return { drawn: inked.length > 0, black };
};
