/** Random numbers against PyTorch, bit for bit: kinds, seeds, sizes, dtypes, layouts, interleavings; and its refusals. */
import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, test } from "vitest";
import { runSnippet } from "../support/engine.ts";
import { PROGRAM, recorded, type Streams, streams, WHOSE } from "./streams.ts";

let ours: Streams["results"];
const theirs = streams().results;

beforeAll(async () => {
  const run = await runSnippet(readFileSync(PROGRAM, "utf8"), {
    record: false,
    limits: { seconds: 300, output: 2 ** 28 },
  });
  expect(run.stderr).toBe("");
  ours = (JSON.parse(run.stdout) as Streams).results;
}, 400_000);

/** By expression, whatever the seed, size and dtype. */
const labels = new Map<string, string[]>();
for (const label of Object.keys(theirs)) {
  const kind = label.replace(/^-?\d+: /, "");
  labels.set(kind, [...(labels.get(kind) ?? []), label]);
}

describe(`against ${WHOSE}`, () => {
  test("both engines answer to the same calls", () =>
    expect(Object.keys(ours).sort()).toEqual(Object.keys(theirs).sort()));

  test("what is recorded for machines without PyTorch is the same", () =>
    expect(recorded().results).toEqual(theirs));

  test.each([...labels])("%s is PyTorch's, to the last bit", (_, calls) => {
    for (const label of calls) expect(ours[label], label).toEqual(theirs[label]);
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
