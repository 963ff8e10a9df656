/** Convolutions and images taken apart into windows: which places of the window an element of a gradient has to do with. */
import { binary, type Cell, NOTHING, sum } from "./cell.ts";
import { type Lazy, lazy, sumOver, type Thing } from "./lazy.ts";
import { numbers, type Rule, T, tensor, whole, yes } from "./things.ts";

interface Sliding {
  readonly stride: readonly number[];
  readonly padding: readonly number[];
  readonly dilation: readonly number[];
  readonly groups: number;
}

const sliding = (stride?: Thing, padding?: Thing, dilation?: Thing, groups?: Thing): Sliding => ({
  stride: numbers(stride),
  padding: numbers(padding),
  dilation: numbers(dilation),
  groups: whole(groups),
});

const per = (list: readonly number[], d: number): number => list[d] ?? list[0] ?? 0;

/** Every place of a small box. */
function places(shape: readonly number[]): number[][] {
  return shape.reduce<number[][]>(
    (found, size) => found.flatMap((at) => Array.from({ length: size }, (_, i) => [...at, i])),
    [[]],
  );
}

const inputGradient = (grad: Lazy, weight: Lazy, shape: readonly number[], s: Sliding): Lazy =>
  lazy(shape, ([n = 0, channel = 0, ...at]) => {
    const [out = 0, perGroup = 1, ...kernel] = weight.shape;
    const group = Math.floor(channel / perGroup);
    const outs = out / s.groups;
    const terms: Cell[] = [];
    for (let o = group * outs; o < (group + 1) * outs; o++)
      for (const k of places(kernel)) {
        const from = at.map(
          (i, d) => (i + per(s.padding, d) - (k[d] as number) * per(s.dilation, d)) / per(s.stride, d),
        );
        if (!from.every((i, d) => Number.isInteger(i) && i >= 0 && i < (grad.shape[d + 2] as number)))
          continue;
        terms.push(binary("*", grad.at([n, o, ...from]), weight.at([o, channel % perGroup, ...k])));
      }
    return sum(terms);
  });

const weightGradient = (grad: Lazy, input: Lazy, shape: readonly number[], s: Sliding): Lazy =>
  lazy(shape, ([o = 0, within = 0, ...k]) => {
    const [out = 1, perGroup = 1] = shape;
    const channel = Math.floor(o / (out / s.groups)) * perGroup + within;
    const terms: Cell[] = [];
    for (let n = 0; n < (grad.shape[0] as number); n++)
      for (const at of places(grad.shape.slice(2))) {
        const from = at.map(
          (i, d) => i * per(s.stride, d) - per(s.padding, d) + (k[d] as number) * per(s.dilation, d),
        );
        if (!from.every((i, d) => i >= 0 && i < (input.shape[d + 2] as number))) continue;
        terms.push(binary("*", grad.at([n, o, ...at]), input.at([n, channel, ...from])));
      }
    return sum(terms);
  });

/** The convolution itself, of that shape. */
const slid = (input: Lazy, weight: Lazy, shape: readonly number[], s: Sliding): Lazy =>
  lazy(shape, ([n = 0, o = 0, ...at]) => {
    const [outs = 1, perGroup = 1, ...kernel] = weight.shape;
    const group = Math.floor(o / (outs / s.groups));
    const terms: Cell[] = [];
    for (let within = 0; within < perGroup; within++)
      for (const k of places(kernel)) {
        const from = at.map(
          (i, d) => i * per(s.stride, d) - per(s.padding, d) + (k[d] as number) * per(s.dilation, d),
        );
        if (!from.every((i, d) => i >= 0 && i < (input.shape[d + 2] as number))) continue;
        terms.push(
          binary("*", input.at([n, group * perGroup + within, ...from]), weight.at([o, within, ...k])),
        );
      }
    return sum(terms);
  });

/** Without a bias, as in the gradients of gradients. */
const convolution: Rule = (input, weight, _bias, stride, padding, dilation, transposed, more, groups) => {
  const [x, w] = [tensor(input), tensor(weight)];
  const s = sliding(stride, padding, dilation, groups);
  const [out = 0, perGroup = 0, ...kernel] = w.shape;
  const image = x.shape.slice(2).map((size, d) => {
    const reach = per(s.dilation, d) * ((kernel[d] as number) - 1);
    return yes(transposed)
      ? (size - 1) * per(s.stride, d) - 2 * per(s.padding, d) + reach + per(numbers(more), d) + 1
      : Math.floor((size + 2 * per(s.padding, d) - reach - 1) / per(s.stride, d)) + 1;
  });
  const [batch = 0] = x.shape;
  return T(
    yes(transposed)
      ? inputGradient(x, w, [batch, perGroup * s.groups, ...image], s)
      : slid(x, w, [batch, out, ...image], s),
  );
};

