/** What fused calls of the rules come to, spelled out as mathematics: for those that no line of arithmetic in the rule's own language tells. */
import type { MathTree } from "./mathtree.ts";

/** The words that stand within them, in the reader's language. */
export interface Phrases {
  readonly when: string;
  readonly otherwise: string;
  /** below a sum: over all windows, rows, elements … */
  readonly windows: string;
  readonly sameRow: string;
  readonly taken: string;
  readonly largest: string;
  readonly target: string;
}

type Part = (i: number) => MathTree;

const row = (...items: MathTree[]): MathTree => ({ kind: "row", items });
const sign = (text: string): MathTree => ({ kind: "symbol", as: "operator", text, role: null });
const name = (text: string): MathTree => ({ kind: "symbol", as: "name", text, role: null });
const word = (text: string): MathTree => ({ kind: "symbol", as: "word", text, role: null });
const zero: MathTree = { kind: "symbol", as: "number", text: "0", role: null };
const times = (a: MathTree, b: MathTree): MathTree => row(a, sign("×"), b);
const over = (a: MathTree, b: MathTree): MathTree => ({ kind: "fraction", over: a, under: b });
const held = (of: MathTree): MathTree => ({ kind: "fenced", open: "(", close: ")", of });
const sumOver = (what: string, of: MathTree): MathTree =>
  row({ kind: "below", of: sign("∑"), under: word(what) }, of);
const either = (shown: MathTree, when: string, { when: if_, otherwise }: Phrases): MathTree => ({
  kind: "cases",
  cases: [
    { shown, when: word(`${if_} ${when}`) },
    { shown: zero, when: word(otherwise) },
  ],
});
const isNone = (tree: MathTree): boolean => tree.kind === "symbol" && tree.text === "None";

/** `(g − mean(g) − x̂ · mean(g · x̂)) / σ`, with g the upstream gradient times the weight, if there is one. */
function normalised(grad: MathTree, weight: MathTree): MathTree {
  const g = isNone(weight) ? grad : times(grad, weight);
  const mean = (of: MathTree): MathTree => row(name("mean"), held(of));
  const inside = row(g, sign("−"), mean(g), sign("−"), times(name("x̂"), mean(times(g, name("x̂")))));
  return over(inside, name("σ"));
}

const ofLargest = (part: Part, phrases: Phrases): MathTree => either(part(0), phrases.largest, phrases);

const ofChannels = (part: Part): MathTree => row(sign("∑"), part(0));

const SPELLED: Readonly<Record<string, (part: Part, phrases: Phrases) => MathTree>> = {
  convolution_input_backward: (part, { windows }) => sumOver(windows, times(part(0), part(1))),
  convolution_weight_backward: (part, { windows }) => sumOver(windows, times(part(0), part(1))),
  convolution_bias_backward: ofChannels,
  batch_norm_bias_backward: ofChannels,
  avg_pool2d_backward: (part, { windows }) => sumOver(windows, over(part(0), part(2))),
  max_pool_backward: ofLargest,
  max_pool3d_backward: ofLargest,
  adaptive_max_pool2d_backward: ofLargest,
  adaptive_max_pool3d_backward: ofLargest,
  fractional_max_pool2d_backward: ofLargest,
  fractional_max_pool3d_backward: ofLargest,
  value_selecting_reduction_backward: (part, phrases) => either(part(0), phrases.taken, phrases),
  select_backward: (part, phrases) => either(part(0), phrases.taken, phrases),
  slice_backward: (part, phrases) => either(part(0), phrases.taken, phrases),
  index_backward: (part, phrases) => either(part(0), phrases.taken, phrases),
  embedding_backward: (part, { sameRow }) => sumOver(sameRow, part(0)),
  index_select_backward: (part, { sameRow }) => sumOver(sameRow, part(0)),
  nll_loss_backward: (part, phrases) => {
    const up = isNone(part(3)) ? part(0) : times(part(0), part(3));
    const averaged = part(4).kind === "symbol" && (part(4) as { text: string }).text === "1";
    return either(row(sign("−"), averaged ? over(up, part(6)) : up), phrases.target, phrases);
  },
  layer_norm_backward: (part) => normalised(part(0), part(3)),
  batch_norm_backward: (part) =>
    (part(5) as { text?: string }).text === "True"
      ? normalised(part(0), part(4))
      : over(isNone(part(4)) ? part(0) : times(part(0), part(4)), name("σ")),
  layer_norm_weight_backward: (part) => row(sign("∑"), times(part(0), name("x̂"))),
  batch_norm_weight_backward: (part) => row(sign("∑"), times(part(0), name("x̂"))),
};

/** null where the call has no spelling of its own. */
export function spelled(call: string, parts: readonly MathTree[], phrases: Phrases): MathTree | null {
  const spell = Object.hasOwn(SPELLED, call) ? SPELLED[call] : undefined;
  return spell === undefined ? null : spell((i) => parts[i] ?? word(""), phrases);
}
