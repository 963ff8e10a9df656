/** Python's module `_core`: the bridge's functions, and beside them those that know Python's objects of tensors. */
import type { BridgeHost } from "../../../autograd/index.ts";
import type { Tensor } from "../../../autograd/tensor.ts";
import { Arguments } from "./arguments.ts";
import { type Body, type CPython, Python, type PythonNumber } from "./capi.ts";
import { Objects } from "./objects.ts";

/** Give Python the module `_core` of this bridge, in place of an earlier one. */
export function connectCore(c: CPython, bridge: BridgeHost): void {
  const python = new Python(c);
  python.module("_core", { ...plainFunctions(python, bridge), ...objectFunctions(python, bridge) });
}

/** Numbers and texts in, a number or a text out. */
function plainFunctions(python: Python, bridge: BridgeHost): Record<string, Body> {
  const { c } = python;
  const bodies: Record<string, Body> = {};
  for (const [name, called] of Object.entries(bridge.functions)) {
    const f = called as (...given: PythonNumber[]) => PythonNumber;
    bodies[name] = (at, count) => {
      switch (count) {
        case 0:
          return python.make(f());
        case 1:
          return python.make(f(python.read(c.HEAPU32[at] as number)));
        case 2:
          return python.make(
            f(python.read(c.HEAPU32[at] as number), python.read(c.HEAPU32[at + 1] as number)),
          );
      }
      const given = new Array<PythonNumber>(count);
      for (let i = 0; i < count; i++) given[i] = python.read(c.HEAPU32[at + i] as number);
      return python.make(f(...given));
    };
  }
  return bodies;
}

