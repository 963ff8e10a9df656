import { describe, expect, test, vi } from "vitest";
import {
  type Change,
  isStale,
  patient,
  type Ready,
  Session,
  type SessionState,
} from "../../extension/session.ts";
import { emptyTrace, squareSum } from "../support/traces.ts";
import { done, HandEngine, job, LINES, URI } from "./engine.ts";

/** A session that has run to the end with that trace. */
async function ready(trace = squareSum()): Promise<{ session: Session; changes: Change[]; state(): Ready }> {
  const session = new Session();
  const engine = new HandEngine();
  const run = session.run(engine, job());
  engine.end(0, done(trace));
  await run;
  const changes: Change[] = [];
  session.listen((_state, change) => changes.push(change));
  const state = (): Ready => {
    if (session.state.kind !== "ready") throw new Error(`the session is ${session.state.kind}`);
    return session.state;
  };
  return { session, changes, state };
}

describe("a run", () => {
  test("goes from running to ready, at the start of the last pass", async () => {
    const session = new Session();
    const engine = new HandEngine();
    const kinds: string[] = [];
    session.listen((state) => kinds.push(state.kind));
    const run = session.run(engine, job());
    engine.print("one\n");
    expect(session.state).toMatchObject({ kind: "running", output: "one\n" });
    engine.end(0, done());
    await run;
    expect(kinds).toEqual(["running", "running", "ready"]);
    expect(session.state).toMatchObject({ kind: "ready", place: { backward: 0, step: -1, phase: 0 } });
    expect(engine.requests[0]).toMatchObject({ mode: "script", record: true, argv: ["a.py"] });
  });

  test("that prints a great deal tells of it in a few changes, and of every character", async () => {
    const session = new Session();
    const engine = new HandEngine();
    const changes: Change[] = [];
    session.listen((_state, change) => changes.push(change));
    const run = session.run(engine, job());
    for (let i = 0; i < 1000; i++) engine.print(`${i}\n`);
    engine.end(0, done());
    await run;
    const told = changes.flatMap((change) => (change.kind === "output" ? [change.text] : []));
    expect(told.join("")).toBe(Array.from({ length: 1000 }, (_, i) => `${i}\n`).join(""));
    expect(told.length).toBeLessThan(100);
  });

  test("knows the modules that it imported by their documents, and nothing of other code", async () => {
    const sources = [
      { name: "a.py", text: "x = 1\ny = x" },
      { name: "helper.py", text: "def f():\r\n  pass\r\n" },
      { name: "<string>", text: "z" },
    ];
    const { session, state } = await ready(emptyTrace({ sources }));
    expect(state().job.pieces.map(({ uri }) => uri)).toEqual(["file:///a.py", "file:///helper.py", ""]);
    expect(state().job.asked).toBe(1);
    session.documentChanged("file:///helper.py", [], () => ["def f():", "  pass", ""]);
    expect(isStale(session.state)).toBe(false);
    session.documentChanged("file:///helper.py", [], () => ["def f():", "  return", ""]);
    expect(isStale(session.state)).toBe(true);
  });

  test("that fails says why, and the next one works", async () => {
    const session = new Session();
    const engine = new HandEngine();
    const first = session.run(engine, job());
    engine.end(0, { kind: "failed", reason: "time", message: "it took 30 s" });
    await first;
    expect(session.state).toMatchObject({ kind: "failed", reason: "time", message: "it took 30 s" });
    const second = session.run(engine, job());
    engine.end(1, done());
    await second;
    expect(session.state.kind).toBe("ready");
  });

  test("whose engine throws is a failure in words", async () => {
    const session = new Session();
    const engine = new HandEngine();
    engine.run = () => Promise.reject(new Error("no child process"));
    await session.run(engine, job());
    expect(session.state).toMatchObject({ kind: "failed", message: "no child process" });
  });

  test("that is cancelled leaves nothing but its title", async () => {
    const session = new Session();
    const run = session.run(new HandEngine(), job());
    session.cancel();
    await run;
    expect(session.state).toEqual({ kind: "idle", cancelled: "a.py" });
  });

  test("is taken over by a later one, whose result alone counts", async () => {
    const session = new Session();
    const engine = new HandEngine();
    const first = session.run(engine, job("first"));
    const late = engine.print;
    const second = session.run(engine, job("second"));
    late("from the first");
    engine.end(1, done());
    await Promise.all([first, second]);
    expect(session.state).toMatchObject({ kind: "ready", job: { title: "second" } });
  });

  test("without a backward pass has no place, and a move does nothing", async () => {
    const { session, changes, state } = await ready(emptyTrace());
    session.move({ kind: "forward" });
    expect(state().place).toBeNull();
    expect(changes).toEqual([]);
  });
});

