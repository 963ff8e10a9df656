/** Why is a tensor's `.grad` None? The first place at which the way from it to the root of the pass is cut. */

import { isFloating } from "../format.ts";
import { isAtomic } from "../formula.ts";
import { tensorName } from "../names.ts";
import type { Trace } from "../schema.ts";
import { leafNode } from "../stepper.ts";
import { recordsOf } from "../timeline.ts";
import { type Answer, type Asked, called, lineOf, type Station } from "./answer.ts";
import { cutThatMade, type Flow, isCut, objectOf, switchedOffAt, textOf, usesOf, wayTo } from "./flow.ts";

/** Null where it has a gradient. */
export function whyNone(asked: Asked, tensor: number): Answer | null {
  const { trace, backward, l10n } = asked;
  const record = trace.tensors[tensor];
  if (record === undefined) return null;
  const name = called(asked, tensor);
  // A name, an item of a name, a call: what `.grad` may stand behind.
  const named = tensorName(trace, tensor);
  const isAlone = named === null || isAtomic(named);
  const question = l10n.t("Why is {0}.grad None?", isAlone ? name : `(${name})`);
  const answer = (text: string, fix: string | null, path: readonly Station[] = []): Answer => ({
    question,
    answer: text,
    path,
    fix,
  });
  if (!isFloating(record.dtype))
    return answer(
      l10n.t(
        "{0} has dtype torch.{1}: only floating-point and complex tensors can have gradients.",
        name,
        record.dtype,
      ),
      l10n.t("Make it a floating-point tensor: write 3. for 3, or dtype=torch.float32."),
    );
  if (!record.requiresGrad) return notRequired(asked, tensor, answer);
  if (record.node !== null) {
    if (record.grad !== null) return null;
    return answer(
      l10n.t(
        "{0} is not a leaf: {1} made it. A backward pass goes through it, but PyTorch keeps .grad only for leaves.",
        name,
        trace.nodes[record.node]?.name ?? "",
      ),
      isAlone
        ? l10n.t("Call {0}.retain_grad() before the backward pass.", name)
        : l10n.t("Give {0} a name, y = {0}, and call y.retain_grad() before the backward pass.", name),
      [{ text: l10n.t("made here"), node: record.node, range: trace.nodes[record.node]?.range ?? null }],
    );
  }
  const records = recordsOf(trace, tensor);
  if (records.some((each) => trace.tensors[each]?.grad != null)) return null;
  const pass = trace.backwards[backward];
  if (pass === undefined)
    return answer(
      l10n.t("No backward pass was run: .grad is filled by one."),
      l10n.t("Call backward() on the result, a scalar that was computed from {0}.", name),
    );
  const reached = trace.backwards.findIndex((_, each) => leafNode(trace, each, tensor) !== null);
  if (reached >= 0) return wasReached(asked, tensor, reached, answer);
  return notReached(asked, tensor, answer);
}

type Say = (text: string, fix: string | null, path?: readonly Station[]) => Answer;

function notRequired(asked: Asked, tensor: number, answer: Say): Answer {
  const { trace, l10n } = asked;
  const name = called(asked, tensor);
  const cut = cutThatMade(trace, objectOf(trace, tensor));
  if (cut === null)
    return answer(
      l10n.t("{0} does not require a gradient: nobody asked for one when it was made.", name),
      l10n.t("Make it with requires_grad=True, or call {0}.requires_grad_() before it is used.", name),
    );
  const { why, fix } = causeOf(asked, cut);
  return answer(why, fix, stationsOf(asked, [cut]));
}

function wasReached(asked: Asked, tensor: number, backward: number, answer: Say): Answer {
  const { trace, l10n } = asked;
  const name = called(asked, tensor);
  const pass = trace.backwards[backward];
  const node = leafNode(trace, backward, tensor);
  const step = pass?.steps.find((each) => each.node === node);
  const path: Station[] = [{ text: l10n.t("the pass started here"), node: null, range: pass?.range ?? null }];
  if (pass?.kind === "grad")
    return answer(
      l10n.t("autograd.grad gives the gradients back and leaves every .grad as it is."),
      l10n.t("Use what autograd.grad returned, or call backward() instead."),
      path,
    );
  if (step?.accumulate == null)
    return answer(
      l10n.t("The pass reached {0}, but was told to leave its .grad alone.", name),
      l10n.t("Name {0} among the inputs= of the backward call, or leave inputs= out.", name),
      path,
    );
  return answer(
    l10n.t("{0}.grad was filled by the pass, and set to None afterwards.", name),
    l10n.t("Read {0}.grad before zero_grad(set_to_none=True) or {0}.grad = None.", name),
    path,
  );
}

