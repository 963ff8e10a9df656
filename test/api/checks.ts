/** The checks of the API report: the lines of calls/*.txt and the samples of the op rows. */
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { ROW_SAMPLES } from "../autograd/samples.ts";

const FOLDER = fileURLToPath(new URL("calls/", import.meta.url));

/** `torch.<sin|cos>(a)` stands for two lines. */
export function expand(line: string): readonly string[] {
  const group = /<(\w+(?:\|\w+)*)>/.exec(line);
  if (group === null) return [line];
  const [whole, names = ""] = group;
  return names
    .split("|")
    .flatMap((name) => expand(line.slice(0, group.index) + name + line.slice(group.index + whole.length)));
}

export function checks(): readonly string[] {
  const lines = readdirSync(FOLDER)
    .sort()
    .flatMap((name) => readFileSync(FOLDER + name, "utf8").split("\n"))
    .filter((line) => line.trim() !== "" && !line.startsWith("# "));
  return [...new Set([...lines.flatMap(expand), ...ROW_SAMPLES])];
}
