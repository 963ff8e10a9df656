import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { inParts, type PanelState, toPanel } from "../../extension/panel/protocol.ts";
import { fitsOf } from "../../trace/fits.ts";
import { isLarge, join, split } from "../../trace/parts.ts";
import { Trace } from "../../trace/schema.ts";
import { partsOf } from "../../webview/parts.ts";
import { unrolled } from "../support/large.ts";
import { anyTrace, squareSum } from "../support/traces.ts";

const ready = (trace: Trace): PanelState => ({
  kind: "ready",
  title: "t",
  trace,
  place: null,
  breakpoints: [],
  stale: false,
});

describe("a trace in parts", () => {
  test("is whole again at the other end", () => {
    fc.assert(
      fc.property(anyTrace, (trace) => {
        const { head, parts } = split(trace);
        expect(join(head, parts)).toEqual(trace);
      }),
    );
  });

  test("a small one goes as it is, a large one in parts that fit the protocol", () => {
    const small = squareSum();
    expect(inParts({ kind: "state", body: { state: ready(small) } })).toHaveLength(1);
    const large = unrolled(300);
    expect(isLarge(large)).toBe(true);
    const messages = inParts({ kind: "state", body: { state: ready(large) } });
    const parts = partsOf();
    for (const message of messages) {
      expect(toPanel[message.kind].safeParse(message.body).success).toBe(true);
      if (message.kind === "part") parts.take(message.body.transfer, message.body.bytes);
      if (message.kind === "state") expect(parts.whole(message.body.state)).toEqual(ready(large));
    }
  });

  test("a part that is none is refused, and says why", () => {
    const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
    expect(() => partsOf().take(0, bytes("{"))).toThrow("malformed part of a trace: it is not JSON");
    const wrong = JSON.stringify({ field: "nodes", items: [{ name: 1 }] });
    expect(() => partsOf().take(0, bytes(wrong))).toThrow(
      /malformed part of a trace: [\s\S]*items\[0\]\.name/,
    );
  });

  test("one that lacks a part, or was overtaken, is refused with how many came", () => {
    const messages = inParts({ kind: "state", body: { state: ready(unrolled(300)) } });
    const parts = partsOf();
    for (const message of messages.slice(1)) {
      if (message.kind === "part") parts.take(message.body.transfer, message.body.bytes);
      if (message.kind === "state") {
        const { state } = message.body;
        expect(() => parts.whole(state)).toThrow(
          `${messages.length - 1} parts, but ${messages.length - 2} are here`,
        );
      }
    }
  });
});

describe("the quick check says what zod says", () => {
  const fits = fitsOf(Trace);
  /** Every place in the data, and what may be put there instead. */
  const places = (data: unknown, path: (string | number)[] = []): (string | number)[][] =>
    typeof data !== "object" || data === null
      ? [path]
      : [path, ...Object.entries(data).flatMap(([key, child]) => places(child, [...path, key]))];
  const whole = squareSum();
  const all = places(whole).slice(1);
  const WRONG = [null, -1, 1.5, "x", true, [], {}, undefined, Number.NaN, 2 ** 60, "NaN"];

  test("of whole traces", () => {
    expect(fits?.(whole)).toBe(true);
    fc.assert(fc.property(anyTrace, (trace) => fits?.(trace) === Trace.safeParse(trace).success));
  });

  test("of the message with a trace, and of its conditions as long as allowed and longer", () => {
    const message = (length: number): unknown => ({
      state: {
        kind: "ready",
        title: "a.py",
        trace: whole,
        place: null,
        breakpoints: [],
        conditions: [{ node: null, text: "n".repeat(length) }],
        stale: false,
      },
    });
    const both = (length: number): unknown[] => [
      fitsOf(toPanel.state)?.(message(length)),
      toPanel.state.safeParse(message(length)).success,
    ];
    expect(both(500)).toEqual([true, true]);
    expect(both(501)).toEqual([false, false]);
  });

  test("whatever is put wherever", () => {
    fc.assert(
      fc.property(fc.constantFrom(...all), fc.constantFrom(...WRONG), (path, wrong) => {
        const trace = structuredClone(whole) as unknown as Record<string, unknown>;
        let at: Record<string, unknown> = trace;
        for (const key of path.slice(0, -1)) at = at[key] as Record<string, unknown>;
        at[path.at(-1) as string] = wrong;
        expect(fits?.(trace)).toBe(Trace.safeParse(trace).success);
      }),
      { numRuns: 1500 },
    );
  });
});
