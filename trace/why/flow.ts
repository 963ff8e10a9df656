/** Where a tensor goes in the source: from an expression to the expressions that it is part of, and by name from there. */
import { contains, sourceText } from "../names.ts";
import type { Binding, Range, Trace } from "../schema.ts";

/** An expression that is computed from another one that it contains. */
export interface Flow {
  readonly from: Binding;
  readonly to: Binding;
}

const flows = new WeakMap<Trace, ReadonlyMap<number, readonly Flow[]>>();

/** By tensor object: the smallest expressions around each place where it is written. */
function flowsOf(trace: Trace): ReadonlyMap<number, readonly Flow[]> {
  let table = flows.get(trace);
  if (table !== undefined) return table;
  const byObject = new Map<number, Flow[]>();
  // Sorted so that an expression stands before those inside it: the stack holds what is open.
  const sorted = [...trace.bindings].sort(
    (a, b) =>
      a.range.source - b.range.source ||
      a.range.start.line - b.range.start.line ||
      a.range.start.character - b.range.start.character ||
      b.range.end.line - a.range.end.line ||
      b.range.end.character - a.range.end.character,
  );
  const open: Binding[] = [];
  for (const binding of sorted) {
    while (open.length > 0 && !contains((open.at(-1) as Binding).range, binding.range)) open.pop();
    const around = open.at(-1);
    const object = objectOf(trace, binding.tensor);
    if (around !== undefined && objectOf(trace, around.tensor) !== object) {
      const list = byObject.get(object);
      const flow = { from: binding, to: around };
      if (list === undefined) byObject.set(object, [flow]);
      else list.push(flow);
    }
    open.push(binding);
  }
  table = byObject;
  flows.set(trace, table);
  return table;
}

export const objectOf = (trace: Trace, tensor: number): number => trace.tensors[tensor]?.object ?? -1;

/** Is the gradient lost between the two: the operand requires one, the result does not? */
export const isCut = (trace: Trace, { from, to }: Flow): boolean =>
  (trace.tensors[from.tensor]?.requiresGrad ?? false) && !(trace.tensors[to.tensor]?.requiresGrad ?? true);

/**
 * The shortest way by expressions from one tensor object to one of `goals`; null where the source shows none.
 * Without goals: everything that is reached.
 */
export function wayTo(trace: Trace, object: number, goals: ReadonlySet<number>): readonly Flow[] | null {
  const table = flowsOf(trace);
  const came = new Map<number, Flow | null>([[object, null]]);
  const queue = [object];
  for (let at = queue.shift(); at !== undefined; at = queue.shift()) {
    if (goals.has(at)) {
      const way: Flow[] = [];
      for (let flow = came.get(at); flow != null; flow = came.get(objectOf(trace, flow.from.tensor)))
        way.unshift(flow);
      return way;
    }
    for (const flow of table.get(at) ?? []) {
      const next = objectOf(trace, flow.to.tensor);
      if (came.has(next)) continue;
      came.set(next, flow);
      queue.push(next);
    }
  }
  return null;
}

/** The first expressions that a tensor object is part of, in the order of the source. */
export const usesOf = (trace: Trace, object: number): readonly Flow[] => flowsOf(trace).get(object) ?? [];

/** What a tensor object was made of, as far as the source shows it: every flow that ends in it. */
export const partsOf = (trace: Trace, object: number): readonly Flow[] =>
  [...flowsOf(trace).values()].flatMap((list) =>
    list.filter(({ to }) => objectOf(trace, to.tensor) === object),
  );

/** The expression that made a tensor object out of one that requires a gradient, without passing that on. */
export const cutThatMade = (trace: Trace, object: number): Flow | null =>
  partsOf(trace, object).find((flow) => isCut(trace, flow)) ?? null;

/** The line on which gradients were switched off around a range: `with torch.no_grad():`, `@torch.no_grad()`; null where none is seen. */
export function switchedOffAt(trace: Trace, range: Range): Range | null {
  const lines = trace.sources[range.source]?.text.split(/\r\n|\r|\n/) ?? [];
  const indentOf = (line: string): number => line.length - line.trimStart().length;
  let indent = indentOf(lines[range.start.line] ?? "");
  let decorating = false;
  for (let i = range.start.line; i >= 0; i--) {
    const line = lines[i] ?? "";
    if (line.trim() === "") continue;
    const own = indentOf(line);
    const outside = own < indent || (i === range.start.line && /^\s*with\b/.test(line));
    const off = /\b(no_grad|inference_mode|set_grad_enabled\(\s*False)/.test(line);
    if (off && (decorating ? /^\s*@/.test(line) && own === indent : outside && /^\s*with\b/.test(line)))
      return lineRange(range.source, i, line);
    if (off && own <= indent && /^\s*(torch\.)?(autograd\.)?set_grad_enabled\(\s*False/.test(line))
      return lineRange(range.source, i, line);
    if (decorating && !/^\s*@/.test(line)) decorating = false;
    if (own < indent) {
      indent = own;
      decorating = /^\s*(async\s+)?def\b/.test(line);
    }
  }
  return null;
}

const lineRange = (source: number, line: number, text: string): Range => ({
  source,
  start: { line, character: text.length - text.trimStart().length },
  end: { line, character: text.length },
});

export const textOf = (trace: Trace, range: Range): string =>
  (sourceText(trace, range) ?? "").replace(/\s+/g, " ").trim();
