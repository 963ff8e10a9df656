import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { DEFAULT_LIMITS } from "../../engines/engine.ts";
import { expandedPath } from "../../extension/home.ts";
import { readLimits, readSetting, settings } from "../../extension/settings.ts";

const configuration = (values: Record<string, unknown>) => ({ get: (name: string) => values[name] });
const none = (message: string): never => {
  throw new Error(message);
};

describe("settings", () => {
  test("are the engine's own limits where none is given", () => {
    expect(readLimits(configuration({}), none)).toEqual(DEFAULT_LIMITS);
  });

  test("come in seconds, MB and KB", () => {
    const given = configuration({ timeLimit: 5, memoryLimit: 512, outputLimit: 2 });
    expect(readLimits(given, none)).toEqual({ seconds: 5, memory: 512 << 20, output: 2048 });
  });

  test.each([
    ["timeLimit", "soon", 30],
    ["timeLimit", 0, 30],
    ["timeLimit", Number.NaN, 30],
    ["memoryLimit", 1, 1024],
    ["outputLimit", null, 1024],
    ["highlightSource", "yes", true],
  ] as const)("%s of %j is named and left for the default", (name, value, fallback) => {
    const messages: string[] = [];
    expect(readSetting(configuration({ [name]: value }), name, (message) => messages.push(message))).toBe(
      fallback,
    );
    expect(messages).toHaveLength(1);
    expect(messages[0]).toContain(`backstep.${name} is ${JSON.stringify(value)}`);
    expect(messages[0]).toContain(`Backstep uses ${fallback}`);
  });

  test("fetch packages for the very Pyodide that runs", () => {
    const { devDependencies } = JSON.parse(readFileSync("package.json", "utf8"));
    expect(readSetting(configuration({}), "packageIndex", none)).toContain(`/v${devDependencies.pyodide}/`);
  });

  test("are declared in package.json with the same defaults and bounds", () => {
    const { configuration: declared } = JSON.parse(readFileSync("package.json", "utf8")).contributes;
    const expected = Object.entries(settings).map(([name, schema]) => {
      const {
        type,
        default: fallback,
        minimum,
        maximum,
      } = z.toJSONSchema(schema as z.ZodType, { io: "input" });
      return [
        `backstep.${name}`,
        { type, default: fallback, ...(minimum === undefined ? {} : { minimum, maximum }) },
      ];
    });
    for (const [name, property] of expected)
      expect(declared.properties[name as string]).toMatchObject(property as object);
    expect(Object.keys(declared.properties).sort()).toEqual(expected.map(([name]) => name).sort());
  });
});

const FOLDER = "$\u007bworkspaceFolder}";
test.each([
  ["~/env/bin/python", "/w", `${homedir()}/env/bin/python`],
  ["/usr/bin/py~thon", "/w", "/usr/bin/py~thon"],
  [`${FOLDER}/.venv/bin/python`, "/w/$&", "/w/$&/.venv/bin/python"],
  [`${FOLDER}/python`, undefined, `${FOLDER}/python`],
])("the path %s in the folder %s is %s", (path, folder, wanted) => {
  expect(expandedPath(path, folder)).toBe(wanted);
});
