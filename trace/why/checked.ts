/** What checking the gradients found, in words: of one gradient, and of the whole trace. */
import { formatElement } from "../format.ts";
import { elementText } from "../formula.ts";
import type { L10n } from "../l10n.ts";
import { tensorName } from "../names.ts";
import type { Check, Element, Trace } from "../schema.ts";
import type { Answer, Asked, Station } from "./answer.ts";

export type CheckStatus = Check["status"];

/** The gravest first. */
const GRAVITY = ["differs", "unchecked", "kink", "ok"] as const satisfies readonly CheckStatus[];
/** Findings of one status that are listed. */
const LISTED = 40;

interface OfPass {
  readonly byNode: ReadonlyMap<number, readonly Check[]>;
  readonly differing: readonly number[];
}
const known = new WeakMap<Trace["backwards"][number], OfPass>();

function ofPass({ backwards }: Trace, backward: number): OfPass | null {
  const pass = backwards[backward];
  if (pass === undefined) return null;
  let found = known.get(pass);
  if (found === undefined) {
    const byNode = new Map(
      pass.steps.flatMap(({ node, checks }) => (checks === undefined ? [] : [[node, checks] as const])),
    );
    found = {
      byNode,
      differing: [...byNode.keys()].filter((node) => gravest(byNode.get(node) ?? []) === "differs"),
    };
    known.set(pass, found);
  }
  return found;
}

/** What was found of a node's gradients in that pass; null where they were not checked. */
export const checksOf = (trace: Trace, backward: number, node: number): readonly Check[] | null =>
  ofPass(trace, backward)?.byNode.get(node) ?? null;

/** The nodes of that pass of which a gradient differs. */
export const differing = (trace: Trace, backward: number): readonly number[] =>
  ofPass(trace, backward)?.differing ?? [];

/** The gravest of several; null of none. */
export const gravest = (checks: readonly Check[]): CheckStatus | null =>
  GRAVITY.find((status) => checks.some((check) => check.status === status)) ?? null;

export function checkWord(status: CheckStatus, l10n: L10n): string {
  switch (status) {
    case "ok":
      return l10n.t("agrees with finite differences");
    case "kink":
      return l10n.t("at a kink");
    case "differs":
      return l10n.t("differs from finite differences");
    case "unchecked":
      return l10n.t("could not be checked");
  }
}

/** The input that a check is about: what the source calls it, or the schema. */
export function checkedInput(trace: Trace, node: number, { edge }: Check): string {
  const at = trace.nodes[node];
  const input = edge === null ? undefined : at?.edges[edge];
  const tensor = edge === null ? at?.variable : input?.tensor;
  return (tensor == null ? null : tensorName(trace, tensor)) ?? input?.input ?? at?.name ?? "";
}

export function checkSentence(trace: Trace, node: number, check: Check, l10n: L10n): string {
  const name = checkedInput(trace, node, check);
  const { element, status } = check;
  const at = elementText(name, element?.at ?? []);
  const [rule, numeric, left, right] = [element?.rule, element?.numeric, element?.left, element?.right].map(
    number,
  );
  const isLeaf = check.edge === null;
  switch (status) {
    case "ok":
      return isLeaf
        ? l10n.t("The whole gradient of {0} agrees with finite differences.", name)
        : l10n.t("The rule towards {0} agrees with finite differences.", name);
    case "kink":
      return l10n.t(
        "{0} stands at a kink: the slope is {1} on its left and {2} on its right, and the gradient is {3}. At such a place every number between the two is as right as any other.",
        at,
        left ?? "",
        right ?? "",
        rule ?? "",
      );
    case "differs":
      if (check.why === "recorded")
        return l10n.t(
          "Towards {0} the pass recorded {1}, but the same backward gives {2} when it runs anew: something that it uses was changed between forward and backward.",
          at,
          rule ?? "",
          numeric ?? "",
        );
      if (check.why === "hook")
        return l10n.t(
          "{1} arrived at {0}, and the rules give {2}: a hook changed the gradient on its way.",
          at,
          rule ?? "",
          numeric ?? "",
        );
      return isLeaf
        ? l10n.t(
            "The gradient of {0} is {1}, but finite differences give {2}.",
            at,
            rule ?? "",
            numeric ?? "",
          )
        : l10n.t(
            "Towards {0} the rule gives {1}, but finite differences give {2}.",
            at,
            rule ?? "",
            numeric ?? "",
          );
    case "unchecked":
      return l10n.t("{0} could not be checked: {1}", at, reason(check, l10n));
  }
}

