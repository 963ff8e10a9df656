/** Every measurement, one after the other; names on the command line choose some of them. */
import { readFileSync } from "node:fs";
import { chooseCore, loadCore } from "../autograd/wasm.ts";
import { benchKernels } from "./kernels.ts";
import { findTorch, machine, type Row, table } from "./report.ts";
import { retrace } from "./retrace.ts";
import { wholeProcess } from "./whole-process.ts";

const BENCHES: Readonly<Record<string, { heading: string; against: string; run(): Promise<Row[]> }>> = {
  process: { heading: "start to result", against: "python3 with PyTorch", run: wholeProcess },
  kernels: {
    heading: "the core's kernels, one thread",
    against: "PyTorch",
    run: async () => {
      const [simd, relaxed] = ["core.wasm", "core-relaxed.wasm"].map((name) =>
        readFileSync(`dist/embedded/${name}`),
      );
      const core = loadCore(chooseCore(simd as Uint8Array, relaxed as Uint8Array));
      return benchKernels(core, findTorch() ?? undefined).map((time) => ({ ...time, goal: null }));
    },
  },
  retrace: { heading: "warm", against: "-", run: retrace },
};

const chosen = process.argv.slice(2);
const unknown = chosen.filter((name) => !Object.hasOwn(BENCHES, name));
if (unknown.length > 0) {
  console.error(`unknown measurement ${unknown.join(", ")}: there are ${Object.keys(BENCHES).join(", ")}`);
  process.exit(2);
}
console.log(`${machine()}\n`);
for (const [name, { heading, against, run }] of Object.entries(BENCHES)) {
  if (chosen.length === 0 || chosen.includes(name)) console.log(`${table(heading, against, await run())}\n`);
}
