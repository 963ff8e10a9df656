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
  const bindings = bindingsOf(trace).get(tensor) ?? [];
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

/** Where a tensor stands in the expression `within`; null where it is not written there. */
export function operand(trace: Trace, tensor: number, within: Range | null): Binding | null {
  const bindings = bindingsOf(trace).get(tensor) ?? [];
  return bindings.find(({ range }) => within !== null && contains(within, range)) ?? null;
}

/** The source text of the expression that made the output of a node; an index where it has several. */
function madeBy(trace: Trace, index: number | null, outputNr: number): string | undefined {
  const node = index === null ? undefined : trace.nodes[index];
  if (node === undefined) return undefined;
  if (node.outputs.length <= 1) return ownText(trace, node) ?? undefined;
  // Iterating over a tensor unbinds it: its rows have no expression of their own, but an index names them.
  const input = node.op === "unbind" ? (node.edges[0]?.tensor ?? null) : null;
  const whole = input === null ? ownText(trace, node) : tensorName(trace, input, node.range);
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

/** `_log_softmax` is an affair of PyTorch's inside; people write `log_softmax`. */
const callName = (op: string): string => op.replace(/^_+/, "");

/** Whether a node was made on the way to the result of an expression that also made others after it. */
export function isInner(trace: Trace, node: Node): boolean {
  if (node.range === null) return false;
  const last = lastMade(trace).get(JSON.stringify(node.range));
  return last !== undefined && last !== node && last.op !== node.op;
}

const lastTables = new WeakMap<Trace, Map<string, Node>>();

function lastMade(trace: Trace): ReadonlyMap<string, Node> {
  let table = lastTables.get(trace);
  if (table === undefined) {
    table = new Map();
    for (const node of trace.nodes) {
      // Leaves have a sequence number beyond all others, and no expression of their own.
      if (node.range === null || node.variable !== null) continue;
      const key = JSON.stringify(node.range);
      const before = table.get(key);
      if (before === undefined || before.sequenceNr < node.sequenceNr) table.set(key, node);
    }
    lastTables.set(trace, table);
  }
  return table;
}

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

const bindingTables = new WeakMap<Trace, Map<number, Binding[]>>();

function bindingsOf(trace: Trace): ReadonlyMap<number, readonly Binding[]> {
  let table = bindingTables.get(trace);
  if (table === undefined) {
    table = new Map();
    for (const binding of trace.bindings) {
      const same = table.get(binding.tensor);
      if (same === undefined) table.set(binding.tensor, [binding]);
      else same.push(binding);
    }
    bindingTables.set(trace, table);
  }
  return table;
}
