/**
 * The one bundle that is evaluated in the empty realm: Python, autograd and the tensor core together. It leaves a
 * single global, `openSandbox`, which the host takes away before any user code runs.
 */
import { type BridgeHost, createBridge } from "../../../autograd/index.ts";
import type { CPython } from "./capi.ts";
import { connectCore } from "./core-module.ts";
import { connect, host, type OuterHost } from "./host.ts";
import { capMemoryGrowth, setMemoryBudget } from "./memory.ts";
import {
  capFileGrowth,
  connectPulse,
  connectStreams,
  makeSnapshot,
  type Python,
  placeFile,
  placePackage,
  wakePython,
} from "./python.ts";
import { REHEARSALS, ROUNDS } from "./rehearsal.ts";

/** What the process may call. Once `wake` is over, only strings and numbers cross, both ways. */
export interface Sandbox {
  /** At build time only. */
  makeSnapshot: typeof makeSnapshot;
  /**
   * Get ready for one run, in which Python and the tensors may each grow by `memory` bytes; with a rehearsal the
   * run is faster, and readiness comes later.
   */
  wake(memory: number, rehearse: boolean): Promise<void>;
  /** Unpack a wheel (an asset of the host by now) where imports find it; "", or in words what is wrong with it. */
  addPackage(name: string): string;
  /** Take a file of the request (an asset of the host by now) into the snippet's folder. */
  addFile(path: string): void;
  /**
   * Run a request (JSON, as `backstep_run.run` takes it): the exit code, or in words what ended the interpreter.
   */
  run(request: string): number | string;
  /** The finished Trace as JSON; "" where there is none. */
  takeTrace(): string;
  /** The elements of its large tensors, a character for each byte; "" where there are none. */
  takeElements(): string;
}

export type OpenSandbox = (outer: OuterHost) => Sandbox;

/** A frozen object without a prototype: Python sees the functions and nothing above them. */
function bare<T extends object>(functions: T): T {
  return Object.freeze(Object.assign(Object.create(null), functions));
}

/** After a rehearsal: its tensors give their handles back to the bridge that gave them. */
const FORGET = `
import gc, sys
gc.collect()
for _name in ("_core", "_host"): sys.modules.pop(_name, None)
del gc, sys, _name
`;
/** The snapshot holds one state of the generator for all; each run starts from entropy, as Python does. */
const BIND = "import backstep_run, random; random.seed(); backstep_run.bind(); backstep_run.run";

function openSandbox(outer: OuterHost): Sandbox {
  connect(outer);
  capMemoryGrowth();
  let python: Python;
  let bridge: BridgeHost;
  let runPython: (request: string) => number;

  /** A bridge, with a core of its own, in Python's hands. */
  function bind(memory: number, emit: typeof host.emit): void {
    bridge = createBridge({
      core: host.asset("core.wasm"),
      coreRelaxed: host.asset("core-relaxed.wasm"),
      python: () => python._module.HEAPU8.buffer as ArrayBuffer,
      limit: memory,
    });
    connectCore(python._module as unknown as CPython, bridge);
    python.registerJsModule("_host", bare({ emit, stopWords: host.stopWords }));
    runPython = python.runPython(BIND);
  }

  return bare({
    makeSnapshot,

    async wake(memory: number, rehearse: boolean): Promise<void> {
      python = await wakePython();
      if (rehearse) {
        bind(memory, () => {});
        for (let round = 0; round < ROUNDS; round++)
          for (const request of REHEARSALS) {
            runPython(request);
            bridge.takeTrace();
            bridge.takeElements();
          }
        python.runPython(FORGET);
      }
      bind(memory, host.emit);
      connectStreams(python);
      connectPulse(python);
      capFileGrowth(python);
      setMemoryBudget(memory);
      for (const name of Object.getOwnPropertyNames(globalThis)) {
        if (LEFT_BEHIND.has(name)) Reflect.deleteProperty(globalThis, name);
      }
    },

    addPackage(name: string): string {
      try {
        placePackage(python, host.asset(name));
        return "";
      } catch (error) {
        // The last line of what Python prints of it.
        return (
          String((error as Error).message)
            .trim()
            .split("\n")
            .pop() || "it could not be unpacked"
        );
      }
    },

    addFile: (path: string): void => placeFile(python, path, host.asset(path)),

    run(request: string): number | string {
      try {
        return runPython(request);
      } catch (error) {
        return endOf(error);
      }
    },

    takeTrace(): string {
      try {
        return bridge.takeTrace();
      } catch {
        return "";
      }
    },

    takeElements(): string {
      try {
        return bridge.takeElements();
      } catch {
        return "";
      }
    },
  });
}

/** What Pyodide's plain-shell path puts on the global object. */
const LEFT_BEHIND = new Set(["console", "setTimeout", "clearTimeout", "loadPyodide", "openSandbox"]);

const LONGEST_WORDS = 300;

/** `os._exit` gives its status; anything else is the interpreter's end, told in words. */
function endOf(error: unknown): number | string {
  try {
    const { status, name, message } = error as { status?: unknown; name?: unknown; message?: unknown };
    if (name === "Exit" && typeof status === "number") return status;
    return `${name}: ${message}`.split("\n", 1).join("").slice(0, LONGEST_WORDS);
  } catch {
    return "the interpreter ended without words";
  }
}

Object.defineProperty(globalThis, "openSandbox", { value: openSandbox, configurable: true });
