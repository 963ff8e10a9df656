/**
 * The worker in which the sandbox lives where there are no processes: the browser. It takes the assets and a port,
 * strips its global object of everything that is not bare JavaScript, and only then evaluates the sandbox, so that
 * the realm is as empty as in the child process. What it needs for itself it keeps in its own variables.
 */
import { Job } from "./job.ts";
import { Keeper } from "./keeper.ts";
import type { OpenSandbox } from "./realm/sandbox.ts";
import type { Report } from "./report.ts";

/** One end of a channel, of which the types of Node know too little. */
export interface Port {
  onmessage: ((event: { readonly data: unknown }) => void) | null;
  postMessage(message: unknown): void;
  close(): void;
}

/** The first message: everything that this worker will ever get from outside, save jobs. */
export interface Begin {
  readonly port: Port;
  readonly memory: number;
  readonly rehearse: boolean;
  readonly assets: Readonly<Record<string, Uint8Array>>;
  /** The text of sandbox.js, as the address of a script of this origin. */
  readonly sandbox: string;
}

interface WorkerGlobal {
  onmessage: ((event: { readonly data: Begin }) => void) | null;
  importScripts(address: string): void;
  close(): void;
  openSandbox?: OpenSandbox;
}
const around = globalThis as unknown as WorkerGlobal;

/** What bare JavaScript has; all else goes. `Function` stays for the sandbox's own code, but makes no code (see `bar`). */
const BARE = new Set(
  `Object Function Array Number parseFloat parseInt Infinity NaN undefined Boolean String Symbol Date Promise RegExp
  Error AggregateError EvalError RangeError ReferenceError SyntaxError TypeError URIError SuppressedError globalThis JSON
  Math Intl ArrayBuffer SharedArrayBuffer Atomics Uint8Array Int8Array Uint16Array Int16Array Uint32Array Int32Array
  Float16Array Float32Array Float64Array Uint8ClampedArray BigUint64Array BigInt64Array DataView Map BigInt Set WeakMap
  WeakSet WeakRef FinalizationRegistry Proxy Reflect Iterator DisposableStack AsyncDisposableStack decodeURI
  decodeURIComponent encodeURI encodeURIComponent eval escape unescape isFinite isNaN WebAssembly constructor`.split(
    /\s+/,
  ),
);

/** Take away what reaches out of here: on the global object, and on what it inherits from. Names that stay all the same. */
function strip(): string[] {
  for (let object: object | null = globalThis; object !== null && object !== Object.prototype; ) {
    for (const name of Reflect.ownKeys(object)) {
      if (typeof name === "string" && BARE.has(name)) continue;
      if (!Reflect.deleteProperty(object, name)) {
        try {
          Object.defineProperty(object, name, { value: undefined, writable: false, configurable: false });
        } catch {
          // It is looked for below.
        }
      }
    }
    object = Object.getPrototypeOf(object);
  }
  return REACHING.filter((name) => (globalThis as Record<string, unknown>)[name] !== undefined);
}

const REACHING = [
  ..."fetch XMLHttpRequest WebSocket WebTransport EventSource Worker SharedWorker importScripts postMessage".split(
    " ",
  ),
  ..."indexedDB caches navigator location self BroadcastChannel MessageChannel addEventListener Request".split(
    " ",
  ),
  ..."setTimeout queueMicrotask console crypto performance WorkerGlobalScope URL Blob openSandbox".split(" "),
];

/** No code is made from text, whichever kind of function is asked for its constructor. */
function bar(): string[] {
  const refuse = (): never => {
    throw new EvalError("code is not made from text in the sandbox");
  };
  // A plain variable of the realm, as far as anything there can tell; it is asked for by name.
  Object.defineProperty(globalThis, "eval", { value: refuse, writable: false, configurable: false });

  const kinds = [() => {}, async () => {}, function* () {}, async function* () {}];
  for (const kind of kinds) {
    const prototype = Object.getPrototypeOf(kind) as object;
    Object.defineProperty(prototype, "constructor", { value: refuse, writable: false, configurable: false });
  }
  return kinds.flatMap((kind) => {
    try {
      (kind.constructor as FunctionConstructor)("return 1");
      return ["code can be made from strings"];
    } catch {
      return [];
    }
  });
}

around.onmessage = ({ data: begin }) => {
  around.onmessage = null;
  void live(begin);
};

async function live({ port, memory, rehearse, assets, sandbox: script }: Begin): Promise<void> {
  const { crypto, performance } = globalThis;
  const [decode, encode] = [atob.bind(globalThis), btoa.bind(globalThis)];
  const close = around.close.bind(around);
  const given = new Map(Object.entries(assets));
  const report = (message: Report): void => port.postMessage(message);
  // Who hears of it ends this worker; until then nothing more is done here.
  const end = (message: Report): never => {
    report(message);
    throw new Error("this interpreter has ended");
  };
  const keeper = new Keeper({
    assetSize: (name) => given.get(name)?.length ?? -1,
    assetRead(name, into) {
      const bytes = given.get(name);
      if (bytes !== undefined) into.set(bytes);
    },
    entropy: () => crypto.getRandomValues(new Uint8Array(1))[0] as number,
    now: () => performance.now(),
    report,
    end,
    // Python holds the only thread, and nothing reaches it meanwhile: who wants it to stop ends the worker.
    interrupted: () => false,
    bytesOf: (text) => Uint8Array.from(decode(text), (c) => c.charCodeAt(0)),
    base64Of: encode,
  });
  try {
    // Pyodide looks around as it is loaded, and is to see bare JavaScript.
    const load = around.importScripts.bind(around);
    strip();
    load(script);
    const open = around.openSandbox;
    const missing = [...strip(), ...bar()];
    if (open === undefined) missing.push("the sandbox's code is missing");
    if (missing.length > 0 || open === undefined) {
      const message = missing.map((what) => `the realm has ${what}`).join("; ");
      report({ kind: "failed", reason: "sandbox", message });
      return close();
    }
    const sandbox = open(keeper.outer);
    await sandbox.wake(memory, rehearse);
    keeper.awake();
    given.clear();
    port.onmessage = ({ data }) => {
      try {
        const job = Job.parse(data);
        report(keeper.run(sandbox, job));
        if (job.request.keep === true) return;
      } catch (error) {
        report({ kind: "failed", reason: "crash", message: String(error) });
      }
      port.close();
      close();
    };
    report({ kind: "ready" });
  } catch (error) {
    report({ kind: "failed", reason: "crash", message: `the sandbox could not start: ${error}` });
    close();
  }
}
