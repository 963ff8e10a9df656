/** The autograd as Python calls it: `createBridge` gives the functions of `_core` over a tensor core of its own. */
import type { DType } from "../assembly/shared/codes.ts";
import type { Trace } from "../trace/schema.ts";
import { assemble, nodesOf } from "./assemble.ts";
import { Autograd } from "./autograd.ts";
import type { Bridge } from "./bridge.ts";
import { PythonRaised } from "./callbacks.ts";
import { checkGradients } from "./check/check.ts";
import { type Direct, directly } from "./direct.ts";
import { dtypeRow, type Priority, promoted } from "./dtype.ts";
import { forwardFunctions } from "./dual.ts";
import { Elements } from "./elements.ts";
import { runBackward } from "./engine.ts";
import { fail, TorchError } from "./errors.ts";
import { readArguments } from "./flat.ts";
import type { FormulaValue } from "./formula.ts";
import { Generators } from "./generators.ts";
import { Handles } from "./handles.ts";
import { hookFunctions } from "./hooks.ts";
import { savedText } from "./literal.ts";
import { FREED, type Node, SavedTensor } from "./node.ts";
import { OPS } from "./ops/index.ts";
import { type FinishMeta, Recorder } from "./record.ts";
import { isContiguous, release, retain, type Storage, Tensor, VersionCounter } from "./tensor.ts";
import { chooseCore, loadCore } from "./wasm.ts";

export interface BridgeOptions {
  /** The two builds of the core; the relaxed one is taken where the host can run it. */
  readonly core: Uint8Array;
  readonly coreRelaxed: Uint8Array;
  /** Python's memory as it is now (it moves when it grows). */
  readonly python: () => ArrayBufferLike;
  /** Bytes that tensors may hold at one time. */
  readonly limit?: number;
}

export interface BridgeHost {
  readonly functions: Bridge;
  readonly direct: Direct;
  /** The finished Trace as JSON, once; "" where there is none. */
  takeTrace(): string;
  /** What its side file holds, a character for each byte, once. */
  takeElements(): string;
}

const SCRATCH = 16;
const MAX_DIMS = 64;

