/** The part of the WebAssembly API that is used here, for projects that have neither the DOM's types nor Node's. */
declare namespace WebAssembly {
  class Module {
    constructor(bytes: ArrayBuffer | ArrayBufferView);
  }
  class Instance {
    constructor(module: Module, imports?: Record<string, Record<string, unknown>>);
    readonly exports: Record<string, unknown>;
  }
  class Memory {
    constructor(descriptor: { initial: number; maximum?: number });
    readonly buffer: ArrayBuffer;
    /** Adds pages of 64 KiB and gives the former number of pages. */
    grow(pages: number): number;
  }
  class RuntimeError extends Error {}
  function validate(bytes: ArrayBuffer | ArrayBufferView): boolean;
}
