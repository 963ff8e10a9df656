/** The panel's page: a fixed frame without a word of the user's; everything shown comes by message. */

export interface PageParts {
  /** The webview's own source, for the policy. */
  readonly cspSource: string;
  /** URIs of the panel's script and style sheet. */
  readonly script: string;
  readonly style: string;
  /** Unguessable and new for each page: the toolkit of the buttons probes the browser with one empty style element. */
  readonly nonce: string;
  /** BCP 47 tag of the display language. */
  readonly language: string;
}

/**
 * Scripts, styles and the layout worker come from the extension's own files only. The worker starts from a blob
 * that the panel's script makes of one of them, since a webview may not start one across origins.
 */
export function pageOf({ cspSource, script, style, nonce, language }: PageParts): string {
  const policy = [
    "default-src 'none'",
    `script-src ${cspSource} 'wasm-unsafe-eval'`,
    `style-src ${cspSource} 'nonce-${nonce}'`,
    `font-src ${cspSource}`,
    `img-src ${cspSource} data:`,
    `connect-src ${cspSource}`,
    "worker-src blob:",
  ].join("; ");
  return `<!DOCTYPE html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta property="csp-nonce" content="${nonce}">
<link rel="stylesheet" href="${style}">
<title>Backstep</title>
</head>
<body>
<div id="app"></div>
<script defer src="${script}"></script>
</body>
</html>`;
}
