/**
 * float16 and bfloat16, which WebAssembly does not know: to and from float32, rounded to the nearest, halves to even.
 * In generic code `Half` and `Brain` stand for them; no tensor's elements have those integer types.
 */

export type Half = u16;
export type Brain = u32;

// biome-ignore lint/complexity/noStaticOnlyClass: only methods may be marked inline in what is also TypeScript
export class Stored {
  /** Whether `T` stands for one of the two. */
  @inline static is<T>(): bool {
    return isInteger<T>() && !isSigned<T>() && (sizeof<T>() === 2 || sizeof<T>() === 4);
  }

  @inline static size<T>(): usize {
    return Stored.is<T>() ? 2 : sizeof<T>();
  }

  @inline static widen<T>(bits: u16): f32 {
    return sizeof<T>() === 2 ? fromHalf(bits) : reinterpret<f32>((<u32>bits) << 16);
  }

  @inline static narrow<T>(x: f32): u16 {
    return sizeof<T>() === 2 ? toHalf(x) : toBrain(x);
  }
}

function fromHalf(bits: u16): f32 {
  const sign = (<u32>bits & 0x8000) << 16;
  const size = <u32>bits & 0x7fff;
  // The exponent is 112 less; multiplying sets it right for denormals too.
  if (size < 0x7c00)
    return reinterpret<f32>(reinterpret<u32>(reinterpret<f32>(size << 13) * 5.192296858534828e33) | sign);
  return reinterpret<f32>((size << 13) | 0x7f800000 | sign);
}

function toHalf(x: f32): u16 {
  const bits = reinterpret<u32>(x);
  const sign = (bits >> 16) & 0x8000;
  const size = bits & 0x7fffffff;
  let half: u32;
  if (size > 0x7f800000) half = 0x7e00;
  else if (size >= 0x47800000) half = 0x7c00;
  // The last place of 0.5 is the least denormal: adding rounds to it.
  else if (size < 0x38800000) half = reinterpret<u32>(reinterpret<f32>(size) + 0.5) - 0x3f000000;
  else half = (size + 0xc8000fff + ((size >> 13) & 1)) >> 13;
  return <u16>(half | sign);
}

function toBrain(x: f32): u16 {
  if (x !== x) return 0x7fc0;
  const bits = reinterpret<u32>(x);
  return <u16>((bits + 0x7fff + ((bits >> 16) & 1)) >> 16);
}
