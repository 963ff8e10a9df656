/** Functions of one float that are seldom met: most are computed in double precision whatever the type. */
import { map, mapFour } from "./map";
import { Unary } from "./shared/codes";
import { log1p4 } from "./sleef";
import { erf4, expm14 } from "./sleef-rest";
import { cos, sin } from "./trig";

class Log2 {
  @inline scalar<T>(a: T): T {
    return <T>NativeMath.log2(<f64>a);
  }
}

class Log10 {
  @inline scalar<T>(a: T): T {
    return <T>NativeMath.log10(<f64>a);
  }
}

class Log1p {
  @inline four(x: v128): v128 {
    return log1p4(x);
  }
  @inline scalar<T>(a: T): T {
    return <T>NativeMath.log1p(<f64>a);
  }
}

class Expm1 {
  @inline four(x: v128): v128 {
    return expm14(x);
  }
  @inline scalar<T>(a: T): T {
    return <T>NativeMath.expm1(<f64>a);
  }
}

class Tan {
  @inline scalar<T>(a: T): T {
    // NativeMath's own is wrong where its sine is (see trig.ts).
    const x = <f64>a;
    return abs(x) < 1000000 ? <T>NativeMath.tan(x) : <T>(sin<f64>(x) / cos<f64>(x));
  }
}

class Asin {
  @inline scalar<T>(a: T): T {
    return <T>NativeMath.asin(<f64>a);
  }
}

class Acos {
  @inline scalar<T>(a: T): T {
    return <T>NativeMath.acos(<f64>a);
  }
}

class Atan {
  @inline scalar<T>(a: T): T {
    return <T>NativeMath.atan(<f64>a);
  }
}

class Sinh {
  @inline scalar<T>(a: T): T {
    return <T>NativeMath.sinh(<f64>a);
  }
}

class Cosh {
  @inline scalar<T>(a: T): T {
    return <T>NativeMath.cosh(<f64>a);
  }
}

class Asinh {
  @inline scalar<T>(a: T): T {
    return <T>NativeMath.asinh(<f64>a);
  }
}

class Acosh {
  @inline scalar<T>(a: T): T {
    return <T>NativeMath.acosh(<f64>a);
  }
}

class Atanh {
  @inline scalar<T>(a: T): T {
    return <T>NativeMath.atanh(<f64>a);
  }
}

class Erf {
  @inline four(x: v128): v128 {
    return erf4(x);
  }
  @inline scalar<T>(a: T): T {
    return <T>erf(<f64>a);
  }
}

/** The polynomials of Sun's fdlibm (e_erf.c), for |x| below 0.84375, 1.25, 1/0.35, 6. */
function erf(x: f64): f64 {
  if (x !== x) return x;
  const y = abs(x);
  if (y >= 6) return x < 0 ? -1 : 1;
  if (y < 0.84375) {
    if (y < 3.7252902984e-9) return x + 1.28379167095512586316e-1 * x;
    const z = x * x;
    const r =
      1.28379167095512558561e-1 +
      z *
        (-3.2504210724700149937e-1 +
          z *
            (-2.84817495755985104766e-2 + z * (-5.77027029648944159157e-3 + z * -2.37630166566501626084e-5)));
    const s =
      1 +
      z *
        (3.97917223959155352819e-1 +
          z *
            (6.50222499887672944485e-2 +
              z *
                (5.08130628187576562776e-3 +
                  z * (1.32494738004321644526e-4 + z * -3.9602282787753681232e-6))));
    return x + x * (r / s);
  }
  const tail = y < 1.25 ? middle(y - 1) : 1 - outer(y);
  return x < 0 ? -tail : tail;
}

