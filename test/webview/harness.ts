/** The built panel in plain Chromium, with a host that keeps the place by the real stepper: what tests and eyes use. */
import { createHash } from "node:crypto";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { build } from "esbuild";
import type { Browser, Page } from "playwright-core";
import { pageOf } from "../../extension/panel/html.ts";
import { inParts, type PanelState, type ToHost, type ToPanel } from "../../extension/panel/protocol.ts";
import { stopsIn } from "../../trace/condition.ts";
import { standalonePage } from "../../trace/page.ts";
import type { Trace } from "../../trace/schema.ts";
import { move, start } from "../../trace/stepper.ts";
import { launch } from "../e2e/support/browser.ts";
import * as inPage from "./page.mjs";
import { type ThemeName, themes } from "./themes.ts";

export interface OpenOptions {
  readonly state: PanelState;
  readonly theme?: ThemeName;
  readonly width?: number;
  readonly height?: number;
  readonly reducedMotion?: boolean;
  readonly forcedColors?: boolean;
  readonly catalogue?: Record<string, string>;
  /** What an earlier webview kept. */
  readonly kept?: unknown;
  /** Files that the server refuses, for trying what then happens. */
  readonly missing?: readonly string[];
}

export interface OpenPanel {
  readonly page: Page;
  /** What the panel sent, in order. */
  readonly sent: readonly ToHost[];
  /** Errors, warnings and policy violations that the browser reported. */
  readonly complaints: string[];
  post(message: ToPanel | unknown): Promise<void>;
  kept(): Promise<unknown>;
  close(): Promise<void>;
}

export interface Harness {
  open(options: OpenOptions): Promise<OpenPanel>;
  /** The text of the page that stands alone. */
  page(state: PanelState): Promise<string>;
  browser: Browser;
  close(): Promise<void>;
}

export const ready = (
  trace: Trace,
  over: Partial<Extract<PanelState, { kind: "ready" }>> = {},
): PanelState => ({
  kind: "ready",
  title: "note.md#1",
  trace,
  place: start(trace),
  breakpoints: [],
  stale: false,
  ...over,
});

/** Messages as one text, bytes in them as base64. */
export const packed = (messages: readonly ToPanel[]): string =>
  JSON.stringify(messages, (_, value: unknown) =>
    value instanceof Uint8Array ? { base64: Buffer.from(value).toString("base64") } : value,
  );

export async function startHarness(): Promise<Harness> {
  const files = await bundle();
  const browser = await launch();
  return {
    open: (options) => openPanel(browser, files, options),
    page: (state) => alone(files, state),
    browser,
    close: () => browser.close(),
  };
}

function alone(files: ReadonlyMap<string, string>, state: PanelState): Promise<string> {
  const file = (name: string): string => files.get(`/${name}`) as string;
  return standalonePage({
    title: "note.md",
    language: "en",
    data: JSON.stringify({ state, catalogue: {} }),
    panel: file("main.js"),
    host: file("alone.js"),
    worker: file("worker.js"),
    style: `${file("colors.css")}\n${file("style.css")}`,
    hash: async (text) => createHash("sha256").update(text).digest("base64"),
    nonce: "5f0b1c",
  });
}

/** The panel's files as the build makes them. */
async function bundle(): Promise<Map<string, string>> {
  const result = await build({
    entryPoints: {
      main: "webview/main.ts",
      worker: "webview/layout/worker.ts",
      style: "webview/style.css",
      alone: "webview/alone.ts",
      colors: "webview/alone.css",
    },
    bundle: true,
    minify: true,
    format: "iife",
    target: "chrome120",
    outdir: "/",
    write: false,
    logLevel: "error",
  });
  return new Map(result.outputFiles.map((file) => [file.path, file.text]));
}

