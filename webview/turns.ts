/** Does long work in slices, so that the page never stands still. */

/** Ms of work after which the page gets a turn. */
const SLICE = 12;

/** Runs the work to its end, a slice at a time; each `yield` is a place where it may rest. */
export async function inSlices<T>(work: Generator<void, T>): Promise<T> {
  for (let rested = false; ; rested = true) {
    const start = performance.now();
    while (performance.now() - start < SLICE) {
      const next = work.next();
      if (!next.done) continue;
      // What follows long work gets a task of its own.
      if (rested) await turn();
      return next.value;
    }
    await turn();
  }
}

const channel = new MessageChannel();
const waiting: (() => void)[] = [];
channel.port1.onmessage = () => waiting.shift()?.();

/** A turn for everything else that waits: a timer would wait longer than that. */
function turn(): Promise<void> {
  return new Promise((done) => {
    waiting.push(done);
    channel.port2.postMessage(null);
  });
}
