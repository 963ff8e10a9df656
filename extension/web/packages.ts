/** In place of `extension/packages.ts` in the browser, which keeps no wheels. */
import type { RunRequest } from "../../engines/engine.ts";

export class Packages {
  async for(): Promise<NonNullable<RunRequest["packages"]>> {
    return new Map();
  }

  async bringing(): Promise<null> {
    return null;
  }

  async allow(): Promise<void> {}
}
