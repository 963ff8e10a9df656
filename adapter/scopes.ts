/** The scopes of a frame: what arrives, what was saved, the local rule, what leaves, the leaves and the program's variables. */
import * as l10n from "@vscode/l10n";
import { explain, type StepExplanation } from "../trace/explain.ts";
import { tensorName } from "../trace/names.ts";
import type { Place } from "../trace/place.ts";
import type { Trace } from "../trace/schema.ts";
import { gradientOf, stateAt } from "../trace/stepper.ts";
import { type Entry, line, named, tensorEntry } from "./tensors.ts";

export interface ScopeOf {
  readonly name: string;
  /** What VS Code may show differently: `locals` opens by itself. */
  readonly hint?: "locals" | "arguments";
  readonly entries: () => readonly Entry[];
}

/** The scopes at a place, which is that of a frame: its own step whole, or the walk's place for the innermost. */
export function scopesAt(trace: Trace, place: Place): readonly ScopeOf[] {
  const explained = explain(trace, place, l10n);
  const own: ScopeOf[] =
    explained.kind === "start"
      ? [
          {
            name: l10n.t("Upstream"),
            hint: "locals",
            entries: () =>
              explained.roots.map(({ name, seed }) => tensorEntry(l10n.t("seed of {0}", name), seed)),
          },
        ]
      : stepScopes(trace, explained);
  return [
    ...own,
    { name: l10n.t("Leaves"), entries: () => leaves(trace, place) },
    { name: l10n.t("Program variables"), entries: () => variables(trace, place) },
  ];
}

function stepScopes(trace: Trace, step: StepExplanation): ScopeOf[] {
  return [
    { name: l10n.t("Upstream"), hint: "locals", entries: () => upstream(step) },
    { name: l10n.t("Saved"), hint: "arguments", entries: () => saved(trace, step) },
    { name: l10n.t("Local derivative"), entries: () => rules(step) },
    { name: l10n.t("Downstream"), hint: "locals", entries: () => downstream(step) },
  ];
}

function upstream(step: StepExplanation): Entry[] {
  const whole = step.upstream.map((value, i) =>
    tensorEntry(step.upstream.length === 1 ? "upstream" : `upstream[${i}]`, value, {
      evaluateName: step.upstream.length === 1 ? "upstream" : `upstream[${i}]`,
    }),
  );
  if (step.arrivals.length < 2) return whole;
  const parts = step.arrivals.map(({ text, value, sum }, i) => ({
    ...tensorEntry(l10n.t("contribution {0}", i + 1), value),
    value: line(text),
    ...(sum === null
      ? {}
      : {
          children: named(() => [
            tensorEntry(l10n.t("value"), value),
            tensorEntry(l10n.t("running sum"), sum),
          ]),
        }),
  }));
  return [...whole, ...parts];
}

function saved(trace: Trace, step: StepExplanation): Entry[] {
  return step.saved.map(({ name, term, value, text, expression }) => {
    const evaluateName = `saved.${term.replace(/\W.*$/, "")}`;
    const entry: Entry =
      value === null
        ? {
            name,
            value: text,
            evaluateName,
            ...(isEditable(trace, step.node, text)
              ? { target: { kind: "literal", node: step.node, text } }
              : {}),
          }
        : tensorEntry(name, value, { evaluateName });
    return expression === null
      ? entry
      : { ...entry, type: line(l10n.t("{0} from {1}", entry.type ?? "", expression.text).trim()) };
  });
}

/** A plain number that stands once in the node's own expression. */
function isEditable(trace: Trace, node: number, text: string): boolean {
  return /^-?[\d.]+$/.test(text) && trace.nodes[node]?.range != null;
}

function rules(step: StepExplanation): Entry[] {
  return step.inputs.map(({ name, formula, own, numbers, deadEnd, value }) => ({
    name,
    value: line(deadEnd ?? formula ?? l10n.t("a function of the program's own")),
    children: named(() => [
      ...(own === null ? [] : [{ name: l10n.t("in the program's names"), value: line(own) }]),
      ...(numbers === null ? [] : [{ name: l10n.t("with numbers"), value: line(numbers) }]),
      tensorEntry(l10n.t("gives"), value),
    ]),
  }));
}