/** Where the windows of an image and their columns meet: `[row in a column, column]` of a place within a window. */
function columns(size: readonly number[], kernel: Thing | undefined, s: Sliding) {
  const [height, width] = numbers(kernel) as readonly [number, number];
  const across = (d: number, k: number): number =>
    Math.floor(
      ((size[d] as number) + 2 * per(s.padding, d) - per(s.dilation, d) * (k - 1) - 1) / per(s.stride, d),
    ) + 1;
  const counts = [across(0, height), across(1, width)] as const;
  return { height, width, counts, places: places([height, width]) };
}

/** A gradient of columns laid back over the image: whatever windows took from here. */
const folded: Rule = (grad, self, kernel, dilation, padding, stride) => {
  const [of, { shape }] = [tensor(grad), tensor(self)];
  const s = { stride: numbers(stride), padding: numbers(padding), dilation: numbers(dilation), groups: 1 };
  const { height, width, counts, places: within } = columns(shape.slice(-2), kernel, s);
  return {
    tensor: lazy(shape, (at) => {
      const [channel, ...here] = at.slice(-3) as [number, number, number];
      const found = within.flatMap((k) => {
        const from = here.map(
          (i, d) => (i + per(s.padding, d) - (k[d] as number) * per(s.dilation, d)) / per(s.stride, d),
        ) as [number, number];
        if (!from.every((i, d) => Number.isInteger(i) && i >= 0 && i < (counts[d] as number))) return [];
        const row = (channel * height + (k[0] as number)) * width + (k[1] as number);
        return [of.at([...at.slice(0, -3), row, from[0] * counts[1] + from[1]])];
      });
      return sum(found);
    }),
  };
};

/** A gradient of an image taken apart into columns: every place of every window takes what is there. */
const unfolded: Rule = (grad, kernel, dilation, padding, stride) => {
  const of = tensor(grad);
  const s = { stride: numbers(stride), padding: numbers(padding), dilation: numbers(dilation), groups: 1 };
  const size = of.shape.slice(-2);
  const { height, width, counts } = columns(size, kernel, s);
  const area = height * width;
  const channels = of.shape.at(-3) as number;
  return {
    tensor: lazy([...of.shape.slice(0, -3), channels * area, counts[0] * counts[1]], (at) => {
      const [row, window] = at.slice(-2) as [number, number];
      const k = [Math.floor((row % area) / width), row % width];
      const first = [Math.floor(window / counts[1]), window % counts[1]];
      const here = first.map(
        (i, d) => i * per(s.stride, d) - per(s.padding, d) + (k[d] as number) * per(s.dilation, d),
      );
      const inside = here.every((i, d) => i >= 0 && i < (size[d] as number));
      return inside ? of.at([...at.slice(0, -2), Math.floor(row / area), ...here]) : NOTHING;
    }),
  };
};

/** What a bias of each channel gets: everything of its channel. */
const ofChannels: Rule = (grad) => {
  const of = tensor(grad);
  const others = [...of.shape.keys()].filter((d) => d !== 1);
  return T(sumOver(of, others, false));
};

export const WINDOWS: Readonly<Record<string, Rule>> = {
  convolution,
  /** A transposed convolution goes the way that another one's gradient goes; its own gradients go the other. */
  convolution_input_backward: (grad, weight, sizes, stride, padding, dilation, transposed, _more, groups) => {
    const s = sliding(stride, padding, dilation, groups);
    const [of, w, shape] = [tensor(grad), tensor(weight), numbers(sizes)];
    return T(yes(transposed) ? slid(of, w, shape, s) : inputGradient(of, w, shape, s));
  },
  convolution_weight_backward: (grad, input, sizes, stride, padding, dilation, transposed, _more, groups) => {
    const s = sliding(stride, padding, dilation, groups);
    const [of, x] = yes(transposed) ? [tensor(input), tensor(grad)] : [tensor(grad), tensor(input)];
    return T(weightGradient(of, x, numbers(sizes), s));
  },
  im2col_backward: folded,
  im2col: unfolded,
  convolution_bias_backward: ofChannels,
  batch_norm_bias_backward: ofChannels,
};
