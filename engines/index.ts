/** How the extension and the command line get an engine. */
import { join } from "node:path";
import { EmbeddedEngine } from "./embedded/embedded.ts";
import type { Engine } from "./engine.ts";

export interface EngineOptions {
  /** The folder of the built assets: `dist/`. */
  readonly assets: string;
  /** Takes lines for the log. */
  readonly log: (text: string) => void;
}

export function createEngine(name: Engine["name"], { assets, log }: EngineOptions): Engine {
  switch (name) {
    case "embedded":
      return new EmbeddedEngine({ folder: join(assets, "embedded"), log });
    case "pytorch":
      throw new Error("the engine pytorch is not in this version: use embedded");
  }
}
