/** From the trace's message to the picture in Chromium, a step, and opening a group; beside what people use instead. */
import { spawnSync } from "node:child_process";
import { build } from "esbuild";
import { inParts } from "../extension/panel/protocol.ts";
import { launch } from "../test/e2e/support/browser.ts";
import { unrolled } from "../test/support/large.ts";
import { type Harness, type OpenPanel, packed, ready, startHarness } from "../test/webview/harness.ts";
import type { Trace } from "../trace/schema.ts";
import { wholeStep } from "../trace/stepper.ts";
import type { Row } from "./report.ts";
import { graphDot, plainGraph } from "./torchviz.ts";

/** Rounds of eight nodes each; what may take how long, in ms. */
const SIZES = [
  { nodes: 30, rounds: 4, goal: 100, runs: 5 },
  { nodes: 1000, rounds: 125, goal: 500, runs: 5 },
  { nodes: 10_000, rounds: 1250, goal: 1500, runs: 3 },
  { nodes: 100_000, rounds: 12_500, goal: 6000, runs: 1 },
] as const;
const STEP = 16;
const EXPAND = 500;
const BLOCKED = 100;
/** Of a frame while one pans: 30 a second. */
const FRAME = 33;
const MEMORY = 1000;
/** What people use instead is given up after this. */
const PATIENCE = 30_000;
/** Steps that are timed: one after the other, from the fourth. */
const WALK = 21;
/** Ms in which an open panel gets itself ready for a first trace. */
const REST = 2500;

interface Shown {
  readonly shown: number;
  readonly blocked: number;
  readonly opened: number;
}

/** Runs in the page: posts the messages, and times until cards are there; then opens the first folded group. */
const MEASURE = `async (json) => {
  const bytes = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  const messages = JSON.parse(json, (_, value) => (typeof value?.base64 === "string" ? bytes(value.base64) : value));
  const turn = () => new Promise((done) => { const c = new MessageChannel(); c.port1.onmessage = done; c.port2.postMessage(0); });
  const until = (there) => new Promise((done) => { const look = () => (there() ? done() : setTimeout(look, 4)); look(); });
  let blocked = 0;
  const watch = new PerformanceObserver((list) => { for (const { duration } of list.getEntries()) blocked = Math.max(blocked, duration); });
  watch.observe({ type: "longtask" });
  const start = performance.now();
  for (const message of messages) { window.postMessage(message, "*"); await turn(); }
  messages.length = 0;
  await until(() => document.querySelector("g.card") !== null);
  const shown = performance.now() - start;
  await new Promise((done) => setTimeout(done, 1500));
  const group = document.querySelector("g.card.group");
  let opened = 0;
  if (group !== null) {
    const before = document.querySelectorAll("g.frame-title").length;
    const pressed = performance.now();
    group.dispatchEvent(new MouseEvent("click", { bubbles: true }));
    await until(() => document.querySelectorAll("g.frame-title").length > before);
    opened = performance.now() - pressed;
  }
  watch.disconnect();
  return { shown, blocked, opened };
}`;

/** Goes through the places, one with each animation frame; the middle time from one frame to the next. */
const STEPS = `async (places) => {
  const times = [];
  let last = performance.now();
  for (const place of places) {
    window.postMessage({ kind: "place", body: { place } }, "*");
    const now = await new Promise((done) => requestAnimationFrame(() => setTimeout(() => done(performance.now()))));
    times.push(now - last);
    last = now;
  }
  return times.sort((a, b) => a - b)[times.length >> 1];
}`;

/** Pans to and fro and zooms in and out for three seconds, as a wheel does; the middle time from one frame to the next. */
const PAN = `async () => {
  const svg = document.querySelector("svg.graph");
  const times = [];
  let last = performance.now();
  const start = last;
  for (let i = 0; last - start < 3000; i++) {
    const deltaY = (i >> 5) % 2 === 0 ? 24 : -24;
    const ctrlKey = (i >> 6) % 2 === 1;
    svg.dispatchEvent(new WheelEvent("wheel", { deltaY, ctrlKey, clientX: 400, clientY: 400, bubbles: true, cancelable: true }));
    const now = await new Promise((done) => requestAnimationFrame(() => setTimeout(() => done(performance.now()))));
    times.push(now - last);
    last = now;
  }
  return times.sort((a, b) => a - b)[times.length >> 1];
}`;

export async function picture(): Promise<Row[]> {
  const dagre = await plainDagre();
  const harness = await startHarness();
  // Whoever gave up at one size is not asked for a larger one.
  const peers = {
    "Graphviz dot": (trace: Trace) => Promise.resolve(dotTime(graphDot(trace, 0))),
    dagre: (trace: Trace) => dagreTime(dagre, trace),
  };
  const tired = new Set<string>();
  try {
    const rows: Row[] = [];
    for (const { nodes, rounds, goal, runs } of SIZES) {
      const trace = unrolled(rounds);
      const ours = await measured(harness, trace, runs);
      const row = (work: string, time: number, limit: Row["goal"] = null): Row => ({
        work: `${nodes} nodes, ${work}`,
        ours: time,
        theirs: null,
        goal: limit,
      });
      for (const [name, time] of Object.entries(peers)) {
        const theirs = tired.has(name) ? null : await time(trace);
        if (typeof theirs !== "number") tired.add(name);
        rows.push({ ...row(`message to picture (beside: ${name})`, ours.shown, { ms: goal }), theirs });
      }
      const atLarge = nodes === 10_000;
      rows.push(
        row("longest block of the page", ours.blocked, atLarge ? { ms: BLOCKED } : null),
        row("a step, the page's work", ours.step, { ms: STEP }),
        row("a step with each frame, a frame", ours.stepping, { ms: FRAME }),
        row("panning and zooming, a frame", ours.panning, { ms: FRAME }),
        { ...row("memory kept", ours.kept, nodes === 100_000 ? { MB: MEMORY } : null), unit: "MB" },
      );
      if (nodes > 1000) rows.push(row("a group opens", ours.opened, { ms: EXPAND }));
    }
    return rows;
  } finally {
    await harness.close();
  }
}