function downstream(step: StepExplanation): Entry[] {
  const { accumulate } = step;
  if (accumulate !== null)
    return [
      tensorEntry(l10n.t("{0}.grad before", accumulate.leaf), accumulate.before),
      tensorEntry(l10n.t("added"), accumulate.added),
      tensorEntry(l10n.t("{0}.grad after", accumulate.leaf), accumulate.after),
    ];
  return step.inputs.map(({ name, value, unbroadcast, deadEnd, done }, i) => {
    if (deadEnd !== null) return { name, value: deadEnd };
    if (!done) return { name, value: l10n.t("not yet computed: step on") };
    const sent = unbroadcast?.after ?? value;
    const entry = tensorEntry(name, sent, { evaluateName: `downstream[${i}]` });
    return unbroadcast === null
      ? entry
      : {
          ...entry,
          children: named(() => [
            { name: l10n.t("un-broadcast"), value: line(unbroadcast.text) },
            tensorEntry(l10n.t("before"), value),
            tensorEntry(l10n.t("after"), unbroadcast.after),
          ]),
        };
  });
}

/** Each leaf's `.grad` as it stands at the place. */
function leaves(trace: Trace, place: Place): Entry[] {
  const state = stateAt(trace, place);
  return leavesOf(trace).map(({ name, tensor }) =>
    tensorEntry(`${name}.grad`, gradientOf(trace, state, tensor), { evaluateName: `${name}.grad` }),
  );
}

/** The leaves that require a gradient: those with a variable of their own, and those that a pass leads to, such as a module's weights. */
export function leavesOf(trace: Trace): readonly NamedTensor[] {
  const isLeaf = ({ tensor }: NamedTensor): boolean => {
    const record = trace.tensors[tensor];
    return record?.isLeaf === true && record.requiresGrad;
  };
  const named = programVariables(trace).filter(isLeaf);
  const seen = new Set(named.map(({ tensor }) => trace.tensors[tensor]?.object));
  const others = trace.nodes.flatMap(({ variable }) => {
    const name = variable === null ? null : tensorName(trace, variable);
    if (variable === null || name === null || seen.has(trace.tensors[variable]?.object)) return [];
    seen.add(trace.tensors[variable]?.object);
    return [{ name, tensor: variable }];
  });
  return [...named, ...others];
}

function variables(trace: Trace, place: Place): Entry[] {
  const state = stateAt(trace, place);
  return programVariables(trace).map(({ name, tensor }) => {
    const record = trace.tensors[tensor] as Trace["tensors"][number];
    const gradient = gradientOf(trace, state, tensor);
    const entry = tensorEntry(name, record.value, {
      evaluateName: name,
      ...(record.isLeaf ? { target: { kind: "leaf", tensor } as const } : {}),
    });
    const node = record.node === null ? null : (trace.nodes[record.node]?.name ?? null);
    const { children } = entry;
    return {
      ...entry,
      children: named(() => [
        ...(children?.list("named", 0, 0) ?? []),
        { name: "requires_grad", value: record.requiresGrad ? "True" : "False" },
        { name: "grad_fn", value: node ?? "None" },
        tensorEntry("grad", gradient, { evaluateName: `${name}.grad` }),
      ]),
    };
  });
}

interface NamedTensor {
  readonly name: string;
  readonly tensor: number;
}

const tables = new WeakMap<Trace, readonly NamedTensor[]>();

/** The tensor that each name was bound to last. */
export function programVariables(trace: Trace): readonly NamedTensor[] {
  let table = tables.get(trace);
  if (table === undefined) {
    const last = new Map<string, number>();
    // Bindings stand in the order of the source, which is that of time for all but loops and functions.
    for (const { text, tensor } of trace.bindings)
      if (/^[\p{L}_][\p{L}\p{N}_]*$/u.test(text)) last.set(text, tensor);
    table = [...last].map(([name, tensor]) => ({ name, tensor }));
    tables.set(trace, table);
  }
  return table;
}
