/** Calling back into Python: hooks and the backward of custom functions live there, under numbers. */
import { fail } from "./errors.ts";
import type { Handles } from "./handles.ts";
import type { Node } from "./node.ts";
import { retain, type Scope, type Tensor } from "./tensor.ts";

/** Python's one function for all of them: the callback's number and handles in, a handle, a count or 0 out; -1 where it raised. */
export type Dispatch = (id: number, ...handles: number[]) => number;

/** Python raised in a callback: it holds the exception and raises it again where the pass was called. */
export class PythonRaised extends Error {}

/** Numbers that are no callback's: see _callbacks.py. */
const TAKE_RAISED = 0;
const WARN = -1;
/** Python need not keep its last answer any longer. */
const LET_GO = -2;

type Gradients = readonly (Tensor | null)[];

export class Callbacks {
  private dispatch: Dispatch | null = null;
  private replies: (Tensor | null)[] = [];
  /** What Python was asked to say. */
  words = "";
  /** What Python is asked to warn of. */
  warning = "";
  /** The custom node whose backward is running. */
  running: Node | null = null;
  /** Callbacks whose node is gone, for Python to forget. */
  private gone: number[] = [];

  constructor(
    private readonly tensors: Handles<Tensor>,
    private readonly scope: Scope,
  ) {}

  connect(dispatch: Dispatch): void {
    this.dispatch = dispatch;
  }

  /** What a tensor's hook makes of its gradient, retained for the caller; null where it leaves it. */
  hook(id: number, gradient: Tensor): Tensor | null {
    const handle = this.call(id, [gradient]);
    if (handle === 0) return null;
    const changed = retain(this.tensors.get(handle));
    this.call(LET_GO, []);
    return changed;
  }

  /** The gradients that a custom function's backward gives, one for each tensor that it took. */
  backward(node: Node, id: number, keepsGraph: boolean, upstream: Gradients): Gradients {
    const outer = this.running;
    this.running = node;
    try {
      return this.replied(() => this.call(id, upstream, Number(keepsGraph))).replies;
    } finally {
      this.running = outer;
    }
  }

  /** What is replied within `body`; a pass inside of it has replies of its own. */
  private replied(body: () => number): { readonly replies: Gradients; readonly answer: number } {
    const outer = this.replies;
    this.replies = [];
    try {
      const answer = body();
      // From Python's hands into the scope's.
      for (const reply of this.replies) if (reply !== null) this.scope.own(reply);
      if (this.replies.length > 0) this.call(LET_GO, []);
      return { replies: this.replies, answer };
    } finally {
      this.replies = outer;
    }
  }

  /** Tell Python of something, with numbers; what it answers. */
  note(id: number, ...numbers: number[]): number {
    return this.call(id, [], ...numbers);
  }

  /** Call a custom function's forward again, with other tensors (null: those that it had): its outputs. */
  again(id: number, given: Gradients): Gradients {
    return this.replied(() => this.call(id, given)).replies;
  }

  /** What the callback that failed last had raised, in Python's words; it is raised no more. */
  takeRaised(): string {
    this.words = "";
    this.dispatch?.(TAKE_RAISED);
    return this.words;
  }

  /** Let Python warn; where a warning is an error there, so it is here. */
  warn(message: string): void {
    this.warning = message;
    if (this.dispatch !== null) this.call(WARN, []);
  }

  /** Let a hook pack a tensor that is being saved: the callback that will give it back. */
  pack(id: number, t: Tensor): number {
    return this.call(id, [t]);
  }

  /** What a packed tensor is now. */
  unpack(id: number): Tensor {
    return this.scope.own(this.tensors.get(this.call(id, [])));
  }

  /** Tell a leaf's hook that its gradient has been added to. */
  after(id: number, leaf: Tensor): void {
    this.call(id, [leaf]);
  }

  /** What a node's hook makes of the gradients that the node sends on. */
  nodeHook(id: number, downstream: Gradients, upstream: Gradients): Gradients {
    const { replies, answer } = this.replied(() =>
      this.call(id, [...downstream, ...upstream], downstream.length),
    );
    return answer > 0 ? replies : downstream;
  }

  /** One of the gradients that Python gives back from a callback, and holds until it has ended; 0 for None. */
  reply(handle: number): void {
    const gradient = this.tensors.orNull(handle);
    this.replies.push(gradient);
  }

  forget(id: number): void {
    this.gone.push(id);
  }

  takeForgotten(): readonly number[] {
    return this.gone.splice(0);
  }

  private call(id: number, gradients: Gradients, ...more: number[]): number {
    const handles = gradients.map((g) => (g === null ? 0 : this.tensors.give(g)));
    if (this.dispatch === null) fail("Python is not connected yet");
    const result = this.dispatch(id, ...more, ...handles);
    if (result === -1) throw new PythonRaised();
    return result;
  }
}