function middle(s: f64): f64 {
  const p =
    -2.36211856075265944077e-3 +
    s *
      (4.14856118683748331666e-1 +
        s *
          (-3.72207876035701323847e-1 +
            s *
              (3.18346619901161753674e-1 +
                s *
                  (-1.10894694282396677476e-1 +
                    s * (3.54783043256182359371e-2 + s * -2.166375594868790843e-3)))));
  const q =
    1 +
    s *
      (1.06420880400844228286e-1 +
        s *
          (5.40397917702171048937e-1 +
            s *
              (7.18286544141962662868e-2 +
                s *
                  (1.26171219808761642112e-1 +
                    s * (1.36370839120290507362e-2 + s * 1.1984499846799107417e-2)))));
  return 8.45062911510467529297e-1 + p / q;
}

/** 1 - erf(y) for y from 1.25 on. */
function outer(y: f64): f64 {
  const s = 1 / (y * y);
  let r: f64, d: f64;
  if (y < 1 / 0.35) {
    r =
      -9.86494403484714822705e-3 +
      s *
        (-6.93858572707181764372e-1 +
          s *
            (-1.05586262253232909814e1 +
              s *
                (-6.23753324503260060396e1 +
                  s *
                    (-1.62396669462573470355e2 +
                      s *
                        (-1.84605092906711035994e2 +
                          s * (-8.12874355063065934246e1 + s * -9.81432934416914548592))))));
    d =
      1 +
      s *
        (1.96512716674392571292e1 +
          s *
            (1.376577541435190426e2 +
              s *
                (4.34565877475229228821e2 +
                  s *
                    (6.45387271733267880336e2 +
                      s *
                        (4.29008140027567833386e2 +
                          s *
                            (1.08635005541779435134e2 +
                              s * (6.57024977031928170135 + s * -6.04244152148580987438e-2)))))));
  } else {
    r =
      -9.86494292470009928597e-3 +
      s *
        (-7.99283237680523006574e-1 +
          s *
            (-1.77579549177547519889e1 +
              s *
                (-1.60636384855821916062e2 +
                  s *
                    (-6.37566443368389627722e2 +
                      s * (-1.02509513161107724954e3 + s * -4.83519191608651397019e2)))));
    d =
      1 +
      s *
        (3.03380607434824582924e1 +
          s *
            (3.25792512996573918826e2 +
              s *
                (1.53672958608443695994e3 +
                  s *
                    (3.19985821950859553908e3 +
                      s *
                        (2.55305040643316442583e3 +
                          s * (4.74528541206955367215e2 + s * -2.24409524465858183362e1))))));
  }
  // The exponent is squared exactly: its upper half first.
  const z = reinterpret<f64>(reinterpret<u64>(y) & 0xffffffff00000000);
  return (NativeMath.exp(-z * z - 0.5625) * NativeMath.exp((z - y) * (z + y) + r / d)) / y;
}

/** The rows that only floats have. */
export function runFunction<T>(op: i32): bool {
  switch (op) {
    case Unary.log2:
      return map<T, T, Log2>();
    case Unary.log10:
      return map<T, T, Log10>();
    case Unary.log1p:
      return sizeof<T>() === 4 ? mapFour<Log1p>() : map<T, T, Log1p>();
    case Unary.expm1:
      return sizeof<T>() === 4 ? mapFour<Expm1>() : map<T, T, Expm1>();
    case Unary.tan:
      return map<T, T, Tan>();
    case Unary.asin:
      return map<T, T, Asin>();
    case Unary.acos:
      return map<T, T, Acos>();
    case Unary.atan:
      return map<T, T, Atan>();
    case Unary.sinh:
      return map<T, T, Sinh>();
    case Unary.cosh:
      return map<T, T, Cosh>();
    case Unary.asinh:
      return map<T, T, Asinh>();
    case Unary.acosh:
      return map<T, T, Acosh>();
    case Unary.atanh:
      return map<T, T, Atanh>();
    case Unary.erf:
      return sizeof<T>() === 4 ? mapFour<Erf>() : map<T, T, Erf>();
  }
  return false;
}
