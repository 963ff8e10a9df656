/** Work that rests at each `yield`, so that a page need not stand still for it, done in one go. */
export function finish<T>(work: Generator<void, T>): T {
  for (;;) {
    const next = work.next();
    if (next.done) return next.value;
  }
}