/** No pass came to the leaf: say where the way there ends. */
function notReached(asked: Asked, tensor: number, answer: Say): Answer {
  const { trace, backward, l10n } = asked;
  const name = called(asked, tensor);
  const object = objectOf(trace, tensor);
  const pass = trace.backwards[backward];
  const roots = (pass?.roots ?? []).map(
    ({ tensor: root, node, outputNr }) => root ?? trace.nodes[node]?.outputs[outputNr],
  );
  const goals = new Set(roots.flatMap((root) => (root == null ? [] : [objectOf(trace, root)])));
  const [root] = roots;
  const rootName = root == null ? l10n.t("the result") : called(asked, root);
  const way = wayTo(trace, object, goals);
  const at = way?.findIndex((flow) => isCut(trace, flow)) ?? -1;
  const onTheWay = way?.slice(0, at + 1) ?? [];
  // The call of a function stands for what happens in it: an expression inside that is a cut says more.
  const cuts = [...onTheWay.slice(-1), ...usesOf(trace, object).filter((flow) => isCut(trace, flow))];
  const said = cuts.map((cut) => ({ cut, ...causeOf(asked, cut) }));
  const best = said.find(({ isSpecific }) => isSpecific) ?? said[0];
  if (best !== undefined) {
    const path = onTheWay.at(-1) === best.cut ? onTheWay : [best.cut];
    return answer(best.why, best.fix, stationsOf(asked, path));
  }
  const plain = way?.find(({ to }) => PLAIN_NUMBERS.test(textOf(trace, to.range)));
  if (plain !== undefined)
    return answer(plainNumbers(asked, plain).why, plainNumbers(asked, plain).fix, stationsOf(asked, [plain]));
  if (pass?.error != null)
    return answer(l10n.t("The pass ended with an error before it came to {0}: {1}", name, pass.error), null);
  if (isBelow(asked, tensor))
    return answer(
      l10n.t("The graph of {0} leads to {1}, but the pass was told to leave {1} alone.", rootName, name),
      l10n.t("Name {0} among the inputs= of the backward call, or leave inputs= out.", name),
    );
  const uses = usesOf(trace, object);
  const made = trace.nodes.filter(({ edges }) =>
    edges.some((edge) => edge.tensor !== null && objectOf(trace, edge.tensor) === object),
  );
  if (uses.length === 0 && made.length === 0 && isFrozen(trace, object))
    return answer(
      l10n.t(
        "{0} did not require a gradient when {1} was computed: requires_grad had been turned off.",
        name,
        rootName,
      ),
      l10n.t("Call {0}.requires_grad_() before it is used.", name),
    );
  if (uses.length === 0 && made.length === 0)
    return answer(
      l10n.t("{0} is not used: {1} was computed without it.", name, rootName),
      l10n.t("Use {0} in what {1} is computed from.", name, rootName),
    );
  return answer(
    l10n.t(
      "{0} is used, but {1} does not depend on what was made of it, so this pass does not reach it.",
      name,
      rootName,
    ),
    l10n.t("Start the pass at a result that depends on {0}.", name),
    stationsOf(asked, uses.slice(0, 3)),
  );
}

/** Did nodes take it, or a view of it, as something that requires no gradient? */
function isFrozen(trace: Trace, object: number): boolean {
  const isOf = (tensor: number): boolean => {
    const record = trace.tensors[tensor];
    return record?.object === object || (record?.viewOf != null && isOf(record.viewOf));
  };
  return trace.nodes.some(({ edges }) =>
    edges.some(({ tensor }) => tensor !== null && !trace.tensors[tensor]?.requiresGrad && isOf(tensor)),
  );
}

