/**
 * The ready queue: a binary heap that breaks ties exactly as C++'s `std::priority_queue` does in libstdc++, so
 * that equal sequence numbers (the AccumulateGrad nodes) come in PyTorch's order.
 */
export class ReadyQueue<T> {
  private readonly items: T[] = [];

  /** `less(a, b)`: b goes before a. */
  constructor(private readonly less: (a: T, b: T) => boolean) {}

  get size(): number {
    return this.items.length;
  }

  push(item: T): void {
    this.items.push(item);
    this.siftUp(this.items.length - 1, item);
  }

  pop(): T | undefined {
    const { items } = this;
    const top = items[0];
    const last = items.pop();
    if (items.length === 0 || last === undefined) return top;
    // libstdc++'s __adjust_heap: the hole goes to the bottom first, then the last item rises into it.
    const n = items.length;
    let hole = 0;
    let child = 0;
    while (child < (n - 1) >> 1) {
      child = 2 * (child + 1);
      if (this.less(items[child] as T, items[child - 1] as T)) child--;
      items[hole] = items[child] as T;
      hole = child;
    }
    if ((n & 1) === 0 && child === (n - 2) >> 1) {
      child = 2 * (child + 1);
      items[hole] = items[child - 1] as T;
      hole = child - 1;
    }
    this.siftUp(hole, last);
    return top;
  }

  private siftUp(from: number, item: T): void {
    const { items } = this;
    let hole = from;
    while (hole > 0) {
      const parent = (hole - 1) >> 1;
      if (!this.less(items[parent] as T, item)) break;
      items[hole] = items[parent] as T;
      hole = parent;
    }
    items[hole] = item;
  }
}
