/** Pooling: the largest element of a window takes its whole gradient, a mean shares it among the window. */
import { binary, type Cell, number, sum } from "./cell.ts";
import { everyIndex, indexOf, type Lazy, lazy, type Thing } from "./lazy.ts";
import { numbers, plain, type Rule, T, tensor, whole, yes } from "./things.ts";

type Place = readonly number[];

/** Of the windows over the last `n` axes, those whose largest element is here. `indices` count row by row. */
const largest =
  (n: number): Rule =>
  (grad, self, indices) => {
    const [of, { shape }, places] = [tensor(grad), tensor(self), tensor(indices)];
    const windows = everyIndex(places.shape.slice(-n));
    return T(
      lazy(shape, (at) => {
        const ahead = at.slice(0, -n);
        const here = at.slice(-n).reduce((flat, i, d) => flat * (shape.at(d - n) as number) + i, 0);
        return sum(
          windows.flatMap((o) =>
            places.at([...ahead, ...o]).value === here ? [of.at([...ahead, ...o])] : [],
          ),
        );
      }),
    );
  };

/** A window along one axis: where it begins and ends in the image, and how many elements it counts. */
interface Span {
  readonly start: number;
  readonly end: number;
  readonly counts: number;
}

/** The shares of all windows over the last axes that this element lies in. */
function shared(grad: Lazy, shape: Place, spans: readonly (readonly Span[])[], divisor: number | null): Lazy {
  const n = spans.length;
  return lazy(shape, (at) => {
    const covering = spans.map((along, d) =>
      along.flatMap(({ start, end }, o) => {
        const i = at.at(d - n) as number;
        return start <= i && i < end ? [o] : [];
      }),
    );
    return sum(
      everyIndex(covering.map((list) => list.length)).map((pick): Cell => {
        const o = pick.map((i, d) => covering[d]?.[i] as number);
        const size = o.reduce((product, i, d) => product * (spans[d]?.[i]?.counts as number), 1);
        return binary("/", grad.at([...at.slice(0, -n), ...o]), number(divisor ?? size));
      }),
    );
  });
}

const per = (list: Place, d: number): number => list[d] ?? list[0] ?? 0;
/** An empty list means the sizes of the windows. */
const steps = (stride: Thing | undefined, size: Place): Place => {
  const given = numbers(stride);
  return given.length === 0 ? size : given;
};

const means =
  (n: number): Rule =>
  (grad, self, kernel, stride, padding, _ceil, withPadding, divisor) => {
    const [of, { shape }] = [tensor(grad), tensor(self)];
    const [size, pad] = [numbers(kernel), numbers(padding)];
    const by = steps(stride, size);
    const spans = Array.from({ length: n }, (_, d) =>
      Array.from({ length: of.shape.at(d - n) as number }, (_, o): Span => {
        const length = shape.at(d - n) as number;
        const first = o * per(by, d) - per(pad, d);
        const last = Math.min(first + per(size, d), length + per(pad, d));
        const [start, end] = [Math.max(first, 0), Math.min(last, length)];
        return { start, end, counts: yes(withPadding) ? last - first : end - start };
      }),
    );
    const given = divisor === undefined ? null : plain(divisor);
    return T(shared(of, shape, spans, given === null ? null : Number(given)));
  };

const adaptiveMeans =
  (n: number): Rule =>
  (grad, self) => {
    const [of, { shape }] = [tensor(grad), tensor(self)];
    const spans = Array.from({ length: n }, (_, d) => {
      const [count, length] = [of.shape.at(d - n) as number, shape.at(d - n) as number];
      return Array.from({ length: count }, (_, o): Span => {
        const [start, end] = [Math.floor((o * length) / count), Math.ceil(((o + 1) * length) / count)];
        return { start, end, counts: end - start };
      });
    });
    return T(shared(of, shape, spans, null));
  };

export const POOLS: Readonly<Record<string, Rule>> = {
  max_pool_backward: largest(2),
  max_pool3d_backward: largest(3),
  adaptive_max_pool2d_backward: largest(2),
  adaptive_max_pool3d_backward: largest(3),
  fractional_max_pool2d_backward: largest(2),
  fractional_max_pool3d_backward: largest(3),
  avg_pool2d_backward: means(2),
  avg_pool3d_backward: means(3),
  _adaptive_avg_pool2d_backward: adaptiveMeans(2),
  _adaptive_avg_pool3d_backward: adaptiveMeans(3),
  /** Each place takes what lies where the index says, in the last axes read as one. */
  max_pool_double_backward: (grad, indices, n) => {
    const [of, places, over] = [tensor(grad), tensor(indices), whole(n)];
    const image = of.shape.slice(-over);
    return T(
      lazy(places.shape, (at) => of.at([...at.slice(0, -over), ...indexOf(image, places.at(at).value)])),
    );
  },
};