function reason({ why, message = "" }: Check, l10n: L10n): string {
  switch (why) {
    case "raised":
      return l10n.t("called again with float64, the forward raised {0}", message);
    case "narrow":
      return l10n.t("its forward computes in a smaller dtype than float64, which finite differences need");
    case "infinite":
      return l10n.t("on one side of this place the function is not finite");
    case "unsettled":
      return l10n.t(
        "its finite differences depend on the step that is taken, as those of something random do",
      );
    case "effort":
      return l10n.t("there was too much to compute");
    default:
      return l10n.t("what it was called with is not known");
  }
}

const number = (x: Element | undefined): string =>
  x === undefined
    ? ""
    : typeof x === "number"
      ? String(Number(x.toPrecision(6)))
      : formatElement(x, "float64");

interface Found {
  readonly node: number;
  readonly check: Check;
}

/** What was found in all passes that are kept, the gravest first. */
export function whyChecked({ trace, l10n }: Pick<Asked, "trace" | "l10n">): Answer {
  const question = l10n.t("Do the gradients agree with finite differences?");
  const found = trace.backwards.flatMap(({ steps }) =>
    steps.flatMap(({ node, checks = [] }) => checks.map((check): Found => ({ node, check }))),
  );
  if (found.length === 0)
    return {
      question,
      answer:
        trace.backwards.length === 0
          ? l10n.t("There is no backward pass to check.")
          : l10n.t("They have not been checked: run Check gradients."),
      path: [],
      fix: null,
    };
  const of = (status: CheckStatus): Found[] => found.filter(({ check }) => check.status === status);
  const [differ, unchecked, kinks] = [of("differs"), of("unchecked"), of("kink")];
  const sentences = [
    differ.length === 0
      ? l10n.t("{0} of {1} gradients agree, and none differs.", of("ok").length, found.length)
      : l10n.t("{0} of {1} gradients differ.", differ.length, found.length),
    ...(kinks.length === 0 ? [] : [l10n.t("At a kink: {0}.", kinks.length)]),
    ...(unchecked.length === 0 ? [] : [l10n.t("Not checked: {0}.", unchecked.length)]),
  ];
  return {
    question,
    answer: sentences.join(" "),
    path: [differ, kinks, unchecked].flatMap((list) =>
      list.slice(0, LISTED).map(({ node, check }): Station => {
        const { name = "", range = null } = trace.nodes[node] ?? {};
        return { text: `${name}: ${checkSentence(trace, node, check, l10n)}`, node, range };
      }),
    ),
    fix: mend(trace, differ, l10n),
  };
}

/** What to do, where a function of the program's own is wrong. */
function mend(trace: Trace, differ: readonly Found[], l10n: L10n): string | null {
  const own = differ.find(({ node }) => trace.nodes[node]?.pattern === "custom");
  if (own === undefined) return null;
  const name = trace.nodes[own.node]?.op ?? "";
  return own.check.why === "recorded"
    ? l10n.t(
        "Keep the tensors that {0} needs with ctx.save_for_backward, which notices changes, and do not change them in place.",
        name,
      )
    : l10n.t(
        "Correct {0}.backward: it must return the derivative of what {0}.forward computes, times the upstream gradient.",
        name,
      );
}
