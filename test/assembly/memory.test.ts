/** Who owns which block: the count, the limit, and a block given back once. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { chooseCore } from "../../autograd/wasm.ts";
import { builds, newCore, relaxedBytes, simdBytes } from "../support/core.ts";

test("blocks are 16-aligned, do not overlap, and the count goes back to zero", () => {
  const core = newCore();
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.integer({ min: 0, max: 5000 }), fc.boolean()), { maxLength: 60 }),
      (steps) => {
        const held: { ptr: number; bytes: number; mark: number }[] = [];
        steps.forEach(([bytes, alsoFree], mark) => {
          const ptr = core.alloc(bytes);
          expect(ptr % 16).toBe(0);
          core.bytes.fill(mark, ptr, ptr + bytes);
          held.push({ ptr, bytes, mark });
          if (alsoFree) core.free((held.shift() as { ptr: number }).ptr);
        });
        expect(core.allocated).toBeGreaterThanOrEqual(held.reduce((sum, { bytes }) => sum + bytes, 0));
        for (const { ptr, bytes, mark } of held) {
          expect(core.bytes.subarray(ptr, ptr + bytes).every((byte) => byte === mark)).toBe(true);
          core.free(ptr);
        }
        expect(core.allocated).toBe(0);
      },
    ),
  );
});

test("a block freed twice, and an address that is no block, are refused and nothing is counted twice", () => {
  const core = newCore();
  const [a, b, c] = [core.alloc(64), core.alloc(64), core.alloc(64)];
  core.free(b);
  const before = core.allocated;
  expect(() => core.free(b)).toThrow(`free: ${b} is not a block in use`);
  for (const ptr of [0, 8, a + 4, 2 ** 31]) expect(() => core.free(ptr)).toThrow("not a block in use");
  expect(core.allocated).toBe(before);
  core.free(a);
  core.free(c);
  // a, b and c have become one free block by now.
  for (const ptr of [a, b, c]) expect(() => core.free(ptr)).toThrow("not a block in use");
  expect(core.allocated).toBe(0);
});

test("a block beyond the limit is a RangeError that names the sizes, and smaller ones still work", () => {
  const core = newCore(1_000_000);
  const ptr = core.alloc(600_000);
  expect(() => core.alloc(600_000)).toThrow(RangeError);
  expect(() => core.alloc(600_000)).toThrow(
    /out of memory: 600000 bytes asked for, 6\d{5} in use, 1000000 allowed/,
  );
  core.free(ptr);
  core.free(core.alloc(600_000));
  expect(core.allocated).toBe(0);
});

test.each([-1, Number.NaN, Infinity, 2 ** 31, 2 ** 40])(
  "alloc(%s) is a RangeError, without a limit too",
  (bytes) => {
    const core = newCore(Infinity);
    expect(() => core.alloc(bytes)).toThrow(RangeError);
    const ptr = core.alloc(16);
    core.free(ptr);
    expect(core.allocated).toBe(0);
  },
);

test("views are those of the grown memory after an alloc", () => {
  const core = newCore();
  const size = core.bytes.length;
  const ptr = core.alloc(size * 2);
  expect(core.bytes.length).toBeGreaterThan(size);
  core.bytes[ptr + size * 2 - 1] = 9;
  core.free(ptr);
});

test("a steady program does not make the memory grow", () => {
  const core = newCore();
  const round = () => {
    const blocks = Array.from({ length: 50 }, (_, i) => core.alloc(8 << (i % 12)));
    for (const ptr of blocks) core.free(ptr);
  };
  round();
  const size = core.bytes.length;
  for (let i = 0; i < 2000; i++) round();
  expect(core.bytes.length).toBe(size);
});

test("the relaxed build is chosen where the host can run it, else the plain one", () => {
  const broken = Uint8Array.of(0);
  expect(chooseCore(simdBytes, broken)).toBe(simdBytes);
  expect(chooseCore(simdBytes, relaxedBytes)).toBe(
    WebAssembly.validate(relaxedBytes) ? relaxedBytes : simdBytes,
  );
  if (builds.length === 1) console.log("not checked: the relaxed SIMD build, which this Node cannot run");
});
