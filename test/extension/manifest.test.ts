import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { commandTable } from "../../extension/commands/register.ts";

interface Command {
  readonly command: string;
}
const { contributes, activationEvents } = JSON.parse(readFileSync("package.json", "utf8"));
const declared = (contributes.commands as Command[]).map(({ command }) => command);

describe("package.json", () => {
  test("declares every command that is registered, and no other", () => {
    const rooms = {} as Parameters<typeof commandTable>[0];
    expect(Object.keys(commandTable(rooms)).sort()).toEqual([...declared].sort());
  });

  test("names only declared commands in menus and keys", () => {
    const menus = Object.values<Command[]>(contributes.menus).flat();
    for (const { command } of [...menus, ...contributes.keybindings]) expect(declared).toContain(command);
  });

  test("binds keys only where they can mean Backstep", () => {
    for (const { when } of contributes.keybindings) expect(when).toMatch(/editorLangId|backstep\./);
  });

  test("wakes for Python, Markdown and its own panel only", () => {
    expect(activationEvents).toEqual([
      "onLanguage:python",
      "onLanguage:markdown",
      "onWebviewPanel:backstep.panel",
    ]);
  });
});
