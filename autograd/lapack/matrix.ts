export type Floats = Float64Array | Float32Array;

/** In which precision numbers are kept; when an iteration has converged, and with that which signs come out, follows from it. */
export interface Precision {
  readonly epsilon: number;
  readonly tiny: number;
  readonly array: (n: number) => Floats;
  readonly round: (x: number) => number;
}

export const SINGLE: Precision = {
  epsilon: 2 ** -24,
  tiny: 2 ** -126,
  array: (n) => new Float32Array(n),
  round: Math.fround,
};
export const DOUBLE: Precision = {
  epsilon: 2 ** -53,
  tiny: 2 ** -1022,
  array: (n) => new Float64Array(n),
  round: Number,
};

/**
 * A matrix as LAPACK has it, column after column, for its algorithms: signs and orders of factors are LAPACK's. A block
 * of one is a matrix too, with the same numbers.
 */
export class Matrix {
  readonly data: Floats;

  /** `start`: where its first number is; `lead`: how far a number is from that of the next column. */
  constructor(
    readonly rows: number,
    readonly columns: number,
    readonly precision: Precision,
    data: Floats | null = null,
    readonly start = 0,
    readonly lead = rows,
  ) {
    this.data = data ?? precision.array(rows * columns);
  }

  static identity(precision: Precision, n: number, columns = n): Matrix {
    const m = new Matrix(n, columns, precision);
    for (let i = 0; i < Math.min(n, columns); i++) m.set(i, i, 1);
    return m;
  }

  get(i: number, j: number): number {
    return this.data[this.start + i + j * this.lead] as number;
  }

  set(i: number, j: number, x: number): void {
    this.data[this.start + i + j * this.lead] = x;
  }

  /** From row i and column j on, so many of each; all that are left where nothing is said. */
  block(i: number, j: number, rows = this.rows - i, columns = this.columns - j): Matrix {
    return new Matrix(rows, columns, this.precision, this.data, this.start + i + j * this.lead, this.lead);
  }

  column(j: number): Floats {
    return this.data.subarray(this.start + j * this.lead, this.start + j * this.lead + this.rows);
  }

  add(i: number, j: number, x: number): void {
    this.set(i, j, this.get(i, j) + x);
  }

  /** n numbers in the matrix's precision. */
  vector(n: number, of: (i: number) => number): Floats {
    const out = this.precision.array(n);
    for (let i = 0; i < n; i++) out[i] = of(i);
    return out;
  }

  copy(): Matrix {
    const out = new Matrix(this.rows, this.columns, this.precision);
    out.assign(this);
    return out;
  }

  transposed(): Matrix {
    const out = new Matrix(this.columns, this.rows, this.precision);
    for (let i = 0; i < this.rows; i++) for (let j = 0; j < this.columns; j++) out.set(j, i, this.get(i, j));
    return out;
  }

  /** Takes the numbers of another of its sizes. */
  assign(other: Matrix): void {
    for (let j = 0; j < this.columns; j++) this.column(j).set(other.column(j));
  }
}

/** |a| with the sign of b. */
export const sign = (a: number, b: number): number =>
  b < 0 || Object.is(b, -0) ? -Math.abs(a) : Math.abs(a);

export interface Rotation {
  readonly c: number;
  readonly s: number;
  readonly r: number;
}

/** The rotation that makes (f, g) to (r, 0): lartg. */
export function rotation(f: number, g: number, { round, tiny }: Precision): Rotation {
  if (g === 0) return { c: 1, s: 0, r: f };
  if (f === 0) return { c: 0, s: sign(1, g), r: Math.abs(g) };
  const [low, high] = [Math.sqrt(tiny), Math.sqrt(0.5 / tiny)];
  const isPlain = [f, g].every((x) => Math.abs(x) > low && Math.abs(x) < high);
  const unit = isPlain ? 1 : Math.min(1 / tiny, Math.max(tiny, Math.abs(f), Math.abs(g)));
  const [fs, gs] = [round(f / unit), round(g / unit)];
  const d = round(Math.sqrt(round(round(fs * fs) + round(gs * gs))));
  const r = sign(d, f);
  return { c: round(Math.abs(fs) / d), s: round(gs / r), r: round(r * unit) };
}
