import { describe, expect, test } from "vitest";
import type { Dtype, Element } from "../../trace/schema.ts";
import { type SideFile, SLICE_LIMIT, type Summary, sliceOf } from "../../trace/slice.ts";

const summary = (shape: number[], dtype: Dtype, stored?: number): Summary => ({
  kind: "summary",
  shape,
  dtype,
  statistics: { min: 0, max: 0, mean: 0, std: 0, norm: 0, zeros: 0, nans: 0, infinities: 0 },
  histogram: { min: 0, max: 0, counts: [] },
  thumbnail: { shape: [0, 0], data: [] },
  ...(stored === undefined ? {} : { stored }),
});

/** A side file with these bytes after three that belong to another tensor. */
const behind = (bytes: ArrayBuffer): SideFile => ({
  read: async (offset, length) => new Uint8Array(bytes).slice(offset - 3, offset - 3 + length),
});

describe("a slice", () => {
  const counting = behind(Float32Array.from({ length: 24 }, (_, i) => i).buffer);
  const at = (...spans: [number, number][]) => spans.map(([start, end]) => ({ start, end }));

  test("has the elements of its spans, row by row", async () => {
    const part = await sliceOf(summary([2, 3, 4], "float32", 3), at([0, 2], [1, 3], [2, 4]), counting);
    expect(part).toEqual({
      kind: "inline",
      shape: [2, 2, 2],
      dtype: "float32",
      data: [6, 7, 10, 11, 18, 19, 22, 23],
    });
  });

  test("may be empty, and of a scalar it is the one element", async () => {
    expect((await sliceOf(summary([24], "float32", 3), at([5, 5]), counting)).data).toEqual([]);
    expect((await sliceOf(summary([], "float32", 3), [], counting)).data).toEqual([0]);
  });

  test("beyond the tensor, or too large, is refused with what is allowed", async () => {
    const big = summary([100, 100], "float32", 3);
    await expect(sliceOf(big, at([0, 1]), counting)).rejects.toThrow(/has 2 spans, not 1/);
    await expect(sliceOf(big, at([0, 1], [0, 101]), counting)).rejects.toThrow(
      /goes from 0 to 100: 0 to 101/,
    );
    await expect(sliceOf(big, at([0, 100], [0, 100]), counting)).rejects.toThrow(
      new RegExp(`${SLICE_LIMIT} elements, this one has 10000`),
    );
    await expect(sliceOf(summary([9], "float32"), at([0, 1]), counting)).rejects.toThrow(/were not kept/);
  });

  const bits = (bytes: number[]): ArrayBuffer => Uint8Array.from(bytes).buffer;
  test.each<[Dtype, ArrayBuffer, Element[]]>([
    ["float32", Float32Array.of(1.5, -0, Number.NaN).buffer, [1.5, "-0", "NaN"]],
    ["float64", Float64Array.of(0.1, Number.NEGATIVE_INFINITY).buffer, [0.1, "-Infinity"]],
    ["float16", bits([0x00, 0x3e, 0x01, 0x00, 0x00, 0x7c, 0xff, 0xfb]), [1.5, 2 ** -24, "Infinity", -65504]],
    ["bfloat16", bits([0xc0, 0x3f, 0x80, 0xff]), [1.5, "-Infinity"]],
    ["int64", BigInt64Array.of(-5n, 2n ** 60n).buffer, [-5, "1152921504606846976"]],
    ["int32", Int32Array.of(-7, 8).buffer, [-7, 8]],
    ["int16", Int16Array.of(-7, 8).buffer, [-7, 8]],
    ["int8", Int8Array.of(-7, 8).buffer, [-7, 8]],
    ["uint8", Uint8Array.of(200, 8).buffer, [200, 8]],
    ["bool", Uint8Array.of(0, 1).buffer, [false, true]],
  ])("of %s is read as its dtype", async (dtype, bytes, expected) => {
    const whole = summary([expected.length], dtype, 3);
    expect((await sliceOf(whole, at([0, expected.length]), behind(bytes))).data).toEqual(expected);
  });
});
