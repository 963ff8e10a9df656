/** The API report of docs/api.md: what it says to be equal is so, and the figure does not fall. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import { beforeAll, expect, test } from "vitest";
import { expand } from "./checks.ts";
import { answers, presence } from "./embedded.ts";
import { judge, type Name, percentage, type Recorded } from "./figure.ts";

const path = (name: string): string => fileURLToPath(new URL(name, import.meta.url));
const recorded = JSON.parse(
  gunzipSync(readFileSync(path("../recorded/api.json.gz"))).toString("utf8"),
) as Recorded;
const stated = Number(
  /Dense CPU names: \*\*([\d.]+) %\*\*/.exec(readFileSync(path("../../docs/api.md"), "utf8"))?.[1],
);

let now: readonly Name[] = [];
beforeAll(async () => {
  const ours = await answers(Object.keys(recorded.answers));
  now = judge(recorded.names, recorded.answers, ours, await presence(Object.keys(recorded.names)));
}, 600_000);

test("a name that the report says is equal still prints what PyTorch printed", () => {
  const equal = new Set(now.filter((n) => n.status === "equal").map((n) => n.name));
  expect(recorded.equal.filter((name) => !equal.has(name))).toEqual([]);
});

test("the percentage that docs/api.md states has not fallen", () => {
  expect(stated).toBeGreaterThan(40);
  expect(Number(percentage(now).toFixed(1))).toBeGreaterThanOrEqual(stated);
});

test("every name that is not equal has its reason", () => {
  const left = now.filter((n) => n.status !== "equal");
  expect(left.filter((n) => n.reason === "")).toEqual([]);
});

test("a line of checks with several groups stands for each combination", () => {
  expect(expand("torch.<sin|cos>(a).<sum|mean>()")).toEqual([
    "torch.sin(a).sum()",
    "torch.sin(a).mean()",
    "torch.cos(a).sum()",
    "torch.cos(a).mean()",
  ]);
  expect(expand("a < b")).toEqual(["a < b"]);
});
