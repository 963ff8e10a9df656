/** How a run that went wrong is told to a person: what happened, what is allowed, what to do. */
import * as l10n from "@vscode/l10n";

export const words = {
  tooLong: (seconds: number): string =>
    l10n.t(
      "it ran for longer than the time limit of {0} seconds and was ended; look for a loop that does not end, or raise the limit",
      seconds,
    ),
  tooMuchOutput: (bytes: number): string =>
    l10n.t(
      "it printed more than the output limit of {0} bytes and was ended; print less, or raise the limit",
      bytes,
    ),
  tooMuchMemory: (bytes: number): string =>
    l10n.t(
      "it needed more memory than the limit of {0} bytes and was ended; use smaller tensors or fewer steps, or raise the limit",
      bytes,
    ),
  died: (how: string): string =>
    /call stack/i.test(how)
      ? l10n.t("the interpreter died of recursion without end ({0}); the next run starts a new one", how)
      : l10n.t("the interpreter died ({0}); the next run starts a new one", how),
  ended: (exitCode: number): string =>
    l10n.t(
      "there is no trace, because the code ended the interpreter itself (as os._exit does) with exit code {0}",
      exitCode,
    ),
  notStarted: (seconds: number): string =>
    l10n.t(
      "the interpreter did not start within {0} seconds; try again when the machine is less busy",
      seconds,
    ),
  notStartable: (why: string): string =>
    l10n.t("the sandbox's process could not be started: {0}; install the extension anew if this stays", why),
  wallsMissing: (which: string): string =>
    l10n.t("the sandbox refuses to run code, because its walls are not whole here: {0}", which),
  forged: (): string =>
    l10n.t(
      "the sandbox sent something that is not of its protocol, so it was ended; the next run starts a new one",
    ),
  brokenTrace: (where: string): string =>
    l10n.t("the recorded trace is not whole ({0}), so it is not shown; please report this", where),
  disposed: (): string => l10n.t("the engine has been closed"),
};
