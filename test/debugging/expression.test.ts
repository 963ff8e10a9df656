import { expect, test } from "vitest";
import { expressionAt } from "../../extension/debugging/expression.ts";

const LINE = "    loss = crit(net.fc[0].weight, outs['a'].π)";
const at = (text: string, inside = 0): string | null => {
  const column = LINE.indexOf(text) + inside;
  return expressionAt(LINE, column, column);
};

test("the cursor means the chain up to where it stands", () => {
  expect(at("loss", 4)).toBe("loss");
  expect(at("net")).toBe("net");
  expect(at("fc", 1)).toBe("net.fc");
  expect(at("weight", 6)).toBe("net.fc[0].weight");
  expect(at("outs")).toBe("outs");
  expect(at("π", 1)).toBe("outs['a'].π");
});

test("between expressions it means nothing", () => {
  expect(at("= crit")).toBeNull();
  expect(expressionAt("", 0, 0)).toBeNull();
});

test("a selection means itself", () => {
  expect(expressionAt("y = (a + b) * 2", 4, 11)).toBe("(a + b)");
  expect(expressionAt("y  = a", 1, 3)).toBeNull();
});
