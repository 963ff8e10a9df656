/** Which of Python's objects is which tensor: an object of `torch.Tensor` owns one reference, by its handle in the slot `_h`. */
import type { Handles } from "../../../autograd/handles.ts";
import type { Tensor } from "../../../autograd/tensor.ts";
import type { Python } from "./capi.ts";

/** An object is searched this far for the slot. */
const MOST_SLOTS = 16;

export class Objects {
  private readonly byAddress = new Map<number, Tensor>();
  private type = 0;
  /** Where the slot `_h` lies in an object, in words. */
  private slot = 0;

  constructor(
    private readonly python: Python,
    private readonly tensors: Handles<Tensor>,
  ) {}

  /** `probe` is an object of the type with `marker` in its slot `_h`. */
  connect(type: number, probe: number, marker: number): void {
    if (this.type !== 0) throw new Error("tensors are known already");
    const words = this.python.c.HEAPU32.subarray(probe >>> 2, (probe >>> 2) + MOST_SLOTS);
    this.slot = words.indexOf(marker);
    if (this.slot < 0) throw new Error("the slot _h of a tensor was not found");
    this.type = type;
  }

  private isTensor(object: number): boolean {
    const type = this.python.typeOf(object);
    return type === this.type || this.python.c._PyType_IsSubtype(type, this.type) !== 0;
  }

  /** The tensor that an object is; undefined for any other object. */
  get(object: number): Tensor | undefined {
    const found = this.byAddress.get(object);
    return found !== undefined && this.isTensor(object) ? found : undefined;
  }

  /** The object that Python has of a tensor already, as a new reference; 0 where it has none that is still alive. */
  private known(tensor: Tensor): number {
    const { object } = tensor;
    if (object === 0 || this.byAddress.get(object) !== tensor || !this.isTensor(object)) return 0;
    const { HEAP32 } = this.python.c;
    // One that is about to be finalized has no references.
    if ((HEAP32[object >>> 2] as number) <= 0) return 0;
    return this.python.own(object);
  }

  /** Python's object of a tensor, as a new reference. */
  give(tensor: Tensor): number {
    return this.known(tensor) || this.make(tensor, this.tensors.give(tensor));
  }

  /** The same for a handle whose reference is Python's already. */
  wrap(handle: number): number {
    const tensor = this.tensors.get(handle);
    const known = this.known(tensor);
    if (known === 0) return this.make(tensor, handle);
    this.tensors.free(handle);
    return known;
  }

  private make(tensor: Tensor, handle: number): number {
    const { c } = this.python;
    const object = c._PyType_GenericAlloc(this.type, 0);
    if (object === 0) {
      this.tensors.free(handle);
      return 0;
    }
    const number = this.python.int(handle);
    c.HEAPU32[(object >>> 2) + this.slot] = number;
    this.adopt(object, tensor);
    return object;
  }

  /** From now on the object is that tensor. */
  adopt(object: number, tensor: Tensor): void {
    this.byAddress.set(object, tensor);
    tensor.object = object;
  }

  /** Python's object is going, and gives its reference back. */
  gone(object: number): void {
    const tensor = this.byAddress.get(object);
    if (tensor === undefined) return;
    this.byAddress.delete(object);
    if (tensor.object === object) tensor.object = 0;
    this.tensors.free(tensor.handle);
  }
}
