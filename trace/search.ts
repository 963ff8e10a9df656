/** Finding nodes by what a person would type: a name, an op, a module, a shape, a line. */
import { sourceText } from "./names.ts";
import type { Node, Trace } from "./schema.ts";

/** What a word may be asked of alone: `op:relu`, `line:12`, `shape:4,4`. */
export const FIELDS = ["name", "op", "module", "line", "shape", "text"] as const;
type Field = (typeof FIELDS)[number];

const LONGEST = 300;

/** The nodes (indices, in the trace's order) that hold every word of the query; none for a query without words. */
export function search(trace: Trace, query: string, among: Iterable<number>): number[] {
  const words = query
    .slice(0, LONGEST)
    .toLowerCase()
    .match(/(?:[a-z]+:)?(?:\([^)]*\)?|\S+)/g);
  if (words === null) return [];
  const tests = words.map(testOf);
  const found: number[] = [];
  for (const index of among) {
    const node = trace.nodes[index];
    if (node === undefined) continue;
    const texts = textsOf(trace, node);
    if (tests.every((test) => test(texts))) found.push(index);
  }
  return found.sort((a, b) => a - b);
}

type Texts = Readonly<Record<Field, string>>;

function testOf(word: string): (texts: Texts) => boolean {
  const colon = word.indexOf(":");
  const field = FIELDS.find((name) => name === word.slice(0, colon));
  const rest = field === undefined ? word : word.slice(colon + 1);
  if (rest === "") return () => true;
  if (field === "line") return ({ line }) => line === rest;
  if (field === "shape" || rest.startsWith("(")) {
    const shape = compact(rest);
    return (texts) => texts.shape.includes(shape) || (field === undefined && texts.text.includes(rest));
  }
  if (field !== undefined) return (texts) => texts[field].includes(rest);
  return (texts) =>
    texts.name.includes(rest) ||
    texts.op.includes(rest) ||
    texts.module.includes(rest) ||
    texts.text.includes(rest);
}

/** `(4, 4)`, `4,4` and `4x4` are one shape. */
const compact = (shape: string): string =>
  `${shape
    .replace(/[()\s]/g, "")
    .replaceAll("x", ",")
    .replace(/,$/, "")}`;

function textsOf(trace: Trace, node: Node): Texts {
  const indices = [...node.outputs, node.variable];
  const tensors = indices.flatMap((index) => (index === null ? [] : (trace.tensors[index] ?? [])));
  const text = [sourceText(trace, node.range) ?? "", ...tensors.flatMap((tensor) => tensor.names)];
  return {
    name: node.name.toLowerCase(),
    op: node.op.toLowerCase(),
    module: (node.module ?? "").toLowerCase(),
    line: node.range === null ? "" : String(node.range.start.line + 1),
    shape: tensors.map((tensor) => tensor.shape.join(",")).join(" "),
    text: text.join(" ").slice(0, 2000).toLowerCase(),
  };
}
