/** Asks the layout worker for a Placement; where the worker cannot, the plain layered layout stands in, and says so. */
import { layered } from "./layered.ts";
import type { Placement, Plan } from "./plan.ts";
import type { LayoutReply, LayoutRequest } from "./worker.ts";

/** Above this many boxes the layered layout is taken at once: dot would take seconds. */
export const DOT_LIMIT = 600;
/** Ms after which a silent worker is given up. */
const PATIENCE = 8000;

export interface Placed {
  readonly placement: Placement;
  /** Why the picture is the plain one although dot was asked; null where all is well. */
  readonly fallback: string | null;
}

export interface LayoutClient {
  place(plan: Plan): Promise<Placed>;
}

/**
 * `workerUri` is where the worker's code is served. A webview may not start a worker from another origin, so
 * the text is fetched and started from a blob.
 */
export function layoutClient(workerUri: string): LayoutClient {
  let asked = 0;
  const waiting = new Map<number, { done(reply: LayoutReply): void }>();

  let broken: string | null = null;
  const giveUp = (error: string): void => {
    broken = error;
    for (const [id, { done }] of waiting) done({ id, error });
    waiting.clear();
  };

  async function begin(): Promise<Worker> {
    const reply = await fetch(workerUri);
    if (!reply.ok) throw new Error(`the layout worker could not be fetched: ${reply.status}`);
    const url = URL.createObjectURL(new Blob([await reply.text()], { type: "text/javascript" }));
    const started = new Worker(url);
    started.onmessage = ({ data }: MessageEvent<LayoutReply>) => {
      waiting.get(data.id)?.done(data);
      waiting.delete(data.id);
    };
    started.onerror = (event) => giveUp(event.message || "the layout worker stopped");
    return started;
  }

  const worker = begin();
  // Whoever asks first hears of a failure; until then nobody need.
  worker.catch(() => {});

  async function ask(plan: Plan): Promise<LayoutReply> {
    const id = asked++;
    const ready = await worker;
    if (broken !== null) return { id, error: broken };
    return new Promise((done) => {
      const timer = setTimeout(() => {
        ready.terminate();
        giveUp(`no answer within ${PATIENCE / 1000} s`);
      }, PATIENCE);
      waiting.set(id, {
        done(reply) {
          clearTimeout(timer);
          done(reply);
        },
      });
      ready.postMessage({ id, plan } satisfies LayoutRequest);
    });
  }

  return {
    async place(plan) {
      if (plan.boxes.length > DOT_LIMIT) return { placement: layered(plan), fallback: null };
      try {
        const reply = await ask(plan);
        if ("placement" in reply) return { placement: reply.placement, fallback: null };
        return { placement: layered(plan), fallback: reply.error };
      } catch (error) {
        return { placement: layered(plan), fallback: error instanceof Error ? error.message : String(error) };
      }
    },
  };
}
