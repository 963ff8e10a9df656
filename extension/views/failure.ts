/** Why no trace could be made, in words that name the setting to change; pure. */
import * as l10n from "@vscode/l10n";
import type { Failed } from "../session.ts";
import type { SettingName } from "../settings.ts";

/** The setting that a failure hangs on; null where none does. */
export function settingOf({ reason }: Failed): SettingName | null {
  switch (reason) {
    case "time":
      return "timeLimit";
    case "memory":
      return "memoryLimit";
    case "output":
      return "outputLimit";
    default:
      return null;
  }
}

export function failureText({ reason, message, job: { limits } }: Failed): string {
  switch (reason) {
    case "time":
      return l10n.t(
        "It ran longer than {0} seconds and was ended. Let it end sooner, or raise the setting backstep.timeLimit.",
        limits.seconds,
      );
    case "memory":
      return l10n.t(
        "It used more than {0} MB of memory and was ended. Use less, or raise the setting backstep.memoryLimit.",
        limits.memory >> 20,
      );
    case "output":
      return l10n.t(
        "It printed more than {0} KB and was ended. Print less, or raise the setting backstep.outputLimit.",
        limits.output >> 10,
      );
    case "unavailable":
    case "sandbox":
    case "crash":
      return message;
  }
}
