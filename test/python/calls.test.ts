/** Calls of every op with arguments at random: where PyTorch refuses them with a TypeError, so does the facade, in the same words. */
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { opList } from "../../autograd/ops-list.ts";
import { runSnippet } from "../support/engine.ts";
import { describeAgainstPyTorch, runPython } from "../support/pytorch.ts";

const JUDGE = fileURLToPath(new URL("judge.py", import.meta.url));
const VALUES = [
  ...["x", "m", "i", "b", "'a'", "1", "-1", "2.5", "[1]", "[x]", "(0, 1)", "torch.float32", "{}", "True"],
  ...["x.shape", "[]", "torch.tensor(2.)", "torch.tensor(1)", "[x, x]", "print", "x.device"],
];
const KEYWORDS = [
  "dim=0",
  "dim=[0]",
  "keepdim=True",
  "keepdim=1",
  "foo=1",
  "dtype=torch.float64",
  "dtype='a'",
].concat(["other=x", "axis=0", "alpha=2", "min=0", "out=x", "size=2"]);

/** Rows that Python's own functions call; PyTorch has no such names, or has them elsewhere. */
const NOT_PUBLIC = new Set(["_gradient", "_unique_consecutive", "unique_dim"]);
/** PyTorch writes these in Python: what is refused there is refused in the words of Python's calls, or not at all. */
const IN_PYTHON = new Set(["unflatten", "nonzero", "norm", "tensordot"]);

interface Op {
  readonly schema: string;
  readonly function: boolean;
  readonly method: boolean;
}

/** A repeatable source of choices. */
function choices(seed: number): (n: number) => number {
  let state = seed;
  return (n) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * n);
  };
}

function calls(seed: number, each: number): string[] {
  const choose = choices(seed);
  const pick = (from: readonly string[]): string => from[choose(from.length)] as string;
  const ops = JSON.parse(opList()) as Op[];
  const named = (kind: "function" | "method"): string[] => [
    ...new Set(ops.filter((op) => op[kind]).map(({ schema }) => schema.replace(/[.(].*/s, ""))),
  ];
  const call = (callee: string, first: string[]): string => {
    const positional = [...first, ...Array.from({ length: choose(4) }, () => pick(VALUES))];
    return `${callee}(${[...positional, ...(choose(4) === 0 ? [pick(KEYWORDS)] : [])].join(", ")})`;
  };
  return Array.from({ length: each }, () => [
    ...named("function")
      .filter((name) => !NOT_PUBLIC.has(name) && !IN_PYTHON.has(name))
      .map((name) => call(`torch.${name}`, choose(3) === 0 ? [] : ["x"])),
    ...named("method")
      .filter((name) => !IN_PYTHON.has(name))
      .map((name) => call(`x.clone().${name}`, [])),
  ]).flat();
}

const program = (expressions: readonly string[]): string => `import json, torch
def tried(text):
    x = torch.tensor([1., 2.])
    m = torch.tensor([[1., 2.], [3., 4.]])
    i = torch.tensor([1, 2])
    b = torch.tensor([True, False])
    try:
        eval(text)
    except TypeError as error:
        return f"TypeError: {error}".strip()
    except Exception as error:
        return "not in this form" if "not in the embedded engine" in str(error) else "other"
    return "other"
for text in ${JSON.stringify(expressions)}:
    print(json.dumps(tried(text)))
`;

describeAgainstPyTorch("calls", (python) => {
  test.each([1, 2])("are refused with PyTorch's TypeErrors and no others, seed %i", async (seed) => {
    const expressions = calls(seed, 3);
    const [judged] = runPython(python, JUDGE, [program(expressions)]) as { stdout: string }[];
    const { stdout } = await runSnippet(program(expressions), { record: false });
    const said = (text = ""): string[] =>
      text
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line) as string);
    const [ours, theirs] = [said(stdout), said(judged?.stdout)];
    expect(ours).toHaveLength(expressions.length);
    const differing = expressions.flatMap((text, i) =>
      ours[i] === theirs[i] || ours[i] === "not in this form" ? [] : [[text, ours[i], theirs[i]]],
    );
    expect(differing).toEqual([]);
    expect(theirs.filter((text) => text !== "other").length).toBeGreaterThan(200);
  });
});
