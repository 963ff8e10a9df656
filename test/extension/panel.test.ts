import { beforeEach, describe, expect, test, vi } from "vitest";
import * as fake from "vscode";
import { pageOf } from "../../extension/panel/html.ts";
import { Panel, type PanelActions } from "../../extension/panel/panel.ts";
import { Session } from "../../extension/session.ts";
import { squareSum } from "../support/traces.ts";
import { clipboard, type FakePanel, panels } from "../support/vscode.ts";
import { done, HandEngine, job } from "./engine.ts";

let asked: string[];
const actions: PanelActions = {
  reveal: async (node) => {
    asked.push(`reveal ${node}`);
    if (node > 99) throw new Error("This node has no expression in the editor.");
  },
  revealRange: async ({ start }) => {
    asked.push(`reveal line ${start.line}`);
  },
  turn: async ({ range, by, begins }) => {
    asked.push(`turn ${range.start.character} ${by} ${begins}`);
  },
  check: async () => {
    asked.push("check");
  },
  rerun: async () => {
    asked.push("rerun");
  },
  export: async (format) => {
    asked.push(`export ${format}`);
  },
  picture: async (format, data) => {
    asked.push(`picture ${format} ${data}`);
  },
};

async function shown(): Promise<{ session: Session; page: FakePanel; panel: Panel }> {
  const session = new Session();
  const panel = new Panel(fake.Uri.parse("/extension"), session, actions);
  panel.show();
  const page = panels.at(-1) as FakePanel;
  await page.send({ kind: "ready", body: {} });
  const engine = new HandEngine();
  const run = session.run(engine, job());
  engine.end(0, done(squareSum()));
  await run;
  page.posted.length = 0;
  return { session, page, panel };
}

beforeEach(() => {
  asked = [];
});

describe("the question why", () => {
  test("reaches an open panel at once", async () => {
    const { panel, page } = await shown();
    panel.ask({ kind: "run" });
    expect(page.posted).toContainEqual({ kind: "why", body: { subject: { kind: "run" } } });
  });

  test("waits for a panel that has yet to load", async () => {
    const panel = new Panel(fake.Uri.parse("/extension"), new Session(), actions);
    panel.ask({ kind: "node", node: 1 });
    const page = panels.at(-1) as FakePanel;
    expect(page.posted).toEqual([]);
    await page.send({ kind: "ready", body: {} });
    expect(page.posted.at(-1)).toEqual({ kind: "why", body: { subject: { kind: "node", node: 1 } } });
  });

  test("waits for one that was opened for a run, and has yet to load when that has ended", async () => {
    const panel = new Panel(fake.Uri.parse("/extension"), new Session(), actions);
    panel.show();
    panel.ask({ kind: "run" });
    const page = panels.at(-1) as FakePanel;
    expect(page.posted).toEqual([]);
    await page.send({ kind: "ready", body: {} });
    expect(page.posted.at(-1)).toEqual({ kind: "why", body: { subject: { kind: "run" } } });
  });

  test("leads to a place of the source", async () => {
    const { page } = await shown();
    const start = { line: 3, character: 0 };
    await page.send({ kind: "revealRange", body: { range: { source: 0, start, end: start } } });
    expect(asked).toEqual(["reveal line 3"]);
  });
});

