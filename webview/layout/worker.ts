/** The layout worker: a Plan comes in, `dot` (Graphviz as WASM) places it, a Placement goes out. */
import { Graphviz } from "@hpcc-js/wasm-graphviz";
import { readPlacement, writeDot } from "./dot.ts";
import type { Placement, Plan } from "./plan.ts";

export interface LayoutRequest {
  readonly id: number;
  readonly plan: Plan;
}
export type LayoutReply =
  | { readonly id: number; readonly placement: Placement }
  | { readonly id: number; readonly error: string };

const graphviz = Graphviz.load();

async function answer({ id, plan }: LayoutRequest): Promise<LayoutReply> {
  try {
    return { id, placement: readPlacement(plan, (await graphviz).layout(writeDot(plan), "json", "dot")) };
  } catch (error) {
    return { id, error: error instanceof Error ? error.message : String(error) };
  }
}

const scope = self as unknown as DedicatedWorkerGlobalScope;
scope.onmessage = async (event: MessageEvent<LayoutRequest>) => scope.postMessage(await answer(event.data));
