/**
 * Maps that remember when each key took each value, and views of them at one moment. A view costs nothing to
 * make, however long the history: that is what makes every position of the walk equally near.
 */

interface Entry<V> {
  readonly times: number[];
  readonly values: V[];
}

/** Written once, in the order of time; read at any moment through `at`. */
export class History<K, V> {
  /** Keys stand in the order in which they first appeared, because times never go down. */
  private readonly entries = new Map<K, Entry<V>>();
  private readonly firstTimes: number[] = [];

  /** `time` must not be less than that of the call before. */
  set(time: number, key: K, value: V): void {
    const entry = this.entries.get(key);
    if (entry === undefined) {
      this.entries.set(key, { times: [time], values: [value] });
      this.firstTimes.push(time);
    } else {
      entry.times.push(time);
      entry.values.push(value);
    }
  }

  at(now: number): ReadonlyMap<K, V> {
    return new Moment(this.entries, this.firstTimes, now);
  }

  keysAt(now: number): ReadonlySet<K> {
    return new Keys(new Moment(this.entries, this.firstTimes, now));
  }
}

class Moment<K, V> implements ReadonlyMap<K, V> {
  constructor(
    private readonly history: ReadonlyMap<K, Entry<V>>,
    private readonly firstTimes: readonly number[],
    private readonly now: number,
  ) {}

  get size(): number {
    return countUpTo(this.firstTimes, this.now);
  }

  get(key: K): V | undefined {
    const entry = this.history.get(key);
    return entry?.values[countUpTo(entry.times, this.now) - 1];
  }

  has(key: K): boolean {
    const first = this.history.get(key)?.times[0];
    return first !== undefined && first <= this.now;
  }

  *entries(): Generator<[K, V], undefined> {
    let left = this.size;
    for (const [key, entry] of this.history) {
      if (left-- === 0) return;
      yield [key, entry.values[countUpTo(entry.times, this.now) - 1] as V];
    }
  }

  *keys(): Generator<K, undefined> {
    for (const [key] of this.entries()) yield key;
  }

  *values(): Generator<V, undefined> {
    for (const [, value] of this.entries()) yield value;
  }

  [Symbol.iterator](): Generator<[K, V], undefined> {
    return this.entries();
  }

  forEach(visit: (value: V, key: K, map: ReadonlyMap<K, V>) => void): void {
    for (const [key, value] of this.entries()) visit(value, key, this);
  }
}

class Keys<K> implements ReadonlySet<K> {
  constructor(private readonly map: ReadonlyMap<K, unknown>) {}

  get size(): number {
    return this.map.size;
  }

  has(key: K): boolean {
    return this.map.has(key);
  }

  keys(): MapIterator<K> {
    return this.map.keys();
  }

  values(): MapIterator<K> {
    return this.map.keys();
  }

  *entries(): Generator<[K, K], undefined> {
    for (const key of this.map.keys()) yield [key, key];
  }

  [Symbol.iterator](): MapIterator<K> {
    return this.map.keys();
  }

  forEach(visit: (value: K, again: K, set: ReadonlySet<K>) => void): void {
    for (const key of this.map.keys()) visit(key, key, this);
  }
}

/** How many of the ascending `times` are not after `now`. */
export function countUpTo(times: readonly number[], now: number): number {
  let low = 0;
  let high = times.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((times[middle] as number) <= now) low = middle + 1;
    else high = middle;
  }
  return low;
}
