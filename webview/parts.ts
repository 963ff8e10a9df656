/** Puts traces together that come in parts. */
import * as z from "zod";
import type { PanelState } from "../extension/panel/protocol.ts";
import { fitsOf } from "../trace/fits.ts";
import { join, Part } from "../trace/parts.ts";

export interface Parts {
  /** Throws where the bytes are not a part. */
  take(transfer: number, bytes: Uint8Array): void;
  /** The state with its trace whole. Throws where parts are missing. */
  whole(state: PanelState): PanelState;
}

/** Only the last transfer is kept: one that was overtaken is of no use. */
export function partsOf(): Parts {
  let current = -1;
  let held: Part[] = [];
  const decoder = new TextDecoder();
  return {
    take(transfer, bytes) {
      if (transfer !== current) {
        current = transfer;
        held = [];
      }
      held.push(partIn(decoder.decode(bytes)));
    },
    whole(state) {
      if (state.kind !== "ready" || state.parts === undefined) return state;
      const { transfer, count } = state.parts;
      if (transfer !== current || held.length !== count)
        throw new Error(
          `the trace should have come in ${count} parts, but ${transfer === current ? held.length : 0} are here: run it again`,
        );
      const trace = join(state.trace, held);
      held = [];
      const { parts: _, ...rest } = state;
      return { ...rest, trace };
    },
  };
}

function partIn(text: string): Part {
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch (error) {
    throw new Error(`malformed part of a trace: it is not JSON (${(error as Error).message})`);
  }
  if (fitsOf(Part)?.(data)) return data as Part;
  const parsed = Part.safeParse(data);
  if (!parsed.success) throw new Error(`malformed part of a trace: ${z.prettifyError(parsed.error)}`);
  return parsed.data;
}
