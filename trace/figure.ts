/**
 * A figure that a program made with `matplotlib.pyplot`: what is to be drawn, as data. Part of the Trace format
 * (trace/schema.ts); its colours and texts come from the program, so whoever draws puts them in as values, never as
 * markup.
 */
import * as z from "zod";
import type { L10n } from "./l10n.ts";

const index = z.int().nonnegative();
/** Numbers to draw; null where the program has NaN or an infinity. */
const Numbers = z.array(z.number().nullable());
const Span = z.object({ from: z.number(), to: z.number() });

/**
 * `C0` … `C9` of the palette, `#rrggbb`, a name of CSS, or a place on a colour map, such as `viridis@0.25`.
 */
export const Color = z.string().regex(/^(C\d|#[0-9a-f]{6}|[a-z]{1,30}|[A-Za-z0-9_]{1,30}@[01](\.\d{1,6})?)$/);

const styled = {
  color: Color,
  /** From 0 to 1. */
  opacity: z.number().min(0).max(1),
  /** For the legend; "" has no entry there. */
  label: z.string(),
} as const;

const scaled = {
  /** Name of a colour map of matplotlib. */
  colors: z.string(),
  /** The numbers that its two ends stand for. */
  range: Span,
  /** A scale of the colours beside the axes. */
  colorbar: z.boolean(),
} as const;

export const FigureMark = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("line"),
    ...styled,
    x: Numbers,
    y: Numbers,
    /** Points of a hundredth of an inch; 0 draws none. */
    width: z.number().min(0).max(100),
    dash: z.enum(["solid", "dashed", "dotted", "dashdot"]),
    /** How each point is marked: matplotlib's letter, "" for not at all. */
    marker: z.string(),
    size: z.number().min(0).max(1000),
    /** Steps in the place of straight lines: where between two points the value changes. */
    step: z.enum(["pre", "mid", "post"]).optional(),
  }),
  z.object({
    kind: z.literal("points"),
    ...styled,
    x: Numbers,
    y: Numbers,
    /** Of each point, in the place of `color`; in turn where there are fewer. */
    each: z.array(Color),
    marker: z.string(),
    /** Areas in square points, in turn. */
    sizes: z.array(z.number().min(0)),
    scale: z.object(scaled).optional(),
  }),
  z.object({
    kind: z.literal("bars"),
    ...styled,
    each: z.array(Color),
    /** Along the axis that they stand on: where each begins and ends. */
    from: Numbers,
    to: Numbers,
    /** Across it. */
    base: Numbers,
    top: Numbers,
    horizontal: z.boolean(),
  }),
  z.object({
    kind: z.literal("area"),
    ...styled,
    x: Numbers,
    low: Numbers,
    high: Numbers,
  }),
  z.object({
    kind: z.literal("image"),
    ...scaled,
    rows: index,
    columns: index,
    /** Row-major: numbers for the colour map; or of an image in colours, red × 65536 + green × 256 + blue. */
    data: Numbers,
    rgb: z.boolean(),
    x: Span,
    /** `from` is the edge beside the first row. */
    y: Span,
    opacity: z.number().min(0).max(1),
  }),
  z.object({
    kind: z.literal("contour"),
    ...scaled,
    /** Where the columns and the rows of `data` lie. */
    x: z.array(z.number()),
    y: z.array(z.number()),
    data: Numbers,
    levels: z.array(z.number()),
    filled: z.boolean(),
    /** In the place of the colour map. */
    one: Color.optional(),
    opacity: z.number().min(0).max(1),
  }),
  /** A straight line over the whole of the axes, at one place of the named axis. */
  z.object({
    kind: z.literal("rule"),
    ...styled,
    axis: z.enum(["x", "y"]),
    at: z.number(),
    width: z.number().min(0).max(100),
    dash: z.enum(["solid", "dashed", "dotted", "dashdot"]),
  }),
  z.object({ kind: z.literal("text"), x: z.number(), y: z.number(), text: z.string(), color: Color }),
]);

const AxisScale = z.object({
  label: z.string(),
  scale: z.enum(["linear", "log"]),
  /** Where the program set them; `from` may be the greater. */
  limits: Span.nullable(),
  /** In the place of those that are chosen. */
  ticks: z.array(z.object({ at: z.number(), text: z.string() })).nullable(),
});

export const FigureAxes = z.object({
  /** Place in the figure's grid. */
  row: index,
  column: index,
  rows: index.min(1),
  columns: index.min(1),
  title: z.string(),
  x: AxisScale,
  y: AxisScale,
  grid: z.boolean(),
  legend: z.boolean(),
  /** No frame, ticks or labels. */
  bare: z.boolean(),
  /** One unit is as long on both axes. */
  equal: z.boolean(),
  marks: z.array(FigureMark),
});

