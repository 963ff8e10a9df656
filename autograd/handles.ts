/** The numbers by which Python knows tensors and nodes: one per object, counted, never used twice. */
import { fail } from "./errors.ts";
import { type Counted, release, retain } from "./tensor.ts";

/** The number of a tensor, or of what else Python may hold. */
export type Handle = number;
/** The number of a node. */
export type NodeHandle = number;

interface Numbered extends Counted {
  handle: number;
  handed: number;
}

export class Handles<T extends Numbered> {
  private readonly objects = new Map<number, T>();
  private last = 0;

  /** `what`: for messages, "tensor" or "node". */
  constructor(private readonly what: string) {}

  /** Hand the object to Python: one more reference, under the number that it has or a new one. */
  give(object: T): number {
    if (object.handle === 0) {
      object.handle = ++this.last;
      this.objects.set(object.handle, object);
    }
    object.handed++;
    retain(object);
    return object.handle;
  }

  get(handle: number): T {
    const object = this.objects.get(handle);
    return object ?? fail(`there is no ${this.what} ${handle}`, "ValueError");
  }

  /** Where 0 stands for None. */
  orNull(handle: number): T | null {
    return handle === 0 ? null : this.get(handle);
  }

  /** Take one of Python's references back. */
  free(handle: number): void {
    const object = this.get(handle);
    if (--object.handed === 0) {
      this.objects.delete(handle);
      object.handle = 0;
    }
    release(object);
  }

  get size(): number {
    return this.objects.size;
  }
}
