/** How the extension and the command line get an engine. */
import { join } from "node:path";
import { EmbeddedEngine } from "./embedded/embedded.ts";
import type { Engine } from "./engine.ts";
import { PyTorchEngine } from "./pytorch/pytorch.ts";

export interface EngineOptions {
  /** The folder of the built assets: `dist/`. */
  readonly assets: string;
  /** Takes lines for the log. */
  readonly log: (text: string) => void;
  /** For `pytorch`: the interpreter; without it the first on the PATH that has PyTorch. */
  readonly python?: string | undefined;
}

export function createEngine(name: Engine["name"], { assets, log, python }: EngineOptions): Engine {
  switch (name) {
    case "embedded":
      return new EmbeddedEngine({ folder: join(assets, "embedded"), log });
    case "pytorch":
      return new PyTorchEngine({ folder: join(assets, "recorder"), python: python ?? null, log });
  }
}
