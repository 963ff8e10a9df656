/** The bridge's functions for random generators; the state that Python holds of one is a number, 0 for the default one. */

import type { Core } from "./core.ts";
import type { Handle } from "./handles.ts";
import { Handles } from "./handles.ts";
import { Generator, STATE_BYTES } from "./random.ts";

export interface GeneratorBridge {
  /** A new generator, with the seed that PyTorch gives to new ones; owned by the caller. */
  generator(): Handle;
  freeGenerator(g: Handle): number;
  /** `seed`: an unsigned 64-bit integer. */
  manualSeed(g: Handle, seed: number | bigint): number;
  initialSeed(g: Handle): number | bigint;
  /** Seeds arbitrarily; gives the seed. */
  reseed(g: Handle): number | bigint;
  /** PyTorch's state of 5056 bytes, to and from Python's memory. */
  generatorState(g: Handle, address: number): number;
  setGeneratorState(g: Handle, address: number, bytes: number): number;
}

export class Generators {
  private readonly handles = new Handles<Generator>("generator");

  constructor(
    private readonly core: Core,
    private readonly standard: Generator,
  ) {}

  get(handle: number): Generator {
    return handle === 0 ? this.standard : this.handles.get(handle);
  }

  /** `guarded` runs what may fail, and gives -1 where it did. */
  functions(guarded: <T>(body: () => T, failed: T) => T, python: () => ArrayBufferLike): GeneratorBridge {
    const number = <T extends number | bigint>(body: () => T): T | number => guarded<T | number>(body, -1);
    const done = (body: () => void): number => {
      const run = (): number => {
        body();
        return 0;
      };
      return guarded(run, -1);
    };
    return {
      generator: () => guarded(() => this.handles.give(new Generator(this.core)), -1),
      freeGenerator: (g) => done(() => this.handles.free(g)),
      manualSeed: (g, seed) => done(() => this.get(g).manualSeed(BigInt(seed))),
      initialSeed: (g) => number(() => this.get(g).initialSeed),
      reseed: (g) => number(() => this.get(g).reseed()),
      generatorState: (g, address) =>
        done(() => this.get(g).getState(new Uint8Array(python(), address, STATE_BYTES))),
      setGeneratorState: (g, address, bytes) =>
        done(() => this.get(g).setState(new Uint8Array(python(), address, bytes))),
    };
  }
}
