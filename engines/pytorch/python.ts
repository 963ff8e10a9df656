/** Finding a Python that has PyTorch, and saying in words why there is none. */
import { spawn } from "node:child_process";
import * as z from "zod";

/** What was found, or what is missing and what to do. */
export type Found =
  | { readonly kind: "found"; readonly path: string; readonly torch: string }
  | { readonly kind: "missing"; readonly message: string };

const Answer = z.object({ python: z.string(), torch: z.string().nullable(), why: z.string() });
type Answer = z.infer<typeof Answer>;

/** Importing torch from a cold disk takes long. */
const ASK_SECONDS = 120;
const QUESTION = `
import json, sys
torch, why = None, ""
try:
    import torch as found
    torch = str(found.__version__)
except Exception as error:
    why = f"{type(error).__name__}: {error}"
print("\\n" + json.dumps({"python": sys.version.split()[0], "torch": torch, "why": why}))
`;

const REMEDY =
  "install PyTorch for it (pip install torch), choose another interpreter with backstep.pythonPath";

/**
 * The interpreter named by `path`, or, where it is null, the first on the PATH that has PyTorch. `cwd` is where the
 * program will run.
 */
export async function findPython(path: string | null, cwd: string, signal: AbortSignal): Promise<Found> {
  if (path !== null) {
    const answer = await ask(path, cwd, signal);
    return verdict(path, answer, `the interpreter ${path}`);
  }
  const candidates =
    process.platform === "win32" ? ["python", "py"] : ["python3", "python", "/usr/bin/python3"];
  let best: Found | null = null;
  for (const candidate of candidates) {
    const found = verdict(candidate, await ask(candidate, cwd, signal), candidate);
    if (found.kind === "found") return found;
    if (!found.message.includes(NOT_STARTED)) best ??= found;
  }
  return (
    best ?? {
      kind: "missing",
      message: `no Python was found (looked for ${candidates.join(", ")}): install Python and PyTorch, name an interpreter with backstep.pythonPath, or use the embedded engine`,
    }
  );
}

const NOT_STARTED = "could not be started";

function verdict(path: string, answer: Answer | string, what: string): Found {
  if (typeof answer === "string")
    return {
      kind: "missing",
      message: `${what} ${NOT_STARTED}: ${answer}; name a Python with PyTorch with backstep.pythonPath, or use the embedded engine`,
    };
  if (answer.torch === null)
    return {
      kind: "missing",
      message: `${what} (Python ${answer.python}) has no PyTorch: ${answer.why}; ${REMEDY}, or use the embedded engine`,
    };
  return { kind: "found", path, torch: answer.torch };
}

/** What an interpreter says of itself, or why it could not be asked. */
function ask(path: string, cwd: string, signal: AbortSignal): Promise<Answer | string> {
  return new Promise((resolve) => {
    const child = spawn(path, ["-c", QUESTION], {
      cwd,
      signal,
      timeout: ASK_SECONDS * 1000,
      stdio: ["ignore", "pipe", "pipe"],
      windowsHide: true,
    });
    let [said, words] = ["", ""];
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      said += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      words += text;
    });
    child.once("error", (error) => resolve(error.message));
    child.once("close", (code) => {
      try {
        resolve(Answer.parse(JSON.parse(said.trim().split("\n").at(-1) ?? "")));
      } catch {
        resolve(`it ended with code ${code}: ${words.trim().split("\n").at(-1) ?? ""}`);
      }
    });
  });
}
