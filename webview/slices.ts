/** Elements of large tensors, asked of the host when somebody wants to see them. */
import type { SliceAnswer } from "../extension/panel/protocol.ts";
import type { Spans } from "../trace/slice.ts";
import { send } from "./vscode.ts";

const waiting = new Map<number, (answer: SliceAnswer) => void>();
let next = 0;

/** The elements within the spans of the summarised tensor with that `stored`; a failure is an answer in words. */
export function askForSlice(stored: number, spans: Spans): Promise<SliceAnswer> {
  const request = next++;
  return new Promise((resolve) => {
    waiting.set(request, resolve);
    send({ kind: "slice", body: { request, stored, spans } });
  });
}

/** The host has answered. */
export function sliceAnswered(request: number, answer: SliceAnswer): void {
  waiting.get(request)?.(answer);
  waiting.delete(request);
}
