// Writes test/recorded/random.json.gz: the random numbers of PyTorch to the calls of test/autograd/streams.py, for
// machines without it. Needs a Python with torch. usage: node scripts/record-random.mjs [python]
// @ts-check
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

const python = process.argv[2] ?? "python3";
const answers = execFileSync(python, ["test/autograd/streams.py"], { encoding: "utf8", maxBuffer: 2 ** 28 });
const { torch, results } = JSON.parse(answers);
writeFileSync("test/recorded/random.json.gz", gzipSync(answers, { level: 9 }));
console.log(`${Object.keys(results).length} answers of PyTorch ${torch}`);
