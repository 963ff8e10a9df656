/**
 * Asking a stopped Python program through its debugger: an `evaluate` that imports the recorder in it. Answers come
 * through files, for debuggers cut long strings. Knows the Debug Adapter Protocol, not VS Code.
 */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as l10n from "@vscode/l10n";
import type * as z from "zod";
import { keepSideFile } from "../../engines/side-file.ts";
import { readTrace } from "../../trace/read.ts";
import type { Trace } from "../../trace/schema.ts";
import { noteText, type Refusal, TensorsAnswer, TraceAnswer } from "./answer.ts";

/** A frame of a program that stands still. */
export interface Frame {
  readonly id: number;
  /** The file whose code it runs; "" where there is none. */
  readonly file: string;
  /** What the trace calls that file. */
  readonly name: string;
  /** From one, as the protocol counts. */
  readonly line: number;
}

/** A debug session as this room needs it; `vscode.DebugSession` is one. */
export interface Link {
  customRequest(command: string, body: unknown): PromiseLike<unknown>;
}

export type Traced = { readonly kind: "traced"; readonly trace: Trace } | Refusal;

export class Asker {
  /** `recorder`: the folder of the recorder's packages. */
  constructor(
    private readonly link: Link,
    private readonly recorder: string,
  ) {}

  /** The frame's tensors from which a pass can start, and whether an expression is one. */
  tensors(frame: Frame, expression: string | null): Promise<TensorsAnswer> {
    return this.#ask(frame, { kind: "tensors", expression }, TensorsAnswer, async (answer) => answer);
  }

  /** The pass from a tensor of the frame. Throws where the debugger refuses or the trace cannot be read. */
  trace(frame: Frame, expression: string): Promise<Traced> {
    const { file, name, line } = frame;
    return this.#ask(
      frame,
      { kind: "trace", expression, file, name, line },
      TraceAnswer,
      async (answer, out) => {
        if (answer.kind === "refused") return answer;
        const trace = readTrace(await readFile(out, "utf8"));
        const noted = { ...trace, notes: [...answer.notes.map(noteText), ...trace.notes] };
        return { kind: "traced", trace: keepSideFile(noted, out) };
      },
    );
  }

  async #ask<S extends z.ZodType, R>(
    { id }: Frame,
    request: object,
    schema: S,
    then: (answer: z.infer<S>, out: string) => Promise<R>,
  ): Promise<R> {
    const folder = await mkdtemp(join(tmpdir(), "backstep-paused-"));
    try {
      const [answer, out] = [join(folder, "answer.json"), join(folder, "trace.json")];
      const expression = call(this.recorder, { ...request, answer, out });
      await this.#evaluate(expression, id);
      const text = await readFile(answer, "utf8").catch(() => {
        throw new Error(
          l10n.t("The program wrote no answer to {0}: does it run on another machine than Backstep?", answer),
        );
      });
      return await then(schema.parse(JSON.parse(text)), out);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  async #evaluate(expression: string, frameId: number): Promise<void> {
    try {
      await this.link.customRequest("evaluate", { expression, frameId, context: "watch" });
    } catch (error) {
      const words = error instanceof Error ? error.message : String(error);
      const last = words.trim().split("\n").at(-1) ?? "";
      throw new Error(
        /No module named '?backstep/.test(words)
          ? l10n.t(
              "The debugged program cannot see Backstep's folder {0}: it may run on another machine.",
              this.recorder,
            )
          : l10n.t("The debugger could not look into the program: {0}", last),
      );
    }
  }
}

/** An expression that makes the program answer. JSON's strings are Python's too. */
function call(recorder: string, request: object): string {
  const [folder, text] = [JSON.stringify(recorder), JSON.stringify(JSON.stringify(request))];
  const sys = `__import__("sys").path`;
  const paused = `__import__("backstep_recorder.paused", fromlist=["answer"])`;
  return `[${sys}.insert(0, ${folder}), ${paused}.answer(${text}, {**globals(), **locals()}), ${sys}.remove(${folder})][1]`;
}
