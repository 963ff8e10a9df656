/**
 * Moves, each said once: where the places of what it gives came from. Read forwards it takes elements, read backwards it
 * brings their gradients home, and what it would write over gets none.
 */
import { numel } from "../shape.ts";
import { NOTHING, number, sum } from "./cell.ts";
import {
  axis,
  broadcast,
  everyIndex,
  expand,
  flatOf,
  indexOf,
  type Lazy,
  lazy,
  reshape,
  type Thing,
  Untold,
} from "./lazy.ts";
import { list, numbers, plain, type Rule, T, tensor, whole } from "./things.ts";

type Place = readonly number[];

/** `from`: the place in the moved tensor that a place of the result came from. */
export interface Move {
  readonly shape: Place;
  from(at: Place): Place;
}

/** Of a tensor of that shape, with the arguments that stand after it. */
export type Moving = (shape: Place, ...args: readonly Thing[]) => Move;

/** The gradients of all places of the result that came from here. */
export function broughtBack(grad: Lazy, shape: Place, from: Move["from"]): Lazy {
  const all = everyIndex(grad.shape).map((at) => ({ at, source: from(at).join() }));
  return lazy(shape, (here) => {
    const own = here.join();
    return sum(all.flatMap(({ at, source }) => (source === own ? [grad.at(at)] : [])));
  });
}

export const wrapped = (i: number, size: number): number => ((i % size) + size) % size;

const optional = (thing: Thing | undefined): number | null => {
  const value = thing === undefined ? null : plain(thing);
  return value === null ? null : Number(value);
};

const diagonal: Moving = (shape, offset, first, second) => {
  const [a, b] = [axis(optional(first) ?? 0, shape.length), axis(optional(second) ?? 1, shape.length)];
  const k = optional(offset) ?? 0;
  const [rows, columns] = [shape[a] as number, shape[b] as number];
  const length = Math.max(k >= 0 ? Math.min(rows, columns - k) : Math.min(rows + k, columns), 0);
  return {
    shape: [...shape.filter((_, d) => d !== a && d !== b), length],
    from(at) {
      const along = at.at(-1) as number;
      let next = 0;
      return shape.map((_, d) =>
        d === a ? along + Math.max(-k, 0) : d === b ? along + Math.max(k, 0) : (at[next++] as number),
      );
    },
  };
};

const slice: Moving = (shape, dim, start, end, step) => {
  const d = axis(optional(dim) ?? 0, shape.length);
  const size = shape[d] as number;
  const place = (x: number): number => Math.min(Math.max(axis(x, size), 0), size);
  const from = place(optional(start) ?? 0);
  const by = optional(step) ?? 1;
  const length = Math.ceil((Math.max(place(optional(end) ?? size), from) - from) / by);
  return {
    shape: shape.map((n, e) => (e === d ? length : n)),
    from: (at) => at.map((i, e) => (e === d ? from + i * by : i)),
  };
};

export const select: Moving = (shape, dim, index) => {
  const d = axis(whole(dim), shape.length);
  const i = axis(whole(index), shape[d] as number);
  return {
    shape: shape.filter((_, e) => e !== d),
    from: (at) => [...at.slice(0, d), i, ...at.slice(d)],
  };
};

/** The windows of an axis, their places last. */
const unfold: Moving = (shape, dim, size, step) => {
  const d = axis(whole(dim), shape.length);
  const count = Math.floor(((shape[d] as number) - whole(size)) / whole(step)) + 1;
  return {
    shape: [...shape.map((n, e) => (e === d ? count : n)), whole(size)],
    from: (at) => at.slice(0, -1).map((i, e) => (e === d ? i * whole(step) + (at.at(-1) as number) : i)),
  };
};

/** Over memory that lies row by row. */
const asStrided: Moving = (shape, size, stride, offset) => {
  const steps = numbers(stride);
  const start = optional(offset) ?? 0;
  return {
    shape: numbers(size),
    from: (at) =>
      indexOf(
        shape,
        at.reduce((place, i, d) => place + i * (steps[d] as number), start),
      ),
  };
};

const rot90: Moving = (shape, turns, dims) => {
  const [a, b] = numbers(dims).map((dim) => axis(dim, shape.length)) as [number, number];
  const k = wrapped(whole(turns), 4);
  const [rows, columns] = [shape[a] as number, shape[b] as number];
  const back = (i: number, j: number): readonly [number, number] =>
    k === 0
      ? [i, j]
      : k === 1
        ? [j, columns - 1 - i]
        : k === 2
          ? [rows - 1 - i, columns - 1 - j]
          : [rows - 1 - j, i];
  return {
    shape: k % 2 === 0 ? shape : shape.map((n, d) => (d === a ? columns : d === b ? rows : n)),
    from(at) {
      const [i, j] = back(at[a] as number, at[b] as number);
      return at.map((n, d) => (d === a ? i : d === b ? j : n));
    },
  };
};

