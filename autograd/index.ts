/** The autograd as Python calls it: `createBridge` gives the functions of `_core` over a tensor core of its own. */
import { DType } from "../assembly/shared/codes.ts";
import type { Trace } from "../trace/schema.ts";
import { assemble, nodesOf } from "./assemble.ts";
import { Autograd } from "./autograd.ts";
import type { Bridge } from "./bridge.ts";
import { PythonRaised } from "./callbacks.ts";
import { isFloat } from "./dtype.ts";
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
  /** The finished Trace as JSON, "" where there is none. */
  takeTrace(): string;
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
      const gradient = rest[2 * i + 1] as number;
      return {
        tensor: tensors.get(rest[2 * i] as number),
        gradient: gradient === 0 ? null : tensors.get(gradient),
      };
    });
    const inputs = (rest[2 * count] ?? -1) < 0 ? null : rest.slice(2 * count + 1).map((h) => tensors.get(h));
    return { roots, inputs };
  }

  const functions: Bridge = {
    ...generators.functions(guarded, options.python),
    ...hookFunctions(ad, tensors, nodes, guarded),
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
        return tensors.give(out);
      }),
    toBuffer: (h, address) =>
      done(() => {
        const t = tensors.get(h);
        const kind = isFloat(t.dtype) ? 0 : t.dtype === DType.i64 ? 1 : 2;
        (pythonArray(options.python(), address, kind, t.numel) as Float64Array).set(
          core.read(t) as Float64Array,
        );
      }),
    meta: (h) =>
      done(() => {
        const t = tensors.get(h);
        const n = t.shape.length;
        if (n > MAX_DIMS) fail(`a tensor may have ${MAX_DIMS} dimensions, but this one has ${n}`);
        const out = new BigInt64Array(options.python(), scratch, SCRATCH + 2 * n);
        const head = [
          t.dtype,
          n,
          t.requiresGrad,
          t.isLeaf,
          t.version,
          t.outputNr,
          t.numel,
          t.offset,
          t.base !== null,
          t.retainsGrad,
          storageId(t.storage),
          isContiguous(t),
          t.hasHistory,
          t.grad !== null,
          t.wrapped,
        ];
        for (const [i, x] of head.entries()) out[i] = BigInt(x);
        for (let i = 0; i < n; i++) {
          out[SCRATCH + i] = BigInt(t.shape[i] as number);
          out[SCRATCH + n + i] = BigInt(t.strides[i] as number);
        }
      }),
    free: (h) => done(() => tensors.free(h)),

    setRequiresGrad: (h, on) => done(() => ad.setRequiresGrad(tensors.get(h), Boolean(on))),
    retainGrad: (h) => done(() => ad.retainGrad(tensors.get(h))),
    grad: (h) =>
      number(() => {
        const { grad } = tensors.get(h);
        return grad === null ? 0 : tensors.give(grad);
      }),
    setGrad: (h, grad) => done(() => tensors.get(h).setGrad(grad === 0 ? null : tensors.get(grad))),
    detach: (h) => number(() => tensors.give(ad.k.alias(tensors.get(h)))),
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

    gradMode: (on) =>
      done(() => {
        ad.gradMode = Boolean(on);
      }),
    isGradMode: () => Number(ad.gradMode),
    setDefaultDtype: (dtype) =>
      done(() => {
        ad.k.defaultDtype = dtype as DType;
      }),

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
            .map((s) => s.attribute)
            .filter((name) => name !== ""),
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
          saved.check(node);
          const t = saved.isOutput ? ad.k.alias(saved.data) : saved.data;
          if (saved.isOutput) t.setGradFn(saved.maker(node), saved.outputNr);
          return { tensor: tensors.give(t) };
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

    record: (on) =>
      done(() => {
        ad.recorder?.dispose();
        ad.recorder = on ? new Recorder() : null;
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
    finish: (meta) =>
      done(() => {
        trace = ad.recorder === null ? null : assemble(core, ad.recorder, JSON.parse(meta) as FinishMeta);
      }),
  };

  return { functions, takeTrace: () => (trace === null ? "" : JSON.stringify(trace)) };
}

/** What Python can ask of a node: PyTorch's CopySlices shows nothing. */
const savedOf = (node: Node): Node["saved"] => (node.slice === null ? node.saved : []);

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
