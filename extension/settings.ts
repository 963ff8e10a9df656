/** The settings of `backstep.*`: each is checked when it is read, and a bad value is named and left for the default. */
import * as l10n from "@vscode/l10n";
import * as z from "zod";
import { DEFAULT_LIMITS, type Limits } from "../engines/engine.ts";

/** The version of the interpreter, whose lock file names the packages. */
const PYODIDE = "314.0.7";
const MEGABYTE = 1 << 20;
const KILOBYTE = 1 << 10;

/** One row per setting; package.json gives the same bounds and defaults, and a test keeps the two equal. */
export const settings = {
  /** What runs the code; `auto` is PyTorch where it is found and allowed. */
  engine: z.enum(["embedded", "pytorch", "auto"]).default("embedded"),
  /** The interpreter of the engine `pytorch`; empty to look for one. */
  pythonPath: z.string().default(""),
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
  /** Show the size of gradients in the gutter. */
  gutter: z.boolean().default(false),
  /** Trace anew as the person types. */
  live: z.boolean().default(false),
  /** Offer "Trace backward" in the text. */
  codeLens: z.boolean().default(true),
  /** Start the engine when a file with PyTorch code is opened. */
  startEarly: z.boolean().default(true),
  /** Packages of Pyodide that code may import, besides torch. */
  packages: z.array(z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/)).default([]),
  /** Where they are fetched from: Pyodide's own index for the pinned version. */
  packageIndex: z.string().default(`https://cdn.jsdelivr.net/pyodide/v${PYODIDE}/full/`),
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