export function createBridge(options: BridgeOptions): BridgeHost {
  const core = loadCore(chooseCore(options.core, options.coreRelaxed), options.limit);
  const tensors = new Handles<Tensor>("tensor");
  const ad = new Autograd(core, tensors);
  const nodes = new Handles<Node>("node");
  const generators = new Generators(core, ad.k.generator);
  let results: (Tensor | null)[] = [];
  let lastError = "";
  let scratch = 0;
  let trace: Trace | null = null;
  let elements: Elements | null = null;
  const storageIds = new WeakMap<Storage, number>();
  let lastStorageId = 0;

  /** Run `body` in a scope of its own; what it raises is left for `error()`. */
  function guarded<T>(body: () => T, failed: T): T {
    try {
      return ad.scope.within(body);
    } catch (error) {
      lastError = errorText(error);
      return failed;
    }
  }
  const number = (body: () => number): number => guarded(body, -1);
  const text = (body: () => string): string => guarded(body, "");
  const done = (body: () => void): number =>
    number(() => {
      body();
      return 0;
    });

  function keepResults(list: readonly (Tensor | null)[]): number {
    for (const t of results) release(t);
    results = list.map((t) => (t === null ? null : retain(t)));
    return list.length;
  }

  function storageId(storage: Storage): number {
    const id = storageIds.get(storage) ?? ++lastStorageId;
    storageIds.set(storage, id);
    return id;
  }

  function readRoots(count: number, rest: readonly number[]) {
    const roots = Array.from({ length: count }, (_, i) => {
      const [tensor, gradient] = rest.slice(2 * i, 2 * i + 2) as [number, number];
      return { tensor: tensors.get(tensor), gradient: tensors.orNull(gradient) };
    });
    const inputs = (rest[2 * count] ?? -1) < 0 ? null : rest.slice(2 * count + 1).map((h) => tensors.get(h));
    return { roots, inputs };
  }

  const functions: Bridge = {
    ...generators.functions(guarded, options.python),
    ...hookFunctions(ad, tensors, nodes, guarded),
    ...forwardFunctions(ad, tensors, guarded),
    error: () => lastError,
    init: (address) =>
      done(() => {
        scratch = address;
      }),

    ops: () => OPS.map(({ key }) => key).join("\n"),
    call: (op, where, ...flat) =>
      number(() => {
        const entry = OPS[op] ?? fail(`there is no op ${op}`, "ValueError");
        ad.where = where;
        const result = ad.apply(entry, readArguments(entry.schema, flat, tensors, generators, ad.k));
        if (ad.inference) markInference(result instanceof Tensor ? [result] : result);
        return result instanceof Tensor ? tensors.give(result) : keepResults(result);
      }),
    result: (i) =>
      number(() => {
        const t = results[i];
        if (t === undefined) fail(`there is no result ${i}`, "ValueError");
        return t === null ? 0 : tensors.give(t);
      }),
    item: (h) =>
      guarded<number | bigint>(() => {
        const t = tensors.get(h);
        if (t.numel !== 1) fail("only one element tensors can be converted to Python scalars", "ValueError");
        return core.item(t);
      }, -1),

    fromBuffer: (address, kind, dtype, requiresGrad, ndim, ...shape) =>
      number(() => {
        if (shape.length !== ndim) fail(`expected ${ndim} sizes, but got ${shape.length}`, "ValueError");
        const out = ad.k.empty(shape, dtype as DType);
        core.write(out, pythonArray(options.python(), address, kind, out.numel));
        if (requiresGrad) ad.setRequiresGrad(out, true);
        if (ad.inference) markInference([out]);
        return tensors.give(out);
      }),
    toBuffer: (h, address) =>
      done(() => {
        const t = tensors.get(h);
        const kind = { float: 0, int: 1, bool: 2 }[dtypeRow(t.dtype).kind];
        (pythonArray(options.python(), address, kind, t.numel) as Float64Array).set(
          core.read(t) as Float64Array,
        );
      }),
    readBytes: (h, address) =>
      done(() => {
        const { ptr, bytes } = tensors.get(h).storage;
        new Uint8Array(options.python(), address, bytes).set(core.bytes.subarray(ptr, ptr + bytes));
      }),
    writeBytes: (h, address) =>
      done(() => {
        const { storage } = tensors.get(h);
        core.bytes.set(new Uint8Array(options.python(), address, storage.bytes), storage.ptr);
      }),
    meta: (h) =>
      done(() => {
        const t = tensors.get(h);
        const n = t.shape.length;
        if (n > MAX_DIMS) fail(`a tensor may have ${MAX_DIMS} dimensions, but this one has ${n}`);
        // As pairs of 32-bit halves: none of these reaches 2^53, and BigInt is slow.
        const out = new Int32Array(options.python(), scratch, 2 * (SCRATCH + 2 * n));
        let at = 0;
        const put = (x: number): void => {
          out[at++] = x;
          out[at++] = Math.floor(x / 2 ** 32);
        };
        put(t.dtype);
        put(n);
        put(Number(t.requiresGrad));
        put(Number(t.isLeaf));
        put(t.version);
        put(t.outputNr);
        put(t.numel);
        put(t.offset);
        put(Number(t.base !== null));
        put(Number(t.retainsGrad));
        put(storageId(t.storage));
        put(Number(isContiguous(t)));
        put(Number(t.hasHistory));
        put(Number(t.grad !== null));
        put(Number(t.wrapped));
        put(t.storage.bytes);
        for (const size of t.shape) put(size);
        for (const stride of t.strides) put(stride);
      }),
    free: (h) => done(() => tensors.free(h)),

    setRequiresGrad: (h, on) => done(() => ad.setRequiresGrad(tensors.get(h), Boolean(on))),
    retainGrad: (h) => done(() => ad.retainGrad(tensors.get(h))),
    grad: (h) =>
      number(() => {
        const { grad } = tensors.get(h);
        return grad === null ? 0 : tensors.give(grad);
      }),
    setGrad: (h, grad) => done(() => tensors.get(h).setGrad(tensors.orNull(grad))),
    detach: (h) => number(() => tensors.give(ad.k.alias(tensors.get(h)))),
    cut: (h) =>
      done(() => {
        const t = tensors.get(h);
        t.setGradFn(null, 0);
        t.requiresGrad = false;
      }),
    data: (h) =>
      number(() => {
        const t = ad.k.alias(tensors.get(h));
        t.counter = new VersionCounter();
        return tensors.give(t);
      }),
    setData: (h, other) => done(() => tensors.get(h).setData(tensors.get(other))),
    base: (h) =>
      number(() => {
        const { base } = tensors.get(h);
        return base === null ? 0 : tensors.give(base);
      }),

    inference: (on) =>
      done(() => {
        ad.inference = Boolean(on);
      }),
    isInference: (h) => number(() => Number(tensors.get(h).inference)),
    gradMode: (on) =>
      done(() => {
        ad.gradMode = Boolean(on);
      }),
    isGradMode: () => Number(ad.gradMode),
    setDefaultDtype: (dtype) =>
      done(() => {
        ad.k.defaultDtype = dtype as DType;
      }),

    promote: (a, aPriority, b, bPriority) =>
      number(() =>
        promoted(
          [
            [a as DType, aPriority as Priority],
            [b as DType, bPriority as Priority],
          ],
          ad.k.defaultDtype,
        ),
      ),

    backward: (where, retainGraph, createGraph, nRoots, ...rest) =>
      done(() => {
        ad.where = where;
        const { roots, inputs } = readRoots(nRoots, rest);
        const flags = { retainGraph: Boolean(retainGraph), createGraph: Boolean(createGraph) };
        runBackward(ad, roots, { ...flags, inputs, accumulate: true, allowUnused: true });
      }),
    gradOf: (where, retainGraph, createGraph, allowUnused, nRoots, ...rest) =>
      number(() => {
        ad.where = where;
        const { roots, inputs } = readRoots(nRoots, rest);
        const gradients = runBackward(ad, roots, {
          retainGraph: Boolean(retainGraph),
          createGraph: Boolean(createGraph),
          inputs,
          accumulate: false,
          allowUnused: Boolean(allowUnused),
        });
        const count = keepResults(gradients);
        for (const gradient of gradients) release(gradient);
        return count;
      }),

    gradFn: (h) =>
      number(() => {
        const { gradFn } = tensors.get(h);
        return gradFn === null ? 0 : nodes.give(gradFn);
      }),
    nodeName: (n) => text(() => nodes.get(n).name),
    nodeNext: (n) =>
      text(() =>
        JSON.stringify(
          nodes.get(n).edges.map(({ node, outputNr }) => [node === null ? 0 : nodes.give(node), outputNr]),
        ),
      ),
    nodeSavedNames: (n) =>
      text(() =>
        JSON.stringify(
          savedOf(nodes.get(n))
            .filter((s) => s.attribute !== "")
            // What was saved as a tensor can also be had as the saving itself.
            .flatMap(({ attribute, content }) =>
              content !== null && "literal" in content ? [attribute] : [attribute, `_raw${attribute}`],
            ),
        ),
      ),
    nodeSaved: (n, name) =>
      text(() => {
        const node = nodes.get(n);
        const entry = savedOf(node).find((s) => s.attribute === name);
        if (entry === undefined) fail(`${node.name} keeps no ${name}`, "ValueError");
        const unpacked = (saved: SavedTensor | null): unknown => {
          if (saved === null) return { literal: "None" };
          if (node.freed) fail(FREED);
          return { tensor: tensors.give(ad.unpack(saved, node, true)) };
        };
        const { content } = entry;
        if (content === null || content instanceof SavedTensor) return JSON.stringify(unpacked(content));
        if (Array.isArray(content)) return JSON.stringify(content.map(unpacked));
        return JSON.stringify({ literal: savedText((content as { literal: FormulaValue }).literal) });
      }),
    nodeVariable: (n) =>
      number(() => {
        const { variable } = nodes.get(n);
        return variable === null ? 0 : tensors.give(variable);
      }),
    freeNode: (n) => done(() => nodes.free(n)),
    leavesOf: (h) => text(() => JSON.stringify(leavesOf(tensors.get(h)).map((t) => tensors.give(t)))),

    record: (on) =>
      done(() => {
        ad.recorder?.dispose();
        ad.recorder = on ? new Recorder(core, on === 2) : null;
      }),
    see: (slot, h) => done(() => ad.recorder?.see(slot, tensors.get(h))),
    module: (path) =>
      done(() => {
        ad.module = path;
      }),
    sites: () =>
      text(() => {
        const { recorder } = ad;
        if (recorder === null) return "[]";
        recorder.renewSlots();
        const sites = new Set(recorder.passes.map((pass) => pass.where));
        for (const node of nodesOf(recorder)) sites.add(node.where);
        sites.delete(0);
        return JSON.stringify([...sites]);
      }),
    keep: () =>
      text(() => {
        const { recorder } = ad;
        return JSON.stringify(
          recorder === null ? [] : recorder.keep((seen) => tensors.give(seen.shown(ad.scope))),
        );
      }),
    checkGradients: () =>
      done(() => {
        const { recorder } = ad;
        if (recorder?.checks === true) recorder.checked = checkGradients(ad, recorder.passes);
      }),
    finish: (meta) =>
      done(() => {
        const known = JSON.parse(meta) as FinishMeta;
        const paths = new Map(
          Object.entries(known.parameters).map(([h, path]) => [tensors.get(Number(h)).uid, path]),
        );
        elements = new Elements(core);
        trace = ad.recorder === null ? null : assemble(core, ad.recorder, known, paths, elements);
      }),
  };

  const takeTrace = (): string => {
    const taken = trace === null ? "" : JSON.stringify(trace);
    trace = null;
    return taken;
  };
  const takeElements = (): string => {
    const taken = elements?.text() ?? "";
    elements = null;
    return taken;
  };
  const direct = directly(ad, tensors, guarded, (result) => {
    if (ad.inference) markInference([result]);
  });
  return { functions, direct, takeTrace, takeElements };
}

