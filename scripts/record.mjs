// `npm run record`: PyTorch's traces of the corpus, kept in test/recorded for machines without PyTorch.
// @ts-check
import { spawnSync } from "node:child_process";

const { status } = spawnSync(
  process.execPath,
  ["node_modules/vitest/vitest.mjs", "run", "test/recorder/judge.test.ts"],
  { stdio: "inherit", env: { ...process.env, BACKSTEP_RECORD: "1" } },
);
process.exit(status ?? 1);