/** Channels to the pixels of larger images. */
const pixelShuffle: Moving = (shape, factor) => {
  const r = whole(factor);
  const [channels, height, width] = shape.slice(-3) as [number, number, number];
  return {
    shape: [...shape.slice(0, -3), channels / (r * r), height * r, width * r],
    from(at) {
      const [c, y, x] = at.slice(-3) as [number, number, number];
      return [...at.slice(0, -3), (c * r + (y % r)) * r + (x % r), Math.floor(y / r), Math.floor(x / r)];
    },
  };
};

const pixelUnshuffle: Moving = (shape, factor) => {
  const r = whole(factor);
  const [channels, height, width] = shape.slice(-3) as [number, number, number];
  return {
    shape: [...shape.slice(0, -3), channels * r * r, height / r, width / r],
    from(at) {
      const [c, y, x] = at.slice(-3) as [number, number, number];
      const within = c % (r * r);
      return [
        ...at.slice(0, -3),
        Math.floor(c / (r * r)),
        y * r + Math.floor(within / r),
        x * r + (within % r),
      ];
    },
  };
};

/** Places of the tensor read as one row. */
const take: Moving = (shape, index) => {
  const places = tensor(index);
  return { shape: places.shape, from: (at) => indexOf(shape, wrapped(places.at(at).value, numel(shape))) };
};

/** A mask as what it means: of each place where it holds, the index along each of its axes. */
function unrolled(one: Lazy): Lazy[] {
  if (one.mask !== true) return [one];
  const held = everyIndex(one.shape).filter((at) => one.at(at).value !== 0);
  return one.shape.map((_, d) => lazy([held.length], ([i = 0]) => number(held[i]?.[d] as number)));
}

/**
 * Indices of neighbouring axes, which broadcast. The trace does not say which axes were left out before them: `result`, the
 * shape that came of it, does where only one place fits; else they are the first.
 */
const indexed =
  (result: Place | null): Moving =>
  (shape, indices) => {
    const places = list(indices).flatMap(unrolled);
    const together = places.map((one) => one.shape).reduce(broadcast, []);
    const after = (ahead: number): Place => [
      ...shape.slice(0, ahead),
      ...together,
      ...shape.slice(ahead + places.length),
    ];
    const fitting = Array.from({ length: shape.length - places.length + 1 }, (_, i) => i).filter(
      (ahead) => result === null || after(ahead).join() === result.join(),
    );
    if (result !== null && fitting.length !== 1) throw new Untold("axes left out");
    const [ahead = 0] = fitting;
    const spread = places.map((one) => expand(one, together));
    return {
      shape: after(ahead),
      from: (at) => [
        ...at.slice(0, ahead),
        ...spread.map((one, d) =>
          wrapped(one.at(at.slice(ahead, ahead + together.length)).value, shape[ahead + d] as number),
        ),
        ...at.slice(ahead + together.length),
      ],
    };
  };
const index = indexed(null);

/** The last axes with more at both ends, which come from within: `place` says from where. */
const padded =
  (place: (i: number, size: number) => number): Moving =>
  (shape, padding) => {
    const by = numbers(padding);
    const side = (d: number, end: 0 | 1): number => by[2 * (shape.length - 1 - d) + end] ?? 0;
    return {
      shape: shape.map((size, d) => size + side(d, 0) + side(d, 1)),
      from: (at) =>
        at.map((i, d) =>
          side(d, 0) === 0 && side(d, 1) === 0 ? i : place(i - side(d, 0), shape[d] as number),
        ),
    };
  };
const reflected = padded((i, size) => (i < 0 ? -i : i < size ? i : 2 * (size - 1) - i));
const held = padded((i, size) => Math.min(Math.max(i, 0), size - 1));

export const movedBy = (of: Lazy, { shape, from }: Move): Lazy => lazy(shape, (at) => of.at(from(at)));

const forwards =
  (moving: Moving): Rule =>
  (a, ...args) =>
    T(movedBy(tensor(a), moving(tensor(a).shape, ...args)));

/** `self` is named for its shape alone. */
const backwards =
  (moving: Moving): Rule =>
  (grad, self, ...args) => {
    const shape = self !== undefined && "tensor" in self ? self.tensor.shape : numbers(self);
    return T(broughtBack(tensor(grad), shape, moving(shape, ...args).from));
  };

/** What the move would take is replaced by `source`; the last one written stays. */
const replacing =
  (moving: Moving): Rule =>
  (a, given, ...args) => {
    const [of, by] = [tensor(a), tensor(given)];
    const move = moving(of.shape, ...args);
    const source = numel(by.shape) === numel(move.shape) ? reshape(by, move.shape) : expand(by, move.shape);
    const written = new Map(everyIndex(move.shape).map((at) => [move.from(at).join(), at]));
    return T(
      lazy(of.shape, (at) => {
        const place = written.get(at.join());
        if (place === undefined) return of.at(at);
        const cell = source.at(place);
        return cell.kind === "number" && cell.value === 0 ? NOTHING : cell;
      }),
    );
  };

