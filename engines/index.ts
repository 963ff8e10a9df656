/** How the extension and the command line get an engine. */
import { join } from "node:path";
import { SandboxProcess } from "./embedded/child-process.ts";
import { EmbeddedEngine } from "./embedded/embedded.ts";
import type { Start } from "./embedded/sandboxed.ts";
import { EmbeddedSession } from "./embedded/session.ts";
import type { Engine, EngineSession } from "./engine.ts";
import { PyTorchEngine } from "./pytorch/pytorch.ts";

export { findPython } from "./pytorch/python.ts";

export interface EngineOptions {
  /** The folder of the built assets: `dist/`. */
  readonly assets: string;
  /** For who has no disk: the bytes of an asset, by its path in that folder. */
  readonly read?: (path: string) => Promise<Uint8Array>;
  /** Takes lines for the log. */
  readonly log: (text: string) => void;
  /** For `pytorch`: the interpreter; without it the first on the PATH that has PyTorch. */
  readonly python?: string | undefined;
}

export function createEngine(name: Engine["name"], { assets, log, python }: EngineOptions): Engine {
  switch (name) {
    case "embedded":
      return new EmbeddedEngine({ start: starter(assets), log });
    case "pytorch":
      return new PyTorchEngine({ folder: join(assets, "recorder"), python: python ?? null, log });
  }
}

/** An interpreter of the embedded engine that takes cells; `memory` in bytes, over its whole life. */
export function startSession({ assets, log }: EngineOptions, memory: number): EngineSession {
  return new EmbeddedSession(starter(assets)(memory, false), log);
}

const starter =
  (assets: string): Start =>
  (memory, rehearse) =>
    new SandboxProcess(join(assets, "embedded"), memory, rehearse);
