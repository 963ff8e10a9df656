/** Who owns what: every block of the core goes when nobody holds it any more, with and without a recorder. */
import { expect, test } from "vitest";
import { DType } from "../../assembly/shared/codes.ts";
import { Autograd } from "../../autograd/autograd.ts";
import type { Core } from "../../autograd/core.ts";
import { type PassOptions, runBackward } from "../../autograd/engine.ts";
import { Handles } from "../../autograd/handles.ts";
import { KEPT_PASSES, Recorder } from "../../autograd/record.ts";
import { release, retain, type Tensor } from "../../autograd/tensor.ts";
import { newCore } from "../support/core.ts";

const PASS: PassOptions = {
  retainGraph: false,
  createGraph: false,
  inputs: null,
  accumulate: true,
  allowUnused: true,
};

function start(): { core: Core; ad: Autograd; leaf(shape: readonly number[], value: number): Tensor } {
  const core = newCore();
  const ad = new Autograd(core, new Handles<Tensor>("tensor"));
  return {
    core,
    ad,
    leaf(shape, value) {
      const t = ad.scope.within(() => retain(ad.k.full(shape, value, DType.f32)));
      t.requiresGrad = true;
      return t;
    },
  };
}

/** A step of plain gradient descent on a small network. */
function train(ad: Autograd, weights: readonly Tensor[], input: Tensor): void {
  ad.scope.within(() => {
    const [w1, w2] = weights as readonly [Tensor, Tensor];
    const hidden = ad.call("relu", ad.call("mm", input, w1));
    const out = ad.call("select", ad.call("mm", hidden, w2), 1, 0);
    const loss = ad.call("mean", ad.call("pow", ad.call("sub", out, 1), 2));
    runBackward(ad, [{ tensor: loss, gradient: null }], PASS);
    ad.gradMode = false;
    for (const w of weights) {
      ad.call("sub_", w, ad.call("mul", w.grad, 0.01));
      w.setGrad(null);
    }
    ad.gradMode = true;
  });
}

function trained(recorded: boolean): { before: number; after: number; end: number; passes: number } {
  const { core, ad, leaf } = start();
  const empty = core.allocated;
  const weights = [leaf([4, 8], 0.1), leaf([8, 2], 0.2)];
  const input = ad.scope.within(() => retain(ad.k.full([16, 4], 0.5, DType.f32)));
  const before = core.allocated;
  const recorder = recorded ? new Recorder(core) : null;
  ad.recorder = recorder;
  for (let i = 0; i < 1000; i++) train(ad, weights, input);
  const passes = recorder?.passes.length ?? 0;
  recorder?.dispose();
  ad.recorder = null;
  const after = core.allocated;
  for (const t of [...weights, input]) release(t);
  return { before, after, end: core.allocated - empty, passes };
}

test("a thousand training steps leave nothing behind", () => {
  const { before, after, end } = trained(false);
  expect(after).toBe(before);
  expect(end).toBe(0);
});

test("a recorder keeps the last passes only, and gives all of them back", () => {
  const { before, after, end, passes } = trained(true);
  expect(passes).toBeLessThanOrEqual(KEPT_PASSES);
  expect(passes).toBeGreaterThan(0);
  expect(after).toBe(before);
  expect(end).toBe(0);
});

test("memory while recording does not grow with the number of steps", () => {
  const { core, ad, leaf } = start();
  const weights = [leaf([4, 8], 0.1), leaf([8, 2], 0.2)];
  const input = leaf([16, 4], 0.5);
  ad.recorder = new Recorder(core);
  const used: number[] = [];
  for (let i = 0; i < 4 * KEPT_PASSES; i++) {
    train(ad, weights, input);
    input.setGrad(null);
    if (i % KEPT_PASSES === KEPT_PASSES - 1) used.push(core.allocated);
  }
  expect(used[3]).toBe(used[1]);
});

test("a graph of 100,000 nodes is built, run and taken down without recursion", () => {
  const { core, ad, leaf } = start();
  const x = leaf([2], 1);
  const before = core.allocated;
  let y: Tensor = retain(x);
  for (let i = 0; i < 100_000; i++) {
    const next = ad.scope.within(() => retain(ad.call("mul", y, 1)));
    release(y);
    y = next;
  }
  ad.scope.within(() =>
    runBackward(ad, [{ tensor: y, gradient: ad.k.full([2], 3, DType.f32) }], { ...PASS, retainGraph: true }),
  );
  expect([...core.read(x.grad as Tensor)]).toEqual([3, 3]);
  x.setGrad(null);
  release(y);
  expect(core.allocated).toBe(before);
});

test("views, in-place changes and freed graphs give everything back", () => {
  const { core, ad, leaf } = start();
  const x = leaf([2, 3], 2);
  const before = core.allocated;
  ad.scope.within(() => {
    const y = ad.call("mul", x, 1);
    ad.call("mul_", ad.call("select", y, 0, 0), 3);
    ad.call("copy_", ad.call("slice", y, 1, 0, 2, 1), ad.call("slice", x, 1, 1, 3, 1));
    const z = ad.call("exp_", ad.call("mul", y, y));
    runBackward(ad, [{ tensor: ad.call("sum", z), gradient: null }], { ...PASS, createGraph: true });
  });
  expect(core.allocated).toBeGreaterThan(before);
  x.setGrad(null);
  expect(core.allocated).toBe(before);
});

test("a pass that fails gives everything back", () => {
  const { core, ad, leaf } = start();
  const x = leaf([3], 2);
  const before = core.allocated;
  expect(() =>
    ad.scope.within(() => {
      const y = ad.call("exp", x);
      const loss = ad.call("sum", ad.call("mul", y, y));
      ad.call("add_", y, 1);
      runBackward(ad, [{ tensor: loss, gradient: null }], PASS);
    }),
  ).toThrow("modified by an inplace operation");
  expect(core.allocated).toBe(before);
});