/** What Python can ask of a node: PyTorch's CopySlices shows nothing. */
const savedOf = (node: Node): Node["saved"] => (node.slice === null ? node.saved : []);

/** What is made in inference mode; views of other tensors are like those. */
function markInference(made: readonly (Tensor | null)[]): void {
  for (const t of made)
    if (t !== null && t.handle === 0 && (t.base === null || t.base.inference)) t.inference = true;
}

/** The leaves that a tensor's history leads to. */
function leavesOf(t: Tensor): readonly Tensor[] {
  const start = t.gradFn;
  if (start === null) return t.requiresGrad ? [t] : [];
  const seen = new Set<Node>([start]);
  for (const node of seen) for (const edge of node.edges) if (edge.node !== null) seen.add(edge.node);
  return [...seen].flatMap(({ variable }) => (variable === null ? [] : [variable]));
}

/** A typed view of `n` numbers in Python's memory. */
function pythonArray(
  memory: ArrayBufferLike,
  address: number,
  kind: number,
  n: number,
): ArrayLike<number | bigint> {
  if (kind === 0) return new Float64Array(memory, address, n);
  return kind === 1 ? new BigInt64Array(memory, address, n) : new Uint8Array(memory, address, n);
}

/** `Type\nmessage`; what is not PyTorch's error is a fault of ours and says so. */
function errorText(error: unknown): string {
  if (error instanceof PythonRaised) return "PythonRaised\n";
  if (error instanceof TorchError) return `${error.type}\n${error.message}`;
  if (error instanceof RangeError && /memory|allocat/i.test(error.message))
    return `MemoryError\n${error.message}`;
  const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return `RuntimeError\nBackstep's core failed, please report it: ${message}`;
}
