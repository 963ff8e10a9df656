/** Paths of settings as a person writes them. */
import { homedir } from "node:os";

/** The home folder and the workspace's put in for `~` and `${workspaceFolder}`, as VS Code's own path settings have them. */
export function expandedPath(path: string, folder: string | undefined): string {
  const home = path.replace(/^~(?=$|[/\\])/, () => homedir());
  return folder === undefined ? home : home.replace(/\$\{workspaceFolder\}/g, () => folder);
}