/** Where a mask holds, in order. */
const chosenBy = (mask: Lazy, shape: Place): Place[] =>
  everyIndex(shape).filter(
    (at) =>
      mask.at(
        mask.shape.map((size, d) => (size === 1 ? 0 : (at[d + shape.length - mask.shape.length] as number))),
      ).value !== 0,
  );

const packedRows = (sizes: Lazy): ((time: number, sequence: number) => number | null) => {
  const counts = everyIndex(sizes.shape).map((at) => sizes.at(at).value);
  return (time, sequence) =>
    sequence < (counts[time] ?? 0)
      ? counts.slice(0, time).reduce((total, count) => total + count, 0) + sequence
      : null;
};

export const MOVES: Readonly<Record<string, Rule>> = {
  diagonal: forwards(diagonal),
  slice: forwards(slice),
  select: forwards(select),
  unfold: forwards(unfold),
  as_strided: forwards(asStrided),
  rot90: forwards(rot90),
  pixel_shuffle: forwards(pixelShuffle),
  pixel_unshuffle: forwards(pixelUnshuffle),
  take: forwards(take),
  index: forwards(index),
  reflection_pad1d: forwards(reflected),
  reflection_pad2d: forwards(reflected),
  reflection_pad3d: forwards(reflected),
  replication_pad1d: forwards(held),
  replication_pad2d: forwards(held),
  replication_pad3d: forwards(held),
  reflection_pad1d_backward: backwards(reflected),
  reflection_pad2d_backward: backwards(reflected),
  reflection_pad3d_backward: backwards(reflected),
  replication_pad1d_backward: backwards(held),
  replication_pad2d_backward: backwards(held),
  replication_pad3d_backward: backwards(held),
  diagonal_backward: backwards(diagonal),
  select_backward: backwards(select),
  slice_backward: backwards(slice),
  unfold_backward: backwards(unfold),
  take_backward: backwards(take),
  index_backward: (grad, sizes, indices) =>
    backwards(indexed(tensor(grad).shape))(grad as Thing, sizes as Thing, indices as Thing),
  diagonal_scatter: replacing(diagonal),
  select_scatter: replacing(select),
  slice_scatter: replacing(slice),
  as_strided_scatter: replacing(asStrided),
  put: (a, places, source) => replacing(take)(a as Thing, source as Thing, places as Thing),
  index_put: (a, places, source) => replacing(index)(a as Thing, source as Thing, places as Thing),
  /** Only over memory that lies row by row: other strides are another tensor's. */
  as_strided_backward: (grad, sizes, strides, offset, size, stride, at) => {
    const shape = numbers(sizes);
    const rows = shape.map((_, d) => numel(shape.slice(d + 1)));
    if (numbers(strides).some((step, d) => step !== rows[d] && shape[d] !== 1))
      throw new Untold("another order in memory");
    const start = (optional(at) ?? whole(offset)) - whole(offset);
    const moved = asStrided(shape, size as Thing, stride as Thing, { plain: start });
    return T(broughtBack(tensor(grad), shape, moved.from));
  },
  reshape_as: (a, like) => {
    const [of, { shape }] = [tensor(a), tensor(like)];
    return T(lazy(shape, (at) => of.at(indexOf(of.shape, flatOf(shape, at)))));
  },
  masked_select: (a, mask) => {
    const of = tensor(a);
    const places = chosenBy(tensor(mask), of.shape);
    return T(lazy([places.length], ([i = 0]) => of.at(places[i] as Place)));
  },
  /** The source's elements were taken one after another for the places where the mask holds. */
  masked_scatter_backward: (grad, mask, sizes) => {
    const [of, shape] = [tensor(grad), numbers(sizes)];
    const places = chosenBy(tensor(mask), of.shape);
    return T(
      lazy(shape, (at) => {
        const place = places[flatOf(shape, at)];
        return place === undefined ? NOTHING : of.at(place);
      }),
    );
  },
  /** Of each tensor how many axes it has, its rows and its columns. */
  block_diag_backward: (grad, blocks) => {
    const [of, sizes] = [tensor(grad), numbers(blocks)];
    let [row, column] = [0, 0];
    const tensors: Lazy[] = [];
    for (let i = 0; i < sizes.length; i += 3) {
      const [rank, rows, columns] = sizes.slice(i, i + 3) as [number, number, number];
      const [top, left] = [row, column];
      tensors.push(
        lazy([rows, columns].slice(2 - rank), (at) =>
          of.at([top + (at.at(-2) ?? 0), left + (at.at(-1) ?? 0)]),
        ),
      );
      row += rows;
      column += columns;
    }
    return { tensors };
  },
  _pack_padded_sequence_backward: (grad, sizes, counts, batchFirst) => {
    const [of, given] = [tensor(grad), numbers(sizes)];
    const rowOf = packedRows(tensor(counts));
    const first = plain(batchFirst) === true;
    const [time = 0, batch = 0, ...rest] = given;
    return T(
      lazy(first ? [batch, time, ...rest] : given, ([a = 0, b = 0, ...at]) => {
        const row = first ? rowOf(b, a) : rowOf(a, b);
        return row === null ? NOTHING : of.at([row, ...at]);
      }),
    );
  },
};
