import { beforeEach, describe, expect, test, vi } from "vitest";
import * as vscode from "vscode";
import { KeptRun } from "../../extension/kept.ts";
import { Session } from "../../extension/session.ts";
import { squareSum } from "../support/traces.ts";
import { files } from "../support/vscode.ts";
import { done, HandEngine, job } from "./engine.ts";

const FOLDER = vscode.Uri.parse("/storage");
const SHOWN = "/storage/shown.json";
let logged: string[];

beforeEach(() => {
  files.clear();
  logged = [];
});

const keptRun = (session: Session, folder: vscode.Uri | undefined = FOLDER): KeptRun =>
  new KeptRun(session, folder, (text) => logged.push(text));

/** Runs, walks to the second step with a condition, and waits until that is written. */
async function walked(): Promise<Session> {
  const session = new Session();
  keptRun(session);
  const engine = new HandEngine();
  const run = session.run(engine, job());
  engine.end(0, done(squareSum()));
  await run;
  session.move({ kind: "forward" });
  session.move({ kind: "forward" });
  session.setCondition(1, "norm > 2");
  await vi.waitFor(() => expect(files.has(SHOWN)).toBe(true), { timeout: 5000 });
  return session;
}

describe("what is shown when the window is reloaded", () => {
  test("is shown again after it: trace, place, breakpoints and their conditions", async () => {
    const before = await walked();
    const after = new Session();
    await keptRun(after).restore();
    const { state } = before;
    if (state.kind !== "ready") throw new Error(`the session is ${state.kind}`);
    expect(after.state).toMatchObject({
      kind: "ready",
      trace: state.trace,
      place: { backward: 0, step: 1 },
      breakpoints: new Set([1]),
      conditions: new Map([[1, "norm > 2"]]),
      job: { title: state.job.title, pieces: state.job.pieces },
    });
  });

  test("is nothing where nothing was shown, and that is no mishap", async () => {
    const session = new Session();
    await keptRun(session).restore();
    expect(session.state).toEqual({ kind: "idle" });
    expect(logged).toEqual([]);
  });

  test("is nothing where what was kept is damaged, and the log says so", async () => {
    for (const text of ["{", "{}", '{"title": 3}']) {
      files.set(SHOWN, new TextEncoder().encode(text));
      const session = new Session();
      await keptRun(session).restore();
      expect(session.state).toEqual({ kind: "idle" });
    }
    expect(logged).toHaveLength(3);
  });

  test("does not take the place of a run that was begun meanwhile", async () => {
    await walked();
    const session = new Session();
    const kept = keptRun(session);
    const engine = new HandEngine();
    void session.run(engine, job());
    await kept.restore();
    expect(session.state.kind).toBe("running");
    session.cancel();
  });
});
