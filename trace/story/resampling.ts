/** Images made larger or smaller: each place of the result is a weighted sum of its neighbours, and shares its gradient so. */
import { binary, type Cell, number, sum } from "./cell.ts";
import { everyIndex, lazy, type Thing } from "./lazy.ts";
import { numbers, plain, type Rule, T, tensor, yes } from "./things.ts";

/** Along one axis: for a place of the result its neighbours and their weights. `step`: of the input per step of the result. */
type Neighbours = (
  o: number,
  step: number,
  align: boolean,
  from: number,
) => readonly (readonly [place: number, weight: number])[];

const nearest: Neighbours = (o, step) => [[Math.floor(Math.fround(o * step)), 1]];
const nearestExact: Neighbours = (o, step) => [[Math.floor((o + 0.5) * step), 1]];

const linear: Neighbours = (o, step, align) => {
  const at = align ? step * o : Math.max(step * (o + 0.5) - 0.5, 0);
  const low = Math.floor(at);
  return [
    [low, 1 - (at - low)],
    [low + 1, at - low],
  ];
};

/** Keys' cubic convolution. */
function bell(x: number, a = -0.75): number {
  const d = Math.abs(x);
  if (d <= 1) return ((a + 2) * d - (a + 3)) * d * d + 1;
  return d < 2 ? ((a * d - 5 * a) * d + 8 * a) * d - 4 * a : 0;
}

const cubic: Neighbours = (o, step, align) => {
  const at = align ? step * o : step * (o + 0.5) - 0.5;
  const low = Math.floor(at);
  return [-1, 0, 1, 2].map((i) => [low + i, bell(at - low - i)] as const);
};

/** A filter as wide as a step, so that what is made smaller is averaged; its weights add up to 1. */
const smooth =
  (width: number, filter: (x: number) => number): Neighbours =>
  (o, step, _align, from) => {
    const wide = Math.max(step, 1);
    const centre = step * (o + 0.5);
    const start = Math.max(Math.trunc(centre - (width / 2) * wide + 0.5), 0);
    const end = Math.min(Math.trunc(centre + (width / 2) * wide + 0.5), from);
    const weights = Array.from({ length: end - start }, (_, i) => filter((start + i - centre + 0.5) / wide));
    const total = weights.reduce((all, weight) => all + weight, 0);
    return weights.map((weight, i) => [start + i, weight / total]);
  };

const resampled =
  (neighbours: Neighbours, aligns: boolean): Rule =>
  (grad, _output, sizes, ...rest) => {
    const [of, shape] = [tensor(grad), numbers(sizes)];
    const align = aligns && yes(rest[0]);
    const scales = plain((rest[aligns ? 1 : 0] ?? { plain: null }) as Thing) as readonly number[] | null;
    /** By axis of the image and place of the result. */
    const maps = shape.slice(2).map((from, d) => {
      const to = of.shape[d + 2] as number;
      const given = scales?.[d];
      const step = align
        ? to > 1
          ? (from - 1) / (to - 1)
          : 0
        : given !== undefined && given > 0
          ? 1 / given
          : from / to;
      return Array.from({ length: to }, (_, o) => {
        // Beyond the edge the outermost element stands.
        const found = new Map<number, number>();
        for (const [place, weight] of neighbours(o, step, align, from)) {
          const inside = Math.min(Math.max(place, 0), from - 1);
          found.set(inside, (found.get(inside) ?? 0) + weight);
        }
        return found;
      });
    });
    return T(
      lazy(shape, ([batch = 0, channel = 0, ...at]) => {
        const touching = maps.map((along, d) =>
          along.flatMap((weights, o) => {
            const weight = weights.get(at[d] as number) ?? 0;
            return weight === 0 ? [] : [{ o, weight }];
          }),
        );
        return sum(
          everyIndex(touching.map((list) => list.length)).map((pick): Cell => {
            const chosen = pick.map((i, d) => touching[d]?.[i] as { o: number; weight: number });
            const g = of.at([batch, channel, ...chosen.map(({ o }) => o)]);
            const share = chosen.reduce((product, { weight }) => product * weight, 1);
            return share === 1 ? g : binary("*", g, number(share));
          }),
        );
      }),
    );
  };

const lines = [1, 2, 3];

export const RESAMPLING: Readonly<Record<string, Rule>> = Object.fromEntries([
  ...lines.map((n) => [`upsample_nearest${n}d_backward`, resampled(nearest, false)]),
  ...lines.map((n) => [`_upsample_nearest_exact${n}d_backward`, resampled(nearestExact, false)]),
  ...["linear1d", "bilinear2d", "trilinear3d"].map((name) => [
    `upsample_${name}_backward`,
    resampled(linear, true),
  ]),
  ["upsample_bicubic2d_backward", resampled(cubic, true)],
  [
    "_upsample_bilinear2d_aa_backward",
    resampled(
      smooth(2, (x) => Math.max(1 - Math.abs(x), 0)),
      true,
    ),
  ],
  [
    "_upsample_bicubic2d_aa_backward",
    resampled(
      smooth(4, (x) => bell(x, -0.5)),
      true,
    ),
  ],
]);
