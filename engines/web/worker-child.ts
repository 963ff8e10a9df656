/** One sandboxed worker as the engine sees it: given its assets and a job, listened to, ended. */
import type { Job } from "../embedded/job.ts";
import { ASSETS } from "../embedded/keeper.ts";
import { Report } from "../embedded/report.ts";
import type { ChildEvent, Death, Sandboxed } from "../embedded/sandboxed.ts";
import type { Begin, Port } from "../embedded/worker.ts";

/** What of the browser's own is used here. */
interface BrowserWorker {
  postMessage(message: Begin, transfer: readonly object[]): void;
  terminate(): void;
  onerror: ((event: { readonly message?: string }) => void) | null;
}
declare const Worker: new (address: string) => BrowserWorker;

/** Reads a built asset, by its path in `dist/`. */
export type Read = (path: string) => Promise<Uint8Array>;

/** Read once, and kept: each worker gets a copy. */
export class Assets {
  #all: Promise<{ worker: string; sandbox: string; assets: ReadonlyMap<string, Uint8Array> }> | null = null;

  constructor(private readonly read: Read) {}

  get(): NonNullable<typeof this.all> {
    return this.all;
  }

  private get all() {
    this.#all ??= this.#load();
    // What could not be read may be there the next time.
    this.#all.catch(() => {
      this.#all = null;
    });
    return this.#all;
  }

  async #load() {
    const file = (name: string): Promise<Uint8Array> => this.read(`embedded/${name}`);
    const address = async (name: string): Promise<string> =>
      URL.createObjectURL(new Blob([new Uint8Array(await file(name))], { type: "text/javascript" }));
    const names = [...ASSETS];
    const [worker, sandbox, ...bytes] = await Promise.all([
      address("worker.js"),
      address("sandbox.js"),
      ...names.map(file),
    ]);
    const assets = new Map(names.map((name, i) => [name, bytes[i] as Uint8Array]));
    return { worker: worker as string, sandbox: sandbox as string, assets };
  }
}

export class WorkerChild implements Sandboxed {
  #listener: ((event: ChildEvent) => void) | null = null;
  readonly #waiting: ChildEvent[] = [];
  #worker: BrowserWorker | null = null;
  readonly #port: Port;
  #die: (death: Death) => void = () => {};
  readonly gone: Promise<Death>;
  alive = true;

  constructor(
    assets: Assets,
    readonly memory: number,
    rehearse: boolean,
  ) {
    const { port1, port2 } = new MessageChannel() as unknown as {
      readonly port1: Port;
      readonly port2: Port;
    };
    this.#port = port1;
    this.gone = new Promise((resolve) => {
      this.#die = resolve;
    });
    port1.onmessage = ({ data }: { readonly data: unknown }) => {
      const report = Report.safeParse(data);
      if (!report.success) return this.#forged();
      this.#emit(report.data);
      if (report.data.kind === "failed" || report.data.kind === "unstoppable") this.#end("it ended", "");
    };
    void this.#start(assets, port2, rehearse);
  }

  async #start(assets: Assets, port: Port, rehearse: boolean): Promise<void> {
    try {
      const { worker, sandbox, assets: bytes } = await assets.get();
      if (!this.alive) return;
      this.#worker = new Worker(worker);
      this.#worker.onerror = ({ message = "" }) => this.#end("an error", message);
      const begin = { port, memory: this.memory, rehearse, assets: Object.fromEntries(bytes), sandbox };
      this.#worker.postMessage(begin, [port]);
    } catch (error) {
      this.#end("it could not start", String(error));
    }
  }

  listen(listener: (event: ChildEvent) => void): void {
    this.#listener = listener;
    for (const event of this.#waiting.splice(0)) listener(event);
  }

  send(job: Job): void {
    this.#port.postMessage(job);
  }

  /** A worker whose only thread is Python's hears of nothing, so it ends; what its cells made is gone. */
  interrupt(): void {
    this.#end("interrupted", "");
  }

  kill(): void {
    this.#end("killed", "");
  }

  #end(how: string, words: string): void {
    if (!this.alive) return;
    this.alive = false;
    this.#worker?.terminate();
    this.#port.close();
    const death: Death = { kind: "death", words, how };
    this.#emit(death);
    this.#die(death);
  }

  #forged(): void {
    this.#emit({ kind: "forgery" });
    this.kill();
  }

  #emit(event: ChildEvent): void {
    if (this.#listener === null) this.#waiting.push(event);
    else this.#listener(event);
  }
}
