import { expect, test } from "vitest";
import { backwardCalls } from "../../notes/calls.ts";

const lines = (...text: string[]) => backwardCalls(text.join("\n"));

test("the lines that start a backward pass are found, each once", () => {
  expect(
    lines("x = 1", "y.backward()", "(a.backward(), b . backward (g))", "g, = torch.autograd.grad(y, x)"),
  ).toEqual([1, 2, 3]);
});

test("comments, strings and definitions start no pass", () => {
  expect(
    lines(
      "# y.backward()",
      "'y.backward()'",
      '"it\\"s y.backward()"',
      'f"""',
      "y.backward()",
      '"""',
      "def backward(ctx, g):",
      "    return g  # autograd.grad(y, x)",
      "y.backward_hook()",
      "z.backward()",
    ),
  ).toEqual([9]);
});

test("an open string hides what follows it, an apostrophe in a comment does not", () => {
  expect(lines("# it's", "y.backward()", "'''", "y.backward()")).toEqual([1]);
});