describe("the position", () => {
  test("moves for everyone who listens", async () => {
    const { session, changes, state } = await ready();
    session.move({ kind: "forward" });
    session.move({ kind: "forward" });
    session.move({ kind: "back" });
    expect(state().place?.step).toBe(0);
    expect(changes.map(({ kind }) => kind)).toEqual(["place", "place", "place"]);
  });

  test("stops at breakpoints, which toggle", async () => {
    const { session, state } = await ready();
    const last = state().trace.backwards[0]?.steps.at(-1)?.node ?? -1;
    const middle = state().trace.backwards[0]?.steps[1]?.node ?? -1;
    session.toggleBreakpoint(middle);
    session.move({ kind: "toBreakpoint", direction: "forward" });
    expect(state().place?.step).toBe(1);
    session.toggleBreakpoint(middle);
    expect(state().breakpoints.size).toBe(0);
    session.toggleBreakpoint(last);
    expect([...state().breakpoints]).toEqual([last]);
  });

  test("a node that the trace lacks is refused in words", async () => {
    const { session } = await ready();
    expect(() => session.toggleBreakpoint(99)).toThrow(/node 99 is not in this trace/);
    expect(() => session.move({ kind: "toNode", node: 99 })).toThrow(/node 99 is not in this trace/);
  });
});

describe("an edit", () => {
  test("of what ran makes the trace stale, and taking it back makes it current", async () => {
    const { session, changes } = await ready();
    session.documentChanged(URI, [{ start: 1, end: 1, lines: 1 }], () => ["x = 1", "y = x + 1"]);
    expect(isStale(session.state)).toBe(true);
    session.documentChanged(URI, [{ start: 1, end: 1, lines: 1 }], () => LINES);
    expect(isStale(session.state)).toBe(false);
    expect(changes.map(({ kind }) => kind)).toEqual(["stale", "stale"]);
  });

  test("above what ran only moves it", async () => {
    const { session, state, changes } = await ready();
    session.documentChanged(URI, [{ start: 0, end: 0, lines: 1 }], () => ["z", ...LINES]);
    expect(isStale(session.state)).toBe(true);
    session.documentChanged(URI, [{ start: 0, end: 0, lines: 1 }], () => LINES);
    session.documentChanged("file:///other.py", [{ start: 0, end: 0, lines: 9 }], () => []);
    expect(state().job.pieces[0]?.line).toBe(0);
    expect(changes).toHaveLength(2);
  });

  test("while it runs is known when the trace is ready", async () => {
    const session = new Session();
    const engine = new HandEngine();
    const run = session.run(engine, job());
    session.documentChanged(URI, [{ start: 0, end: 0, lines: 1 }], () => ["x = 2", "y = x"]);
    engine.end(0, done());
    await run;
    expect(session.state.kind).toBe("ready");
    expect(isStale(session.state)).toBe(true);
  });
});

describe("a patient listener", () => {
  const listen = () => {
    const heard: string[] = [];
    const tell = patient((state, change) => heard.push(`${change.kind} ${state.kind}`));
    return { heard, tell };
  };
  const running = { kind: "running" } as SessionState;
  const idle: SessionState = { kind: "idle" };

  test("never hears of a run that is soon over", () => {
    vi.useFakeTimers();
    const { heard, tell } = listen();
    tell(running, { kind: "state" });
    tell(running, { kind: "output", text: "1" });
    tell(idle, { kind: "state" });
    vi.runAllTimers();
    vi.useRealTimers();
    expect(heard).toEqual(["state idle"]);
  });

  test("hears of a run that takes its time, and then of what it prints", () => {
    vi.useFakeTimers();
    const { heard, tell } = listen();
    tell(running, { kind: "state" });
    vi.runAllTimers();
    tell(running, { kind: "output", text: "1" });
    vi.useRealTimers();
    expect(heard).toEqual(["state running", "output running"]);
  });

  const fresh = { kind: "failed", edited: new Set() } as unknown as SessionState;
  const edited = { kind: "failed", edited: new Set(["a"]) } as unknown as SessionState;

  test("never hears of an edit whose trace soon comes", () => {
    vi.useFakeTimers();
    const { heard, tell } = listen();
    tell(edited, { kind: "stale" });
    tell(edited, { kind: "place" });
    tell(fresh, { kind: "state" });
    vi.runAllTimers();
    vi.useRealTimers();
    expect(heard).toEqual(["place failed", "state failed"]);
  });

  test("hears once of edits that stand for a while, at once where they are taken back, or that they give no trace", () => {
    vi.useFakeTimers();
    const { heard, tell } = listen();
    tell(edited, { kind: "stale" });
    tell(edited, { kind: "stale" });
    vi.runAllTimers();
    expect(heard).toEqual(["stale failed"]);
    tell(fresh, { kind: "stale" });
    tell({ kind: "ready", edited: new Set(["a"]), untraced: "NameError" } as unknown as SessionState, {
      kind: "stale",
    });
    expect(heard).toEqual(["stale failed", "stale failed", "stale ready"]);
    vi.runAllTimers();
    vi.useRealTimers();
    expect(heard).toHaveLength(3);
  });
});