async function serve(
  files: ReadonlyMap<string, string>,
  missing: readonly string[],
): Promise<[Server, string]> {
  const server = createServer((request, response) => {
    const path = request.url ?? "/";
    if (path === "/favicon.ico") {
      response.writeHead(204).end();
      return;
    }
    const text = path === "/" ? page : missing.includes(path) ? undefined : files.get(path);
    const type = path.endsWith(".js") ? "text/javascript" : path.endsWith(".css") ? "text/css" : "text/html";
    response.writeHead(text === undefined ? 404 : 200, { "content-type": `${type}; charset=utf-8` });
    response.end(text);
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const page = pageOf({
    cspSource: origin,
    script: `${origin}/main.js`,
    style: `${origin}/style.css`,
    nonce: "5f0b1c",
    language: "en",
  });
  return [server, origin];
}

async function openPanel(
  browser: Browser,
  files: ReadonlyMap<string, string>,
  { state, theme = "dark", width = 1100, height = 760, ...options }: OpenOptions,
): Promise<OpenPanel> {
  const [server, origin] = await serve(files, options.missing ?? []);
  const context = await browser.newContext({
    viewport: { width, height },
    reducedMotion: options.reducedMotion ? "reduce" : "no-preference",
    forcedColors: options.forcedColors ? "active" : "none",
  });
  const page = await context.newPage();
  const sent: ToHost[] = [];
  const complaints: string[] = [];
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) complaints.push(message.text());
  });

  const post = (message: unknown): Promise<void> => page.evaluate(inPage.post, message);
  const postAll = (messages: readonly ToPanel[]): Promise<void> =>
    page.evaluate(inPage.postAll, packed(messages));
  const host = hostOf(state, options.catalogue ?? {}, post, postAll);
  await page.exposeFunction("toHost", async (message: ToHost) => {
    sent.push(message);
    await host(message);
  });
  await page.addInitScript(inPage.surround, { ...themes[theme], kept: options.kept ?? null });
  await page.goto(origin);
  await page.waitForFunction(inPage.hasState);
  if ("trace" in state && (state.trace?.nodes.length ?? 0) > 0)
    await page.waitForSelector("g.card", { timeout: 120_000 });

  return {
    page,
    sent,
    complaints,
    post,
    kept: () => page.evaluate(inPage.keptState),
    async close() {
      await context.close();
      await new Promise((done) => server.close(done));
    },
  };
}

/** A host in miniature: it owns the place and the breakpoints, and answers as the extension does. */
function hostOf(
  first: PanelState,
  catalogue: Record<string, string>,
  post: (message: ToPanel) => Promise<void>,
  postAll: (messages: readonly ToPanel[]) => Promise<void>,
): (message: ToHost) => Promise<void> {
  let state = first;
  return async ({ kind, body }) => {
    if (kind === "ready") {
      await post({ kind: "configure", body: { catalogue } });
      await postAll(inParts({ kind: "state", body: { state } }));
    }
    if (state.kind !== "ready") return;
    if (kind === "move" && state.place !== null) {
      const { trace, conditions = [] } = state;
      const own = state.breakpoints.map((node) => ({
        node,
        condition: conditions.find((each) => each.node === node)?.text ?? null,
      }));
      const anywhere = conditions.filter(({ node }) => node === null);
      const all = [...own, ...anywhere.map(({ text }) => ({ node: null, condition: text }))];
      const place = move(trace, state.place, body.move, stopsIn(trace, state.place.backward, all));
      state = { ...state, place };
      await post({ kind: "place", body: { place } });
    }
    if (kind === "toggleBreakpoint") {
      const breakpoints = new Set(state.breakpoints);
      if (!breakpoints.delete(body.node)) breakpoints.add(body.node);
      state = { ...state, breakpoints: [...breakpoints] };
      const { conditions = [] } = state;
      await post({ kind: "breakpoints", body: { breakpoints: state.breakpoints, conditions } });
    }
    if (kind === "condition") {
      const { node, text } = body;
      const others = (state.conditions ?? []).filter((each) => each.node !== node);
      const conditions = text === null ? others : [...others, { node, text }];
      const breakpoints = node === null ? state.breakpoints : [...new Set([...state.breakpoints, node])];
      state = { ...state, breakpoints, conditions };
      await post({ kind: "breakpoints", body: { breakpoints, conditions } });
    }
  };
}