/** Does the graph of the pass lead to the leaf, whether or not the pass went there? */
function isBelow({ trace, backward }: Asked, tensor: number): boolean {
  const records = recordsOf(trace, tensor);
  const seen = new Set<number>();
  const stack = (trace.backwards[backward]?.roots ?? []).map(({ node }) => node);
  for (let at = stack.pop(); at !== undefined; at = stack.pop()) {
    if (seen.has(at)) continue;
    seen.add(at);
    const node = trace.nodes[at];
    if (node?.variable != null && records.includes(node.variable)) return true;
    for (const edge of node?.edges ?? []) if (edge.node !== null) stack.push(edge.node);
  }
  return false;
}

interface Cause {
  readonly why: string;
  readonly fix: string;
  /** Is it known what cut the graph, and not only where? */
  readonly isSpecific: boolean;
}

/** What turns a tensor into numbers of Python's or NumPy's, which know no gradient. */
const PLAIN_NUMBERS = /\b(as_)?tensor\(|\bfrom_numpy\(|\.item\(|\.tolist\(|\.numpy\(|\b(float|int)\(/;

function plainNumbers({ trace, l10n }: Asked, { to }: Flow): Cause {
  return {
    why: l10n.t(
      "{0} on {1} computes with plain numbers: where they came from is forgotten.",
      textOf(trace, to.range),
      lineOf(to.range, l10n),
    ),
    fix: l10n.t("Keep computing with tensors: torch.stack, torch.cat and indexing keep the history."),
    isSpecific: true,
  };
}

/** Why the result of an expression does not pass the gradient on, and how to mend it. */
export function causeOf(asked: Asked, cut: Flow): Cause {
  const { trace, l10n } = asked;
  const text = textOf(trace, cut.to.range);
  const where = lineOf(cut.to.range, l10n);
  const operand = cut.from.text;
  const result = trace.tensors[cut.to.tensor];
  const off = switchedOffAt(trace, cut.to.range);
  if (/\.detach_?\(\s*\)$/.test(text))
    return {
      why: l10n.t(
        "{0} on {1} cuts the graph: what detach() gives has the same numbers, but no history.",
        text,
        where,
      ),
      fix: l10n.t("Leave detach() out where the gradient is to flow."),
      isSpecific: true,
    };
  if (/\.data$/.test(text))
    return {
      why: l10n.t("{0} on {1} cuts the graph: .data has the same numbers, but no history.", text, where),
      fix: l10n.t("Use {0} itself instead of {1}.", operand, text),
      isSpecific: true,
    };
  if (result !== undefined && !isFloating(result.dtype))
    return {
      why: l10n.t(
        "{0} on {1} gives {2} numbers: no gradient flows through whole numbers or truth values.",
        text,
        where,
        `torch.${result.dtype}`,
      ),
      fix: l10n.t("Compute with floating-point values instead, for instance a sigmoid for a comparison."),
      isSpecific: true,
    };
  if (PLAIN_NUMBERS.test(text)) return plainNumbers(asked, cut);
  if (off !== null)
    return {
      why: l10n.t(
        "{0} on {1} was computed while gradients were off ({2}): nothing was recorded.",
        text,
        where,
        textOf(trace, off),
      ),
      fix: l10n.t("Move the line out of that block."),
      isSpecific: true,
    };
  return {
    why: l10n.t(
      "{0} on {1} does not require a gradient although {2} does: the graph is cut there.",
      text,
      where,
      operand,
    ),
    fix: l10n.t(
      "Look at what happens inside that expression: detach(), no_grad() or a conversion to plain numbers.",
    ),
    isSpecific: false,
  };
}

function stationsOf({ trace, l10n }: Asked, way: readonly Flow[]): Station[] {
  const first = way[0];
  const stations: Station[] = [];
  if (first !== undefined) stations.push({ text: first.from.text, node: null, range: first.from.range });
  for (const flow of way) {
    const { tensor, range } = flow.to;
    const text = textOf(trace, range);
    const node = trace.tensors[tensor]?.node ?? null;
    stations.push({ text: isCut(trace, flow) ? l10n.t("{0}: cut here", text) : text, node, range });
  }
  return stations;
}