describe("breakpoints with conditions", () => {
  test("stop the walk only where the condition holds, at a node or at any", async () => {
    const { session, state, changes } = await ready();
    session.setCondition(1, "norm > 100");
    session.move({ kind: "toBreakpoint", direction: "forward" });
    expect(state().place?.step).toBe(2);
    session.move({ kind: "first" });
    session.setCondition(1, "size == 2");
    session.move({ kind: "toBreakpoint", direction: "forward" });
    expect(state().place?.step).toBe(1);
    session.move({ kind: "first" });
    session.toggleBreakpoint(1);
    expect([...state().conditions]).toEqual([]);
    session.setCondition(null, 'op == "pow"');
    session.move({ kind: "toBreakpoint", direction: "forward" });
    expect(state().place?.step).toBe(1);
    expect(changes.some(({ kind }) => kind === "breakpoints")).toBe(true);
  });

  test("what is no condition is refused in words, and changes nothing", async () => {
    const { session, state } = await ready();
    expect(() => session.setCondition(null, "process.exit()")).toThrow("the functions are");
    expect(() => session.setCondition(99, null)).toThrow("node 99 is not in this trace: it has 3 nodes");
    expect(state().conditions.size).toBe(0);
  });

  test("what stops at any node stays through the next run; a node's own does not", async () => {
    const { session } = await ready();
    session.setCondition(null, "nan > 0");
    session.setCondition(1, "inf > 0");
    const engine = new HandEngine();
    const run = session.run(engine, job());
    engine.end(0, done());
    await run;
    expect(session.state).toMatchObject({
      kind: "ready",
      breakpoints: new Set(),
      conditions: new Map([[null, "nan > 0"]]),
    });
  });
});

describe("a run that is to replace what is shown", () => {
  const error = { type: "SyntaxError", message: "invalid syntax", traceback: "", ranges: [] };
  const wanted = () => true;

  test("leaves it until the new trace is there, and then stands at the same node", async () => {
    const { session, changes, state } = await ready();
    session.move({ kind: "forward" });
    session.move({ kind: "forward" });
    const { place } = state();
    const engine = new HandEngine();
    changes.length = 0;
    const run = session.refresh(engine, job(), wanted);
    expect(state().place).toEqual(place);
    expect(changes).toEqual([]);
    const trace = squareSum();
    engine.end(0, done(trace));
    await run;
    expect(state().trace).toBe(trace);
    expect(state().place).toEqual(place);
  });

  test("leaves it where the new text gives none, says why, and forgets that once one comes", async () => {
    const { session, state } = await ready();
    const { trace } = state();
    const engine = new HandEngine();
    const first = session.refresh(engine, job(), wanted);
    engine.end(0, done({ ...squareSum(), error }));
    await first;
    expect(state().trace).toBe(trace);
    expect(state().untraced).toBe("SyntaxError: invalid syntax");
    const second = session.refresh(engine, job(), wanted);
    engine.end(1, done());
    await second;
    expect(state().untraced).toBeUndefined();
  });

  test("says nothing more once the text that is shown stands there again", async () => {
    const { session, state } = await ready();
    session.documentChanged(URI, [], () => ["x = ", "y = x"]);
    session.keepShown("SyntaxError: invalid syntax");
    session.documentChanged(URI, [], () => LINES);
    expect(state().untraced).toBeUndefined();
  });

  test("does nothing once a later one has begun, it is not wanted any more, or another trace is shown", async () => {
    const { session, state } = await ready();
    const { trace } = state();
    const engine = new HandEngine();
    const first = session.refresh(engine, job(), wanted);
    const second = session.refresh(engine, job(), () => false);
    engine.end(1, done());
    await Promise.all([first, second]);
    expect(state().trace).toBe(trace);
    const third = session.refresh(engine, job(), wanted);
    const shown = squareSum();
    session.open(job(), "files", [{ label: "", trace: shown, pieces: [] }]);
    await third;
    expect(state().trace).toBe(shown);
  });
});
