/** A training with the recorder for PyTorch and without it, in turn in one process; only the training's steps are timed. */
import { spawnSync } from "node:child_process";
import { findTorch, type Row } from "./report.ts";

/** `python -c PROGRAM WIDTH RECORDER`: the middle of three times of the processor, in seconds: recorded, and plain. */
const PROGRAM = `import json, sys
sys.path[:0] = [sys.argv[2]]
import torch
from backstep_recorder.command import run
TRAIN = """
import time, torch
from torch import nn
torch.set_num_threads(1)
torch.manual_seed(0)
net = nn.Sequential(nn.Linear(WIDTH, WIDTH), nn.ReLU(), nn.Linear(WIDTH, WIDTH), nn.ReLU(), nn.Linear(WIDTH, 1))
optimizer = torch.optim.Adam(net.parameters())
x = torch.randn(64, WIDTH)
def step():
    optimizer.zero_grad()
    loss = (net(x) ** 2).mean()
    loss.backward()
    optimizer.step()
for _ in range(3): step()
began = time.process_time()
for _ in range(20): step()
print(time.process_time() - began)
""".replace("WIDTH", sys.argv[1])
request = {"mode": "script", "blocks": [{"name": "train.py", "text": TRAIN}], "argv": ["train.py"]}
times = {True: [], False: []}
for _ in range(3):
    for record in times:
        printed = []
        code = run({**request, "record": record}, lambda stream, text, _: printed.append(text), lambda trace: None)
        if code != 0:
            sys.exit("".join(printed))
        times[record].append(float("".join(printed)))
print(json.dumps([sorted(times[record])[1] for record in times]))
`;

export async function recording(): Promise<Row[]> {
  const python = findTorch();
  if (python === null) {
    console.log("not measured: recording (no python3 with torch)");
    return [];
  }
  return ["16", "256"].map((width) => {
    const { status, stdout, stderr } = spawnSync(python, ["-c", PROGRAM, width, "dist/recorder"], {
      encoding: "utf8",
    });
    if (status !== 0) throw new Error(`the training failed: ${stderr}`);
    const [recorded = 0, plain = 0] = JSON.parse(stdout) as readonly number[];
    return {
      work: `20 steps of three layers ${width} wide, recorded`,
      ours: recorded * 1000,
      theirs: plain * 1000,
      goal: null,
    };
  });
}
