/** Every measurement, one after the other; names on the command line choose some of them. */
import { readFileSync } from "node:fs";
import { setFlagsFromString } from "node:v8";
import { chooseCore, loadCore } from "../autograd/wasm.ts";
import { editor } from "./editor.ts";
import { benchKernels } from "./kernels.ts";
import { layers } from "./layers.ts";
import { picture } from "./picture.ts";
import { recording } from "./recording.ts";
import { findTorch, machine, type Row, table } from "./report.ts";
import { retrace } from "./retrace.ts";
import { againstTfjs, againstTorch, blas, programs } from "./speed.ts";
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
  ops: { heading: "ops as a program sees them", against: "PyTorch", run: againstTorch },
  tfjs: { heading: "ops as a program sees them", against: "tfjs-backend-wasm", run: againstTfjs },
  programs: { heading: "programs", against: "PyTorch", run: programs },
  layers: { heading: "x * y of two elements, from the inside out", against: "-", run: layers },
  recording: { heading: "the recorder for PyTorch", against: "PyTorch alone", run: recording },
  picture: { heading: "the picture", against: "the peer named", run: picture },
  editor: { heading: "in the editor, warm", against: "after five runs", run: editor },
  retrace: { heading: "warm", against: "python3 with PyTorch, started anew", run: retrace },
};

// As the sandbox's child does.
if (process.versions.v8.startsWith("11.3.")) setFlagsFromString("--experimental-wasm-relaxed-simd");

const chosen = process.argv.slice(2);
const unknown = chosen.filter((name) => !Object.hasOwn(BENCHES, name));
if (unknown.length > 0) {
  console.error(`unknown measurement ${unknown.join(", ")}: there are ${Object.keys(BENCHES).join(", ")}`);
  process.exit(2);
}
console.log(`${machine()}; PyTorch multiplies with ${blas()}\n`);
for (const [name, { heading, against, run }] of Object.entries(BENCHES)) {
  if (chosen.length === 0 || chosen.includes(name)) console.log(`${table(heading, against, await run())}\n`);
}
