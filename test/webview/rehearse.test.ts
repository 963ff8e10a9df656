/** The trace that the panel rehearses with is the embedded engine's: BACKSTEP_RECORD=1 writes it anew. */
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { exportTrace } from "../../trace/export.ts";
import { readTrace } from "../../trace/read.ts";
import { runSnippet } from "../support/engine.ts";

const FILE = fileURLToPath(new URL("../../webview/rehearsal.json", import.meta.url));

/** Each mark that is common, a leaf that is used twice, a broadcast, a saved tensor. */
const PROGRAM = `X = torch.tensor([[1., 2.], [3., 4.]])
W = torch.tensor([[.5, -.25], [.75, 1.]], requires_grad=True)
b = torch.tensor([.5, -1.], requires_grad=True)
h = torch.relu(X @ W + b)
y = h * b
loss = (y**2).mean()
loss.backward()
`;

test("what the panel rehearses with is what the engine records", async () => {
  const { trace } = await runSnippet(PROGRAM, { mode: "note" });
  expect(trace.error).toBeNull();
  if (process.env.BACKSTEP_RECORD !== undefined) writeFileSync(FILE, exportTrace(trace, "json", null));
  expect(readTrace(readFileSync(FILE, "utf8"))).toEqual(trace);
});
