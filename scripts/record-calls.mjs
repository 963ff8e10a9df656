// Writes test/recorded/random.json.gz and creation.json.gz: what PyTorch answers to the calls of
// test/autograd/*_calls.py, for machines without it. Needs a Python with torch. usage: node scripts/record-calls.mjs [python]
// @ts-check
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

const python = process.argv[2] ?? "python3";
for (const name of ["random", "creation"]) {
  const program = `test/autograd/${name}_calls.py`;
  const answers = execFileSync(python, [program], { encoding: "utf8", maxBuffer: 2 ** 28 });
  const { torch, results } = JSON.parse(answers);
  writeFileSync(`test/recorded/${name}.json.gz`, gzipSync(answers, { level: 9 }));
  console.log(`${name}: ${Object.keys(results).length} answers of PyTorch ${torch}`);
}
