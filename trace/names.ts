/** What a tensor is called: the words of the source, as near to where it was used as the trace knows. */
import { formatValue } from "./format.ts";
import { elementText } from "./formula.ts";
import { functionAt } from "./functions.ts";
import type { Binding, Node, Position, Range, Source, Trace } from "./schema.ts";
import { numel } from "./shape.ts";

/** Longer expressions are not names any more. */
const NAME_LIMIT = 40;

/**
 * The text that stands for a tensor inside the expression `within`: the operand as written there (`written`
 * where the bindings do not tell), else a
 * variable that it was bound to, else the expression that made it, else its number if it has only one; null
 * where none of these is known or short enough to serve as a name.
 */
export function tensorName(
  trace: Trace,
  tensor: number,
  within: Range | null = null,
  written: string | null = null,
): string | null {
  const record = trace.tensors[tensor];
  if (record === undefined) return null;
  const bindings = writtenAs(trace, tensor);
  const name = variableOf(trace, tensor);
  const candidates = [
    operand(trace, tensor, within)?.text ?? written,
    name,
    bindings[0]?.text,
    madeBy(trace, record.node, record.outputNr),
  ];
  if (name === undefined && record.node === null && numel(record.shape) === 1)
    candidates.push(formatValue(record.value));
  for (const candidate of candidates) {
    const text = candidate?.replace(/\s+/g, " ").trim();
    if (text !== undefined && text !== "" && text.length <= NAME_LIMIT) return text;
  }
  return null;
}

/**
 * Its first variable: one of the program itself before the parameters of functions that it was handed to. A leaf that
 * belongs to something (`net.0.weight`) goes by that: what else holds it may be a loop's variable.
 */
function variableOf(trace: Trace, tensor: number): string | undefined {
  const record = trace.tensors[tensor];
  const names = record?.names ?? [];
  if (names.length < 2 || (record?.node === null && names[0] !== undefined && PATH.test(names[0])))
    return names[0];
  const own = (bindingsOf(trace).get(tensor) ?? []).filter(
    ({ text, range }) => names.includes(text) && functionAt(trace, range) === null,
  );
  return names.find((name) => own.some(({ text }) => text === name)) ?? names[0];
}

/** Outside its class nobody knows `self`. */
const PATH = /^(?!self\.|cls\.)[^.]+\./;

/** Whether it is a plain number of the source, which only became a tensor to take part in an op. */
export function isPlainNumber(trace: Trace, tensor: number): boolean {
  const record = trace.tensors[tensor];
  return (
    record !== undefined &&
    record.shape.length === 0 &&
    record.node === null &&
    record.names.length === 0 &&
    !bindingsOf(trace).has(tensor)
  );
}

/** Every expression of the source that gave a tensor. */
export const writtenAs = (trace: Trace, tensor: number): readonly Binding[] =>
  bindingsOf(trace).get(tensor) ?? [];

/** Where a tensor stands in the expression `within`; null where it is not written there. */
export function operand(trace: Trace, tensor: number, within: Range | null): Binding | null {
  return writtenAs(trace, tensor).find(({ range }) => within !== null && contains(within, range)) ?? null;
}

/** The source text of the expression that made the output of a node; an index where it has several. */
function madeBy(trace: Trace, index: number | null, outputNr: number): string | undefined {
  const node = index === null ? undefined : trace.nodes[index];
  if (node === undefined) return undefined;
  if (node.outputs.length <= 1) return shortText(trace, node) ?? undefined;
  // Iterating over a tensor unbinds it: its rows have no expression of their own, but an index names them.
  const input = node.op === "unbind" ? (node.edges[0]?.tensor ?? null) : null;
  const whole = input === null ? shortText(trace, node) : tensorName(trace, input, node.range);
  return whole === null ? undefined : elementText(whole, [outputNr]);
}

/** Calls within calls that are written out; what lies deeper is left out. */
const DEPTH = 2;

/**
 * What a node's result is called by the expression that made it. One expression may make several nodes: it is the last
 * one's text, and those on the way to it are called by what they do, as `log_softmax(x)` within a cross entropy.
 */
function ownText(trace: Trace, node: Node, depth = 0): string | null {
  if (!isInner(trace, node)) return sourceText(trace, node.range);
  const tensor = node.edges[0]?.tensor ?? null;
  const made = tensor === null ? null : (trace.tensors[tensor] ?? null);
  const maker = made?.node == null ? undefined : trace.nodes[made.node];
  const input =
    tensor === null
      ? null
      : maker !== undefined && isInner(trace, maker)
        ? depth < DEPTH
          ? ownText(trace, maker, depth + 1)
          : "…"
        : tensorName(trace, tensor, node.range);
  return `${callName(node.op)}(${input ?? ""})`;
}

