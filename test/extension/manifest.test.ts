import { existsSync, readFileSync } from "node:fs";
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

  test("wakes for Python, Markdown, notebooks, its own panel and its own debug type only", () => {
    expect(activationEvents).toEqual([
      "onLanguage:python",
      "onLanguage:markdown",
      "onWebviewPanel:backstep.panel",
      "onDebugResolve:backstep",
      "onNotebook:jupyter-notebook",
    ]);
  });

  test("leads newcomers through commands and pictures that are there and ship", () => {
    const texts: Record<string, string> = JSON.parse(readFileSync("package.nls.json", "utf8"));
    const ships = readFileSync(".vscodeignore", "utf8").split("\n");
    interface Step {
      readonly description: string;
      readonly media: { readonly image: string };
      readonly completionEvents?: readonly string[];
    }
    const steps = (contributes.walkthroughs as { readonly steps: readonly Step[] }[]).flatMap(
      ({ steps }) => steps,
    );
    expect(steps.length).toBeGreaterThan(3);
    for (const { description, media, completionEvents = [] } of steps) {
      expect(existsSync(media.image) && ships.includes(`!${media.image}`), media.image).toBe(true);
      const links = texts[description.replaceAll("%", "")]?.matchAll(/\(command:([\w.]+)\)/g) ?? [];
      const named = completionEvents.map((event) => event.replace("onCommand:", ""));
      for (const command of [...[...links].map(([, id]) => id), ...named])
        expect(declared).toContain(command);
    }
  });
});
