/** `backstep dap`: the debug adapter over standard input and output, for any client of the Debug Adapter Protocol. */

import { readFileSync, statSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import * as l10n from "@vscode/l10n";
import { notRunnable, shownBy, traceOf } from "../adapter/run.ts";
import { BackstepSession } from "../adapter/session.ts";
import type { Edit, Events, FilePlace, Host, LaunchArguments, OpenArguments, Walk } from "../adapter/walk.ts";
import { edited } from "../adapter/whatif.ts";
import { DEFAULT_LIMITS, type Engine, type RunRequest } from "../engines/engine.ts";
import { readFolder } from "../engines/folder.ts";
import { createEngine } from "../engines/index.ts";
import { readTraces } from "../engines/traces.ts";
import type { Place } from "../trace/place.ts";
import type { Trace } from "../trace/schema.ts";
import { start } from "../trace/stepper.ts";
import { type Given, readTraced } from "./source.ts";

/** Runs until the client is gone. `packages`: wheels that the programs may import in the embedded engine. */
export function debugAdapter(assets: string, packages: RunRequest["packages"]): void {
  const session = new BackstepSession(new ProcessHost(assets, packages));
  session.setRunAsServer(false);
  session.start(process.stdin, process.stdout);
}

/** Where the sources of a run stand: per source its file and, per line, the line and column there. */
interface Places {
  toFile(source: number, line: number, character: number): FilePlace | null;
  toSource(path: string, line: number): { source: number; line: number } | null;
}

/** What made a walk, so that it can be made again. */
interface Origin {
  readonly engine: Engine;
  readonly request: RunRequest;
  readonly places: Places;
}

class ProcessWalk implements Walk {
  place: Place | null;
  readonly stops: ReadonlySet<number> = new Set();

  constructor(
    readonly trace: Trace,
    readonly places: Places,
    readonly origin: Origin | null,
  ) {
    this.place = start(trace);
  }

  go(place: Place): void {
    this.place = place;
  }

  /** Nobody else moves it. */
  onMoved = (): { dispose(): void } => ({ dispose() {} });
  toFile = (source: number, line: number, character: number): FilePlace | null =>
    this.places.toFile(source, line, character);
  toSource = (path: string, line: number): { source: number; line: number } | null =>
    this.places.toSource(path, line);
}

class ProcessHost implements Host {
  readonly #engines = new Map<string, Engine>();
  readonly #origins = new WeakMap<Walk, Origin>();

  constructor(
    private readonly assets: string,
    private readonly packages: RunRequest["packages"],
  ) {}

  speak(locale: string): void {
    const language = /^[a-z]{2,3}(?![a-z])/i.exec(locale)?.[0].toLowerCase();
    try {
      const path = join(this.assets, "..", "l10n", `bundle.l10n.${language}.json`);
      l10n.config({ contents: JSON.parse(readFileSync(path, "utf8")) });
    } catch {
      // There are no words of that language: English stays.
    }
  }

  async launch(given: LaunchArguments, events: Events, signal: AbortSignal): Promise<Walk> {
    const { program, args, engine: name, python, block } = given;
    const stat = statSync(program, { throwIfNoEntry: false });
    // Standard input is the protocol's, and a device may never end.
    if (program === "-" || (stat !== undefined && !stat.isFile() && !stat.isDirectory()))
      throw new Error(l10n.t("{0} is no file: give the path of a Python file or a note", program));
    const read = await readTraced(program, block);
    const { mode, blocks, folder } = read;
    const code = [...blocks.map(({ text }) => text), ...args].join("\n");
    const { files } =
      name === "embedded" ? await readFolder(folder, code) : { files: new Map<string, Uint8Array>() };
    const request: RunRequest = {
      mode,
      blocks,
      files,
      folder,
      cwd: process.cwd(),
      argv: [program, ...args],
      record: true,
      limits: DEFAULT_LIMITS,
      ...(name === "embedded" && this.packages !== undefined ? { packages: this.packages } : {}),
    };
    return this.#run(
      { engine: this.#engine(name, python), request, places: await placesOf(program, read) },
      events,
      signal,
    );
  }

  async open({ trace: path }: OpenArguments): Promise<Walk> {
    const { files, problems } = await readTraces([path]);
    const [file] = files;
    if (file === undefined) throw new Error(problems[0] ?? `${path} holds no trace`);
    return new ProcessWalk(file.trace, NOWHERE, null);
  }

  attach(): null {
    return null;
  }

  async check(walk: Walk, events: Events, signal: AbortSignal): Promise<Walk> {
    const { request, places } = this.#originOf(walk);
    // A program of the machine's PyTorch read its modules from the disk; the sandbox is given them.
    const files = await filesFor(request);
    const engine = this.#engine("embedded", undefined);
    return this.#run({ engine, request: { ...request, ...files, check: true }, places }, events, signal);
  }

  #originOf(walk: Walk): Origin {
    const origin = this.#origins.get(walk);
    if (origin === undefined) throw notRunnable();
    return origin;
  }

  async rerun(walk: Walk, edits: readonly Edit[], events: Events, signal: AbortSignal): Promise<Walk> {
    const origin = this.#originOf(walk);
    const blocks = origin.request.blocks.map((block, i) => ({
      ...block,
      text: edited(
        block.text,
        edits.filter(({ range }) => range.source === i),
      ),
    }));
    return this.#run({ ...origin, request: { ...origin.request, blocks } }, events, signal);
  }

  evaluate(code: string, signal: AbortSignal): Promise<string> {
    const engine = this.#engine("embedded", undefined);
    engine.warm();
    return shownBy(engine, code, signal);
  }

  async dispose(): Promise<void> {
    await Promise.all([...this.#engines.values()].map((engine) => engine.dispose()));
  }

  async #run(origin: Origin, events: Events, signal: AbortSignal): Promise<Walk> {
    const trace = await traceOf(origin.engine, origin.request, events, signal);
    const walk = new ProcessWalk(trace, origin.places, origin);
    this.#origins.set(walk, origin);
    return walk;
  }

  #engine(name: Engine["name"], python: string | undefined): Engine {
    const key = `${name} ${python ?? ""}`;
    const engine =
      this.#engines.get(key) ?? createEngine(name, { assets: this.assets, log: () => {}, python });
    this.#engines.set(key, engine);
    return engine;
  }
}

