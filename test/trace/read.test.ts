import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readTrace, TraceError, traceJsonSchema } from "../../trace/read.ts";
import type { Trace } from "../../trace/schema.ts";
import { anyTrace, squareSum } from "../support/traces.ts";

type Change = (trace: Trace) => void;

const refusal = (change: Change): string => {
  const trace = squareSum();
  change(trace);
  try {
    readTrace(JSON.stringify(trace));
  } catch (error) {
    expect(error).toBeInstanceOf(TraceError);
    return (error as Error).message;
  }
  throw new Error("it was read");
};

const pass = (trace: Trace) => trace.backwards[0] as Trace["backwards"][number];
const step = (trace: Trace, index: number) =>
  pass(trace).steps[index] as Trace["backwards"][number]["steps"][number];

test("any whole trace is read as it was written", () => {
  fc.assert(
    fc.property(anyTrace, (trace) => {
      expect(readTrace(JSON.stringify(trace))).toEqual(trace);
    }),
  );
});

test("fields that a newer writer added are ignored", () => {
  const trace = { ...squareSum(), extra: 1 };
  expect(readTrace(JSON.stringify(trace))).toEqual(squareSum());
});

describe("what is not a trace is refused in words", () => {
  test.each([
    [
      "",
      /^this is not a trace: the file is not JSON \(.*\); record it again with `backstep trace FILE --format json`$/,
    ],
    ["{", /the file is not JSON/],
    ["[]", /^this is not a trace: "format" is missing, but must be "backstep-trace"/],
    ["null", /"format" is missing/],
    ['{"format": "har"}', /^this is not a trace: "format" is "har", but must be "backstep-trace"/],
    [
      '{"format": "backstep-trace", "version": 2}',
      /^this trace has format version 2, and this Backstep reads up to version 1: update Backstep, or record it again/,
    ],
    ['{"format": "backstep-trace", "version": 1}', /^this trace is damaged: /],
  ])("%j", (text, message) => {
    expect(() => readTrace(text)).toThrow(message);
  });
});

describe("an index that leads nowhere is named, with what is allowed", () => {
  test.each<[string, Change, string]>([
    [
      "tensor's node",
      (t) => Object.assign(t.tensors[1] ?? {}, { node: 3 }),
      "tensors[1].node is 3, but its nodes go from 0 to 2",
    ],
    [
      "view",
      (t) => Object.assign(t.tensors[1] ?? {}, { viewOf: 8 }),
      "tensors[1].viewOf is 8, but its tensors go from 0 to 2",
    ],
    [
      "edge's node",
      (t) => Object.assign(t.nodes[1]?.edges[0] ?? {}, { node: 7 }),
      "nodes[1].edges[0].node is 7",
    ],
    [
      "edge's tensor",
      (t) => Object.assign(t.nodes[1]?.edges[0] ?? {}, { tensor: 7 }),
      "nodes[1].edges[0].tensor is 7",
    ],
    ["output", (t) => Object.assign(t.nodes[1] ?? {}, { outputs: [9] }), "nodes[1].outputs[0] is 9"],
    ["leaf", (t) => Object.assign(t.nodes[2] ?? {}, { variable: 9 }), "nodes[2].variable is 9"],
    [
      "saved tensor",
      (t) => Object.assign(t.nodes[1]?.saved[1]?.content ?? {}, { tensor: 5 }),
      "nodes[1].saved[1].content.tensor is 5",
    ],
    [
      "source",
      (t) => Object.assign(t.nodes[1]?.range ?? {}, { source: 1 }),
      "nodes[1].range.source is 1, but its sources go from 0 to 0",
    ],
    [
      "range",
      (t) => Object.assign(t.nodes[1]?.range ?? {}, { end: { line: 0, character: 0 } }),
      "nodes[1].range ends before it starts",
    ],
    ["root", (t) => Object.assign(pass(t).roots[0] ?? {}, { node: 9 }), "backwards[0].roots[0].node is 9"],
    ["step", (t) => Object.assign(step(t, 2), { node: 9 }), "backwards[0].steps[2].node is 9"],
    [
      "step twice",
      (t) => Object.assign(step(t, 2), { node: 1 }),
      "backwards[0].steps[2].node is 1, which an earlier step had already",
    ],
    [
      "sender",
      (t) => Object.assign(step(t, 1).arrivals[0]?.from ?? {}, { step: 1 }),
      "arrivals[0].from.step is 1, but only steps before 1 can send to it",
    ],
    [
      "sender's edge",
      (t) => Object.assign(step(t, 1).arrivals[0]?.from ?? {}, { edge: 1 }),
      "arrivals[0].from.edge is 1, but its edges go from 0 to 0",
    ],
    [
      "downstream",
      (t) => Object.assign(step(t, 1).downstream[0] ?? {}, { edge: 4 }),
      "steps[1].downstream[0].edge is 4",
    ],
    [
      "term",
      (t) => Object.assign(step(t, 1).downstream[0]?.terms[0] ?? {}, { end: 400 }),
      "a term from 0 to 400, outside its formula",
    ],
    ["binding", (t) => Object.assign(t.bindings[0] ?? {}, { tensor: 77 }), "bindings[0].tensor is 77"],
    [
      "output's source",
      (t) => t.output.push({ stream: "stdout", text: "", source: 3 }),
      "output[0].source is 3",
    ],
    [
      "elements",
      (t) => Object.assign(t.tensors[0]?.value ?? {}, { shape: [3] }),
      "it has 2 elements, but its shape [3] needs 3\n  → at tensors[0].value",
    ],
    [
      "cycle",
      (t) =>
        t.nodes[1]?.edges.push({
          ...(t.nodes[1]?.edges[0] as Trace["nodes"][number]["edges"][number]),
          node: 0,
        }),
      "lie on or behind a cycle",
    ],
  ])("%s", (_, change, message) => {
    expect(refusal(change)).toMatch(/^this trace is damaged: .*record it again/s);
    expect(refusal(change)).toContain(message);
  });
});

test("no damage to a trace makes reading it fail in any other way", () => {
  const text = JSON.stringify(squareSum());
  fc.assert(
    fc.property(fc.nat(text.length - 1), fc.nat(20), fc.string(), (at, cut, put) => {
      try {
        readTrace(text.slice(0, at) + put + text.slice(at + cut));
      } catch (error) {
        expect(error).toBeInstanceOf(TraceError);
      }
    }),
  );
});

test("the JSON Schema of the format requires its version", () => {
  const schema = traceJsonSchema();
  expect(schema.required).toEqual(expect.arrayContaining(["format", "version", "nodes", "backwards"]));
  expect(schema.properties?.version).toMatchObject({ const: 1 });
});
