/**
 * The sandbox's walls, looked at from inside the child process before any user code: a wall that did not rise
 * (a flag that the host ignored, a name that leaked into the realm) is told in words and nothing is run.
 */
import { dirname, parse } from "node:path";
import { runInContext } from "node:vm";

/** Node's permission API, absent where the flag did not take. */
interface Permission {
  has(scope: string, reference?: string): boolean;
}

/** Names that a realm of bare JavaScript must not have. */
const FORBIDDEN = [
  "process",
  "require",
  "module",
  "global",
  "Buffer",
  "fetch",
  "WebSocket",
  "XMLHttpRequest",
  "Worker",
  "console",
  "setTimeout",
  "setImmediate",
  "openSandbox",
];

/** What is missing of the process's own walls; empty where all stand. `folder` is the one that may be read. */
export function missingProcessWalls(folder: string): string[] {
  const missing: string[] = [];
  const permission = (process as unknown as { permission?: Permission }).permission;
  if (permission === undefined) missing.push("the permission flags did not take");
  else {
    if (permission.has("fs.write")) missing.push("files can be written");
    if (
      [parse(folder).root, dirname(folder), `${folder}-outside`].some((path) =>
        permission.has("fs.read", path),
      )
    ) {
      missing.push("files outside the extension can be read");
    }
    if (permission.has("child")) missing.push("processes can be started");
    if (permission.has("worker")) missing.push("threads can be started");
    if (permission.has("addon")) missing.push("native code can be loaded");
  }
  if (makesCode(() => new Function("return 1")())) missing.push("code can be made from strings");
  if (Object.keys(process.env).some((name) => !KEPT_ENVIRONMENT.has(name))) {
    missing.push("the environment was inherited");
  }
  return missing;
}

/** What the engine itself puts there, and what Windows and macOS add to every process. */
const KEPT_ENVIRONMENT = new Set([
  "ELECTRON_RUN_AS_NODE",
  "SystemRoot",
  "SYSTEMROOT",
  "__CF_USER_TEXT_ENCODING",
]);

/** What is missing of the realm's walls once the sandbox stands in it. */
export function missingRealmWalls(realm: object): string[] {
  const missing: string[] = [];
  for (const name of FORBIDDEN) {
    if (runInContext(`typeof globalThis[${JSON.stringify(name)}] !== "undefined"`, realm)) {
      missing.push(`the realm has ${name}`);
    }
  }
  const fromStrings = [
    "Function('return 1')()",
    "(0, eval)('1')",
    "(async () => {}).constructor('return 1')",
  ];
  for (const code of fromStrings) {
    if (makesCode(() => runInContext(code, realm)))
      missing.push(`the realm can make code from strings: ${code}`);
  }
  return missing;
}

function makesCode(attempt: () => unknown): boolean {
  try {
    attempt();
    return true;
  } catch {
    return false;
  }
}
