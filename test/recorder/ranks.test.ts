/** Two processes of one training (gloo, loopback): a trace for each rank, its own gradients beside the ones all share. */
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { readTrace } from "../../trace/read.ts";
import type { Trace } from "../../trace/schema.ts";
import { describeAgainstPyTorch } from "../support/pytorch.ts";

const RECORDER = fileURLToPath(new URL("../../dist/recorder/backstep_recorder", import.meta.url));
const PROGRAM = `
import torch, torch.distributed as dist
dist.init_process_group("gloo")
rank = dist.get_rank()
torch.manual_seed(0)
net = torch.nn.Linear(3, 1)
model = torch.nn.parallel.DistributedDataParallel(net)
x = torch.arange(6.0).reshape(2, 3) * (rank + 1)
(model(x) ** 2).mean().backward()
weight = net.weight
print(weight.grad)
dist.destroy_process_group()
`;

/** A port that was free a moment ago. */
const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });

/** What the leaf `weight` got in this process, and its `.grad` when the run ended. */
function gradients(trace: Trace): { local: readonly number[]; shared: readonly number[] } {
  const steps = trace.backwards[0]?.steps ?? [];
  const local = steps.flatMap(({ accumulate }) =>
    accumulate !== null && accumulate.added.shape.length === 2 ? [accumulate.added] : [],
  );
  const shared = trace.tensors.find((tensor) => tensor.names.includes("weight"))?.grad;
  return { local: numbers(local[0]), shared: numbers(shared) };
}

const numbers = (value: Trace["tensors"][number]["grad"] | undefined): readonly number[] =>
  value?.kind === "inline" ? value.data.map(Number) : [];

describeAgainstPyTorch("two ranks", (python) => {
  test("each leave a trace, whose local gradients have the shared one as their mean", async () => {
    const folder = mkdtempSync(join(tmpdir(), "backstep-test-"));
    try {
      writeFileSync(join(folder, "train.py"), PROGRAM);
      const port = String(await freePort());
      const ended = [0, 1].map((rank) => {
        const child = spawn(python, [RECORDER, "--out", "rank%r.json", "train.py"], {
          cwd: folder,
          stdio: ["ignore", "ignore", "inherit"],
          env: {
            ...process.env,
            RANK: String(rank),
            WORLD_SIZE: "2",
            MASTER_ADDR: "127.0.0.1",
            MASTER_PORT: port,
            OMP_NUM_THREADS: "1",
          },
        });
        return new Promise<number | null>((resolve) => child.once("close", resolve));
      });
      expect(await Promise.all(ended)).toEqual([0, 0]);
      const [a, b] = [0, 1].map((rank) =>
        gradients(readTrace(readFileSync(join(folder, `rank${rank}.json`), "utf8"))),
      );
      if (a === undefined || b === undefined) throw new Error("two traces were written");
      expect(a.local).not.toEqual(b.local);
      expect(a.shared).toEqual(b.shared);
      expect(a.shared.length).toBe(3);
      for (const [i, x] of a.shared.entries())
        expect(x).toBeCloseTo(((a.local[i] as number) + (b.local[i] as number)) / 2, 4);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
