/**
 * What Python may call: the functions of the module `_core`. Numbers and strings cross, nothing else.
 *
 * A tensor or a node is a positive int (a handle); whoever gets one from a call owns one reference and gives
 * it back with `free` / `freeNode`. A call that fails returns -1 (or the empty string where it returns text)
 * and leaves the error to be taken with `error()`.
 *
 * `where` says which Python expression called: code id * 2^24 + f_lasti, 0 where unknown. The ids are given by
 * Python, which also turns them into ranges when the run ends.
 *
 * Arguments of `call` are flattened in the order of the op's schema:
 *   Tensor            handle            Tensor?        handle, 0 for None
 *   Tensor[]          n, handles        Tensor|Scalar  value, kind (kind 0: value is a handle)
 *   Scalar            value, kind       Scalar?        value, kind; kind -1 for None
 *   int float bool    number            int? float? bool?   number, or undefined for None
 *   int[] int[1]      n, numbers        int[]?         n, numbers; n = -1 for None
 *   ScalarType?       dtype code, -1 for None          str, str?   the text, or undefined for None
 *   Generator?        handle, 0 for None (the default generator)
 * kind: 0 tensor, 1 bool, 2 int, 3 float, 4 complex. An int beyond 2^53 crosses as bigint.
 */

import type { GeneratorBridge } from "./generators.ts";
import type { Handle, NodeHandle } from "./handles.ts";

export type Plain = number | bigint | boolean | string | undefined;

export interface Bridge extends GeneratorBridge {
  /** Where `meta` writes: the address of an int64 block of 16 + 2 * 64 numbers in Python's memory. */
  init(scratch: number): number;
  /** "RuntimeError\nmessage" of the last failure. */
  error(): string;

  /** The op list's names, one a line: Python compares them with its own list before it calls anything by index. */
  ops(): string;
  /** Run an op by its index in the op list. One output: its handle. Several: their count, each taken by `result`. */
  call(op: number, where: number, ...flat: Plain[]): Handle;
  result(i: number): Handle;
  /** Number of results that are plain numbers go through here: `item`, `equal`, `is_nonzero`. */
  item(h: Handle): number | bigint;

  /** New leaf from Python memory: `kind` of the buffer 0 float64, 1 int64, 2 uint8; n dims then dims. */
  fromBuffer(
    address: number,
    kind: number,
    dtype: number,
    requiresGrad: number,
    ndim: number,
    ...shape: number[]
  ): Handle;
  /** Copy the elements, row-major, into Python memory (float64 for floats, int64, or uint8 for bool). */
  toBuffer(h: Handle, address: number): number;
  /** Copy the bytes of the tensor's whole storage into Python memory, or from there. */
  readBytes(h: Handle, address: number): number;
  writeBytes(h: Handle, address: number): number;
  /**
   * Fill the int64 scratch block given to `init`: dtype, ndim, requires_grad, is_leaf, version, output_nr,
   * numel, storage_offset, is_view, retains_grad, storage id, contiguous, has_grad_fn, has_grad, wrapped, bytes of its storage,
   * then shape, then strides.
   */
  meta(h: Handle): number;
  free(h: Handle): number;

  setRequiresGrad(h: Handle, on: number): number;
  retainGrad(h: Handle): number;
  /** `.grad`: 0 for None. The same tensor gives the same handle as long as Python holds it. */
  grad(h: Handle): Handle;
  setGrad(h: Handle, grad: Handle): number;
  /** Without history; in-place changes of it count as changes of `h`. */
  detach(h: Handle): Handle;
  /** `detach_`: the tensor itself loses its history and asks for no gradient. */
  cut(h: Handle): number;
  /** `.data`: without history, and its changes are not counted. */
  data(h: Handle): Handle;
  /** `.data = other`: swaps shape, dtype and storage. */
  setData(h: Handle, other: Handle): number;
  base(h: Handle): Handle;

  /** Enter (1) or leave (0) the one level of forward mode; 2: pause, until entered again. */
  dualLevel(on: number): number;
  /** The tangent of a dual tensor; 0 for None. */
  tangent(h: Handle): Handle;
  setTangent(h: Handle, tangent: Handle): number;

  gradMode(on: number): number;
  /** Inference mode: what is made from now on may not be kept by a graph. */
  inference(on: number): number;
  isInference(h: Handle): number;
  isGradMode(): number;

  /** `rest`: nRoots pairs (tensor, gradient or 0), then the number of inputs (-1 for every leaf) and the inputs. */
  backward(where: number, retain: number, create: number, nRoots: number, ...rest: number[]): number;
  /** As `backward`, but gives the count of gradients, each taken by `result` (0 for an unused input). */
  gradOf(
    where: number,
    retain: number,
    create: number,
    allowUnused: number,
    nRoots: number,
    ...rest: number[]
  ): number;

