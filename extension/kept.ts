/** The shown run survives a reload of the window: it is kept in the workspace's storage and read back. */
import * as vscode from "vscode";
import * as z from "zod";
import { Place } from "../trace/place.ts";
import { checkReferences } from "../trace/read.ts";
import { Trace } from "../trace/schema.ts";
import { stateAt } from "../trace/stepper.ts";
import { linesOf } from "./editor.ts";
import type { Ready, Session } from "./session.ts";

const FILE = "shown.json";
/** Ms of rest before it is written. */
const DELAY = 400;
/** Characters of JSON; a larger trace is made anew more quickly than it is read. */
const LARGEST = 40_000_000;

const index = z.int().nonnegative();
const Kept = z.object({
  title: z.string(),
  mode: z.enum(["script", "note"]),
  engine: z.enum(["embedded", "pytorch"]),
  pieces: z.array(
    z.object({
      uri: z.string(),
      name: z.string(),
      text: z.string(),
      line: index,
      columns: z.array(index),
      after: z.string(),
      pad: index,
    }),
  ),
  limits: z.object({ seconds: z.number(), memory: z.number(), output: z.number() }),
  trace: Trace,
  place: Place.nullable(),
  breakpoints: z.array(index),
  conditions: z.array(z.tuple([index.nullable(), z.string().max(500)])),
});

/** Writes what is shown, soon after each change of it; reads it back with `restore`. */
export class KeptRun implements vscode.Disposable {
  #timer: NodeJS.Timeout | null = null;
  readonly #subscription: { dispose(): void };

  constructor(
    private readonly session: Session,
    /** undefined: no folder is open, so there is nowhere to keep anything. */
    private readonly folder: vscode.Uri | undefined,
    private readonly log: (text: string) => void,
  ) {
    this.#subscription = session.listen((state, change) => {
      if (state.kind !== "ready" || change.kind === "output") return;
      if (this.#timer !== null) clearTimeout(this.#timer);
      this.#timer = setTimeout(() => void this.#write(), DELAY);
    });
  }

  dispose(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#subscription.dispose();
  }

  async #write(): Promise<void> {
    const { state } = this.session;
    if (this.folder === undefined || state.kind !== "ready") return;
    const { job, engine, trace, place, breakpoints, conditions } = state;
    const { title, mode, pieces, limits } = job;
    const kept = {
      title,
      mode,
      engine,
      pieces,
      limits,
      trace,
      place,
      breakpoints: [...breakpoints],
      conditions: [...conditions],
    };
    const text = JSON.stringify(kept);
    if (text.length > LARGEST) return;
    try {
      await vscode.workspace.fs.createDirectory(this.folder);
      await vscode.workspace.fs.writeFile(this.#file(this.folder), new TextEncoder().encode(text));
    } catch (error) {
      this.log(`the shown run could not be kept: ${error}`);
    }
  }

  /** Show again what was shown before the window was reloaded; nothing where nothing was, or where it is damaged. */
  async restore(): Promise<void> {
    if (this.folder === undefined || this.session.state.kind !== "idle") return;
    let ready: Ready;
    try {
      const bytes = await vscode.workspace.fs.readFile(this.#file(this.folder));
      ready = readyOf(Kept.parse(JSON.parse(new TextDecoder().decode(bytes))));
    } catch (error) {
      if (!(error instanceof vscode.FileSystemError)) this.log(`the kept run could not be read: ${error}`);
      return;
    }
    // A run may have been begun meanwhile.
    if (this.session.state.kind !== "idle") return;
    this.session.restore(ready);
    for (const document of vscode.workspace.textDocuments)
      this.session.documentChanged(document.uri.toString(), [], () => linesOf(document));
  }

  #file(folder: vscode.Uri): vscode.Uri {
    return vscode.Uri.joinPath(folder, FILE);
  }
}

function readyOf(kept: z.infer<typeof Kept>): Ready {
  const { title, mode, engine, pieces, limits, trace, place, breakpoints, conditions } = kept;
  checkReferences(trace);
  if (place !== null) stateAt(trace, place);
  const known = (node: number | null): boolean => node === null || node < trace.nodes.length;
  return {
    kind: "ready",
    job: { title, mode, pieces, files: new Map(), uriOf: () => null, limits },
    engine,
    edited: new Set(),
    trace,
    place,
    breakpoints: new Set(breakpoints.filter(known)),
    conditions: new Map(conditions.filter(([node]) => known(node))),
  };
}
