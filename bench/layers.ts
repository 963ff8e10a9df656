/** Where the time of one small op goes: the same multiplication from the kernel outwards, each row with all before it. */
import { readFileSync } from "node:fs";
import { Binary, DType } from "../assembly/shared/codes.ts";
import { Autograd } from "../autograd/autograd.ts";
import { Handles } from "../autograd/handles.ts";
import { retain, type Tensor } from "../autograd/tensor.ts";
import { loadCore } from "../autograd/wasm.ts";
import type { Row } from "./report.ts";
import { byBackstep } from "./speed.ts";

const COUNT = 5000;

/** Milliseconds of one call. */
function least(work: () => void): number {
  let best = Number.POSITIVE_INFINITY;
  for (let i = 0; i < 40; i++) {
    const began = performance.now();
    for (let k = 0; k < COUNT; k++) work();
    best = Math.min(best, (performance.now() - began) / COUNT);
  }
  return best;
}

export async function layers(): Promise<Row[]> {
  const core = loadCore(readFileSync("dist/embedded/core.wasm"));
  const ad = new Autograd(core, new Handles<Tensor>("tensor"));
  const leaf = (): Tensor => ad.scope.within(() => retain(ad.k.full([2], 1, DType.f32)));
  const [x, y, out] = [leaf(), leaf(), leaf()];
  const kernel = least(() => core.binary(Binary.mul, out, x, y));
  const call = (): void => {
    ad.scope.within(() => ad.call("mul", x, y));
  };
  const plain = least(call);
  x.requiresGrad = y.requiresGrad = true;
  const graph = least(call);
  const times = async (record: boolean): Promise<{ graph: number; plain: number }> =>
    JSON.parse(await byBackstep("layers.py", record));
  const python = await times(false);
  const recorded = await times(true);
  const row = (work: string, ours: number): Row => ({ work, ours, theirs: null, goal: null });
  return [
    row("the kernel, dimensions merged", kernel),
    row("and the op: choice of the row, promotion, a new tensor", plain),
    row("and its node: edges, what it saves", graph),
    row(
      "from Python without a graph: the facade's checks, the bridge, the Python object",
      python.plain / 1000,
    ),
    row("from Python with a graph", python.graph / 1000),
    row("and the recorder, when the run is traced", recorded.graph / 1000),
  ];
}
