/** Finding a Python that has PyTorch, and saying in words why there is none. */
import { spawn } from "node:child_process";
import * as l10n from "@vscode/l10n";
import * as z from "zod";

/** What was found, or what is missing and what to do. */
export type Found =
  | { readonly kind: "found"; readonly path: string; readonly torch: string }
  | { readonly kind: "missing"; readonly message: string };

const Answer = z.object({
  python: z.string(),
  torch: z.string().nullable(),
  why: z.string(),
  /** Whether PyTorch lets the recorder see what runs through its nodes. */
  able: z.boolean(),
});
type Answer = z.infer<typeof Answer>;

/** The oldest PyTorch whose nodes take what the recorder hooks into them. */
const OLDEST = "1.13";

/** Importing torch from a cold disk takes long. */
const ASK_SECONDS = 120;
const QUESTION = `
import json, sys
torch, why, able = None, "", False
try:
    import torch as found
    torch = str(found.__version__)
    node = found.ones(1, requires_grad=True).exp().grad_fn
    able = hasattr(node, "register_prehook") and hasattr(node, "_saved_result")
except BaseException as error:
    why = "%s: %s" % (type(error).__name__, error)
print("\\n" + json.dumps({"python": sys.version.split()[0], "torch": torch, "why": why, "able": able}))
`;

/** Tried in this order where no interpreter is named. */
const CANDIDATES =
  process.platform === "win32" ? ["python", "py"] : ["python3", "python", "/usr/bin/python3"];

/**
 * The interpreter named by `path`, or, where it is null, the first on the PATH that has PyTorch. `cwd` is where the
 * program will run.
 */
export async function findPython(path: string | null, cwd: string, signal: AbortSignal): Promise<Found> {
  if (path !== null) return verdict(path, await ask(path, cwd, signal));
  let best: Found | null = null;
  for (const candidate of CANDIDATES) {
    const answer = await ask(candidate, cwd, signal);
    const found = verdict(candidate, answer);
    if (found.kind === "found") return found;
    // A Python without PyTorch says more than one that is not there.
    if (typeof answer !== "string") best ??= found;
  }
  return (
    best ?? {
      kind: "missing",
      message: l10n.t(
        "no Python was found (looked for {0}): install Python and PyTorch, name an interpreter with backstep.pythonPath, or use the embedded engine",
        CANDIDATES.join(", "),
      ),
    }
  );
}

function verdict(path: string, answer: Answer | string): Found {
  if (typeof answer === "string")
    return {
      kind: "missing",
      message: l10n.t(
        "the interpreter {0} could not be started: {1}; name a Python with PyTorch with backstep.pythonPath, or use the embedded engine",
        path,
        answer,
      ),
    };
  const { python, torch, why, able } = answer;
  if (torch === null)
    return {
      kind: "missing",
      message: l10n.t(
        "{0} (Python {1}) has no PyTorch: {2}; install PyTorch for it (pip install torch), choose another interpreter with backstep.pythonPath, or use the embedded engine",
        path,
        python,
        why,
      ),
    };
  if (!able)
    return {
      kind: "missing",
      message: l10n.t(
        "the PyTorch {1} of {0} is too old, or cannot compute: Backstep needs {2} or newer; update it (pip install --upgrade torch), choose another interpreter with backstep.pythonPath, or use the embedded engine",
        path,
        why === "" ? torch : `${torch} (${why})`,
        OLDEST,
      ),
    };
  return { kind: "found", path, torch };
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
        const last = words.trim().split("\n").at(-1) ?? "";
        resolve(l10n.t("it ended with code {0}: {1}", String(code), last));
      }
    });
  });
}
