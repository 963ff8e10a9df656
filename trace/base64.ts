/** Base64, by whatever the host has for it: Node's buffers, which are quick, or a page's own functions. */

interface Buffers {
  from(given: Uint8Array | string, encoding?: string): Uint8Array & { toString(encoding: string): string };
}
declare const TextEncoder: new () => { encode(text: string): Uint8Array };
const { Buffer, btoa, atob } = globalThis as unknown as {
  readonly Buffer?: Buffers;
  btoa(text: string): string;
  atob(text: string): string;
};

/** Characters that one call of `fromCharCode` takes. */
const CHUNK = 8192;

/** Of bytes, or of a text in UTF-8. */
export function base64Of(given: Uint8Array | string): string {
  if (Buffer !== undefined) return Buffer.from(given).toString("base64");
  const bytes = typeof given === "string" ? new TextEncoder().encode(given) : given;
  let text = "";
  for (let at = 0; at < bytes.length; at += CHUNK)
    text += String.fromCharCode.apply(null, bytes.subarray(at, at + CHUNK) as unknown as number[]);
  return btoa(text);
}

export const bytesOf = (base64: string): Uint8Array =>
  Buffer?.from(base64, "base64") ?? Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
