/** Blocks of memory: AssemblyScript's TLSF heap, with a count of what is out and a check that a block is freed once. */

/** TLSF keeps a block's size in the word before it; its two low bits are tags, the lowest one says "free". */
const HEADER: usize = 4;
const TAGS: usize = 3;
const FREE: usize = 1;

let live: usize = 0;

/** A block of at least `bytes` bytes, 16-aligned, not cleared. Traps when memory is out. */
export function alloc(bytes: usize): usize {
  const ptr = heap.alloc(bytes);
  live += load<usize>(ptr - HEADER) & ~TAGS;
  return ptr;
}

/** False, and nothing done, when `ptr` is no block or was freed before. */
export function free(ptr: usize): bool {
  if (ptr <= __heap_base || (ptr & 15) !== 0 || ptr >= (<usize>memory.size()) << 16) return false;
  const header = load<usize>(ptr - HEADER);
  if (header & FREE) return false;
  live -= header & ~TAGS;
  heap.free(ptr);
  return true;
}

export function allocated(): usize {
  return live;
}
