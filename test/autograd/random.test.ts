/** Random numbers against PyTorch, bit for bit: kinds, seeds, sizes, dtypes, layouts, interleavings; and its refusals. */
import { beforeAll, describe, expect, test } from "vitest";
import { runSnippet } from "../support/engine.ts";
import { type Answers, ours, recorded, theirs, whose } from "./calls.ts";

const expected = theirs("random").results;
let got: Answers["results"];
beforeAll(async () => {
  got = (await ours("random")).results;
}, 400_000);

/** By expression, whatever the seed, size and dtype. */
const labels = new Map<string, string[]>();
for (const label of Object.keys(expected)) {
  const kind = label.replace(/^-?\d+: /, "");
  labels.set(kind, [...(labels.get(kind) ?? []), label]);
}

describe(`against ${whose("random")}`, () => {
  test("both engines answer to the same calls", () =>
    expect(Object.keys(got).sort()).toEqual(Object.keys(expected).sort()));

  test("what is recorded for machines without PyTorch is the same", () =>
    expect(recorded("random").results).toEqual(expected));

  test.each([...labels])("%s is PyTorch's, to the last bit", (_, calls) => {
    for (const label of calls) expect(got[label], label).toEqual(expected[label]);
  });
});

describe("without a seed", () => {
  test("two runs draw different numbers, and a new generator begins where PyTorch's does", async () => {
    const text =
      "import torch\nprint(torch.initial_seed(), torch.Generator().initial_seed(), torch.rand(1).item())";
    const [one, other] = [await runSnippet(text), await runSnippet(text)];
    const [seed, standard, number] = one.stdout.trim().split(" ");
    expect(standard).toBe("67280421310721");
    expect(other.stdout).not.toContain(seed);
    expect(other.stdout).not.toContain(number);
  });

  test("the seed that seed() tells gives the same numbers again", async () => {
    const run = await runSnippet(`
import torch
seed = torch.seed()
first = torch.randn(5)
torch.manual_seed(seed)
print((first == torch.randn(5)).all().item(), torch.initial_seed() == seed)
g = torch.Generator()
seed = g.seed()
first = torch.rand(5, generator=g)
print((first == torch.rand(5, generator=g.manual_seed(seed))).all().item())`);
    expect(run.stdout).toBe("True True\nTrue\n");
  });
});
