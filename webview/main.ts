/** Composes the panel: messages in, store, views; intents out. */
import * as l10n from "@vscode/l10n";
import { receive, toPanel } from "../extension/panel/protocol.ts";
import { stateAt } from "../trace/stepper.ts";
import { type Action, keyOf } from "./keys.ts";
import { layoutClient } from "./layout/client.ts";
import { partsOf } from "./parts.ts";
import { preparing } from "./prepare.ts";
import { rehearse } from "./rehearse.ts";
import { sliceAnswered } from "./slices.ts";
import { type Model, storeOf } from "./store.ts";
import { inSlices } from "./turns.ts";
import { textButton } from "./ui.ts";
import type { View } from "./views/graph.ts";
import { arrange, h, withAttributes } from "./views/html.ts";
import { banner, cancelled, failed, idle, type RunningPage, runningPage } from "./views/panes.ts";
import { base64, png, snapshot } from "./views/snapshot.ts";
import type { Arranged } from "./views/stage.ts";
import { type WorkbenchActions, workbench } from "./views/workbench.ts";
import { keep, kept, send } from "./vscode.ts";

/** Ms between two steps of a play. */
const PLAY_STEP = 1100;
const SAVE_DELAY = 300;
/** Ms in which a host that has a trace has sent it. */
const REHEARSAL_DELAY = 250;
/** Elements that use the walk's keys themselves. */
const OWN_KEYS =
  "input, textarea, select, .number, .scroll, .scroll-x[tabindex], .story[tabindex], dd[tabindex]";

const script = (document.currentScript as HTMLScriptElement).src;
const app = document.getElementById("app") as HTMLElement;
const live = withAttributes(h("div.visually-hidden"), { "aria-live": "polite", role: "status" });
const problems = h("div.problems");
const content = h("main.content");
app.append(problems, content, live);

const remembered = kept();
let view: View | null = null;
let arranged: Arranged | null = remembered?.arranged ?? null;
let follow = remembered?.follow ?? true;
let player: number | null = null;
let speed = 1;
/** Whether there is no editor around the panel. */
let alone = false;
let runPage: RunningPage | null = null;
let saving: number | null = null;

const store = storeOf(render);
/** A page of its own carries the layout's worker as text. */
const carried = document.getElementById("backstep-worker")?.textContent ?? null;
const workerUri =
  carried === null
    ? new URL("worker.js", script).href
    : URL.createObjectURL(new Blob([JSON.parse(carried) as string], { type: "text/javascript" }));
const layout = layoutClient(workerUri);
const actions: WorkbenchActions = {
  move: (move) => {
    stop();
    send({ kind: "move", body: { move } });
  },
  reveal: (node) => send({ kind: "reveal", body: { node } }),
  revealRange: (range) => send({ kind: "revealRange", body: { range } }),
  ask: askAboutStep,
  closeAnswers: () => store.change({ kind: "asked", subject: null }),
  toggleBreakpoint: (node) => send({ kind: "toggleBreakpoint", body: { node } }),
  goTo: (node) => send({ kind: "move", body: { move: { kind: "toNode", node } } }),
  play,
  speed(factor) {
    speed = factor;
    if (player !== null) {
      clearInterval(player);
      player = window.setInterval(onward, PLAY_STEP / speed);
    }
    render(store.model, store.model);
  },
  condition: (node, text) => send({ kind: "condition", body: { node, text } }),
  follow(on) {
    follow = on;
    save();
    render(store.model, store.model);
  },
  export(format) {
    if (format === "svg" || format === "png" || format === "clipboard") void keepPicture(format);
    else send({ kind: "export", body: { format } });
  },
  rerun,
  check: () => send({ kind: "check", body: {} }),
  choose: (index) => send({ kind: "choose", body: { index } }),
  copy: (text) => send({ kind: "copy", body: { text } }),
  turnNumber: (range, by, begins) => send({ kind: "turn", body: { range, by, begins } }),
  moved(next) {
    view = next;
    save();
  },
  start: remembered?.arranged ?? null,
  arranged(next) {
    arranged = next;
    save();
  },
  announce,
};
const bench = workbench(layout, actions);

function announce(sentence: string): void {
  if (live.textContent !== sentence) live.textContent = sentence;
}

/** Keeps where the person looks, once they have come to rest. */
function save(): void {
  if (saving !== null) clearTimeout(saving);
  saving = window.setTimeout(() => {
    const { state } = store.model;
    if (state.kind === "ready") keep({ title: state.title, view, follow, arranged });
  }, SAVE_DELAY);
}

/** "Why?" of the current step's node; of the run where the walk stands before the first step. */
function askAboutStep(): void {
  const { state } = store.model;
  if (state.kind !== "ready") return;
  const node = state.place === null ? null : stateAt(state.trace, state.place).node;
  store.change({ kind: "asked", subject: node === null ? { kind: "run" } : { kind: "node", node } });
}

function rerun(): void {
  send({ kind: "rerun", body: {} });
}

function play(): void {
  if (player === null) {
    player = window.setInterval(onward, PLAY_STEP / speed);
    onward();
    render(store.model, store.model);
  } else stop();
}

function onward(): void {
  send({ kind: "move", body: { move: { kind: "forward" } } });
}

function stop(): void {
  if (player === null) return;
  clearInterval(player);
  player = null;
  render(store.model, store.model);
}

/** Show a page of its own; null: the workbench, whose controls are made ready behind the others. */
function front(page: HTMLElement | null): void {
  bench.element.hidden = page !== null;
  arrange(content, page === null ? [bench.element] : [page, bench.element]);
}

