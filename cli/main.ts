/** The command line: `backstep run` and `backstep trace`. */
import { writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { Command, CommanderError, InvalidArgumentError, Option } from "commander";
import { DEFAULT_LIMITS, type Engine, type Limits } from "../engines/engine.ts";
import { readFolder } from "../engines/folder.ts";
import { createEngine } from "../engines/index.ts";
import { version } from "../package.json";
import { EXPORT_FORMATS, type ExportFormat, exportTrace } from "../trace/export.ts";
import type { Trace } from "../trace/schema.ts";
import { type Given, readScript, readTraced, UsageError } from "./source.ts";
import { complain, EXIT, leave, runToEnd } from "./terminal.ts";

interface EngineOptions {
  readonly engine: Engine["name"];
  readonly python?: string;
  readonly timeLimit: number;
  readonly memoryLimit: number;
  readonly outputLimit: number;
  readonly verbose?: true;
}

interface TraceOptions extends EngineOptions {
  readonly block?: number;
  readonly backward?: number;
  readonly format: ExportFormat;
  readonly out?: string;
}

const MEGABYTE = 1 << 20;
/** The longest that a timer can wait, for runs that end when they end. */
const NO_TIME_LIMIT = 2_147_483;

const program = new Command("backstep")
  .description("Run PyTorch code without PyTorch, and record its backward pass step by step.")
  .version(version)
  .enablePositionalOptions()
  .showHelpAfterError("(backstep --help tells more)")
  .addHelpText(
    "after",
    `
Exit codes: the program's own, as python gives them (1 after an uncaught exception);
${EXIT.usage} for wrong use of the command line; ${EXIT.failed} where a limit or the sandbox ended the run; ${EXIT.interrupted} after Ctrl-C.`,
  );

engineOptions(program.command("run"), { seconds: NO_TIME_LIMIT, output: Number.MAX_SAFE_INTEGER })
  .summary("run a program as python would")
  .description("Run a Python program and print exactly what `python FILE ARGS...` prints, as it is printed.")
  .argument("<file>", "a Python file, or - for standard input")
  .argument("[args...]", "handed to the program")
  .passThroughOptions()
  .action(async (file: string, args: string[], options: EngineOptions) => {
    const result = await run(await readScript(file), [file, ...args], options, false, (text) => {
      process.stdout.write(text);
    });
    if (result !== null) process.exitCode ??= result.exitCode;
  });

engineOptions(program.command("trace"), DEFAULT_LIMITS)
  .summary("record the backward pass of a program")
  .description(
    `Run a Python file, or the Python blocks of a Markdown note, and write its backward pass.

The program's own output appears on standard output as it is printed, and the trace follows it there. \
With --format json or dot and without --out, the program's output goes to standard error, so that standard \
output is the trace and nothing else.`,
  )
  .argument("<file>", "a Python file, a Markdown note, or - for standard input")
  .argument("[args...]", "handed to the program (after --)")
  .option("--block <n>", "of a note: run its Python blocks up to the n-th, from 1 (default: all)", count)
  .option("--backward <k>", "the backward pass that text and dot show, from 1 (default: the last)", count)
  .addOption(
    new Option("--format <format>", "json is the whole trace").choices(EXPORT_FORMATS).default("text"),
  )
  .option("--out <path>", "write the trace to a file instead")
  .action(trace);

async function trace(file: string, args: string[], options: TraceOptions): Promise<void> {
  const { format, out, backward } = options;
  const isPure = format !== "text" && out === undefined;
  const given = await readTraced(file, options.block);
  let printed = "";
  const screen = isPure ? process.stderr : process.stdout;
  const result = await run(given, [file, ...args], options, true, (text) => {
    printed = text;
    screen.write(text);
  });
  if (result === null || result.trace === null) return;
  if (result.exitCode !== 0) process.exitCode ??= result.exitCode;
  const text = exportTrace(result.trace, format, passAt(result.trace, backward));
  if (out !== undefined) {
    try {
      writeFileSync(out, text);
    } catch (error) {
      throw new UsageError(`cannot write ${out}: ${(error as Error).message}`);
    }
  } else {
    if (!isPure && printed !== "") process.stdout.write(printed.endsWith("\n") ? "\n" : "\n\n");
    process.stdout.write(text);
  }
  process.exitCode ??= result.exitCode;
}

/** Passes are counted from the first that the program ran, also where the trace has only the last ones. */
function passAt({ backwards }: Trace, wanted: number | undefined): number | null {
  if (wanted === undefined) return backwards.length === 0 ? null : backwards.length - 1;
  const omitted = backwards[0]?.omittedBefore ?? 0;
  const last = omitted + backwards.length;
  if (wanted > omitted && wanted <= last) return wanted - omitted - 1;
  const allowed = last === omitted + 1 ? `give ${last}` : `give ${omitted + 1} to ${last}`;
  throw new UsageError(
    backwards.length === 0
      ? `--backward ${wanted}: the program ran no backward pass; call .backward() in it, or leave the option out`
      : `--backward ${wanted}: ${wanted > last ? `the program ran ${last === 1 ? "one backward pass" : `${last} backward passes`}` : `only the last ${backwards.length} passes are kept`}; ${allowed}`,
  );
}

async function run(
  given: Given,
  argv: readonly string[],
  options: EngineOptions,
  record: boolean,
  print: (text: string) => void,
) {
  const code = [...given.blocks.map(({ text }) => text), ...argv].join("\n");
  const { files, omitted } =
    options.engine === "embedded"
      ? await readFolder(given.folder, code)
      : { files: new Map<string, Uint8Array>(), omitted: [] };
  for (const each of omitted) complain(each);
  const limits: Limits = {
    seconds: options.timeLimit,
    memory: options.memoryLimit * MEGABYTE,
    output: options.outputLimit * MEGABYTE,
  };
  const engine = createEngine(options.engine, {
    assets: dirname(fileURLToPath(import.meta.url)),
    log: (text) => options.verbose && complain(text),
    python: options.python,
  });
  const { mode, blocks, folder } = given;
  return runToEnd(engine, { mode, blocks, files, folder, argv, record, limits }, print);
}

function engineOptions(command: Command, { seconds, output }: Pick<Limits, "seconds" | "output">): Command {
  const megabytes = Math.floor(output / MEGABYTE);
  const time = new Option("--time-limit <seconds>", "end the program after so long").argParser(amount);
  const printed = new Option("--output-limit <megabytes>", "and when it has printed so much").argParser(
    amount,
  );
  return command
    .addOption(
      new Option("--engine <name>", "what runs it").choices(["embedded", "pytorch"]).default("embedded"),
    )
    .option("--python <path>", "the interpreter of the engine pytorch (default: the first that has PyTorch)")
    .addOption(seconds === NO_TIME_LIMIT ? time.default(seconds, "none") : time.default(seconds))
    .addOption(
      new Option("--memory-limit <megabytes>", "and when it needs more memory")
        .argParser(amount)
        .default(DEFAULT_LIMITS.memory / MEGABYTE),
    )
    .addOption(seconds === NO_TIME_LIMIT ? printed.default(megabytes, "none") : printed.default(megabytes))
    .option("--verbose", "show the engine's own log");
}

function count(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError("it must be a whole number, 1 or more.");
  return Number(text);
}

function amount(text: string): number {
  const number = count(text);
  if (number > NO_TIME_LIMIT) throw new InvalidArgumentError(`it must be at most ${NO_TIME_LIMIT}.`);
  return number;
}

try {
  for (const command of [program, ...program.commands]) command.exitOverride();
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : EXIT.usage;
  else if (error instanceof UsageError) {
    complain(error.message);
    process.exitCode ??= EXIT.usage;
  } else throw error;
}
await leave();
