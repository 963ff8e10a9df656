/** Functions that make tensors out of nothing, against PyTorch, bit for bit; and its refusals. */
import { beforeAll, describe, expect, test } from "vitest";
import { type Answers, ours, recorded, theirs, whose } from "./calls.ts";

const expected = theirs("creation").results;
let got: Answers["results"];
beforeAll(async () => {
  got = (await ours("creation")).results;
}, 400_000);

describe(`against ${whose("creation")}`, () => {
  test("what is recorded for machines without PyTorch is the same", () =>
    expect(recorded("creation").results).toEqual(expected));

  test.each(Object.keys(expected))("%s is PyTorch's, to the last bit", (call) =>
    expect(got[call]).toEqual(expected[call]),
  );
});