describe("the panel", () => {
  test("gets its words and the whole state when it says that it is ready", async () => {
    const { page } = await shown();
    await page.send({ kind: "ready", body: {} });
    expect(page.posted).toEqual([
      { kind: "configure", body: { catalogue: {} } },
      {
        kind: "state",
        body: { state: expect.objectContaining({ kind: "ready", title: "a.py", stale: false }) },
      },
    ]);
  });

  test("moves the session and is told the place, not the trace again", async () => {
    const { page, session } = await shown();
    await page.send({ kind: "move", body: { move: { kind: "forward" } } });
    expect(session.state).toMatchObject({ place: { step: 0 } });
    expect(page.posted).toEqual([{ kind: "place", body: { place: expect.objectContaining({ step: 0 }) } }]);
  });

  test("is told of moves, breakpoints, output and edits made elsewhere", async () => {
    const { page, session } = await shown();
    vi.useFakeTimers();
    session.move({ kind: "last" });
    session.toggleBreakpoint(1);
    session.documentChanged("file:///a.py", [{ start: 0, end: 0, lines: 1 }], () => ["other"]);
    vi.runAllTimers();
    vi.useRealTimers();
    expect(page.posted.map((message) => (message as { kind: string }).kind)).toEqual([
      "place",
      "breakpoints",
      "stale",
    ]);
  });

  test("keeps the old picture through a short run, and shows a long one with all that it printed", async () => {
    vi.useFakeTimers();
    try {
      const { page, session } = await shown();
      const engine = new HandEngine();
      const short = session.run(engine, job("short"));
      engine.end(0, done());
      await short;
      expect(page.posted.map((message) => (message as { body: { state: unknown } }).body.state)).toEqual([
        expect.objectContaining({ kind: "ready", title: "short" }),
      ]);
      page.posted.length = 0;
      const long = session.run(engine, job("long"));
      engine.print("one\n");
      vi.advanceTimersByTime(200);
      engine.print("two\n");
      vi.advanceTimersByTime(200);
      expect(page.posted).toEqual([
        {
          kind: "state",
          body: { state: { kind: "running", title: "long", engine: "embedded", output: "one\n" } },
        },
        { kind: "output", body: { text: "two\n" } },
      ]);
      session.cancel();
      await long;
    } finally {
      vi.useRealTimers();
    }
  });

  test("hands on what it asks for", async () => {
    const { page } = await shown();
    await page.send({ kind: "reveal", body: { node: 1 } });
    await page.send({ kind: "rerun", body: {} });
    const start = { line: 0, character: 5 };
    const range = { source: 0, start, end: { line: 0, character: 6 } };
    await page.send({ kind: "turn", body: { range, by: -3, begins: true } });
    await page.send({ kind: "turn", body: { range, by: 1e9, begins: true } });
    await page.send({ kind: "export", body: { format: "dot" } });
    await page.send({ kind: "copy", body: { text: "torch.tensor([1.])" } });
    expect(asked).toEqual(["reveal 1", "rerun", "turn 5 -3 true", "export dot"]);
    expect(clipboard.at(-1)).toBe("torch.tensor([1.])");
  });

  test.each([
    [null, /unknown message/],
    [{ kind: "format-disk", body: {} }, /unknown message "format-disk": allowed are ready, move/],
    [{ kind: "move", body: { move: { kind: "sideways" } } }, /malformed message "move"/],
    [{ kind: "move", body: { move: { kind: "toNode", node: 4000 } } }, /node 4000 is not in this trace/],
    [{ kind: "reveal", body: { node: 100 } }, /no expression in the editor/],
    [{ kind: "toggleBreakpoint", body: { node: -1 } }, /malformed message "toggleBreakpoint"/],
  ])("answers %j with the reason and stays as it was", async (message, reason) => {
    const { page, session } = await shown();
    const before = session.state;
    await page.send(message);
    expect(page.posted).toEqual([{ kind: "problem", body: { message: expect.stringMatching(reason) } }]);
    expect(session.state).toBe(before);
  });

  test("can be closed and opened again", async () => {
    const { page, panel, session } = await shown();
    page.dispose();
    session.move({ kind: "forward" });
    expect(page.posted).toEqual([]);
    panel.show();
    expect(panels.at(-1)).not.toBe(page);
  });
});

test("the page runs no inline script and loads from the extension only", () => {
  const page = pageOf({
    cspSource: "https://x.example",
    script: "https://x.example/main.js",
    style: "https://x.example/s.css",
    nonce: "abc",
    language: "en",
  });
  expect(page).toContain("default-src 'none'");
  expect(/script-src ([^;]*)/.exec(page)?.[1]).toBe("https://x.example 'wasm-unsafe-eval'");
  expect(page).not.toMatch(/unsafe-inline|'unsafe-eval'|<script(?![^>]*\bsrc=)|\son\w+=/);
});
