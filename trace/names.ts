/** What a tensor is called: the words of the source, as near to where it was used as the trace knows. */
import { formatValue } from "./format.ts";
import { isAtomic } from "./formula.ts";
import type { Binding, Position, Range, Source, Trace } from "./schema.ts";
import { numel } from "./value.ts";

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
  const [name] = record.names;
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
  if (node.outputs.length <= 1) return sourceText(trace, node.range) ?? undefined;
  // Iterating over a tensor unbinds it: its rows have no expression of their own, but an index names them.
  const input = node.op === "unbind" ? (node.edges[0]?.tensor ?? null) : null;
  const whole = input === null ? sourceText(trace, node.range) : tensorName(trace, input, node.range);
  return whole === null ? undefined : `${isAtomic(whole) ? whole : `(${whole})`}[${outputNr}]`;
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
