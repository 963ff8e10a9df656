/**
 * sin and cos where AssemblyScript's own are wrong: NativeMath between 2^20·π/2 and 2^22 (its table of 2/π is read
 * before its start), NativeMathf from 2^28·π/2 on.
 */

/** π/2 in parts of 33 bits, and what is left after two of them. */
const PIO2_1: f64 = 1.57079632673412561417;
const PIO2_2: f64 = 6.0771005063039659766e-11;
const PIO2_2T: f64 = 2.02226624879595063154e-21;
const TWO_OVER_PI: f64 = 0.63661977236758134308;

const GAP_FROM: f64 = 1647099.0;
const GAP_TO: f64 = 4194304.0;
const SINGLE_TO: f32 = 4.2e8;

/** sin(x + quarters·π/2) for x in the gap. */
function inGap(x: f64, quarters: i32): f64 {
  const n = nearest(x * TWO_OVER_PI);
  // n has 22 bits: its products with 33 bits are exact only in two pieces.
  const low = n - trunc(n * 0.25) * 4;
  const high = n - low;
  const first = x - high * PIO2_1 - low * PIO2_1;
  const second = first - high * PIO2_2;
  const third = second - low * PIO2_2;
  const lost = first - second - high * PIO2_2 + (second - third - low * PIO2_2) - n * PIO2_2T;
  const r = third + lost;
  const rest = third - r + lost;
  const quadrant = (<i32>n + quarters) & 3;
  const sine = NativeMath.sin(r);
  const cosine = NativeMath.cos(r);
  const value = quadrant & 1 ? cosine - rest * sine : sine + rest * cosine;
  return quadrant & 2 ? -value : value;
}

function gap(x: f64): bool {
  return abs(x) >= GAP_FROM && abs(x) < GAP_TO;
}

export function sin<T>(x: T): T {
  if (sizeof<T>() === 4 && abs<T>(x) < <T>SINGLE_TO) return <T>NativeMathf.sin(<f32>x);
  return <T>(gap(<f64>x) ? inGap(<f64>x, 0) : NativeMath.sin(<f64>x));
}

export function cos<T>(x: T): T {
  if (sizeof<T>() === 4 && abs<T>(x) < <T>SINGLE_TO) return <T>NativeMathf.cos(<f32>x);
  return <T>(gap(<f64>x) ? inGap(<f64>x, 1) : NativeMath.cos(<f64>x));
}
