/** The VS Code servers that can run on this machine; one that cannot is named in the output. */
import { HOSTS } from "../../../scripts/host.mjs";

export type HostName = keyof typeof HOSTS;

export function hosts(): { host: HostName; vscode: string }[] {
  const machine = `node-${process.platform}-${process.arch}`;
  const all = Object.entries(HOSTS) as [HostName, (typeof HOSTS)[HostName]][];
  return all
    .filter(([, { vscode, node }]) => {
      const can = node === null || node.name === machine;
      if (!can)
        console.log(
          `not checked: VS Code ${vscode} (its Node is pinned for ${node.name}, this is ${machine})`,
        );
      return can;
    })
    .map(([host, { vscode }]) => ({ host, vscode }));
}