function render(model: Model, before: Model): void {
  const { state, problem } = model;
  if (problem !== before.problem) {
    const close = textButton(
      l10n.t("Dismiss"),
      () => store.change({ kind: "problem", message: null }),
      "secondary",
    );
    problems.replaceChildren(...(problem === null ? [] : [banner("problem", problem, close.element)]));
  }
  document.body.dataset.state = state.kind;
  switch (state.kind) {
    case "ready": {
      const { trace, place } = state;
      const steps = place === null ? 0 : (trace.backwards[place.backward]?.steps.length ?? 0);
      if (player !== null && (place === null || place.step >= steps - 1)) {
        clearInterval(player);
        player = null;
      }
      const first = before.state.kind !== "ready" && remembered?.title === state.title;
      const options = { follow, playing: player !== null, speed, alone, asked: model.asked };
      bench.show(state, options, first ? remembered.view : null);
      front(null);
      break;
    }
    case "idle":
      front(state.cancelled === undefined ? idle() : cancelled(state.cancelled, rerun));
      break;
    case "running":
      if (runPage === null || before.state.kind !== "running" || before.state.title !== state.title) {
        runPage = runningPage(state, () => send({ kind: "cancel", body: {} }));
        front(runPage.element);
      }
      runPage.show(state);
      break;
    case "failed": {
      const { title, message, output, trace } = state;
      if (trace === undefined || trace.nodes.length === 0) {
        front(failed(title, message, output, rerun));
        break;
      }
      // The graph as far as the program came, to be looked at.
      const ready = { kind: "ready", title, trace, place: null, breakpoints: [], stale: false } as const;
      const unwalked = { ...ready, breakpoints: [], failure: l10n.t("{0} was ended. {1}", title, message) };
      bench.show(unwalked, { follow, playing: false, speed, alone, asked: null }, null);
      front(null);
    }
  }
}

const act: Readonly<Record<Action, () => void>> = {
  play,
  fit: () => bench.fit(),
  zoomIn: () => bench.zoomBy(1.25),
  zoomOut: () => bench.zoomBy(0.8),
  turn: () => bench.turn(),
  search: () => bench.search(),
  why: askAboutStep,
};

async function keepPicture(format: "svg" | "png" | "clipboard"): Promise<void> {
  const { state } = store.model;
  const svg = document.querySelector<SVGSVGElement>("svg.graph");
  const world = svg?.querySelector<SVGGElement>("g.world");
  if (svg == null || world == null || state.kind !== "ready") return;
  try {
    const picture = snapshot(svg, world);
    if (format === "clipboard") {
      await navigator.clipboard.write([new ClipboardItem({ "image/png": png(picture) })]);
      announce(l10n.t("The picture is on the clipboard."));
      return;
    }
    const blob = format === "png" ? await png(picture) : new Blob([picture.text], { type: "image/svg+xml" });
    if (alone) download(blob, `graph.${format}`);
    else {
      const data = format === "svg" ? picture.text : base64(new Uint8Array(await blob.arrayBuffer()));
      send({ kind: "picture", body: { format, data } });
    }
  } catch (error) {
    refuse(
      l10n.t("The picture could not be kept: {0}", error instanceof Error ? error.message : String(error)),
    );
  }
}

function download(blob: Blob, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

const refuse = (reason: string): void => store.change({ kind: "problem", message: reason });

const parts = partsOf();
/** Messages are taken one after the other: a large trace takes its time, and what follows belongs to it. */
let taken: Promise<void> = Promise.resolve();

window.addEventListener("message", (event: MessageEvent<unknown>) => {
  taken = taken.then(() => take(event.data));
});

function take(message: unknown): Promise<void> {
  return receive(
    toPanel,
    {
      configure({ catalogue, alone: isAlone = false }) {
        l10n.config({ contents: catalogue });
        alone = isAlone;
        render(store.model, { ...store.model, problem: "" });
      },
      part: ({ transfer, bytes }) => parts.take(transfer, bytes),
      async state({ state: sent }) {
        const state = parts.whole(sent);
        if ("trace" in state && state.trace !== undefined)
          await inSlices(preparing(state.trace, state.kind === "ready" ? state.place : null));
        if ("trace" in state) endRehearsal();
        if (state.kind !== "ready" || player !== null) stop();
        store.change({ kind: "state", state });
      },
      place({ place }) {
        const { state } = store.model;
        if (state.kind === "ready") stateAt(state.trace, place);
        store.change({ kind: "place", place });
      },
      breakpoints: ({ breakpoints, conditions }) =>
        store.change({ kind: "breakpoints", breakpoints, conditions }),
      stale: ({ stale }) => store.change({ kind: "stale", stale }),
      output: ({ text }) => store.change({ kind: "output", text }),
      slice: ({ request, answer }) => sliceAnswered(request, answer),
      why: ({ subject }) => store.change({ kind: "asked", subject }),
      problem: ({ message }) => store.change({ kind: "problem", message }),
    },
    message,
    refuse,
  );
}

document.addEventListener("keydown", (event) => {
  const { target } = event;
  if (event.defaultPrevented || (target instanceof Element && target.closest(OWN_KEYS) !== null)) return;
  const key = keyOf(event);
  const { state } = store.model;
  if (key === null || state.kind !== "ready") return;
  event.preventDefault();
  if ("move" in key) {
    if (state.place === null) return;
    stop();
    send({ kind: "move", body: { move: key.move } });
  } else act[key.action]();
});

let endRehearsal = (): void => {};

/** While nothing is there to be shown: a first trace is drawn twice as fast by a page that has drawn one. */
function rehearseIfIdle(): void {
  const { kind } = store.model.state;
  if (kind === "idle" || kind === "running") endRehearsal = rehearse(document.body, layout, actions);
}

front(idle());
setTimeout(() => requestIdleCallback(rehearseIfIdle), REHEARSAL_DELAY);
send({ kind: "ready", body: {} });
