/** The memory cap: growth of WebAssembly memories and of files in the in-memory file system is counted here. */

const PAGE = 65536;
let budget = Number.POSITIVE_INFINITY;
let taken = 0;

/** Bytes of growth from now on that are allowed; what the boot took is not counted. */
export function setMemoryBudget(bytes: number): void {
  budget = bytes;
  taken = 0;
}

/** Whether `bytes` more are within the cap. */
export function hasMemory(bytes: number): boolean {
  return taken + bytes <= budget;
}

/** Count `bytes` more (or fewer, below zero). */
export function takeMemory(bytes: number): void {
  taken += bytes;
}

/** Must run before any WebAssembly memory exists: Pyodide turns the RangeError into Python's MemoryError. */
export function capMemoryGrowth(): void {
  const prototype = WebAssembly.Memory.prototype;
  const grow = prototype.grow;
  prototype.grow = function capped(this: WebAssembly.Memory, pages: number): number {
    if (!hasMemory(pages * PAGE)) throw new RangeError("the memory limit of this run is reached");
    const before = Reflect.apply(grow, this, [pages]);
    takeMemory(pages * PAGE);
    return before;
  };
}
