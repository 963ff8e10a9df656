/**
 * The few web names that Pyodide's loader expects, for a realm that has none. esbuild puts them in place of the
 * free names while it bundles (`inject`), so they are variables of the bundle and nobody else can see them.
 */
import { host } from "./host.ts";

/** Characters that one call of `fromCharCode` takes. */
const CHUNK = 8192;

/** UTF-8 only: what Pyodide decodes as Latin-1 is ASCII. */
class Utf8Decoder {
  decode(input?: ArrayBuffer | ArrayBufferView): string {
    if (input === undefined) return "";
    const bytes = ArrayBuffer.isView(input)
      ? new Uint8Array(input.buffer, input.byteOffset, input.byteLength)
      : new Uint8Array(input);
    let text = "";
    for (let at = 0; at < bytes.length; at += CHUNK) {
      const chunk = bytes.subarray(at, at + CHUNK);
      if (!isAscii(chunk)) return text + decodeUtf8(bytes, at);
      text += String.fromCharCode.apply(null, chunk as unknown as number[]);
    }
    return text;
  }
}

function isAscii(bytes: Uint8Array): boolean {
  for (let i = 0; i < bytes.length; i++) if ((bytes[i] as number) > 0x7f) return false;
  return true;
}

/** From `at` on; what is not UTF-8 gives U+FFFD. */
function decodeUtf8(bytes: Uint8Array, at: number): string {
  let text = "";
  let units: number[] = [];
  for (let i = at; i < bytes.length; ) {
    const first = bytes[i] as number;
    const size = first < 0x80 ? 1 : first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc0 ? 2 : 0;
    let point = size === 1 ? first : first & (0x7f >> size);
    let used = 1;
    for (; used < size && ((bytes[i + used] as number) & 0xc0) === 0x80; used++) {
      point = (point << 6) | ((bytes[i + used] as number) & 0x3f);
    }
    if (size === 0 || used < size || point > 0x10ffff) point = 0xfffd;
    i += used;
    if (point > 0xffff) units.push(0xd800 + ((point - 0x10000) >> 10), 0xdc00 + ((point - 0x10000) & 0x3ff));
    else units.push(point);
    if (units.length > CHUNK) {
      text += String.fromCharCode(...units);
      units = [];
    }
  }
  return text + String.fromCharCode(...units);
}

class Utf8Encoder {
  encode(text = ""): Uint8Array {
    const bytes = new Uint8Array(text.length * 3);
    return bytes.slice(0, this.encodeInto(text, bytes).written);
  }

  encodeInto(text: string, into: Uint8Array): { read: number; written: number } {
    let read = 0;
    let at = 0;
    while (read < text.length) {
      const unit = text.charCodeAt(read);
      let point = text.codePointAt(read) as number;
      // A lone surrogate has no UTF-8.
      if (point >= 0xd800 && point <= 0xdfff) point = 0xfffd;
      const size = point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
      if (at + size > into.length) break;
      if (size === 1) into[at] = unit;
      else {
        into[at] = ((0xf00 >> size) & 0xff) | (point >> (6 * (size - 1)));
        for (let k = 1; k < size; k++) into[at + k] = 0x80 | ((point >> (6 * (size - 1 - k))) & 0x3f);
      }
      at += size;
      read += size === 4 ? 2 : 1;
    }
    return { read, written: at };
  }
}

/** Pyodide asks for `URL` only to tell addresses from paths; here everything is a path. */
class NoUrl {
  constructor(text: string) {
    throw new TypeError(`there are no addresses in the sandbox: ${text}`);
  }
}

const ignore = (): void => {};
const log = (...words: unknown[]): void => host.log(words.map(String).join(" "));

const decoder = Utf8Decoder;
const encoder = Utf8Encoder;
const url = NoUrl;
const clock = { now: (): number => host.now() };
const quiet = { log, warn: log, error: log, info: log, debug: ignore, trace: ignore, assert: ignore };
const BASE64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
/** In a plain shell, Pyodide asks for entropy so: `head -cN /dev/urandom | base64`; N random bytes it gets. */
const shell = {
  system(_program: string, [, line]: [string, string]): string {
    const count = Number(/head -c(\d+) /.exec(line)?.[1]);
    let text = "";
    for (let i = 0; i < count; i += 3) {
      const bits = (host.entropy() << 16) | (host.entropy() << 8) | host.entropy();
      for (let k = 0; k < 4; k++) {
        text += i + k > count ? "=" : BASE64[(bits >> (18 - 6 * k)) & 63];
      }
    }
    return text;
  },
};
/** Nothing waits in here: what Pyodide puts off (its own clean-up) is done at the next turn. */
const later = (work: () => void): number => {
  void Promise.resolve().then(work);
  return 0;
};
/** Pyodide takes its plain-shell path where a `read` and a `load` exist; assets come through `readbuffer`. */
const asset = (name: string): Uint8Array => host.asset(name.slice(name.lastIndexOf("/") + 1));

export {
  asset as readbuffer,
  clock as performance,
  decoder as TextDecoder,
  encoder as TextEncoder,
  ignore as clearTimeout,
  ignore as load,
  ignore as read,
  later as setTimeout,
  log as print,
  quiet as console,
  shell as os,
  url as URL,
};
