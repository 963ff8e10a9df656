/** Each kind of "why?", over programs in which the question arises and others in which it does not. */
import { beforeAll, describe, expect, test } from "vitest";
import { ENGLISH } from "../../../trace/l10n.ts";
import { type Answer, askable, why } from "../../../trace/why/why.ts";
import { residentEngine } from "../../support/resident.ts";
import { DOUBLED, ERRORS, NAN, NONE, type Program, ZERO } from "./programs.ts";

const KINDS: readonly [string, RegExp, readonly Program[]][] = [
  ["why is .grad None", /^Why is .*\.grad None\?$/, NONE],
  ["why is it zero", /^Why (is|are) .*gradient of .* zero\?$/, ZERO],
  ["why is it NaN or infinite", /NaN or infinite\?$/, NAN],
  ["why is it the sum of several", /the sum of several\?$/, DOUBLED],
  ["why did it end", /^Why did it end with|^Why this gradient/, ERRORS],
];

let run: Awaited<ReturnType<typeof residentEngine>>;
beforeAll(async () => {
  run = await residentEngine();
});

function answersOf({ text, about }: Program): readonly Answer[] {
  const trace = run(`import torch\n${text}\n`);
  if (about === undefined) return why(trace, { kind: "run" }, null, ENGLISH);
  const found = askable(trace).findLast(({ name }) => name === about);
  if (found === undefined) throw new Error(`there is no ${about} to ask about`);
  return why(trace, { kind: "tensor", tensor: found.tensor }, null, ENGLISH);
}

for (const [title, question, programs] of KINDS)
  describe(title, () => {
    for (const program of programs) {
      const { says, line } = program;
      test(`${program.title}: ${says === null ? "the question does not arise" : "the answer names the cause"}`, () => {
        const answers = answersOf(program);
        expect(answers.length).toBeGreaterThan(0);
        const answer = answers.find((each) => question.test(each.question));
        if (says === null) return expect(answer).toBeUndefined();
        expect(answer?.answer).toMatch(says);
        if (line !== undefined)
          expect(answer?.path.map(({ range }) => (range === null ? null : range.start.line + 1))).toContain(
            line,
          );
      });
    }
  });

test("a node is answered for the tensor whose gradient it receives", () => {
  const trace = run("import torch\nx = torch.zeros(2, requires_grad=True)\n(x * x).sum().backward()\n");
  const leaf = trace.nodes.findIndex(({ variable }) => variable !== null);
  const [answer] = why(trace, { kind: "node", node: leaf }, null, ENGLISH);
  expect(answer?.question).toBe("Why is the gradient of x zero?");
});

test("a tensor that the trace lacks is answered without an error", () => {
  const trace = run("import torch\nx = torch.ones(2, requires_grad=True)\n");
  expect(why(trace, { kind: "tensor", tensor: 99 }, null, ENGLISH)).toHaveLength(1);
});
