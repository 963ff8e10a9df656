/** Which frame the person has chosen in VS Code's debugger, or why there is none. */
import { basename } from "node:path";
import * as l10n from "@vscode/l10n";
import * as vscode from "vscode";
import * as z from "zod";
import type { Frame } from "./ask.ts";

/** Debug types whose adapter is debugpy: of the Python Debugger, of older Python extensions, of notebooks. */
const PYTHON_TYPES = ["debugpy", "python", "Python Kernel Debug Adapter"];

export type Focus =
  | { readonly kind: "stopped"; readonly session: vscode.DebugSession; readonly frame: Frame }
  /** No frame can be looked into: the reason in words. */
  | { readonly kind: "none"; readonly message: string };

const Threads = z.object({ threads: z.array(z.object({ id: z.int() })) });
const Frames = z.object({
  stackFrames: z.array(
    z.object({
      id: z.int(),
      line: z.int(),
      source: z.object({ path: z.unknown(), name: z.string().optional() }).optional(),
    }),
  ),
});

const none = (message: string): Focus => ({ kind: "none", message });

/** Does a Python program stand at a breakpoint, as far as VS Code shows without asking? */
export function standsStill(): boolean {
  const item = vscode.debug.activeStackItem;
  return item instanceof vscode.DebugStackFrame && PYTHON_TYPES.includes(item.session.type);
}

export async function focus(): Promise<Focus> {
  const item = vscode.debug.activeStackItem;
  const session = item?.session ?? vscode.debug.activeDebugSession;
  if (session === undefined)
    return none(l10n.t("No debug session is running: start one (F5) and stop at a breakpoint."));
  if (!PYTHON_TYPES.includes(session.type))
    return none(
      l10n.t(
        "This is a debug session of the type {0}: Backstep looks into Python programs only ({1}).",
        session.type,
        PYTHON_TYPES.join(", "),
      ),
    );
  const wanted = item instanceof vscode.DebugStackFrame ? item.frameId : null;
  for (const threadId of await threadsOf(session, item)) {
    const frames = await framesOf(session, threadId);
    const found = frames.find(({ id }) => wanted === null || id === wanted);
    if (found === undefined) continue;
    const file = pathOf(found.source?.path);
    const name = found.source?.name ?? (basename(file) || "<string>");
    return { kind: "stopped", session, frame: { id: found.id, file, name, line: found.line } };
  }
  return none(
    l10n.t(
      "The program is running: pause it, or set a breakpoint, for only then can its tensors be looked at.",
    ),
  );
}

/** VS Code makes URIs of the paths in what an adapter answers, and hands them on as text or in parts. */
function pathOf(path: unknown): string {
  if (typeof path === "string")
    return /^[a-z][\w+.-]+:\/\//i.test(path) ? vscode.Uri.parse(path).fsPath : path;
  const parts = z.object({ scheme: z.string(), path: z.string() }).safeParse(path);
  return parts.success ? vscode.Uri.from(parts.data).fsPath : "";
}

async function threadsOf(
  session: vscode.DebugSession,
  item: typeof vscode.debug.activeStackItem,
): Promise<readonly number[]> {
  if (item !== undefined) return [item.threadId];
  try {
    const { threads } = Threads.parse(await session.customRequest("threads"));
    return threads.map(({ id }) => id);
  } catch {
    return [];
  }
}

/** The frames of a thread; none where it runs, for then the debugger has none to give. */
async function framesOf(
  session: vscode.DebugSession,
  threadId: number,
): Promise<z.infer<typeof Frames>["stackFrames"]> {
  try {
    return Frames.parse(await session.customRequest("stackTrace", { threadId, startFrame: 0, levels: 200 }))
      .stackFrames;
  } catch {
    return [];
  }
}
