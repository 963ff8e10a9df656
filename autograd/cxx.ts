/**
 * C++'s `std::sort`, `partial_sort` and `nth_element` as libstdc++ does them: where elements are equal, these say which
 * one PyTorch finds first. All work in place on `items`; `less` is the comparison.
 */
export type Less<T> = (a: T, b: T) => boolean;

/** Up to this many elements are left to one insertion sort at the end. */
const THRESHOLD = 16;

export function sort<T>(items: T[], less: Less<T>, from = 0, to = items.length): void {
  if (from === to) return;
  introsort(items, less, from, to, 2 * log2(to - from));
  const few = Math.min(to, from + THRESHOLD);
  insertionSort(items, less, from, few);
  for (let i = few; i < to; i++) insert(items, less, i);
}

function introsort<T>(items: T[], less: Less<T>, from: number, end: number, depth: number): void {
  let to = end;
  for (let left = depth; to - from > THRESHOLD; left--) {
    if (left === 0) {
      partialSort(items, less, from, to, to);
      return;
    }
    const cut = partition(items, less, from, to);
    introsort(items, less, cut, to, left - 1);
    to = cut;
  }
}

/** The elements that belong before `middle`, sorted, in their places. */
export function partialSort<T>(items: T[], less: Less<T>, from: number, middle: number, to: number): void {
  heapSelect(items, less, from, middle, to);
  for (let last = middle - 1; last > from; last--) popHeap(items, less, from, last, last);
}

/** What belongs at `nth` is there, what belongs before it is before it. */
export function nthElement<T>(items: T[], less: Less<T>, begin: number, nth: number, end: number): void {
  if (begin === end || nth === end) return;
  let [from, to] = [begin, end];
  for (let left = 2 * log2(to - from); to - from > 3; left--) {
    if (left === 0) {
      heapSelect(items, less, from, nth + 1, to);
      swap(items, from, nth);
      return;
    }
    const cut = partition(items, less, from, to);
    if (cut <= nth) from = cut;
    else to = cut;
  }
  insertionSort(items, less, from, to);
}

const log2 = (n: number): number => 31 - Math.clz32(n);

function swap<T>(items: T[], a: number, b: number): void {
  [items[a], items[b]] = [items[b] as T, items[a] as T];
}

/** Around the median of three, which goes to the front: gives where the second part begins. */
function partition<T>(items: T[], less: Less<T>, from: number, to: number): number {
  const is = (a: number, b: number): boolean => less(items[a] as T, items[b] as T);
  const [a, b, c] = [from + 1, from + ((to - from) >> 1), to - 1];
  if (is(a, b)) swap(items, from, is(b, c) ? b : is(a, c) ? c : a);
  else swap(items, from, is(a, c) ? a : is(b, c) ? c : b);
  let [low, high] = [from + 1, to];
  for (;;) {
    while (is(low, from)) low++;
    high--;
    while (is(from, high)) high--;
    if (low >= high) return low;
    swap(items, low, high);
    low++;
  }
}

function insertionSort<T>(items: T[], less: Less<T>, from: number, to: number): void {
  for (let i = from + 1; i < to; i++) {
    const item = items[i] as T;
    if (less(item, items[from] as T)) {
      items.copyWithin(from + 1, from, i);
      items[from] = item;
    } else insert(items, less, i);
  }
}

/** Move the element at `at` forward to its place; something before it is not greater. */
function insert<T>(items: T[], less: Less<T>, at: number): void {
  const item = items[at] as T;
  let i = at;
  for (; less(item, items[i - 1] as T); i--) items[i] = items[i - 1] as T;
  items[i] = item;
}

function heapSelect<T>(items: T[], less: Less<T>, from: number, middle: number, to: number): void {
  const n = middle - from;
  for (let parent = (n - 2) >> 1; parent >= 0; parent--)
    adjustHeap(items, less, from, parent, n, items[from + parent] as T);
  for (let i = middle; i < to; i++)
    if (less(items[i] as T, items[from] as T)) popHeap(items, less, from, middle, i);
}

/** The heap's greatest goes to `result`; what was there goes into the heap. */
function popHeap<T>(items: T[], less: Less<T>, from: number, to: number, result: number): void {
  const item = items[result] as T;
  items[result] = items[from] as T;
  adjustHeap(items, less, from, 0, to - from, item);
}

function adjustHeap<T>(items: T[], less: Less<T>, from: number, top: number, n: number, item: T): void {
  let hole = top;
  let child = top;
  while (child < (n - 1) >> 1) {
    child = 2 * (child + 1);
    if (less(items[from + child] as T, items[from + child - 1] as T)) child--;
    items[from + hole] = items[from + child] as T;
    hole = child;
  }
  if ((n & 1) === 0 && child === (n - 2) >> 1) {
    child = 2 * child + 1;
    items[from + hole] = items[from + child] as T;
    hole = child;
  }
  for (let parent = (hole - 1) >> 1; hole > top && less(items[from + parent] as T, item); ) {
    items[from + hole] = items[from + parent] as T;
    hole = parent;
    parent = (hole - 1) >> 1;
  }
  items[from + hole] = item;
}

/** The comparison of positions in `values` by what is there; a NaN is greater than all. */
export function byValue(values: (i: number) => number | bigint, descending: boolean): Less<number> {
  const none = (i: number): boolean => Number.isNaN(values(i));
  return descending
    ? (a, b) => (none(a) && !none(b)) || values(a) > values(b)
    : (a, b) => (!none(a) && none(b)) || values(a) < values(b);
}

/** The first `k` of `items` in their order go to the front, as PyTorch's topk takes them. */
export function select<T>(items: T[], less: Less<T>, k: number, sorted = true): void {
  if (k === 0) return;
  if (k * 64 <= items.length) partialSort(items, less, 0, k, items.length);
  else {
    nthElement(items, less, 0, k - 1, items.length);
    if (sorted) sort(items, less, 0, k - 1);
  }
}

/** Positions of the `k` greatest of `values`, greatest first. */
export function topPositions(values: ArrayLike<number | bigint>, k: number): number[] {
  const order = Array.from({ length: values.length }, (_, i) => i);
  select(
    order,
    byValue((i) => values[i] as number | bigint, true),
    k,
  );
  return order.slice(0, k);
}
