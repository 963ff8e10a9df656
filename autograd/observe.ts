/** Observations: what a tensor was at one moment, kept without copying until somebody changes it in place. */
import type { DType } from "../assembly/shared/codes.ts";
import type { Strided } from "./core.ts";
import { dtypeSize } from "./dtype.ts";
import type { Node } from "./node.ts";
import { Counted, release, retain, type Scope, type Storage, Tensor, type Watcher } from "./tensor.ts";

export class Observation extends Counted implements Strided, Watcher {
  readonly uid: number;
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly strides: readonly number[];
  readonly offset: number;
  readonly version: number;
  readonly requiresGrad: boolean;
  readonly isLeaf: boolean;
  /** Who made it; not owned. Null for a leaf, and for a view that would have to renew it (see `Tensor.gradFn`). */
  readonly node: Node | null;
  readonly outputNr: number;
  readonly baseUid: number | null;
  private storage: Storage;
  /** Its neighbours among those who watch the storage. */
  before: Watcher | null = null;
  after: Watcher | null = null;

  /** Whose moment it is, as long as somebody else holds it: not owned. */
  tensor: Tensor | null;

  constructor(tensor: Tensor) {
    super();
    this.tensor = tensor;
    this.uid = tensor.uid;
    this.dtype = tensor.dtype;
    this.shape = tensor.shape;
    this.strides = tensor.strides;
    this.offset = tensor.offset;
    this.version = tensor.version;
    this.requiresGrad = tensor.requiresGrad;
    this.isLeaf = tensor.isLeaf;
    this.node = tensor.knownGradFn;
    this.outputNr = tensor.outputNr;
    this.baseUid = tensor.base?.uid ?? null;
    this.storage = retain(tensor.storage);
    this.storage.watch(this);
  }

  get ptr(): number {
    return this.storage.ptr + this.offset * dtypeSize(this.dtype);
  }

  get bytes(): number {
    return this.storage.bytes;
  }

  /** Does it still look at the tensor's own storage? */
  sharesWith(tensor: Tensor): boolean {
    return this.storage === tensor.storage && this.offset === tensor.offset && this.shape === tensor.shape;
  }

  /** A tensor with these numbers, without a history. */
  plain(scope: Scope): Tensor {
    return scope.own(new Tensor(this.storage, this.dtype, this.shape, this.strides, this.offset));
  }

  /** A tensor that looks as this one did, for its repr. */
  shown(scope: Scope): Tensor {
    const t = this.plain(scope);
    t.setGradFn(this.node, this.outputNr);
    t.requiresGrad = this.requiresGrad;
    return t;
  }

  /** The storage is about to change: look at the copy from now on. */
  moveTo(copy: Storage): void {
    release(this.storage);
    this.storage = retain(copy);
    copy.watch(this);
  }

  dispose(): void {
    this.storage.unwatch(this);
    release(this.storage);
  }
}
