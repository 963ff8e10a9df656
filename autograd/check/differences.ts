/**
 * A gradient held against finite differences, over plain numbers. First along one direction in all elements at once;
 * only where that does not fit, in halves, down to the single elements that are to blame.
 */

export interface Probe {
  /** The input, element by element. */
  readonly x: Float64Array;
  /** What the output is for another input. */
  readonly f: (x: Float64Array) => Float64Array;
  /** The upstream gradient; the function looked at is the sum of `weights * f`. */
  readonly weights: Float64Array;
  /** The gradient for `x` that is claimed. */
  readonly claimed: Float64Array;
}

export interface Finding {
  /** `infinite`: no finite difference on one side. `unsettled`: they depend on the step that is taken. */
  readonly status: "kink" | "differs" | "infinite" | "unsettled";
  readonly element: number;
  readonly claimed: number;
  readonly numeric: number;
  readonly left: number;
  readonly right: number;
}

/** How far two slopes may be apart, as a part of their size; and of the largest upstream gradient. */
const RELATIVE = 1e-4;
const ABSOLUTE = 1e-6;
/** The same along a direction, where one wrong element of many must not drown; and how far its two sides may part. */
const ALONG = 1e-8;
const BEND = 1e-4;
/** Steps as parts of an element's size (or of the least size); the first that settles it is enough. */
const STEPS = [2 ** -20, 2 ** -12, 2 ** -27] as const;
const LEAST_SIZE = 2 ** -10;
/** Roundings that a function may make, each of the size of its output. */
const ROUNDINGS = 64 * Number.EPSILON;

interface Slopes {
  readonly left: number;
  readonly right: number;
  readonly noise: number;
}

class Comparison {
  readonly findings: Finding[] = [];
  private readonly base: Float64Array;
  /** Sizes of the outputs, weighted; and of the largest weight. */
  private readonly size: number;
  private readonly largest: number;

  constructor(
    private readonly probe: Probe,
    /** Counts an evaluation; false once there may be no more. */
    private readonly spend: () => boolean,
  ) {
    spend();
    const { f, x, weights } = probe;
    this.base = f(x);
    this.size = this.base.reduce((sum, y, i) => sum + term(Math.abs(weights[i] as number), Math.abs(y)), 0);
    this.largest = weights.reduce((most, w) => Math.max(most, Math.abs(w)), 0);
  }

  /** Look at the elements from `start` to `end`; false where the evaluations ran out. */
  search(start: number, end: number): boolean {
    if (start === end) return true;
    if (!this.spend() || !this.spend()) return false;
    if (end - start > 1 && this.fitsAlong(start, end)) return true;
    if (end - start > 1) {
      const middle = (start + end) >> 1;
      return this.search(start, middle) && this.search(middle, end);
    }
    const finding = this.lookAt(start);
    if (finding !== null) this.findings.push(finding);
    return true;
  }

  private slopes(move: (x: Float64Array, sign: number) => void): Slopes {
    const { f, x, weights } = this.probe;
    const at = (sign: number): Float64Array => {
      const moved = x.slice();
      move(moved, sign);
      return f(moved);
    };
    const [low, high] = [at(-1), at(1)];
    let [left, right] = [0, 0];
    for (let i = 0; i < weights.length; i++) {
      const [w, y] = [weights[i] as number, this.base[i] as number];
      right += term(w, (high[i] as number) - y);
      left += term(w, y - (low[i] as number));
    }
    return { left, right, noise: ROUNDINGS * this.size };
  }

  private fitsAlong(start: number, end: number): boolean {
    const { x, claimed } = this.probe;
    const moves = new Float64Array(end - start);
    let [expected, size, length] = [0, 0, 0];
    for (let j = 0; j < moves.length; j++) {
      const h = STEPS[0] * sizeOf(x[start + j] as number) * scatter(start + j);
      moves[j] = h;
      expected += (claimed[start + j] as number) * h;
      size += Math.abs((claimed[start + j] as number) * h);
      length += Math.abs(h);
    }
    const { left, right, noise } = this.slopes((moved, sign) => {
      for (let j = 0; j < moves.length; j++)
        moved[start + j] = (moved[start + j] as number) + sign * (moves[j] as number);
    });
    const whole = size + this.largest * length;
    return (
      Math.abs(expected - (left + right) / 2) <= ALONG * whole + noise &&
      Math.abs(right - left) <= BEND * whole + 20 * noise
    );
  }

  private lookAt(element: number): Finding | null {
    const x = this.probe.x[element] as number;
    const claimed = this.probe.claimed[element] as number;
    const tries: (Slopes & { readonly numeric: number; readonly allowed: number; readonly bent: boolean })[] =
      [];
    for (const step of STEPS) {
      const h = step * sizeOf(x);
      const moved = this.slopes((to, sign) => {
        to[element] = x + sign * h;
      });
      const [left, right, noise] = [moved.left / h, moved.right / h, moved.noise / h];
      const numeric = (left + right) / 2;
      const own = Number.isFinite(claimed) ? Math.abs(claimed) : 0;
      const size = Math.max(own, Math.abs(left), Math.abs(right));
      const allowed = RELATIVE * size + ABSOLUTE * this.largest + noise;
      const bent = !(Math.abs(right - left) <= 20 * allowed);
      // Where rounding drowns the slope, that it fits says nothing.
      const isClear = noise <= RELATIVE * 100 * size + ABSOLUTE * this.largest;
      if (isClear && !bent && Math.abs(claimed - numeric) <= allowed) return null;
      if (Number.isFinite(left) && Number.isFinite(right) && isClear)
        tries.push({ left, right, numeric, noise, allowed, bent });
    }
    const [first, second] = tries;
    if (first === undefined) {
      const none = { element, claimed, numeric: Number.NaN, left: Number.NaN, right: Number.NaN };
      return { status: "infinite", ...none };
    }
    const { left, right, numeric, allowed } = first;
    const found = { element, claimed, numeric, left, right };
    if (!Number.isFinite(claimed)) return { status: "differs", ...found };
    const same = (a: number, b: number): boolean =>
      Math.abs(a - b) <= 0.01 * Math.max(Math.abs(a), Math.abs(b)) + 20 * allowed;
    if (!first.bent) {
      const agrees = second === undefined || tries.slice(1).some((t) => same(t.numeric, numeric));
      return { status: agrees ? "differs" : "unsettled", ...found };
    }
    const settled = (side: "left" | "right"): boolean =>
      tries.slice(1).some((t) => same(t[side], first[side]));
    if (!settled("left") && !settled("right")) return { status: "unsettled", ...found };
    const isBetween =
      claimed >= Math.min(left, right) - allowed && claimed <= Math.max(left, right) + allowed;
    return { status: isBetween ? "kink" : "differs", ...found };
  }
}

/** What no gradient arrives for does not count, be it infinite. */
const term = (weight: number, value: number): number => (weight === 0 ? 0 : weight * value);
const sizeOf = (x: number): number => Math.max(Math.abs(x), LEAST_SIZE);
/** Between 0.5 and 1, of either sign; by number, so that two runs say the same. */
function scatter(i: number): number {
  const bits = Math.imul(i + 1, 0x9e3779b1) >>> 0;
  return (0.5 + (bits >>> 1) / 2 ** 32) * (bits & 1 ? 1 : -1);
}

/** The elements whose claimed gradient is not the slope; `whole`: all were looked at. */
export function compare(
  probe: Probe,
  spend: () => boolean,
): { findings: readonly Finding[]; whole: boolean } {
  const comparison = new Comparison(probe, spend);
  const whole = comparison.search(0, probe.x.length);
  return { findings: comparison.findings, whole };
}