  gradFn(h: Handle): NodeHandle;
  nodeName(n: NodeHandle): string;
  /** JSON: [[node handle or 0, output number], …] */
  nodeNext(n: NodeHandle): string;
  /** JSON: attribute names, `_saved_self` … in PyTorch's order. */
  nodeSavedNames(n: NodeHandle): string;
  /** JSON: {"tensor": handle} or {"literal": "…Python text…"}; the error where it was freed. */
  nodeSaved(n: NodeHandle, name: string): string;
  /** For AccumulateGrad: the leaf, else 0. */
  nodeVariable(n: NodeHandle): Handle;
  freeNode(n: NodeHandle): number;
  /** JSON: handles (owned by the caller) of the leaves that a tensor's history leads to. */
  leavesOf(h: Handle): string;

  /** Python's one function for callbacks (see `Dispatch`), as a proxy that is kept. */
  connect(dispatch: unknown): number;
  /** From within a callback: one of the gradients that it gives back, in order; 0 for None. */
  reply(h: Handle): number;
  /** What callback -1 is to warn of. */
  warning(): string;
  /** JSON: callbacks that nothing can call any more. */
  forgotten(): string;
  /** Callback `id` is called with the tensor's gradient: it returns the handle of another one, or 0. */
  hook(h: Handle, id: number): number;
  unhook(h: Handle, id: number): number;
  /** Callback `id` is called with (number of downstream gradients, those, the upstream ones); 1 where it has replied with others. */
  nodeHook(n: NodeHandle, id: number): number;
  nodeUnhook(n: NodeHandle, id: number): number;
  /** Callback `id` is called with (their number, the upstream gradients) before the node runs; 1 where it has replied with others. */
  nodePrehook(n: NodeHandle, id: number): number;
  nodePreUnhook(n: NodeHandle, id: number): number;
  /**
   * A node whose backward is callback `id`, called with (keep the graph?, upstream gradients), which replies with
   * a gradient for each input. `rest`: nInputs tensors, then the outputs (0 for one that takes no gradient).
   */
  custom(where: number, name: string, id: number, nInputs: number, ...rest: number[]): NodeHandle;
  /**
   * Where gradients will be checked: callback `id` runs the forward of a custom function's node again, called with
   * other tensors (0: what that one was), and replies with the outputs. `draws`: it used random numbers; `inputs`:
   * what its tensors were.
   */
  again(n: NodeHandle, id: number, draws: number, ...inputs: Handle[]): number;
  /** For the trace: what a custom function's node keeps (0 for None). */
  customSaved(n: NodeHandle, ...kept: Handle[]): number;
  /** What callback 0 answers: what the last callback raised, in words. */
  say(text: string): number;
  /** Within a custom backward: the tensor as output `outputNr` of the node that is running, with its history. */
  restore(outputNr: number, h: Handle): Handle;
  /** Callback `id` is called with a leaf when a pass has added to its gradient. */
  afterHook(h: Handle, id: number): number;
  afterUnhook(h: Handle, id: number): number;
  /** Callback `id` is called with each tensor that is saved, and gives the callback that gives it back; 0 for none. */
  savedHooks(id: number): number;
  /** Let the packing hook `id` pack one tensor that a node saved, named as `nodeSaved` has it. */
  packSaved(n: NodeHandle, name: string, id: number): number;
  /**
   * Anomaly detection by callback `id`, 0 for off: called with (0, 0) it keeps the stack and gives its number; with
   * (node, that number) it says that the node failed.
   */
  anomaly(id: number, checkNan: number): number;
  /** The callback that is the backward of a custom function's node; 0 for any other node. */
  nodeCustom(n: NodeHandle): number;

  /** Start (1; 2: gradients will be checked) or stop (0) recording; what was recorded before is dropped. */
  record(on: number): number;
  /** An instrumented expression (slot number) was this tensor. */
  see(slot: number, h: Handle): number;
  /** The module path that ops are in from now on: "" for none. */
  module(path: string): number;
  /** The dtype of a result: two dtypes, each with the priority of its operand (see `promoted`). */
  promote(a: number, aPriority: number, b: number, bPriority: number): number;
  /** The dtype that Python floats get. */
  setDefaultDtype(dtype: number): number;
  /** JSON: the distinct `where` values that the trace will need ranges for. */
  sites(): string;
  /** JSON: handles (owned by the caller) of the tensors whose repr the trace will show, as they were when seen. */
  keep(): string;
  /** Check the gradients that were recorded, before the end of the run. */
  checkGradients(): number;
  /**
   * End of the run. `meta` is JSON with everything that only Python knows (see `record.ts`: FinishMeta): ranges of sites and
   * slots, sources, output, error, notes. The finished Trace is kept for the host.
   */
  finish(meta: string): number;
}
