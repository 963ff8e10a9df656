/** Composes the panel: messages in, store, views; intents out. */
import * as l10n from "@vscode/l10n";
import { receive, toPanel } from "../extension/panel/protocol.ts";
import { checkReferences } from "../trace/read.ts";
import { stateAt } from "../trace/stepper.ts";
import { type Action, keyOf } from "./keys.ts";
import { layoutClient } from "./layout/client.ts";
import { type Model, storeOf } from "./store.ts";
import { textButton } from "./ui.ts";
import type { View } from "./views/graph.ts";
import { h, withAttributes } from "./views/html.ts";
import { banner, failed, idle, running } from "./views/panes.ts";
import { workbench } from "./views/workbench.ts";
import { keep, kept, send } from "./vscode.ts";

/** Ms between two steps of a play. */
const PLAY_STEP = 1100;
const SAVE_DELAY = 300;
/** Elements that use the walk's keys themselves. */
const OWN_KEYS = "input, textarea, select, .scroll";

const script = (document.currentScript as HTMLScriptElement).src;
const app = document.getElementById("app") as HTMLElement;
const live = withAttributes(h("div.visually-hidden"), { "aria-live": "polite", role: "status" });
const problems = h("div.problems");
const content = h("main.content");
app.append(problems, content, live);

const remembered = kept();
let view: View | null = null;
let follow = remembered?.follow ?? true;
let player: number | null = null;
let saving: number | null = null;

const store = storeOf(render);
const bench = workbench(layoutClient(new URL("worker.js", script).href), {
  move: (move) => {
    stop();
    send({ kind: "move", body: { move } });
  },
  reveal: (node) => send({ kind: "reveal", body: { node } }),
  toggleBreakpoint: (node) => send({ kind: "toggleBreakpoint", body: { node } }),
  goTo: (node) => send({ kind: "move", body: { move: { kind: "toNode", node } } }),
  play,
  follow(on) {
    follow = on;
    save();
    render(store.model, store.model);
  },
  export: (format) => send({ kind: "export", body: { format } }),
  rerun,
  moved(next) {
    view = next;
    save();
  },
  announce(sentence) {
    if (live.textContent !== sentence) live.textContent = sentence;
  },
});

/** Keeps where the person looks, once they have come to rest. */
function save(): void {
  if (saving !== null) clearTimeout(saving);
  saving = window.setTimeout(() => {
    const { state } = store.model;
    if (state.kind === "ready") keep({ title: state.title, view, follow });
  }, SAVE_DELAY);
}

function rerun(): void {
  send({ kind: "rerun", body: {} });
}

function play(): void {
  if (player === null) {
    const onward = (): void => send({ kind: "move", body: { move: { kind: "forward" } } });
    player = window.setInterval(onward, PLAY_STEP);
    onward();
    render(store.model, store.model);
  } else stop();
}

function stop(): void {
  if (player === null) return;
  clearInterval(player);
  player = null;
  render(store.model, store.model);
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
      bench.show(state, { follow, playing: player !== null }, first ? remembered.view : null);
      if (bench.element.parentElement !== content) content.replaceChildren(bench.element);
      break;
    }
    case "idle":
      content.replaceChildren(idle());
      break;
    case "running":
      content.replaceChildren(running(state.title, state.output, () => send({ kind: "cancel", body: {} })));
      break;
    case "failed":
      content.replaceChildren(failed(state.title, state.message, rerun));
  }
}

const act: Readonly<Record<Action, () => void>> = {
  play,
  fit: () => bench.fit(),
  zoomIn: () => bench.zoomBy(1.25),
  zoomOut: () => bench.zoomBy(0.8),
};

const refuse = (reason: string): void => store.change({ kind: "problem", message: reason });

window.addEventListener("message", (event: MessageEvent<unknown>) => {
  void receive(
    toPanel,
    {
      configure({ catalogue }) {
        l10n.config({ contents: catalogue });
        render(store.model, { ...store.model, problem: "" });
      },
      state({ state }) {
        if (state.kind === "ready") {
          checkReferences(state.trace);
          if (state.place !== null) stateAt(state.trace, state.place);
        }
        if (state.kind !== "ready" || player !== null) stop();
        store.change({ kind: "state", state });
      },
      place({ place }) {
        const { state } = store.model;
        if (state.kind === "ready") stateAt(state.trace, place);
        store.change({ kind: "place", place });
      },
      breakpoints: ({ breakpoints }) => store.change({ kind: "breakpoints", breakpoints }),
      stale: ({ stale }) => store.change({ kind: "stale", stale }),
      output: ({ text }) => store.change({ kind: "output", text }),
      problem: ({ message }) => store.change({ kind: "problem", message }),
    },
    event.data,
    refuse,
  );
});

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

content.replaceChildren(idle());
send({ kind: "ready", body: {} });
