/** The settings of `backstep.*`: each is checked when it is read, and a bad value is named and left for the default. */
import * as l10n from "@vscode/l10n";
import * as z from "zod";
import { DEFAULT_LIMITS, type Limits } from "../engines/engine.ts";

const MEGABYTE = 1 << 20;
const KILOBYTE = 1 << 10;

/** One row per setting; package.json gives the same bounds and defaults, and a test keeps the two equal. */
export const settings = {
  /** Seconds. */
  timeLimit: z.number().min(1).max(3600).default(DEFAULT_LIMITS.seconds),
  /** MB. */
  memoryLimit: z
    .number()
    .min(256)
    .max(4096)
    .default(DEFAULT_LIMITS.memory / MEGABYTE),
  /** KB. */
  outputLimit: z
    .number()
    .min(1)
    .max(65536)
    .default(DEFAULT_LIMITS.output / KILOBYTE),
  /** Mark the current node's expression in the editor. */
  highlightSource: z.boolean().default(true),
  /** Start the engine when a file with PyTorch code is opened. */
  startEarly: z.boolean().default(true),
} as const;

export type SettingName = keyof typeof settings;
export type SettingValue<N extends SettingName> = z.infer<(typeof settings)[N]>;

/** Where settings come from: `vscode.workspace.getConfiguration("backstep")`, or a test's own. */
export interface Configuration {
  get(name: string): unknown;
}

/** The setting's value; `refuse` is told of a bad one, and the default is taken. */
export function readSetting<N extends SettingName>(
  configuration: Configuration,
  name: N,
  refuse: (message: string) => void,
): SettingValue<N> {
  const schema: z.ZodType = settings[name];
  const given = configuration.get(name);
  const checked = schema.safeParse(given);
  if (checked.success) return checked.data as SettingValue<N>;
  const fallback = schema.parse(undefined);
  refuse(
    l10n.t(
      "The setting backstep.{0} is {1}: {2}. Backstep uses {3}.",
      name,
      JSON.stringify(given),
      checked.error.issues.map((issue) => issue.message).join("; "),
      String(fallback),
    ),
  );
  return fallback as SettingValue<N>;
}

export function readLimits(configuration: Configuration, refuse: (message: string) => void): Limits {
  return {
    seconds: readSetting(configuration, "timeLimit", refuse),
    memory: readSetting(configuration, "memoryLimit", refuse) * MEGABYTE,
    output: readSetting(configuration, "outputLimit", refuse) * KILOBYTE,
  };
}
