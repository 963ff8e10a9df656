/** The layout worker: a Nest comes in, each plan in it is placed by `dot` (Graphviz as WASM), an Arrangement goes out. */
import { Graphviz } from "@hpcc-js/wasm-graphviz";
import { FORMAT, readPlacement, writeDot } from "./dot.ts";
import { layered } from "./layered.ts";
import { placeNest } from "./nest.ts";
import type { Arrangement, Nest, Placement, Plan } from "./plan.ts";
import { practice } from "./practice.ts";

export interface LayoutRequest {
  readonly id: number;
  readonly nest: Nest;
}
export type LayoutReply =
  | { readonly id: number; readonly arrangement: Arrangement }
  | { readonly id: number; readonly error: string };

/** Plans with more boxes or lines than this are laid out by the linear layout: dot would take seconds. */
const DOT_LIMIT = { boxes: 300, lines: 400 } as const;
/** Plans whose placement is remembered: those of the groups that are not touched when one opens. */
const REMEMBERED = 400;

const graphviz = Graphviz.load();
const placements = new Map<string, Placement>();

function placed(dot: Graphviz, plan: Plan): Placement {
  if (plan.boxes.length > DOT_LIMIT.boxes || plan.lines.length > DOT_LIMIT.lines) return layered(plan);
  const key = JSON.stringify(plan);
  let placement = placements.get(key);
  if (placement === undefined) {
    placement = readPlacement(plan, dot.layout(writeDot(plan), FORMAT, "dot"));
    placements.set(key, placement);
    for (const oldest of placements.keys()) {
      if (placements.size <= REMEMBERED) break;
      placements.delete(oldest);
    }
  }
  return placement;
}

/** Code is made quick by being used, Graphviz's tenfold. Whoever asks meanwhile waits for one plan at most. */
async function practise(): Promise<void> {
  const dot = await graphviz;
  for (const plan of practice()) {
    readPlacement(plan, dot.layout(writeDot(plan), FORMAT, "dot"));
    await new Promise((done) => setTimeout(done));
  }
}

async function answer({ id, nest }: LayoutRequest): Promise<LayoutReply> {
  try {
    const dot = await graphviz;
    return { id, arrangement: placeNest(nest, (plan) => placed(dot, plan)) };
  } catch (error) {
    return { id, error: error instanceof Error ? error.message : String(error) };
  }
}

const scope = self as unknown as DedicatedWorkerGlobalScope;
scope.onmessage = async (event: MessageEvent<LayoutRequest>) => {
  scope.postMessage(await answer(event.data));
};
// Where Graphviz cannot be loaded, whoever asks is told.
practise().catch(() => {});