function objectFunctions(python: Python, bridge: BridgeHost): Record<string, Body> {
  const { c } = python;
  const { direct, functions } = bridge;
  const objects = new Objects(python, direct.tensors);
  const given = new Arguments(python, objects, direct);
  /** Python's functions that raise the core's last error, and that give the number of a code object. */
  let fail = 0;
  let baseOf = 0;
  const bases = new Map<number, number>();
  const argument = (i: number): number => c.HEAPU32[i] as number;

  /** The code object's number << 24 of a frame, 0 where it is not the user's: see _bridge.py, which keeps the code. */
  function baseOfFrame(frame: number): number {
    const code = c._PyFrame_GetCode(frame);
    let base = bases.get(code);
    if (base === undefined) {
      const number = c._PyObject_CallOneArg(baseOf, code);
      base = python.read(number) as number;
      c._Py_DecRef(number);
      bases.set(code, base);
    }
    c._Py_DecRef(code);
    return base;
  }

  /** The position of the nearest user frame, from the running one outwards. */
  function here(): number {
    let frame = c._PyEval_GetFrame();
    let borrowed = true;
    while (frame !== 0) {
      const base = baseOfFrame(frame);
      const where = base === 0 ? 0 : base + c._PyFrame_GetLasti(frame);
      const back = base === 0 ? c._PyFrame_GetBack(frame) : 0;
      if (!borrowed) c._Py_DecRef(frame);
      if (base !== 0) return where;
      frame = back;
      borrowed = false;
    }
    return 0;
  }

  let made = 0;
  const take = (result: Tensor): void => {
    made = objects.give(result);
  };

  /** The first of these ops (their numbers stand at `ops`) that takes the arguments: its result; None where the facade should look. */
  function apply(
    count: number,
    at: (i: number) => number,
    named: number,
    ops: number,
    last: number,
    method = false,
  ): number {
    for (let i = ops; i < last; i++) {
      const op = python.smallInt(argument(i)) ?? -1;
      const values = given.read(op, count, at, named, method);
      if (values === null) continue;
      if (values === false) break;
      const where = direct.recording ? here() : 0;
      if (direct.apply(op, where, values, take)) return made;
      // It raises, and so gives 0.
      return c._PyObject_CallNoArgs(fail);
    }
    return python.own(python.none);
  }

  /**
   * (list, op): an in-place op that takes nothing else on each tensor of the list. Gives how many it has done: it stops
   * where gradients are asked for.
   */
  const applyEach: Body = (at) => {
    const tensors = given.listOf(argument(at));
    if (typeof tensors === "symbol") return python.int(0);
    const op = python.smallInt(argument(at + 1)) ?? -1;
    const where = direct.recording ? here() : 0;
    for (let done = 0; done < tensors.length; done++) {
      const t = tensors[done] as Tensor;
      if (direct.gradMode && t.requiresGrad) return python.int(done);
      if (!direct.apply(op, where, [t], () => {})) return c._PyObject_CallNoArgs(fail);
    }
    return python.int(tensors.length);
  };

  /** (list): a list of the tensors' gradients, None for none; None where the facade should look. */
  const gradients: Body = (at) => {
    const tensors = given.listOf(argument(at));
    if (typeof tensors === "symbol") return python.own(python.none);
    // Of the others the facade warns.
    if (tensors.some((t) => t.grad === null && !t.isLeaf && !t.retainsGrad)) return python.own(python.none);
    const list = c._PyList_New(tensors.length);
    for (let i = 0; i < tensors.length; i++) {
      const { grad } = tensors[i] as Tensor;
      const object = grad === null ? python.own(python.none) : objects.give(grad);
      if (object === 0) {
        c._Py_DecRef(list);
        return 0;
      }
      c._PyList_SetItem(list, i, object);
    }
    return list;
  };

  /** (arguments, named arguments, op, op, …) */
  const called =
    (method: boolean): Body =>
    (at, count) => {
      const [tuple, names] = [argument(at), argument(at + 1)];
      if (python.typeOf(tuple) !== c._PyTuple_Type || python.typeOf(names) !== c._PyDict_Type)
        throw new TypeError("arguments come as a tuple and a dict");
      const item = (i: number): number => c._PyTuple_GetItem(tuple, i);
      const named = c._PyDict_Size(names) === 0 ? 0 : names;
      return apply(c._PyTuple_Size(tuple), item, named, at + 2, at + count, method);
    };

  return {
    /** (the type Tensor, an object of it, what is in its slot `_h`, `fail`, `base_of`): once, before anything else. */
    tensors: taking(5, (at) => {
      objects.connect(argument(at), argument(at + 1), argument(at + 2));
      fail = python.own(argument(at + 3));
      baseOf = python.own(argument(at + 4));
      return python.own(python.none);
    }),
    /** Of a handle whose reference is Python's. */
    objectOf: taking(1, (at) => objects.wrap(python.read(argument(at)) as number)),
    /** (object, handle): a new object of a subclass is that tensor. */
    become: taking(2, (at) => {
      objects.adopt(argument(at), direct.tensors.get(python.read(argument(at + 1)) as number));
      return python.own(python.none);
    }),
    gone: taking(1, (at) => {
      objects.gone(argument(at));
      return python.own(python.none);
    }),
    apply: taking(2, called(false)),
    applyMethod: taking(2, called(true)),
    applyEach: taking(2, applyEach),
    gradients: taking(1, gradients),
    /** (tensor, op, op, …) */
    apply1: taking(1, (at, count) => apply(1, () => argument(at), 0, at + 1, at + count)),
    /** (tensor, other, op, op, …) */
    apply2: taking(2, (at, count) => apply(2, (i) => argument(at + i), 0, at + 2, at + count)),
    see: taking(2, (at) => {
      const value = argument(at + 1);
      const tensor = objects.get(value);
      const slot = tensor === undefined ? null : python.smallInt(argument(at));
      if (tensor !== undefined && slot !== null) direct.see(slot, tensor);
      return python.own(value);
    }),
    position: () => python.make(direct.recording ? here() : 0),
    connect: taking(1, (at) => {
      const dispatch = argument(at);
      if (c._PyCallable_Check(dispatch) === 0) return python.make(functions.connect(undefined));
      python.own(dispatch);
      return python.make(functions.connect((...numbers: number[]) => python.callWith(dispatch, numbers)));
    }),
  };
}

/** A body that is given so many arguments at least. */
const taking =
  (least: number, body: Body): Body =>
  (at, count) => {
    if (count < least) throw new TypeError(`takes ${least} arguments, but ${count} were given`);
    return body(at, count);
  };
