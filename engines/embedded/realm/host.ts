/**
 * What the realm may ask of the process around it. The outer functions live only in this file's variables: the
 * rest of the realm gets closures of its own that take and give primitives, so no object of the outer realm
 * (not even an error it throws) is ever within reach of Python.
 */

/** The outer functions, each handing over primitives only; bytes are written into arrays that the realm made. */
export interface OuterHost {
  /** Bytes of an asset of the fixed table, -1 where there is no such asset (or the boot is over). */
  assetSize(name: string): number;
  assetRead(name: string, into: Uint8Array): void;
  /** Milliseconds since the process started, with fractions. */
  now(): number;
  /** A random byte. */
  entropy(): number;
  /** A line for the extension's log. */
  log(text: string): void;
  /** `stream` 1 is stdout, 2 is stderr, 3 the value that a cell ends with, 4 a figure (JSON); `source` is the index of the block that printed. */
  emit(stream: number, text: string, source: number): void;
  /** Called now and then while Python runs: the number of a signal that it is to get, 0 for none. */
  beat(): number;
  /** What to raise for that signal, in words. */
  stopWords(): string;
}

let outer: OuterHost | null = null;

/** Called once, before anything else in the realm. */
export function connect(given: OuterHost): void {
  const { assetSize, assetRead, now, entropy, log, emit, beat, stopWords } = given;
  outer = { assetSize, assetRead, now, entropy, log, emit, beat, stopWords };
}

/** An error of the outer realm stops here; what goes on is one of this realm, with nothing of the other in it. */
function refused(what: string): Error {
  return new Error(`the sandbox's host refused: ${what}`);
}

function theOuter(): OuterHost {
  if (outer === null) throw refused("it is not connected");
  return outer;
}

export const host = {
  asset(name: string): Uint8Array<ArrayBuffer> {
    let size = -1;
    try {
      size = theOuter().assetSize(name);
    } catch {}
    if (size < 0) throw refused(`there is no asset ${name}`);
    const bytes = new Uint8Array(size);
    try {
      theOuter().assetRead(name, bytes);
    } catch {
      throw refused(`the asset ${name} could not be read`);
    }
    return bytes;
  },
  now(): number {
    try {
      return theOuter().now();
    } catch {
      throw refused("the time");
    }
  },
  entropy(): number {
    try {
      return theOuter().entropy();
    } catch {
      throw refused("a random byte");
    }
  },
  log(text: string): void {
    try {
      theOuter().log(text);
    } catch {
      throw refused("a line of the log");
    }
  },
  emit(stream: number, text: string, source: number): void {
    try {
      theOuter().emit(stream, text, source);
    } catch {
      throw refused("output");
    }
  },
  beat(): number {
    try {
      return theOuter().beat();
    } catch {
      throw refused("a sign of life");
    }
  },
  stopWords(): string {
    try {
      return theOuter().stopWords();
    } catch {
      throw refused("the words of a limit");
    }
  },
} as const;
