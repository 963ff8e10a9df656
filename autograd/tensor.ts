/** Tensors and the ownership of their memory: counted references, as in PyTorch, because nothing collects WASM blocks. */
import type { DType } from "../assembly/shared/codes.ts";
import type { Core, Strided } from "./core.ts";
import { dtypeSize } from "./dtype.ts";
import type { Node } from "./node.ts";
import type { Observation } from "./observe.ts";

/** Something with counted references; `dispose` gives up what it holds and runs once, when the last one goes. */
export abstract class Counted {
  refs = 0;
  abstract dispose(): void;
}

const doomed: Counted[] = [];
let draining = false;

export function retain<T extends Counted>(object: T): T {
  object.refs++;
  return object;
}

/** Give one reference back. Chains (a graph of a million nodes) are taken down by a loop, not by recursion. */
export function release(object: Counted | null): void {
  if (object === null || --object.refs > 0) return;
  doomed.push(object);
  if (draining) return;
  draining = true;
  try {
    for (let next = doomed.pop(); next !== undefined; next = doomed.pop()) next.dispose();
  } finally {
    draining = false;
  }
}

/** One of those who watch a storage, with its neighbours among them. */
export interface Watcher {
  moveTo(copy: Storage): void;
  before: Watcher | null;
  after: Watcher | null;
}

/** One block of the core's memory, shared by a tensor and its views. */
export class Storage extends Counted {
  /** Who still needs the numbers as they are, the first of a list: given a copy before they change. */
  private watcher: Watcher | null = null;
  ptr: number;

  constructor(
    readonly core: Core,
    public bytes: number,
  ) {
    super();
    this.ptr = core.alloc(Math.max(bytes, 1));
  }

  /** Room for more bytes, for every tensor that shares it; what was there stays, the rest is 0. */
  grow(bytes: number): void {
    if (bytes <= this.bytes) return;
    const { core } = this;
    const ptr = core.alloc(bytes);
    core.bytes.copyWithin(ptr, this.ptr, this.ptr + this.bytes);
    core.bytes.fill(0, ptr + this.bytes, ptr + bytes);
    core.free(this.ptr);
    this.ptr = ptr;
    this.bytes = bytes;
  }

  watch(watcher: Watcher): void {
    const first = this.watcher;
    watcher.before = null;
    watcher.after = first;
    if (first !== null) first.before = watcher;
    this.watcher = watcher;
  }

  unwatch(watcher: Watcher): void {
    const { before, after } = watcher;
    if (before === null) this.watcher = after;
    else before.after = after;
    if (after !== null) after.before = before;
  }

  /** To be called before its numbers are changed in place. */
  willChange(): void {
    const { core, bytes, ptr } = this;
    let watcher = this.watcher;
    if (watcher === null) return;
    const copy = new Storage(core, bytes);
    core.bytes.copyWithin(copy.ptr, ptr, ptr + bytes);
    this.watcher = null;
    while (watcher !== null) {
      const next: Watcher | null = watcher.after;
      watcher.moveTo(copy);
      watcher = next;
    }
  }

  dispose(): void {
    this.core.free(this.ptr);
  }
}

/** Rises with every in-place change, through whichever of the tensors that share it: views, and what was detached. */
export class VersionCounter {
  value = 0;
}

/** What a view that autograd knows of remembers, so that its history follows in-place changes of its base. */
export interface ViewHistory {
  /** The version for which the view's `gradFn` holds. */
  version: number;
  /** Why it may not be changed in place: made without gradients, or by an op that gives several views. */
  readonly made: "default" | "no_grad" | "several" | "custom";
  /** Give the view a new `gradFn`, for its base has changed; throws where that is not allowed. */
  readonly renew: (view: Tensor) => void;
}

let lastUid = 0;

export class Tensor extends Counted implements Strided {
  readonly uid = ++lastUid;
  /** Asked for by the user, or had from an op; see `requiresGrad`. */
  private wantsGrad = false;
  /** As it was when last asked for; a view may have to renew it, see `gradFn`. */
  heldGradFn: Node | null = null;
  outputNr = 0;
  counter = new VersionCounter();
  viewHistory: ViewHistory | null = null;
  grad: Tensor | null = null;
  retainsGrad = false;
  /** Made in inference mode: no graph may keep it. */
  inference = false;
  /** For a leaf: callbacks that are told when a pass has added to its gradient. */
  afterHooks: number[] | null = null;
  /** Of a dual tensor, in forward mode. */
  tangent: Tensor | null = null;
  /** For a leaf: its hooks, as numbers of callbacks; those of other tensors are on the node that made them. */
  hooks: number[] | null = null;
  /** The tensor that this is a view of: always a root, never itself a view. */
  base: Tensor | null = null;
  /** A Python number that became a tensor: it takes part in promotion with the lowest priority. */
  wrapped = false;
  /** The AccumulateGrad node of a leaf, as long as some graph holds it (a weak reference). */
  accumulator: Node | null = null;
  /** The number by which Python knows it, 0 while it does not; and how many times it was handed out. */
  handle = 0;
  handed = 0;
  /** Where Python's object of it lies, for who knows Python's memory; 0 while there is none. */
  object = 0;
  /** What it was when it was recorded last; not owned. */
  observed: Observation | null = null;

