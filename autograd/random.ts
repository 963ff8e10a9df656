/** PyTorch's CPU generator: a stream of random bits in a block of the core's memory, its seed, and its state as bytes. */
import type { Core } from "./core.ts";
import { fail } from "./errors.ts";
import { Counted } from "./tensor.ts";

/** A block: 624 words; how many of them are left and where the next one is; which normal numbers are kept, and they. */
const WORDS = 624;
const LEFT = 2496;
const NEXT = 2500;
const HAS_DOUBLE = 2504;
const HAS_FLOAT = 2508;
const DOUBLE = 2512;
const FLOAT = 2520;
const BLOCK = 2528;

/** PyTorch's state: seed, left, seeded, next, 624 words of 8 bytes, x, y, rho, is y valid; then the same of float32. */
export const STATE_BYTES = 5056;
/** An older form has no float32. */
const OLD_STATE_BYTES = 5048;
const STATE_NEXT = 16;
const STATE_WORDS = 24;
const STATE_Y = STATE_WORDS + 8 * WORDS + 8;
const STATE_Y_VALID = STATE_Y + 16;
const STATE_FLOAT = 5048;

/** The seed of a generator that a program makes. */
const DEFAULT_SEED = 67280421310721n;

export class Generator extends Counted {
  handle = 0;
  handed = 0;
  private block = 0;
  private seed: bigint | null;

  /** `seed` null: an arbitrary one, chosen when it is first needed. */
  constructor(
    private readonly core: Core,
    seed: bigint | null = DEFAULT_SEED,
  ) {
    super();
    this.seed = seed;
  }

  /** The address of the block. */
  get address(): number {
    if (this.block !== 0) return this.block;
    const { initialSeed } = this;
    this.block = this.core.alloc(BLOCK);
    this.manualSeed(initialSeed);
    return this.block;
  }

  get initialSeed(): bigint {
    this.seed ??= arbitrary();
    return this.seed;
  }

  /** Begin the stream anew; normal numbers that were kept are forgotten. `seed` is an unsigned 64-bit integer. */
  manualSeed(seed: bigint): void {
    this.seed = seed;
    if (this.block === 0) return;
    this.core.random.seed(this.block, Number(seed & 0xffffffffn));
    const view = this.view();
    view.setInt32(HAS_DOUBLE, 0, true);
    view.setInt32(HAS_FLOAT, 0, true);
  }

  /** `manualSeed` with an arbitrary seed, which is given back. */
  reseed(): bigint {
    const seed = arbitrary();
    this.manualSeed(seed);
    return seed;
  }

  /** 32 random bits. */
  draw32(): number {
    return this.core.random.draw32(this.address) >>> 0;
  }

  /** A multiple of 2^-53 in [0, 1). */
  unit(): number {
    const bits = this.core.random.draw64(this.address) & 0x1fffffffffffffn;
    return Number(bits) * 2 ** -53;
  }

  private view(): DataView {
    const { buffer } = this.core.bytes;
    return new DataView(buffer, this.address, BLOCK);
  }

  /** Fills `state`, of STATE_BYTES. */
  getState(state: Uint8Array): void {
    const from = this.view();
    const to = new DataView(state.buffer, state.byteOffset, STATE_BYTES);
    state.fill(0);
    to.setBigUint64(0, this.initialSeed, true);
    to.setInt32(8, from.getInt32(LEFT, true), true);
    to.setInt32(12, 1, true);
    to.setUint32(STATE_NEXT, from.getUint32(NEXT, true), true);
    for (let i = 0; i < WORDS; i++) to.setUint32(STATE_WORDS + 8 * i, from.getUint32(4 * i, true), true);
    if (from.getInt32(HAS_DOUBLE, true) !== 0) {
      to.setFloat64(STATE_Y, from.getFloat64(DOUBLE, true), true);
      to.setInt32(STATE_Y_VALID, 1, true);
    }
    if (from.getInt32(HAS_FLOAT, true) !== 0) {
      to.setFloat32(STATE_FLOAT, from.getFloat32(FLOAT, true), true);
      to.setUint8(STATE_FLOAT + 4, 1);
    }
  }

  /** Takes up where a state was taken. */
  setState(state: Uint8Array): void {
    const size = state.length;
    if (size !== STATE_BYTES && size !== OLD_STATE_BYTES)
      fail(
        `Expected either a CPUGeneratorImplStateLegacy of size ${OLD_STATE_BYTES} or a CPUGeneratorImplState of size ${STATE_BYTES} but found the input RNG state size to be ${size}`,
      );
    const from = new DataView(state.buffer, state.byteOffset, size);
    const left = from.getInt32(8, true);
    const next = from.getUint32(STATE_NEXT, true);
    if (from.getInt32(12, true) !== 1 || left < 1 || left > WORDS || next > WORDS)
      fail("Invalid mt19937 state");
    const to = this.view();
    this.seed = from.getBigUint64(0, true);
    to.setInt32(LEFT, left, true);
    to.setUint32(NEXT, next, true);
    for (let i = 0; i < WORDS; i++) to.setUint32(4 * i, from.getUint32(STATE_WORDS + 8 * i, true), true);
    to.setInt32(HAS_DOUBLE, from.getInt32(STATE_Y_VALID, true), true);
    to.setFloat64(DOUBLE, from.getFloat64(STATE_Y, true), true);
    const both = size === STATE_BYTES;
    to.setInt32(HAS_FLOAT, both ? from.getUint8(STATE_FLOAT + 4) : 0, true);
    if (both) to.setFloat32(FLOAT, from.getFloat32(STATE_FLOAT, true), true);
  }

  dispose(): void {
    if (this.block !== 0) this.core.free(this.block);
    this.block = 0;
  }
}

/** 64 bits; PyTorch takes them from the system, and all that is asked of them is to differ from run to run. */
function arbitrary(): bigint {
  const half = (): bigint => BigInt(Math.floor(Math.random() * 2 ** 32));
  return (half() << 32n) | half();
}
