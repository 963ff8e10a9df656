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

/** A matrix, row after row, for LAPACK's algorithms: signs and orders of factors are LAPACK's. */
export class Matrix {
  readonly data: Floats;

  constructor(
    readonly rows: number,
    readonly columns: number,
    readonly precision: Precision,
    data: Floats | null = null,
  ) {
    this.data = data ?? precision.array(rows * columns);
  }

  static identity(precision: Precision, n: number, columns = n): Matrix {
    const m = new Matrix(n, columns, precision);
    for (let i = 0; i < Math.min(n, columns); i++) m.set(i, i, 1);
    return m;
  }

  get(i: number, j: number): number {
    return this.data[i * this.columns + j] as number;
  }

  set(i: number, j: number, x: number): void {
    this.data[i * this.columns + j] = x;
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
    return new Matrix(this.rows, this.columns, this.precision, this.data.slice());
  }

  transposed(): Matrix {
    const out = new Matrix(this.columns, this.rows, this.precision);
    for (let i = 0; i < this.rows; i++) for (let j = 0; j < this.columns; j++) out.set(j, i, this.get(i, j));
    return out;
  }

  times(other: Matrix): Matrix {
    const out = new Matrix(this.rows, other.columns, this.precision);
    for (let i = 0; i < this.rows; i++)
      for (let l = 0; l < this.columns; l++) {
        const x = this.get(i, l);
        if (x !== 0) for (let j = 0; j < other.columns; j++) out.add(i, j, x * other.get(l, j));
      }
    return out;
  }

  swapRows(a: number, b: number): void {
    for (let j = 0; j < this.columns; j++) {
      const x = this.get(a, j);
      this.set(a, j, this.get(b, j));
      this.set(b, j, x);
    }
  }

  swapColumns(a: number, b: number): void {
    for (let i = 0; i < this.rows; i++) {
      const x = this.get(i, a);
      this.set(i, a, this.get(i, b));
      this.set(i, b, x);
    }
  }

  /** Columns a and b turned into each other: b' = c·b - s·a, a' = s·b + c·a, as LAPACK's dlasr from the right. */
  rotateColumns(a: number, b: number, c: number, s: number): void {
    for (let i = 0; i < this.rows; i++) {
      const x = this.get(i, b);
      this.set(i, b, c * x - s * this.get(i, a));
      this.set(i, a, s * x + c * this.get(i, a));
    }
  }

  /** The same of rows, from the left. */
  rotateRows(a: number, b: number, c: number, s: number): void {
    for (let j = 0; j < this.columns; j++) {
      const x = this.get(b, j);
      this.set(b, j, c * x - s * this.get(a, j));
      this.set(a, j, s * x + c * this.get(a, j));
    }
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

/** The rotation that makes (f, g) to (r, 0): dlartg. */
export function rotation(f: number, g: number, { round }: Precision = DOUBLE): Rotation {
  if (g === 0) return { c: 1, s: 0, r: f };
  if (f === 0) return { c: 0, s: sign(1, g), r: Math.abs(g) };
  const d = round(Math.hypot(f, g));
  const r = sign(d, f);
  return { c: round(Math.abs(f) / d), s: round(g / r), r };
}

/** The reflection I - tau·v·vᵀ that makes x to (beta, 0, …): dlarfg. `x` becomes v, with v[0] = 1. */
export function reflection(x: Floats, { round }: Precision): { readonly beta: number; readonly tau: number } {
  const alpha = x[0] as number;
  let rest = 0;
  for (let i = 1; i < x.length; i++) rest = Math.hypot(rest, x[i] as number);
  rest = round(rest);
  x[0] = 1;
  if (rest === 0) return { beta: alpha, tau: 0 };
  const beta = -sign(round(Math.hypot(alpha, rest)), alpha);
  for (let i = 1; i < x.length; i++) x[i] = (x[i] as number) / (alpha - beta);
  return { beta, tau: round((beta - alpha) / beta) };
}

/** m := (I - tau·v·vᵀ)·m in the rows from `row` and the columns from `column`. */
export function reflectRows(m: Matrix, v: Floats, tau: number, row: number, column: number): void {
  if (tau === 0) return;
  for (let j = column; j < m.columns; j++) {
    let dot = 0;
    for (let i = 0; i < v.length; i++) dot += (v[i] as number) * m.get(row + i, j);
    for (let i = 0; i < v.length; i++) m.add(row + i, j, -tau * dot * (v[i] as number));
  }
}

/** m := m·(I - tau·v·vᵀ), likewise. */
export function reflectColumns(m: Matrix, v: Floats, tau: number, row: number, column: number): void {
  if (tau === 0) return;
  for (let i = row; i < m.rows; i++) {
    let dot = 0;
    for (let j = 0; j < v.length; j++) dot += (v[j] as number) * m.get(i, column + j);
    for (let j = 0; j < v.length; j++) m.add(i, column + j, -tau * dot * (v[j] as number));
  }
}