  constructor(
    public storage: Storage,
    public dtype: DType,
    public shape: readonly number[],
    public strides: readonly number[],
    /** In elements. */
    public offset: number,
  ) {
    super();
    retain(storage);
  }

  get ptr(): number {
    return this.storage.ptr + this.offset * dtypeSize(this.dtype);
  }

  get numel(): number {
    return numelOf(this.shape);
  }

  /** Whether it has a `gradFn`, without renewing that of a view. */
  get hasHistory(): boolean {
    if (this.heldGradFn !== null) return true;
    const history = this.viewHistory;
    return history !== null && history.version !== this.version && (this.base as Tensor).requiresGrad;
  }

  /** The node that made it, as far as that is known without renewing: null for a view whose base has changed since. */
  get knownGradFn(): Node | null {
    const history = this.viewHistory;
    return history !== null && history.version !== this.version && this.hasHistory ? null : this.heldGradFn;
  }

  get isLeaf(): boolean {
    return !this.hasHistory;
  }

  get version(): number {
    return this.counter.value;
  }

  get requiresGrad(): boolean {
    return (
      this.wantsGrad ||
      this.heldGradFn !== null ||
      (this.viewHistory !== null && (this.base as Tensor).requiresGrad)
    );
  }

  set requiresGrad(on: boolean) {
    this.wantsGrad = on;
  }

  /** The node that made it. Of a view whose base was changed in place since, PyTorch makes a new one when it is asked for. */
  get gradFn(): Node | null {
    const history = this.viewHistory;
    if (history !== null && history.version !== this.version) {
      if (this.heldGradFn !== null || (this.base as Tensor).requiresGrad) history.renew(this);
    }
    return this.heldGradFn;
  }

  setGradFn(node: Node | null, outputNr: number): void {
    if (node !== null) retain(node);
    const before = this.heldGradFn;
    if (this.retainsGrad) before?.attach().retainers.delete(this.outputNr);
    this.heldGradFn = node;
    this.outputNr = outputNr;
    if (this.retainsGrad) node?.attach().retainers.set(outputNr, this);
    if (this.viewHistory !== null) this.viewHistory.version = this.version;
    release(before);
  }

  setGrad(grad: Tensor | null): void {
    if (grad !== null) retain(grad);
    const before = this.grad;
    this.grad = grad;
    release(before);
  }

  setBase(base: Tensor): void {
    this.base = retain(base.base ?? base);
    this.counter = base.counter;
  }

  /** Take over a view's shape, in place (`squeeze_`). */
  reshape(view: Tensor): void {
    this.shape = view.shape;
    this.strides = view.strides;
    this.offset = view.offset;
    this.counter.value++;
  }

  /** Take over another tensor's shape, dtype and storage (`x.data = y`). */
  setData(from: Tensor): void {
    retain(from.storage);
    release(this.storage);
    this.storage = from.storage;
    this.dtype = from.dtype;
    this.shape = from.shape;
    this.strides = from.strides;
    this.offset = from.offset;
  }

  /** To be called before its numbers are changed in place. */
  willChange(): void {
    this.storage.willChange();
  }

  dispose(): void {
    release(this.storage);
    if (this.retainsGrad) this.heldGradFn?.attach().retainers.delete(this.outputNr);
    release(this.heldGradFn);
    release(this.grad);
    release(this.tangent);
    release(this.base);
    // What was observed of it lives on, for many passes: it shall not keep this object from the collector of garbage.
    if (this.observed !== null) this.observed.tensor = null;
    this.heldGradFn = this.grad = this.tangent = this.base = this.viewHistory = null;
  }
}

export function numelOf(shape: readonly number[]): number {
  let n = 1;
  for (const size of shape) n *= size;
  return n;
}

/** Row-major strides, in elements; a dimension of size 0 counts as 1, as in PyTorch. */
export function contiguousStrides(shape: readonly number[]): number[] {
  const strides = new Array<number>(shape.length);
  let step = 1;
  for (let i = shape.length - 1; i >= 0; i--) {
    strides[i] = step;
    step *= Math.max(shape[i] as number, 1);
  }
  return strides;
}

export function isContiguous(t: Strided): boolean {
  let step = 1;
  for (let i = t.shape.length - 1; i >= 0; i--) {
    const size = t.shape[i] as number;
    if (size === 0) return true;
    if (size !== 1 && t.strides[i] !== step) return false;
    step *= size;
  }
  return true;
}

/**
 * Owns what is made in the course of one call: everything made in it is given up at its end, unless somebody
 * else has retained it.
 */
export class Scope {
  private readonly made: Counted[] = [];

  own<T extends Counted>(object: T): T {
    this.made.push(retain(object));
    return object;
  }

  /** Run `body`; what it made goes when it ends, save what was retained elsewhere. */
  within<T>(body: () => T): T {
    const mark = this.made.length;
    try {
      return body();
    } finally {
      while (this.made.length > mark) release(this.made.pop() as Counted);
    }
  }
}

/** How a view of a view counts as made: one that may not be changed in place stays so. */
export const madeLike = (of: unknown): NonNullable<Tensor["viewHistory"]>["made"] =>
  (of instanceof Tensor ? of.viewHistory?.made : null) ?? "default";