/** The same; of what is made on the way and too long for a name only what it does: `relu(…)`. */
function shortText(trace: Trace, node: Node): string | null {
  const text = ownText(trace, node);
  return text !== null && text.length > NAME_LIMIT && isInner(trace, node) ? `${callName(node.op)}(…)` : text;
}

/** `_log_softmax` and `_reshape_alias` are affairs of PyTorch's inside; people write `log_softmax`, `reshape`. */
const callName = (op: string): string => op.replace(/^_+/, "").replace(/^reshape_alias$/, "reshape");

/** Whether a node was made on the way to the result of an expression that also made others after it. */
export function isInner(trace: Trace, node: Node): boolean {
  if (node.range === null) return false;
  const { last, within } = madeByExpressions(trace);
  const latest = last.get(JSON.stringify(node.range));
  return latest !== undefined && latest !== node && (latest.op !== node.op || within.has(node));
}

interface Made {
  /** The node that an expression made last. */
  readonly last: ReadonlyMap<string, Node>;
  /** Nodes whose result no part of the source holds, and that went into another node of the same expression. */
  readonly within: ReadonlySet<Node>;
}

const madeTables = new WeakMap<Trace, Made>();

function madeByExpressions(trace: Trace): Made {
  let made = madeTables.get(trace);
  if (made === undefined) {
    const table = new Map<string, Node>();
    const within = new Set<Node>();
    // What an expression that ran again held in an earlier round is not known, so it may feed itself there.
    const again = new Set(
      trace.bindings.flatMap(({ range, count }) => (count > 1 ? [JSON.stringify(range)] : [])),
    );
    for (const node of trace.nodes) {
      // Leaves have a sequence number beyond all others, and no expression of their own.
      if (node.range === null || node.variable !== null) continue;
      const key = JSON.stringify(node.range);
      const before = table.get(key);
      if (before === undefined || before.sequenceNr < node.sequenceNr) table.set(key, node);
      for (const edge of node.edges) {
        const maker = edge.node === null ? undefined : trace.nodes[edge.node];
        if (maker === undefined || edge.tensor === null || isHeld(trace, edge.tensor)) continue;
        if (maker.op === node.op && again.has(key)) continue;
        if (JSON.stringify(maker.range) === key) within.add(maker);
      }
    }
    made = { last: table, within };
    madeTables.set(trace, made);
  }
  return made;
}

/** Whether some name or expression of the source stands for a tensor. */
const isHeld = (trace: Trace, tensor: number): boolean =>
  bindingsOf(trace).has(tensor) || (trace.tensors[tensor]?.names.length ?? 0) > 0;

/** What stands in the source at a range; null where there is none. */
export function sourceText(trace: Trace, range: Range | null): string | null {
  if (range === null) return null;
  const source = trace.sources[range.source];
  const lines = source === undefined ? [] : linesOf(source).slice(range.start.line, range.end.line + 1);
  if (lines.length === 0) return null;
  const last = lines.length - 1;
  if (range.end.line - range.start.line === last)
    lines[last] = (lines[last] as string).slice(0, range.end.character);
  lines[0] = (lines[0] as string).slice(range.start.character);
  return lines.join("\n");
}

const lineTables = new WeakMap<Source, string[]>();

function linesOf(source: Source): string[] {
  let lines = lineTables.get(source);
  if (lines === undefined) {
    lines = source.text.split(/\r\n|\r|\n/);
    lineTables.set(source, lines);
  }
  return lines;
}

const compare = (a: Position, b: Position): number => a.line - b.line || a.character - b.character;

export const contains = (outer: Range, inner: Range): boolean =>
  outer.source === inner.source &&
  compare(outer.start, inner.start) <= 0 &&
  compare(inner.end, outer.end) <= 0;

/** The bindings of a trace by a key of each, in their order; put together once. */
function bindingsBy(
  key: (binding: Binding) => number,
): (trace: Trace) => ReadonlyMap<number, readonly Binding[]> {
  const tables = new WeakMap<Trace, Map<number, Binding[]>>();
  return (trace) => {
    let table = tables.get(trace);
    if (table === undefined) {
      table = new Map();
      for (const binding of trace.bindings) {
        const same = table.get(key(binding));
        if (same === undefined) table.set(key(binding), [binding]);
        else same.push(binding);
      }
      tables.set(trace, table);
    }
    return table;
  };
}

const bindingsOf = bindingsBy(({ tensor }) => tensor);

/** By the line that they begin on. */
export const bindingsFrom = bindingsBy(({ range }) => range.start.line);