export const Figure = z.object({
  title: z.string(),
  /** Hundredths of an inch. */
  width: z.number().min(1).max(10_000),
  height: z.number().min(1).max(10_000),
  rows: index.min(1),
  columns: index.min(1),
  axes: z.array(FigureAxes),
  /** Calls of matplotlib that were passed over. */
  passedOver: z.array(z.string()),
  /** Set where numbers were left out, because there were too many to draw. */
  thinned: z.boolean(),
});

export type Figure = z.infer<typeof Figure>;
export type FigureAxes = z.infer<typeof FigureAxes>;
export type FigureMark = z.infer<typeof FigureMark>;

/** A figure in words: its heading, and what is drawn. */
export const FigureWords = z.object({ title: z.string(), says: z.string() });
export type FigureWords = z.infer<typeof FigureWords>;

/** A figure as the output of a notebook cell. */
export const FigureOutput = z.object({
  figure: Figure,
  /** What the drawing leaves out, in words; "" for nothing. */
  remark: z.string(),
  /** The drawing in the language of whoever ran the cell: the notebook's page knows no catalogue. */
  words: FigureWords.optional(),
});

export const FIGURE_MIME = "application/vnd.backstep.figure+json";

/** The figure's own name, or the titles of its axes; "" where the program gave none. */
export const figureName = ({ title, axes }: Figure): string =>
  title !== ""
    ? title
    : axes
        .map((each) => each.title)
        .filter((text) => text !== "")
        .join(", ");

/** As Python writes it: what an output shows where nothing can be drawn. */
export const plainFigure = ({ width, height, axes }: Figure): string =>
  `<Figure size ${Math.round(width)}x${Math.round(height)} with ${axes.length} Axes>`;

/** What a drawing of it leaves out, in words; "" where it leaves out nothing. */
export function figureRemark({ passedOver, thinned }: Figure, l10n: L10n): string {
  const parts = [
    ...(passedOver.length === 0 ? [] : [l10n.t("Passed over: {0}.", passedOver.join(", "))]),
    ...(thinned ? [l10n.t("Of very many numbers only some are drawn.")] : []),
  ];
  return parts.join(" ");
}

/** What a figure is called and what is drawn in it, for those who do not see it. */
export function figureWords(figure: Figure, l10n: L10n): FigureWords {
  const name = figureName(figure);
  const says = figure.axes
    .map(({ title, x, y, marks }, i) => {
      const heading = [title, x.label, y.label].filter((text) => text !== "").join(", ");
      const drawn = marks.map((mark) => described(mark, l10n)).filter((text) => text !== "");
      return `${l10n.t("Axes {0}", i + 1)}${heading === "" ? "" : ` (${heading})`}: ${drawn.slice(0, 12).join("; ")}`;
    })
    .join(". ");
  return { title: name === "" ? l10n.t("Figure") : l10n.t("Figure: {0}", name), says };
}

const rounded = (value: number | undefined): string =>
  value === undefined ? "–" : String(Number(value.toPrecision(4)));

function described(mark: FigureMark, l10n: L10n): string {
  const label = "label" in mark && mark.label !== "" ? ` “${mark.label}”` : "";
  const ends = (values: readonly (number | null)[]): [string, string] => {
    let [low, high]: [number | undefined, number | undefined] = [undefined, undefined];
    for (const value of values) {
      if (value === null) continue;
      low = Math.min(low ?? value, value);
      high = Math.max(high ?? value, value);
    }
    return [rounded(low), rounded(high)];
  };
  switch (mark.kind) {
    case "line":
      return l10n.t("line{0} of {1} points, y from {2} to {3}", label, mark.x.length, ...ends(mark.y));
    case "points":
      return l10n.t("{1} points{0}, y from {2} to {3}", label, mark.x.length, ...ends(mark.y));
    case "bars":
      return l10n.t("{1} bars{0}, from {2} to {3}", label, mark.top.length, ...ends(mark.top));
    case "area":
      return l10n.t("area{0} from {1} to {2}", label, ends(mark.low)[0], ends(mark.high)[1]);
    case "image":
      return l10n.t("image of {0} by {1}", mark.rows, mark.columns);
    case "contour":
      return l10n.t("contours at {0} levels", mark.levels.length);
    case "rule":
      return l10n.t("line{0} at {1} = {2}", label, mark.axis, rounded(mark.at));
    case "text":
      return mark.text;
  }
}
