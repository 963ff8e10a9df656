/**
 * Python's functions written in TypeScript, by CPython's C API: a call of one costs a tenth of a call through Pyodide's
 * proxies. Python sees numbers, texts and its own objects, nothing of the realm.
 */

import { TextDecoder } from "./shims.ts";

/** What is used of the interpreter's module: addresses are numbers; `new` in a comment: the caller owns the reference. */
export interface CPython {
  readonly HEAPU8: Uint8Array;
  readonly HEAP32: Int32Array;
  readonly HEAPU32: Uint32Array;
  addFunction(body: (...words: number[]) => number, signature: string): number;
  UTF8ToString(at: number, bytes: number): string;
  lengthBytesUTF8(text: string): number;
  stringToUTF8(text: string, at: number, room: number): void;
  _malloc(bytes: number): number;
  _free(at: number): void;
  readonly _PyLong_Type: number;
  readonly _PyFloat_Type: number;
  readonly _PyTuple_Type: number;
  readonly _PyList_Type: number;
  readonly _PyDict_Type: number;
  readonly _PyUnicode_Type: number;
  readonly __Py_TrueStruct: number;
  readonly __Py_FalseStruct: number;
  readonly __Py_NoneStruct: number;
  _Py_IncRef(object: number): void;
  _Py_DecRef(object: number): void;
  _PyType_IsSubtype(type: number, of: number): number;
  _PyType_GenericAlloc(type: number, items: number): number; // new
  _PyLong_FromLong(value: number): number; // new
  _PyLong_FromDouble(value: number): number; // new
  _PyLong_FromLongLong(value: bigint): number; // new
  _PyLong_FromUnsignedLongLong(value: bigint): number; // new
  _PyLong_AsLongAndOverflow(object: number, overflow: number): number;
  _PyLong_AsLongLongAndOverflow(object: number, overflow: number): bigint;
  _PyLong_AsUnsignedLongLong(object: number): bigint;
  _PyLong_AsDouble(object: number): number;
  _PyCallable_Check(object: number): number;
  _PyFloat_FromDouble(value: number): number; // new
  _PyFloat_AsDouble(object: number): number;
  _PyUnicode_FromStringAndSize(at: number, bytes: number): number; // new
  _PyUnicode_InternFromString(at: number): number; // new
  _PyUnicode_AsUTF8AndSize(object: number, bytes: number): number;
  _PyTuple_Size(tuple: number): number;
  _PyTuple_GetItem(tuple: number, i: number): number;
  _PyList_Size(list: number): number;
  _PyList_GetItem(list: number, i: number): number;
  _PyList_New(size: number): number; // new
  _PyList_SetItem(list: number, i: number, value: number): number; // takes the reference to the value
  _PyDict_Size(dict: number): number;
  _PyDict_GetItemWithError(dict: number, key: number): number;
  _PyErr_Occurred(): number;
  _PyErr_Clear(): void;
  _PyErr_SetString(type: number, text: number): void;
  _PyObject_CallNoArgs(callable: number): number; // new
  _PyObject_CallOneArg(callable: number, object: number): number; // new
  _PyObject_Vectorcall(callable: number, words: number, count: number, names: number): number; // new
  _PyObject_SetAttrString(object: number, name: number, value: number): number;
  _PyImport_AddModule(name: number): number;
  _PyCMethod_New(method: number, self: number, module: number, type: number): number; // new
  _PyEval_GetFrame(): number;
  _PyFrame_GetBack(frame: number): number; // new
  _PyFrame_GetCode(frame: number): number; // new
  _PyFrame_GetLasti(frame: number): number;
  _PyWeakref_NewRef(object: number, callback: number): number; // new
  _PyWeakref_GetRef(ref: number, into: number): number;
}

export type PythonNumber = number | bigint | boolean | string | undefined;

/** Bytes of a text from which on it is decoded in pieces. */
const LONG = 256;
const DECODER = new TextDecoder();

/** A function's body: the word index of its first argument in HEAPU32, and their count. Gives a new reference; 0 where it has raised. */
export type Body = (at: number, count: number) => number;

const METH_FASTCALL = 0x80;

export class Python {
  readonly none: number;
  readonly true: number;
  readonly false: number;
  private readonly cell: number;
  private readonly words: number;

  constructor(readonly c: CPython) {
    this.none = c.__Py_NoneStruct;
    this.true = c.__Py_TrueStruct;
    this.false = c.__Py_FalseStruct;
    this.cell = c._malloc(16);
    this.words = c._malloc(4 * MOST_WORDS);
  }

  typeOf(object: number): number {
    return this.c.HEAPU32[(object >>> 2) + 1] as number;
  }

  /** A new reference to it. */
  own(object: number): number {
    this.c._Py_IncRef(object);
    return object;
  }

  text(value: string, intern = false): number {
    const { c } = this;
    const bytes = c.lengthBytesUTF8(value);
    const at = c._malloc(bytes + 1);
    c.stringToUTF8(value, at, bytes + 1);
    const made = intern ? c._PyUnicode_InternFromString(at) : c._PyUnicode_FromStringAndSize(at, bytes);
    c._free(at);
    return made;
  }

  int(value: number): number {
    return value === (value | 0) ? this.c._PyLong_FromLong(value) : this.c._PyLong_FromDouble(value);
  }

