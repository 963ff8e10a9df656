/** The command line: `backstep run`, `trace`, `why`, `check`, `open`, `compare` and `dap`. */
import { availableParallelism } from "node:os";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { Command, CommanderError, InvalidArgumentError, Option } from "commander";
import { DEFAULT_LIMITS, type Engine, type Limits } from "../engines/engine.ts";
import { notVisible, readFolder } from "../engines/folder.ts";
import { createEngine } from "../engines/index.ts";
import { PackageError, readLock, readWheels } from "../engines/packages.ts";
import { version } from "../package.json";
import { ENGLISH } from "../trace/l10n.ts";
import { checkedText } from "../trace/why/text.ts";
import { type Both, compared, comparedAll } from "./compare.ts";
import { type OpenOptions, opened } from "./open.ts";
import { type Given, isFolder, readPrograms, readScript, readTraced, UsageError } from "./source.ts";
import { complain, EXIT, leave, runToEnd } from "./terminal.ts";
import { answered } from "./why.ts";
import { FORMATS, passAt, type WriteOptions, written } from "./write.ts";

interface EngineOptions {
  readonly engine: Engine["name"];
  readonly python?: string;
  readonly timeLimit: number;
  readonly memoryLimit: number;
  readonly outputLimit: number;
  readonly packages?: string;
  readonly verbose?: true;
}

interface TraceOptions extends EngineOptions, WriteOptions {
  readonly block?: number;
}

const MEGABYTE = 1 << 20;
const ignore = (): void => {};
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

writeOptions(engineOptions(program.command("trace"), DEFAULT_LIMITS), true)
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
  .action(trace);

writeOptions(
  program
    .command("open")
    .summary("check trace files and say what is in them")
    .description(
      `Read trace files, or a folder of them, and print what is there: engines, passes, steps and errors; of several \
processes' traces each leaf's gradient on every rank beside the mean, of two traces of one program where they part.

With --format one of the traces is written out, as \`backstep trace\` does it.`,
    )
    .argument("<paths...>", "trace files (JSON), or folders with one for each rank")
    .option("--rank <r>", "with --format: the trace of that rank (default: the first trace)", whole),
  false,
).action((paths: string[], options: OpenOptions) => opened(paths, options));

engineOptions(program.command("compare"), DEFAULT_LIMITS, false)
  .summary("run a program by both engines and say where they part")
  .description(
    `Run a Python file, or the Python blocks of a note, by the embedded engine and by PyTorch, and compare output, graph, \
saved values and every gradient. Exits with 0 where they agree and with 1 where they part.

Of a folder every Python file is compared; each gives a line, and the last line says how many agree.`,
  )
  .argument("<file>", "a Python file, a Markdown note, - for standard input, or a folder of Python files")
  .argument("[args...]", "handed to the program (after --)")
  .option("--block <n>", "of a note: run its Python blocks up to the n-th, from 1 (default: all)", count)
  .option("--cells", "each `# %%` cell is a program of its own, after what stands above the first")
  .action(async (file: string, args: string[], options: Omit<TraceOptions, "engine"> & { cells?: true }) => {
    const traces = async (given: Given): Promise<Both> => {
      const traceBy = async (engine: Engine["name"]) => {
        const { trace } =
          (await run(given, [file, ...args], { ...options, engine }, true, ignore, ignore)) ?? {};
        return trace ?? null;
      };
      const embedded = await traceBy("embedded");
      const pytorch = embedded === null ? null : await traceBy("pytorch");
      return embedded === null || pytorch === null ? null : { embedded, pytorch };
    };
    if (options.cells === true || isFolder(file)) {
      if (options.block !== undefined) throw new UsageError("--block is for one Markdown note: leave it out");
      const programs = await readPrograms(file, options.cells === true);
      // No more: each listens for Ctrl-C, and Node warns of many who do.
      const width = Math.min(availableParallelism(), 8);
      const code = await comparedAll(programs, width, ({ given }) => traces(given));
      if (code !== null) process.exitCode ??= code;
    } else {
      const both = await traces(await readTraced(file, options.block));
      if (both !== null) process.exitCode ??= compared(both.embedded, both.pytorch);
    }
  });

engineOptions(program.command("why"), DEFAULT_LIMITS)
  .summary("answer why a gradient is None, zero, NaN or doubled, or why the run failed")
  .description(
    `Run a Python file, or the Python blocks of a note, and answer what its gradients make one ask: about the tensor that \
--tensor names; without it about the program's error, else about every leaf.`,
  )
  .argument("<file>", "a Python file, a Markdown note, or - for standard input")
  .argument("[args...]", "handed to the program (after --)")
  .option("--tensor <name>", "the variable that is asked about")
  .option("--block <n>", "of a note: run its Python blocks up to the n-th, from 1 (default: all)", count)
  .option("--backward <k>", "the backward pass that is asked about, from 1 (default: the last)", count)
  .action(
    async (file: string, args: string[], options: Omit<TraceOptions, "format"> & { tensor?: string }) => {
      const print = (text: string): void => void process.stderr.write(text);
      const given = await readTraced(file, options.block);
      const result = await run(given, [file, ...args], options, true, print);
      if (result?.trace == null) return;
      process.stdout.write(answered(result.trace, options.tensor, passAt(result.trace, options.backward)));
      process.exitCode ??= 0;
    },
  );

