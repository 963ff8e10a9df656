/** Where a trace comes in from outside: everything is checked once here, so that nobody else has to. */
import * as z from "zod";
import { finish } from "./finish.ts";
import { type Range, TRACE_FORMAT, TRACE_VERSION, Trace } from "./schema.ts";

/** A trace that cannot be used, in words: what was given, what is allowed, what to do. */
export class TraceError extends Error {
  override readonly name = "TraceError";
}

const REMEDY = "record it again with `backstep trace FILE --format json`";

/** The Trace in the text of a file. Throws TraceError. */
export function readTrace(text: string): Trace {
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch (error) {
    throw new TraceError(
      `this is not a trace: the file is not JSON (${(error as Error).message}); ${REMEDY}`,
    );
  }
  return checkTrace(data);
}

function checkTrace(data: unknown): Trace {
  const { format, version } = (typeof data === "object" && data !== null ? data : {}) as Record<
    string,
    unknown
  >;
  if (format !== TRACE_FORMAT)
    throw new TraceError(
      `this is not a trace: "format" is ${JSON.stringify(format) ?? "missing"}, but must be "${TRACE_FORMAT}"; ${REMEDY}`,
    );
  if (typeof version === "number" && version > TRACE_VERSION)
    throw new TraceError(
      `this trace has format version ${version}, and this Backstep reads up to version ${TRACE_VERSION}: update Backstep, or ${REMEDY}`,
    );
  const parsed = Trace.safeParse(data);
  if (!parsed.success) throw damaged(z.prettifyError(parsed.error).split("\n").slice(0, 6).join("\n"));
  checkReferences(parsed.data);
  return parsed.data;
}

/** The format as a JSON Schema, for other tools. */
export const traceJsonSchema = (): z.core.JSONSchema.BaseSchema => z.toJSONSchema(Trace);

const damaged = (what: string): TraceError => new TraceError(`this trace is damaged: ${what}; ${REMEDY}`);

/** Every index must lead somewhere, and the graph must have no cycle. Throws TraceError. */
export const checkReferences = (trace: Trace): void => finish(referenceChecks(trace));

/** The same, resting at each `yield`: a large trace takes long to check. */
export function* referenceChecks(trace: Trace): Generator<void, void> {
  const { nodes, tensors, sources } = trace;
  const check = (index: number | null, list: readonly unknown[], what: string, path: string): void => {
    if (index === null || index < list.length) return;
    const allowed = list.length === 0 ? `it has no ${what}s` : `its ${what}s go from 0 to ${list.length - 1}`;
    throw damaged(`${path} is ${index}, but ${allowed}`);
  };
  const node = (index: number | null, path: string) => check(index, nodes, "node", path);
  const tensor = (index: number | null, path: string) => check(index, tensors, "tensor", path);
  const range = (at: Range | null, path: string) => {
    if (at === null) return;
    check(at.source, sources, "source", `${path}.source`);
    const { start, end } = at;
    if (end.line < start.line || (end.line === start.line && end.character < start.character))
      throw damaged(`${path} ends before it starts`);
  };

  for (const [i, record] of tensors.entries()) {
    yield;
    node(record.node, `tensors[${i}].node`);
    tensor(record.viewOf, `tensors[${i}].viewOf`);
  }
  for (const [i, record] of nodes.entries()) {
    yield;
    const path = `nodes[${i}]`;
    record.edges.forEach((edge, j) => {
      node(edge.node, `${path}.edges[${j}].node`);
      tensor(edge.tensor, `${path}.edges[${j}].tensor`);
    });
    record.saved.forEach(({ content, range: at }, j) => {
      if (content.kind === "tensor") tensor(content.tensor, `${path}.saved[${j}].content.tensor`);
      range(at, `${path}.saved[${j}].range`);
    });
    record.outputs.forEach((output, j) => {
      tensor(output, `${path}.outputs[${j}]`);
    });
    tensor(record.variable, `${path}.variable`);
    range(record.range, `${path}.range`);
  }
  yield* acyclicChecks(trace);
  for (const [i, pass] of trace.backwards.entries()) {
    const path = `backwards[${i}]`;
    pass.roots.forEach((root, j) => {
      tensor(root.tensor, `${path}.roots[${j}].tensor`);
      node(root.node, `${path}.roots[${j}].node`);
    });
    range(pass.range, `${path}.range`);
    const seen = new Set<number>();
    for (const [j, step] of pass.steps.entries()) {
      yield;
      const at = `${path}.steps[${j}]`;
      node(step.node, `${at}.node`);
      if (seen.has(step.node)) throw damaged(`${at}.node is ${step.node}, which an earlier step had already`);
      seen.add(step.node);
      const { edges } = nodes[step.node] as Trace["nodes"][number];
      step.arrivals.forEach(({ from }, k) => {
        if (from === null) return;
        const here = `${at}.arrivals[${k}].from`;
        if (from.step >= j)
          throw damaged(`${here}.step is ${from.step}, but only steps before ${j} can send to it`);
        const sender = nodes[(pass.steps[from.step] as { node: number }).node] as Trace["nodes"][number];
        check(from.edge, sender.edges, "edge", `${here}.edge`);
      });
      step.downstream.forEach(({ edge, formula, terms }, k) => {
        const here = `${at}.downstream[${k}]`;
        check(edge, edges, "edge", `${here}.edge`);
        for (const { start, end } of terms)
          if (end < start || end > (formula?.length ?? 0))
            throw damaged(`${here} has a term from ${start} to ${end}, outside its formula`);
      });
    }
  }
  for (const [i, binding] of trace.bindings.entries()) {
    range(binding.range, `bindings[${i}].range`);
    tensor(binding.tensor, `bindings[${i}].tensor`);
  }
  trace.output.forEach(({ source }, i) => {
    check(source, sources, "source", `output[${i}].source`);
  });
  trace.error?.ranges.forEach((at, i) => {
    range(at, `error.ranges[${i}]`);
  });
}

function* acyclicChecks({ nodes }: Trace): Generator<void, void> {
  const waiting = new Array<number>(nodes.length).fill(0);
  for (const { edges } of nodes)
    for (const { node } of edges) if (node !== null) waiting[node] = (waiting[node] ?? 0) + 1;
  const ready = [...nodes.keys()].filter((index) => waiting[index] === 0);
  for (let index = ready.pop(), left = nodes.length; ; index = ready.pop(), left--) {
    if (index === undefined) {
      if (left > 0)
        throw damaged(`${left} of its nodes lie on or behind a cycle, but a graph of gradients has none`);
      return;
    }
    yield;
    for (const { node } of (nodes[index] as Trace["nodes"][number]).edges)
      if (node !== null && --(waiting[node] as number) === 0) ready.push(node);
  }
}
