import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type CallExpression, parseSync, Visitor } from "oxc-parser";
import { describe, expect, test } from "vitest";

const ROOMS = ["adapter", "cli", "engines", "extension", "notes", "trace", "webview"];
const korean: Record<string, string> = JSON.parse(readFileSync("l10n/bundle.l10n.ko.json", "utf8"));

/** The first argument of every `l10n.t(…)` of a file; null where it is no literal. */
function stringsOf(file: string): (string | null)[] {
  const found: (string | null)[] = [];
  const { program, errors } = parseSync(file, readFileSync(file, "utf8"));
  expect(errors, file).toEqual([]);
  new Visitor({
    CallExpression({ callee, arguments: given }: CallExpression) {
      if (callee.type !== "MemberExpression" || callee.property.type !== "Identifier") return;
      if (callee.property.name !== "t" || callee.object.type !== "Identifier") return;
      if (callee.object.name !== "l10n") return;
      const [text] = given;
      found.push(text?.type === "Literal" && typeof text.value === "string" ? text.value : null);
    },
  }).visit(program);
  return found;
}

const files = ROOMS.flatMap((room) =>
  readdirSync(room, { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".ts"))
    .map((path) => join(room, path)),
);
const used = files.flatMap((file) => stringsOf(file).map((text) => ({ file, text })));
const placeholders = (text: string): string[] => [...new Set(text.match(/\{\d+\}/g))].sort();

describe("the catalogue of what a person sees", () => {
  test("finds the strings of every room", () => {
    for (const room of ["adapter", "engines", "extension", "webview", "trace"]) {
      expect(
        used.some(({ file }) => file.startsWith(room)),
        room,
      ).toBe(true);
    }
  });

  test("every string is a literal, so that it can be looked up", () => {
    expect(used.filter(({ text }) => text === null).map(({ file }) => file)).toEqual([]);
  });

  test("every string has a Korean line", () => {
    expect(used.filter(({ text }) => text !== null && !Object.hasOwn(korean, text))).toEqual([]);
  });

  test("no Korean line is left over", () => {
    const texts = new Set(used.map(({ text }) => text));
    expect(Object.keys(korean).filter((text) => !texts.has(text))).toEqual([]);
  });

  test("a Korean line has the placeholders of its English text", () => {
    for (const [english, text] of Object.entries(korean))
      expect(placeholders(text), english).toEqual(placeholders(english));
  });

  test("the lines stand in order", () => {
    expect(Object.keys(korean)).toEqual(Object.keys(korean).sort());
  });
});

describe("the manifest's catalogue", () => {
  const manifest = readFileSync("package.json", "utf8");
  const english: Record<string, string> = JSON.parse(readFileSync("package.nls.json", "utf8"));
  const translated: Record<string, string> = JSON.parse(readFileSync("package.nls.ko.json", "utf8"));

  test("has each %key% of package.json, and no other, in both languages", () => {
    const keys = [...manifest.matchAll(/"%([\w.]+)%"/g)].map(([, key]) => key).sort();
    expect(Object.keys(english).sort()).toEqual([...new Set(keys)]);
    expect(Object.keys(translated).sort()).toEqual(Object.keys(english).sort());
  });

  test("calls the main command exactly Trace backward, of the category Backstep", () => {
    const { commands } = JSON.parse(manifest).contributes as {
      commands: { command: string; category: string }[];
    };
    expect(commands.find(({ command }) => command === "backstep.traceBackward")?.category).toBe("Backstep");
    expect(english["command.traceBackward"]).toBe("Trace backward");
  });
});
