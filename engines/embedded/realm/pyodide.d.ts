/** Pyodide's WebAssembly loader, which its package exports without types. */
declare module "pyodide/pyodide.asm.mjs" {
  interface Module {
    readonly HEAPU8: Uint8Array;
    growMemory(bytes: number): void;
  }
  const createPyodideModule: (settings: object) => Promise<Module>;
  export default createPyodideModule;
}
