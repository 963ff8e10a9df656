/** One HTML file that holds a trace and the panel that steps through it, and asks for nothing else. */

export interface PageParts {
  readonly title: string;
  readonly language: string;
  /** What the page shows: JSON; it stands in the page as data that no browser runs. */
  readonly data: string;
  /** The panel's script, the host that answers it, the layout's worker, and their style sheets. */
  readonly panel: string;
  readonly host: string;
  readonly worker: string;
  readonly style: string;
  /** Base64 of the SHA-256 of a text in UTF-8, as a policy names it. */
  readonly hash: (text: string) => Promise<string>;
  /** Unguessable: the buttons' toolkit probes the browser with an empty style element. */
  readonly nonce: string;
}

/** The panel's built files (of `dist/webview`) that a page is made of. */
export const PAGE_FILES = ["main.js", "alone.js", "worker.js", "alone.css", "style.css"] as const;

type PageFiles = Pick<PageParts, "panel" | "host" | "worker" | "style">;

/** What each file is in the page; `texts` in the order of PAGE_FILES. */
export function pageFiles(texts: readonly string[]): PageFiles {
  const [panel = "", host = "", worker = "", colors = "", style = ""] = texts;
  return { panel, host, worker, style: `${colors}\n${style}` };
}

/** What a page shows, as JSON; without the places of elements in a side file, which a page has not. */
export const pageData = (content: unknown): string =>
  JSON.stringify(content, (key, value: unknown) => (key === "stored" ? undefined : value));

/** JSON within a page: no `<` of it is left to end the element or begin another. */
const inert = (json: string): string =>
  json.replace(/[<\u2028\u2029]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`);

const escaped = (text: string): string =>
  text.replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`).replace(/[\p{Cc}\p{Cf}]/gu, " ");

/**
 * A script with nothing in it that would end its element or keep it from ending. Such words stand only within texts
 * and patterns of a bundle, where `\x3C` is the same character.
 */
const script = (text: string): string => text.replace(/<(?=!--|\/?script)/gi, "\\x3C");

export async function standalonePage(parts: PageParts): Promise<string> {
  const { title, language, data, worker, style, hash, nonce } = parts;
  const [panel, host] = [script(parts.panel), script(parts.host)];
  const [ofHost, ofPanel, ofStyle] = await Promise.all([host, panel, style].map(hash));
  const policy = [
    "default-src 'none'",
    `script-src 'sha256-${ofHost}' 'sha256-${ofPanel}' 'wasm-unsafe-eval' blob:`,
    `style-src 'sha256-${ofStyle}' 'nonce-${nonce}'`,
    "img-src data:",
    "connect-src blob:",
    "worker-src blob:",
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");
  return `<!DOCTYPE html>
<html lang="${escaped(language)}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta property="csp-nonce" content="${nonce}">
<title>${escaped(title)}</title>
<style>${style}</style>
</head>
<body>
<div id="app"></div>
<script type="application/json" id="backstep-data">${inert(data)}</script>
<script type="application/json" id="backstep-worker">${inert(JSON.stringify(worker))}</script>
<script>${host}</script>
<script>${panel}</script>
</body>
</html>
`;
}