interface Measured extends Shown {
  readonly step: number;
  readonly stepping: number;
  readonly panning: number;
  readonly kept: number;
}

/** The middle of so many fresh panels; steps, frames and memory of the last one. */
async function measured(harness: Harness, trace: Trace, runs: number): Promise<Measured> {
  const json = packed(
    inParts({ kind: "state", body: { state: ready(trace, { place: wholeStep(trace, 0, 3) }) } }),
  );
  const shown: Shown[] = [];
  for (let run = 0; ; run++) {
    const panel = await idle(harness);
    shown.push(await measure(panel, json));
    if (run < runs - 1) {
      await panel.close();
      continue;
    }
    const rest = await whileWalking(panel, trace);
    const kept = await heapKept(panel);
    await panel.close();
    const middle = (of: keyof Shown): number =>
      shown.map((one) => one[of]).sort((a, b) => a - b)[runs >> 1] as number;
    return { shown: middle("shown"), blocked: middle("blocked"), opened: middle("opened"), ...rest, kept };
  }
}

/**
 * A step is what the page's main thread works for it: script, style, layout and paint, by the processor's time. A
 * clock would tell of the wait for the next frame, which is never below 16.7 ms. The frames tell whether one is dropped.
 */
async function whileWalking(
  { page }: OpenPanel,
  trace: Trace,
): Promise<Pick<Measured, "step" | "stepping" | "panning">> {
  const session = await page.context().newCDPSession(page);
  await session.send("Performance.enable", { timeDomain: "threadTicks" });
  const worked = async (): Promise<number> => {
    const { metrics } = await session.send("Performance.getMetrics");
    return 1000 * (metrics.find(({ name }) => name === "TaskDuration")?.value ?? Number.NaN);
  };
  const places = Array.from({ length: WALK }, (_, i) => wholeStep(trace, 0, 4 + i));
  const before = await worked();
  const stepping = await page.evaluate<number>(`(${STEPS})(${JSON.stringify(places)})`);
  const step = ((await worked()) - before) / WALK;
  await session.send("Performance.disable");
  return { step, stepping, panning: await page.evaluate<number>(`(${PAN})()`) };
}

async function idle(harness: Harness): Promise<OpenPanel> {
  const panel = await harness.open({
    state: { kind: "idle" },
    width: 1400,
    height: 900,
    reducedMotion: true,
  });
  await panel.page.waitForTimeout(REST);
  return panel;
}

/** The text goes over in pieces: one call of a hundred megabytes is more than the browser's pipe takes. */
async function measure({ page }: OpenPanel, json: string): Promise<Shown> {
  const PIECE = 16_000_000;
  await page.evaluate("window.piece = ''");
  for (let i = 0; i < json.length; i += PIECE)
    await page.evaluate(`window.piece += ${JSON.stringify(json.slice(i, i + PIECE))}`);
  return page.evaluate<Shown>(
    `(async () => { const json = window.piece; window.piece = ""; return (${MEASURE})(json); })()`,
  );
}

/** Megabytes that the page holds on to. */
async function heapKept({ page }: OpenPanel): Promise<number> {
  const session = await page.context().newCDPSession(page);
  await session.send("HeapProfiler.collectGarbage");
  const { usedSize } = await session.send("Runtime.getHeapUsage");
  return usedSize / 1e6;
}

/** The script of the page that places and draws everything by dagre. */
async function plainDagre(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: ["bench/page/plain-dagre.ts"],
    bundle: true,
    minify: true,
    format: "iife",
    write: false,
  });
  return outputFiles[0]?.text ?? "";
}

/** null where it gave up. */
async function dagreTime(script: string, trace: Trace): Promise<Row["theirs"]> {
  // A browser of its own: a page that is lost in dagre cannot be closed.
  const browser = await launch();
  try {
    const page = await browser.newPage();
    await page.addScriptTag({ content: script });
    const time = page.evaluate<number | null>(`window.drawn(${JSON.stringify(plainGraph(trace, 0))})`);
    const late = new Promise<Row["theirs"]>((done) => setTimeout(done, PATIENCE, { over: PATIENCE }));
    return await Promise.race([time.catch(() => null), late]);
  } finally {
    await browser.close();
  }
}

/** What torchviz's users have: Graphviz on a node for every op and leaf. null where it is not on this machine. */
function dotTime(source: string): Row["theirs"] {
  const start = performance.now();
  const done = spawnSync("dot", ["-Tsvg"], {
    input: source,
    timeout: PATIENCE,
    stdio: ["pipe", "ignore", "ignore"],
  });
  const time = performance.now() - start;
  if (done.status === 0) return time;
  return done.signal === null ? null : { over: PATIENCE };
}
