/** Pyodide's WebAssembly loader, which its package exports without types. */
declare module "pyodide/pyodide.asm.mjs" {
  const createPyodideModule: unknown;
  export default createPyodideModule;
}
