/** A small training of two processes (gloo, loopback), recorded as `torchrun` would start it. */
import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const RECORDER = fileURLToPath(new URL("../../dist/recorder/backstep_recorder", import.meta.url));
export const TRAINING = `
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

/** Writes train.py, rank0.json and rank1.json into the folder. Throws where a process fails. */
export async function recordRanks(python: string, folder: string): Promise<void> {
  writeFileSync(join(folder, "train.py"), TRAINING);
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
  const codes = await Promise.all(ended);
  if (codes.some((code) => code !== 0)) throw new Error(`the processes ended with ${codes.join(", ")}`);
}
