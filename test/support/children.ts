/** The sandboxed processes that this process has started, as Linux tells. */
import { readdirSync, readFileSync } from "node:fs";

export function childProcesses(): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter(isOurs);
}

function isOurs(pid: number): boolean {
  try {
    const parent = /^PPid:\t(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
    return (
      Number(parent) === process.pid && readFileSync(`/proc/${pid}/cmdline`, "utf8").includes("child.cjs")
    );
  } catch {
    // It has gone in the meantime.
    return false;
  }
}