engineOptions(program.command("check"), DEFAULT_LIMITS, false)
  .summary("hold every gradient against finite differences")
  .description(
    `Run a Python file, or the Python blocks of a note, and compare the rule of every node, those of custom functions too, \
and the gradient of every leaf with finite differences in float64. Exits with 1 where one differs.`,
  )
  .argument("<file>", "a Python file, a Markdown note, or - for standard input")
  .argument("[args...]", "handed to the program (after --)")
  .option("--block <n>", "of a note: run its Python blocks up to the n-th, from 1 (default: all)", count)
  .action(async (file: string, args: string[], options: Omit<TraceOptions, "engine">) => {
    const print = (text: string): void => void process.stderr.write(text);
    const given = await readTraced(file, options.block);
    const embedded = { ...options, engine: "embedded" as const };
    const result = await run(given, [file, ...args], embedded, "check", print);
    if (result?.trace == null) return;
    const { text, agrees } = checkedText(result.trace);
    process.stdout.write(text);
    process.exitCode ??= result.exitCode !== 0 ? result.exitCode : agrees ? 0 : 1;
  });

program
  .command("dap")
  .summary("be a debug adapter on standard input and output")
  .description(
    `Speak the Debug Adapter Protocol with a client on standard input and output: launch with { program }, or open with \
{ trace }. Step Back and Reverse Continue go back, breakpoints stop the backward pass.`,
  )
  .option("--packages <dir>", "of the embedded engine: a folder with wheels that programs may import")
  .action(async ({ packages }: { packages?: string }) => {
    const { debugAdapter } = await import("./dap.ts");
    const assets = dirname(fileURLToPath(import.meta.url));
    debugAdapter(assets, await wheelsIn(packages, assets));
    // The client ends it.
    await new Promise(() => {});
  });

async function trace(file: string, args: string[], options: TraceOptions): Promise<void> {
  const { format, out } = options;
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
  const text = await written(result.trace, options, file);
  if (text !== "" && !isPure && printed !== "") process.stdout.write(printed.endsWith("\n") ? "\n" : "\n\n");
  process.stdout.write(text);
  process.exitCode ??= result.exitCode;
}

async function run(
  given: Given,
  argv: readonly string[],
  options: EngineOptions,
  record: boolean | "check",
  print: (text: string) => void,
  printError?: (text: string) => void,
) {
  const code = [...given.blocks.map(({ text }) => text), ...argv].join("\n");
  const { files, omitted } =
    options.engine === "embedded"
      ? await readFolder(given.folder, code)
      : { files: new Map<string, Uint8Array>(), omitted: [] };
  const unseen = notVisible(omitted, ENGLISH);
  if (unseen !== null) complain(unseen);
  const limits: Limits = {
    seconds: options.timeLimit,
    memory: options.memoryLimit * MEGABYTE,
    output: options.outputLimit * MEGABYTE,
  };
  const assets = dirname(fileURLToPath(import.meta.url));
  const packages = await wheelsIn(options.packages, assets);
  const engine = createEngine(options.engine, {
    assets,
    log: (text) => options.verbose && complain(text),
    python: options.python,
  });
  const { mode, blocks, folder } = given;
  // As `python FILE` does: the program's modules are beside it, it works where the command was given.
  const request = {
    mode,
    blocks,
    files,
    folder,
    cwd: process.cwd(),
    argv,
    record: record !== false,
    check: record === "check",
    limits,
    ...(packages === undefined ? {} : { packages }),
  };
  return runToEnd(engine, request, print, printError);
}

/** The wheels of a folder, each checked against Pyodide's lock file; undefined where none was named. */
const wheelsIn = async (folder: string | undefined, assets: string) =>
  folder === undefined ? undefined : readWheels(folder, await readLock(assets));

/** How a trace is written; `text` is the default where the command's own words are no other. */
function writeOptions(command: Command, text: boolean): Command {
  const format = new Option(
    "--format <format>",
    "json is the whole trace, html a page that steps through it",
  ).choices(FORMATS);
  return command
    .option("--backward <k>", "the backward pass that text and dot show, from 1 (default: the last)", count)
    .addOption(text ? format.default("text") : format)
    .option("--out <path>", "write the trace to a file instead");
}

/** `choose`: the engine may be named. */
function engineOptions(
  command: Command,
  { seconds, output }: Pick<Limits, "seconds" | "output">,
  choose = true,
): Command {
  const megabytes = Math.floor(output / MEGABYTE);
  const time = new Option("--time-limit <seconds>", "end the program after so long").argParser(amount);
  const printed = new Option("--output-limit <megabytes>", "and when it has printed so much").argParser(
    amount,
  );
  const engine = new Option("--engine <name>", "what runs it").choices(["embedded", "pytorch"]);
  return (choose ? command.addOption(engine.default("embedded")) : command)
    .option("--python <path>", "the interpreter of the engine pytorch (default: the first that has PyTorch)")
    .addOption(seconds === NO_TIME_LIMIT ? time.default(seconds, "none") : time.default(seconds))
    .addOption(
      new Option("--memory-limit <megabytes>", "and when it needs more memory")
        .argParser(amount)
        .default(DEFAULT_LIMITS.memory / MEGABYTE),
    )
    .addOption(seconds === NO_TIME_LIMIT ? printed.default(megabytes, "none") : printed.default(megabytes))
    .option("--packages <dir>", "of the embedded engine: a folder with wheels that the program may import")
    .option("--verbose", "show the engine's own log");
}

function count(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError("it must be a whole number, 1 or more.");
  return Number(text);
}

function whole(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError("it must be a whole number, 0 or more.");
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
  else if (error instanceof UsageError || error instanceof PackageError) {
    complain(error.message);
    process.exitCode ??= EXIT.usage;
  } else throw error;
}
await leave();
