/** What a mark is: the pattern's picture as plain strokes, from the places of ports and saved values. No DOM. */

/** A path with the classes that colour it (`panel.css`, section marks). */
export interface Stroke {
  readonly d: string;
  readonly className: string;
}

export interface MarkShape {
  readonly width: number;
  readonly height: number;
  /** Ports on top, left to right: gradients leave there. */
  readonly ports: readonly { readonly x: number; readonly hue: number | null; readonly live: boolean }[];
  /** Saved values at the bottom. */
  readonly pegs: readonly { readonly x: number; readonly hue: number | null }[];
  /** Which saved value the rule of which port uses. */
  readonly strands: readonly { readonly peg: number; readonly port: number }[];
  /** For `route`: where, element by element, the gradient went on; null where that is not known (yet). */
  readonly lanes: readonly boolean[] | null;
}

export type Mark = (shape: MarkShape) => Stroke[];

export const hueClass = (hue: number | null): string => (hue === null ? "" : ` hue-${hue % HUES}`);
/** Colours for operands; a fifth operand takes the first again. */
export const HUES = 4;

/** Two decimals are enough for a screen, and keep pictures comparable. */
export const n = (value: number): string => String(Math.round(value * 100) / 100);

export const circle = (x: number, y: number, r: number): string =>
  `M${n(x - r)} ${n(y)}a${n(r)} ${n(r)} 0 1 0 ${n(2 * r)} 0a${n(r)} ${n(r)} 0 1 0 ${n(-2 * r)} 0`;

/** A soft S between two points that leaves and arrives vertically. */
export const ess = (x1: number, y1: number, x2: number, y2: number): string => {
  const middle = n((y1 + y2) / 2);
  return `M${n(x1)} ${n(y1)}C${n(x1)} ${middle} ${n(x2)} ${middle} ${n(x2)} ${n(y2)}`;
};

/** A hollow pipe: its wall, and its bore upon it. */
export const pipe = (d: string, className = ""): Stroke[] => [
  { d, className: `pipe-wall${className}` },
  { d, className: "pipe-bore" },
];

/** A small arrow head that points up: the way of the gradient. */
export const chevron = (x: number, y: number, size = 3.5): string =>
  `M${n(x - size)} ${n(y + size)}L${n(x)} ${n(y)}L${n(x + size)} ${n(y + size)}`;

/** The ports that a gradient can leave by; the middle of the top where there is none. */
export const livePorts = ({ ports, width }: MarkShape): { x: number; hue: number | null }[] => {
  const live = ports.filter((port) => port.live);
  return live.length > 0 ? live : [{ x: width / 2, hue: null }];
};
