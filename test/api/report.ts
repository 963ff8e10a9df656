/** Makes the API report; see scripts/report.mjs. */
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { pytorch, runPython } from "../support/pytorch.ts";
import { checks } from "./checks.ts";
import { answers, presence } from "./embedded.ts";
import { agree, type Judged, judge, type Name, percentage, type Recorded } from "./figure.ts";

const here = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

export async function writeReport(): Promise<void> {
  if (pytorch === null) throw new Error("no python3 with torch: install PyTorch to make the report");
  const { torch, names } = JSON.parse(
    execFileSync(pytorch, [here("names.py")], { encoding: "utf8", maxBuffer: 1 << 26 }),
  ) as { torch: string; names: Record<string, string> };
  const texts = checks();
  const judged = runPython(pytorch, here("harness.py"), texts) as Judged[];
  const theirs = Object.fromEntries(texts.map((text, i) => [text, judged[i] as Judged]));
  const ours = await answers(texts);
  const list = judge(names, theirs, ours, await presence(Object.keys(names)));
  const recorded: Recorded = {
    torch,
    names,
    answers: theirs,
    equal: list.filter((n) => n.status === "equal").map((n) => n.name),
  };
  writeFileSync(here("../recorded/api.json.gz"), gzipSync(JSON.stringify(recorded), { level: 9 }));
  writeFileSync(here("../../docs/api.md"), asMarkdown(torch, list));
  const differing = texts.filter((text) => !agree(ours[text], theirs[text] as Judged));
  writeFileSync(
    here("../../dist/api-differences.txt"),
    differing
      .map((text) => {
        const show = (s?: { said: string; error: string }): string =>
          `${s?.said ?? ""}${s?.error ?? ""}`.trim();
        return `${text}\n  PyTorch:  ${show(theirs[text])}\n  Backstep: ${show(ours[text])}\n`;
      })
      .join("\n"),
  );
  const dense = list.filter((n) => n.outside === null);
  console.log(
    `${dense.filter((n) => n.status === "equal").length} of ${dense.length} dense CPU names equal: ${percentage(list).toFixed(1)} %`,
  );
  console.log(`${differing.length} of ${texts.length} checks differ: dist/api-differences.txt`);
  const refused = texts.filter((text) => theirs[text]?.error !== "");
  console.log(`${refused.length} checks are refused by PyTorch itself`);
}

function asMarkdown(torch: string, list: readonly Name[]): string {
  const modules = [...new Set(list.map((n) => n.name.slice(0, n.name.lastIndexOf("."))))];
  const count = (of: readonly Name[], status: Name["status"]): number =>
    of.filter((n) => n.status === status).length;
  const lines = [
    "# How much of PyTorch is there",
    "",
    `Every public name of PyTorch ${torch}, by what the embedded engine does with it. Made by \`npm run report\` from checks`,
    "that ran in both (`test/api/calls`, the samples of the op rows): do not edit.",
    "",
    "- **equal**: a check that uses the name prints the same in both, gradients and errors included;",
    "- **error**: it is refused by an error that names it and says that the PyTorch engine has it;",
    "- **missing**: it is not there, differs, or no check has run.",
    "",
    `Dense CPU names: **${percentage(list).toFixed(1)} %** equal.`,
    "",
    "| module | dense CPU names | equal | error | missing | other names |",
    "|---|--:|--:|--:|--:|--:|",
    ...modules.map((module) => {
      const of = list.filter((n) => n.name.slice(0, n.name.lastIndexOf(".")) === module);
      const dense = of.filter((n) => n.outside === null);
      return `| \`${module}\` | ${dense.length} | ${count(dense, "equal")} | ${count(dense, "error")} | ${count(dense, "missing")} | ${of.length - dense.length} |`;
    }),
    "",
  ];
  for (const module of modules) {
    const dense = list.filter(
      (n) => n.outside === null && n.name.slice(0, n.name.lastIndexOf(".")) === module,
    );
    const short = (n: Name): string => `\`${n.name.slice(module.length + 1)}\``;
    lines.push(`## ${module}`, "");
    const left = dense.filter((n) => n.status !== "equal");
    if (left.length > 0) {
      lines.push("| not equal | | why |", "|---|---|---|");
      lines.push(
        ...left.map((n) => `| ${short(n)} | ${n.status} | ${n.reason.replaceAll("|", "\\|")} |`),
        "",
      );
    }
    lines.push(
      `Equal: ${dense
        .filter((n) => n.status === "equal")
        .map(short)
        .join(" ")}`,
      "",
    );
  }
  lines.push(
    "## Not dense CPU names",
    "",
    "Not counted above. Those that are equal all the same are in bold.",
    "",
  );
  const reasons = [...new Set(list.flatMap((n) => (n.outside === null ? [] : [n.outside])))].sort();
  for (const reason of reasons) {
    const of = list.filter((n) => n.outside === reason);
    const show = (n: Name): string => (n.status === "equal" ? `**\`${n.name}\`**` : `\`${n.name}\``);
    lines.push(`- ${reason}: ${of.map(show).join(" ")}`);
  }
  return `${lines.join("\n")}\n`;
}
