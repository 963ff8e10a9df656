/** In place of `engines/index.ts` in the browser: the embedded engine in workers, and no PyTorch. */
import * as l10n from "@vscode/l10n";
import { EmbeddedEngine } from "../embedded/embedded.ts";
import type { Start } from "../embedded/sandboxed.ts";
import { EmbeddedSession } from "../embedded/session.ts";
import type { Engine, EngineSession } from "../engine.ts";
import type { EngineOptions } from "../index.ts";
import { Assets, WorkerChild } from "./worker-child.ts";

export type { EngineOptions };

const absent = (): string =>
  l10n.t(
    "PyTorch cannot be run in the browser: set backstep.engine to embedded, or open the folder in VS Code on a machine.",
  );

export const findPython = async (): Promise<{ readonly kind: "missing"; readonly message: string }> => ({
  kind: "missing",
  message: absent(),
});

export function createEngine(name: Engine["name"], options: EngineOptions): Engine {
  if (name === "embedded") return new EmbeddedEngine({ start: starter(options), log: options.log });
  return {
    name,
    warm: () => {},
    run: async () => ({ kind: "failed", reason: "unavailable", message: absent() }),
    dispose: async () => {},
  };
}

export function startSession(options: EngineOptions, memory: number): EngineSession {
  return new EmbeddedSession(starter(options)(memory, false), options.log);
}

const known = new WeakMap<EngineOptions, Assets>();

function starter(options: EngineOptions): Start {
  const { read } = options;
  if (read === undefined) throw new TypeError("in the browser the engine needs a way to read its assets");
  const assets = known.get(options) ?? new Assets(read);
  known.set(options, assets);
  return (memory, rehearse) => new WorkerChild(assets, memory, rehearse);
}