/** The modules and data beside a program that the sandbox is to run. */
async function filesFor({ files, folder, blocks, argv }: RunRequest): Promise<Pick<RunRequest, "files">> {
  if (files.size > 0 || folder === undefined) return { files };
  const code = [...blocks.map(({ text }) => text), ...argv.slice(1)].join("\n");
  return { files: (await readFolder(folder, code)).files };
}

/** Of an opened trace: its sources are known by their text only. */
const NOWHERE: Places = { toFile: () => null, toSource: () => null };

/** A file is one source; of a note each block is one (or several) from the line of the note on which its code begins. */
async function placesOf(program: string, { mode, blocks }: Given): Promise<Places> {
  const path = resolve(program);
  const samePath = (other: string): boolean => resolve(other) === path || basename(other) === path;
  if (mode === "script")
    return {
      toFile: (source, line, character) => (source === 0 ? { path, line, character } : null),
      toSource: (other, line) => (samePath(other) ? { source: 0, line } : null),
    };
  const note = await readFile(path, "utf8");
  const lines = note.split(/\r\n|\r|\n/);
  const { pythonBlocks } = await import("../notes/blocks.ts");
  const begins = pythonBlocks(note).map(({ line }) => line);
  const firstOf = (source: number): number | undefined =>
    begins[Number(/#(\d+)/.exec(blocks[source]?.name ?? "")?.[1] ?? 0) - 1];
  return {
    toFile(source, line, character) {
      const first = firstOf(source);
      if (first === undefined) return null;
      const text = blocks[source]?.text.split("\n")[line] ?? "";
      const whole = lines[first + line] ?? "";
      return {
        path,
        line: first + line,
        character: character + (whole.endsWith(text) ? whole.length - text.length : 0),
      };
    },
    toSource(other, line) {
      if (!samePath(other)) return null;
      for (let source = blocks.length - 1; source >= 0; source--) {
        const text = blocks[source]?.text.split("\n") ?? [];
        const at = line - (firstOf(source) ?? Number.POSITIVE_INFINITY);
        const begin = text.findIndex((each) => each !== "");
        if (at >= Math.max(0, begin) && at < text.length) return { source, line: at };
      }
      return null;
    },
  };
}