  /** A Python object of a plain value; a number without a fraction is an int. */
  make(value: PythonNumber): number {
    const { c } = this;
    if (typeof value === "number")
      return Number.isSafeInteger(value) ? this.int(value) : c._PyFloat_FromDouble(value);
    if (typeof value === "string") return this.text(value);
    if (typeof value === "bigint")
      return value >= 2n ** 63n ? c._PyLong_FromUnsignedLongLong(value) : c._PyLong_FromLongLong(value);
    if (value === undefined) return this.own(this.none);
    return this.own(value ? this.true : this.false);
  }

  /** The small int that an object is; null for a larger one, and for anything else. */
  smallInt(object: number): number | null {
    const { c, cell } = this;
    if (this.typeOf(object) !== c._PyLong_Type) return null;
    const value = c._PyLong_AsLongAndOverflow(object, cell);
    return c.HEAP32[cell >>> 2] === 0 ? value : null;
  }

  /** The plain value of an object. Throws where it is none. */
  read(object: number): PythonNumber {
    const { c } = this;
    const type = this.typeOf(object);
    if (type === c._PyLong_Type) return this.smallInt(object) ?? this.largeInt(object);
    if (object === this.true || object === this.false) return object === this.true;
    if (object === this.none) return undefined;
    if (type === c._PyFloat_Type) return c._PyFloat_AsDouble(object);
    if (c._PyType_IsSubtype(type, c._PyUnicode_Type)) return this.string(object);
    if (c._PyType_IsSubtype(type, c._PyFloat_Type)) return c._PyFloat_AsDouble(object);
    if (c._PyType_IsSubtype(type, c._PyLong_Type)) return this.largeInt(object);
    // A complex number, say, which the core refuses by its kind.
    return undefined;
  }

  /** Beyond 64 bits it is as near as a double comes: no function takes such a number. */
  private largeInt(object: number): number | bigint {
    const { c, cell } = this;
    let value = c._PyLong_AsLongLongAndOverflow(object, cell);
    if (c.HEAP32[cell >>> 2] !== 0) {
      value = BigInt.asUintN(64, c._PyLong_AsUnsignedLongLong(object));
      if (c._PyErr_Occurred() !== 0) {
        c._PyErr_Clear();
        const far = c._PyLong_AsDouble(object);
        if (c._PyErr_Occurred() !== 0) c._PyErr_Clear();
        return far;
      }
    }
    const near = Number(value);
    return Number.isSafeInteger(near) ? near : value;
  }

  string(object: number): string {
    const { c, cell } = this;
    const at = c._PyUnicode_AsUTF8AndSize(object, cell);
    if (at !== 0) {
      const bytes = c.HEAPU32[cell >>> 2] as number;
      // Letter by letter is fast for the short ones only.
      return bytes < LONG ? c.UTF8ToString(at, bytes) : DECODER.decode(c.HEAPU8.subarray(at, at + bytes));
    }
    c._PyErr_Clear();
    throw new TypeError("a text with half a character");
  }

  raise(words: string): number {
    const text = this.text(words);
    const type =
      this.c.HEAPU32[(this.c as unknown as { _PyExc_RuntimeError: number })._PyExc_RuntimeError >>> 2];
    this.c._PyErr_SetString(type as number, this.c._PyUnicode_AsUTF8AndSize(text, this.cell));
    this.c._Py_DecRef(text);
    return 0;
  }

  /** What a weak reference stands for, as a new reference; 0 where it is gone. */
  strong(ref: number): number {
    const { c, cell } = this;
    return c._PyWeakref_GetRef(ref, cell) === 1 ? (c.HEAPU32[cell >>> 2] as number) : 0;
  }

  /** Call a Python function with numbers: the int that it gives; -1 where it raises, which it should not. */
  callWith(callable: number, numbers: readonly number[]): number {
    const { c } = this;
    const many = numbers.length > MOST_WORDS;
    const words = many ? c._malloc(4 * numbers.length) : this.words;
    const made = numbers.map((n) => this.int(n));
    c.HEAPU32.set(made, words >>> 2);
    const got = c._PyObject_Vectorcall(callable, words, made.length, 0);
    for (const object of made) c._Py_DecRef(object);
    if (many) c._free(words);
    if (got === 0) {
      c._PyErr_Clear();
      return -1;
    }
    const value = this.read(got);
    c._Py_DecRef(got);
    return typeof value === "number" ? value : -1;
  }

  /**
   * The module of that name, as `import` finds it from now on, with these functions. What a body throws becomes an
   * exception.
   */
  module(name: string, functions: Readonly<Record<string, Body>>): void {
    const { c } = this;
    const module = c._PyImport_AddModule(this.kept(name));
    // One function for all, because each takes a WebAssembly module to make; the object that it is bound to tells which.
    const bodies = new Map<number, Body>();
    const run = (self: number, at: number, count: number): number => {
      try {
        return (bodies.get(self) as Body)(at >>> 2, count);
      } catch (error) {
        return this.raise(String(error));
      }
    };
    const entry = c.addFunction(run as (...words: number[]) => number, "iiii");
    for (const [called, body] of Object.entries(functions)) {
      const self = this.text(`${name}.${called}`);
      bodies.set(self, body);
      const method = c._malloc(16);
      const text = this.kept(called);
      c.HEAPU32.set([text, entry, METH_FASTCALL, 0], method >>> 2);
      const made = c._PyCMethod_New(method, self, 0, 0);
      c._PyObject_SetAttrString(module, text, made);
      c._Py_DecRef(made);
    }
  }

  /** A text in memory that stays. */
  private kept(text: string): number {
    const { c } = this;
    const room = c.lengthBytesUTF8(text) + 1;
    const at = c._malloc(room);
    c.stringToUTF8(text, at, room);
    return at;
  }
}

const MOST_WORDS = 64;
