/** Asks the layout worker for an Arrangement; where the worker cannot, the plain layout stands in, and says so. */
import { layered } from "./layered.ts";
import { placeNest } from "./nest.ts";
import type { Arrangement, Nest } from "./plan.ts";
import { remembering } from "./remember.ts";
import type { LayoutReply, LayoutRequest } from "./worker.ts";

/** Arrangements that are remembered: an edit of a number, or a step back to an earlier pass, asks for one of these again. */
const REMEMBERED = 8;
/** Larger ones are not: their key alone would weigh megabytes. */
const REMEMBERABLE = 2000;
/** Ms after which a silent worker is given up. */
const PATIENCE = 20_000;

export interface Placed {
  readonly arrangement: Arrangement;
  /** Why the picture is the plain one although dot was asked; null where all is well. */
  readonly fallback: string | null;
}

export interface LayoutClient {
  place(nest: Nest): Promise<Placed>;
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

  let worker: Worker | null = null;
  const begun = begin().then((started) => {
    worker = started;
    return started;
  });
  // Whoever asks first hears of a failure; until then nobody need.
  begun.catch(() => {});

  async function ask(nest: Nest): Promise<LayoutReply> {
    const id = asked++;
    // Asked at once where it runs: it then works while the page goes on with all that is not the picture.
    const ready = worker ?? (await begun);
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
      ready.postMessage({ id, nest } satisfies LayoutRequest);
    });
  }

  const known = remembering(ask, (reply) => "arrangement" in reply, REMEMBERED);
  const plainly = (nest: Nest, fallback: string): Placed => ({
    arrangement: placeNest(nest, layered),
    fallback,
  });

  return {
    async place(nest) {
      try {
        const reply = await (nest.boxes.length > REMEMBERABLE ? ask(nest) : known(nest));
        return "arrangement" in reply
          ? { arrangement: reply.arrangement, fallback: null }
          : plainly(nest, reply.error);
      } catch (error) {
        return plainly(nest, error instanceof Error ? error.message : String(error));
      }
    },
  };
}
