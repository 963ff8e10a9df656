/** Errors that come of where the code runs: a sandbox without files of its own, network, processes or a keyboard. */
import type { RunError } from "../schema.ts";
import { type Asked, placeOf } from "./answer.ts";
import type { Rule } from "./operands.ts";

/** A rule that holds of the embedded engine alone: elsewhere the same words have another cause. */
const wall = (
  message: RegExp,
  says: (asked: Asked, found: readonly string[]) => string,
  fix: (asked: Asked) => string,
): Rule => ({
  message,
  holds: ({ trace }) => trace.engine.name === "embedded",
  cause: (asked: Asked, error: RunError, found) => ({
    answer: says(asked, found),
    path: placeOf(asked, error),
    fix: fix(asked),
  }),
});

export const WALL_RULES: readonly Rule[] = [
  wall(
    /^EOF when reading a line/,
    ({ l10n }) => l10n.t("Nobody can type while the code runs here, so input() has nothing to read."),
    ({ l10n }) => l10n.t("Write the value into the code in place of input()."),
  ),
  wall(
    /No such file or directory: '(.+)'/,
    ({ l10n }, [, path = ""]) =>
      l10n.t(
        "There is no {0} for this run. It sees copies of the files in the code's folder and below it (in a trusted workspace, up to 8 MB each), and nothing else of the disk.",
        path,
      ),
    ({ l10n }) =>
      l10n.t(
        "Put the file beside the code and open it by its path from there, or run the code with PyTorch.",
      ),
  ),
  wall(
    /Host is unreachable/,
    ({ l10n }) => l10n.t("The embedded engine has no network: nothing can be fetched or sent."),
    ({ l10n }) => l10n.t("Keep the data in a file beside the code, or run the code with PyTorch."),
  ),
  wall(
    /does not support processes/,
    ({ l10n }) => l10n.t("The embedded engine is one process and cannot begin another."),
    ({ l10n }) => l10n.t("Do it in Python itself, or run the code with PyTorch."),
  ),
];
