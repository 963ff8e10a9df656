/** The sandboxed processes that a process (this one, unless said) has started, as Linux tells. */
import { readdirSync, readFileSync } from "node:fs";

export function childProcesses(of = process.pid): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => isChild(pid, of));
}

function isChild(pid: number, of: number): boolean {
  try {
    const parent = /^PPid:\t(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
    return Number(parent) === of && readFileSync(`/proc/${pid}/cmdline`, "utf8").includes("child.cjs");
  } catch {
    // It has gone in the meantime.
    return false;
  }
}
