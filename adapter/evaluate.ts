/**
 * Expressions in the watch view, the hover, the console and the clipboard. A name that the trace knows is answered
 * from it; anything else is Python, run in the sandbox over the values that the trace has at the place.
 */
import * as l10n from "@vscode/l10n";
import { pythonLiteral } from "../trace/format.ts";
import type { Place } from "../trace/place.ts";
import type { Step, Trace, Value } from "../trace/schema.ts";
import { gradientOf, stateAt } from "../trace/stepper.ts";
import { leavesOf, programVariables } from "./scopes.ts";
import { type Entry, tensorEntry } from "./tensors.ts";

/** What an expression may name, besides Python's and torch's own names. */
interface Known {
  readonly name: string;
  readonly value: Value | null;
  /** Python that makes it; null where the trace has only a summary of its numbers. */
  readonly code: string | null;
}

const WORD = /[\p{L}_][\p{L}\p{N}_]*/gu;

/** The answer that the trace itself has: `x`, `x.grad`, `upstream`, `downstream[1]`, `saved.self`; null for all else. */
export function lookedUp(trace: Trace, place: Place | null, expression: string): Entry | null {
  const text = expression.trim();
  const found = shownAt(trace, place).find(({ name }) => name === text);
  return found === undefined ? null : tensorEntry(text, found.value, { evaluateName: text });
}

/** Every name that stands for a tensor at the place, for completions. */
export const namesAt = (trace: Trace, place: Place | null): readonly string[] => [
  ...new Set(shownAt(trace, place).map(({ name }) => name)),
];

/** The program that gives a Python expression its names, and shows it as a notebook does. Throws where a value is missing. */
export function programFor(trace: Trace, place: Place | null, expression: string): string {
  const words = new Set(expression.match(WORD));
  const lines = ["import torch", "from types import SimpleNamespace as _Names"];
  for (const { name, value, code } of knownAt(trace, place)) {
    const [root = name, ...rest] = name.split(/[.[]/);
    if (!words.has(root) || (rest.length > 0 && root !== "saved" && !/\.grad$/.test(name))) continue;
    if (root === "saved" && !words.has(rest[0] ?? "")) continue;
    if (code === null && value !== null)
      throw new Error(
        l10n.t(
          "{0} has {1} elements, of which the trace holds only a summary: its numbers cannot be computed with here",
          name,
          value.shape.join(" x "),
        ),
      );
    if (root === "saved" && !lines.includes("saved = _Names()")) lines.push("saved = _Names()");
    lines.push(`${name} = ${code ?? "None"}`);
  }
  lines.push(expression);
  return lines.join("\n");
}

/** And the gradients of leaves that no variable holds, such as `net.0.weight.grad`: Python would not read all such names. */
function shownAt(trace: Trace, place: Place | null): Pick<Known, "name" | "value">[] {
  const known: Pick<Known, "name" | "value">[] = knownAt(trace, place);
  if (place === null) return known;
  const state = stateAt(trace, place);
  const names = new Set(known.map(({ name }) => name));
  for (const { name, tensor } of leavesOf(trace))
    if (!names.has(`${name}.grad`))
      known.push({ name: `${name}.grad`, value: gradientOf(trace, state, tensor) });
  return known;
}

function knownAt(trace: Trace, place: Place | null): Known[] {
  const known: Known[] = [];
  const state = place === null ? null : stateAt(trace, place);
  for (const { name, tensor } of programVariables(trace)) {
    const { value, isLeaf, requiresGrad } = trace.tensors[tensor] as Trace["tensors"][number];
    const literal = pythonLiteral(value);
    const leaf = isLeaf && requiresGrad && literal !== null;
    known.push({ name, value, code: leaf ? `${literal}.requires_grad_()` : literal });
    if (state === null) continue;
    const gradient = gradientOf(trace, state, tensor);
    // Only a leaf may be given a .grad; that of another tensor is known by its name alone.
    if (leaf || gradient !== null)
      known.push({
        name: `${name}.grad`,
        value: gradient,
        code: gradient === null ? null : pythonLiteral(gradient),
      });
  }
  const step = place === null ? undefined : trace.backwards[place.backward]?.steps[place.step];
  return step === undefined ? known : [...known, ...ofStep(trace, step)];
}

function ofStep(trace: Trace, step: Step): Known[] {
  const known: Known[] = [];
  const list = (name: string, values: readonly (Value | null)[]): void => {
    values.forEach((value, i) => {
      known.push({ name: `${name}[${i}]`, value, code: null });
    });
    const codes = values.map((value) => (value === null ? "None" : pythonLiteral(value)));
    const all = codes.includes(null) ? null : `[${codes.join(", ")}]`;
    const [only] = values;
    if (name === "upstream" && values.length === 1)
      known.push({ name, value: only ?? null, code: codes[0] ?? "None" });
    else known.push({ name, value: only ?? null, code: all });
  };
  list("upstream", step.upstream);
  list(
    "downstream",
    step.downstream.map(({ value }) => value),
  );
  for (const { term, content } of trace.nodes[step.node]?.saved ?? []) {
    const name = `saved.${term.replace(/\W.*$/, "")}`;
    if (content.kind === "tensor") {
      const value = trace.tensors[content.tensor]?.value ?? null;
      known.push({ name, value, code: value === null ? null : pythonLiteral(value) });
    } else if (content.kind === "literal") known.push({ name, value: null, code: content.text });
  }
  return known;
}
