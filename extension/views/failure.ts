/** Why no trace could be made, in words that name the setting to change; pure. */
import * as l10n from "@vscode/l10n";
import type { RunError } from "../../trace/schema.ts";
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

export function failureText({
  reason,
  message,
  job: { limits },
}: Pick<Failed, "reason" | "message"> & { readonly job: Pick<Failed["job"], "limits"> }): string {
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

/** Did the code end because the embedded engine lacks something that PyTorch's has? The words are those of python/torch/. */
export const isLacking = (error: RunError | null): boolean =>
  error !== null && /\bis not in the embedded engine\b/.test(error.message);
