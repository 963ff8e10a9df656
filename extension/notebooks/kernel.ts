/** One notebook's session: its interpreter, what has run in it, and where each piece of that stands. */
import type { EngineSession, Limits, RunEvents, RunRequest, RunResult } from "../../engines/engine.ts";
import { passCount } from "../../trace/pass-number.ts";
import type { Trace } from "../../trace/schema.ts";
import { moduleOf, type Piece, pieceOf } from "../source/pieces.ts";

/** Traces of cells that can be opened from their outputs; of older ones the cell is traced anew. */
const KEPT = 16;

export interface CellText {
  readonly uri: string;
  readonly lines: readonly string[];
}

export interface Ran {
  readonly key: string;
  readonly title: string;
  readonly trace: Trace;
  readonly pieces: readonly Piece[];
}

export class Kernel {
  #session: EngineSession | null = null;
  #count = 0;
  #passes = 0;
  #placed = new Set<string>();
  readonly #cells = new Map<string, CellText>();
  readonly #ran = new Map<string, Ran>();
  #abort = new AbortController();
  /** Cells that wait behind the one that runs. */
  queue: Promise<boolean> = Promise.resolve(true);
  /** Rises when cells that wait are no longer wanted. */
  generation = 0;

  constructor(
    readonly name: string,
    private readonly start: (memory: number) => EngineSession,
  ) {}

  /** The number that the next cell gets. */
  nextOrder(): number {
    if (this.#session?.alive !== true) this.#forget();
    return this.#count + 1;
  }

  /** Passes that ran before the next cell. */
  get passes(): number {
    return this.#passes;
  }

  async run(
    cell: CellText,
    given: Pick<RunRequest, "files" | "packages">,
    limits: Limits,
    events: RunEvents,
  ): Promise<{ result: RunResult; ran: Ran | null; lost: boolean }> {
    const order = this.nextOrder();
    this.#count = order;
    this.#session ??= this.start(limits.memory);
    const name = `In [${order}]`;
    this.#cells.set(name, cell);
    // What a cell has written is not written over.
    const fresh = new Map([...given.files].filter(([path]) => !this.#placed.has(path)));
    for (const path of fresh.keys()) this.#placed.add(path);
    const text = cell.lines.join("\n");
    const request = {
      mode: "note",
      blocks: [{ name, text }],
      files: fresh,
      ...(given.packages === undefined ? {} : { packages: given.packages }),
      argv: [this.name],
      record: true,
      limits,
    } as const;
    const session = this.#session;
    const result = await session.run(request, events, this.#abort.signal);
    const trace = result.kind === "cancelled" ? null : (result.trace ?? null);
    if (trace === null) return { result, ran: null, lost: !session.alive };
    const ran = {
      key: `${Date.now()}-${order}`,
      title: `${this.name} ${name}`,
      trace,
      pieces: this.#pieces(trace),
    };
    this.#ran.set(ran.key, ran);
    for (const key of [...this.#ran.keys()].slice(0, -KEPT)) this.#ran.delete(key);
    this.#passes = passCount(trace);
    return { result, ran, lost: !session.alive };
  }

  /** What ran under a key, if it is still kept. */
  of(key: string): Ran | undefined {
    return this.#ran.get(key);
  }

  interrupt(): void {
    this.generation++;
    this.#session?.interrupt();
  }

  /** End the interpreter; the next cell starts a new one, which counts from one. */
  restart(): void {
    this.generation++;
    this.#abort.abort();
    this.#forget();
  }

  #forget(): void {
    this.#session?.dispose();
    this.#session = null;
    this.#abort = new AbortController();
    this.#count = this.#passes = 0;
    this.#placed = new Set();
    this.#cells.clear();
  }

  /** Where each source of the session stands; an older text of a cell that ran again stands nowhere any more. */
  #pieces({ sources }: Trace): Piece[] {
    const latest = new Map([...this.#cells.values()].map((cell) => [cell.uri, cell.lines.join("\n")]));
    return sources.map((source) => {
      const cell = this.#cells.get(source.name);
      if (cell === undefined) return moduleOf(null, source);
      const text = cell.lines.join("\n");
      return pieceOf(latest.get(cell.uri) === text ? cell.uri : "", source.name, text, 0, cell.lines);
    });
  }
}
