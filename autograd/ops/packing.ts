/** Sequences of different lengths: packed time by time, and padded to one length. */
import { DType } from "../../assembly/shared/codes.ts";
import { fail } from "../errors.ts";
import { type Kernels, showShape } from "../kernels.ts";
import { written } from "../pools.ts";
import { type Call, composite, type OpRow, op } from "../row.ts";
import type { Tensor } from "../tensor.ts";

const integers = (k: Kernels, t: Tensor): number[] => Array.from(k.core.read(t), Number);
const long = (k: Kernels, list: readonly number[]): Tensor =>
  written(k, [list.length], DType.i64, list.map(BigInt));

/** `full` as PyTorch has it: filled in place, which counts as a change. */
function filled(k: Kernels, shape: readonly number[], value: number, dtype: DType): Tensor {
  const out = k.full(shape, value, dtype);
  out.counter.value++;
  return out;
}

/** Two dimensions changed over. */
function turned(k: Kernels, t: Tensor): Tensor {
  const [a = 0, b = 0, ...rest] = t.shape;
  const [sa = 0, sb = 0, ...steps] = t.strides;
  return k.view(t, [b, a, ...rest], [sb, sa, ...steps]);
}

function pack(k: Kernels, given: Tensor, lengths: readonly number[], batchFirst: boolean): readonly Tensor[] {
  const input = batchFirst ? turned(k, given) : given;
  const batch = input.shape[1] as number;
  if (input.numel === 0) fail("Cannot pack empty tensors.");
  if (lengths.length !== batch)
    fail(
      `Expected \`len(lengths)\` to be equal to batch_size, but got ${lengths.length} (batch_size=${batch})`,
    );
  for (const [i, length] of lengths.entries())
    if (i + 1 < lengths.length && (lengths[i + 1] as number) > length)
      fail(
        "`lengths` array must be sorted in decreasing order when `enforce_sorted` is True. You can pass `enforce_sorted=False` to pack_padded_sequence and/or pack_sequence to sidestep this requirement if you do not need ONNX exportability.",
      );
  if ((lengths.at(-1) as number) <= 0)
    fail("Length of all samples has to be greater than 0, but found an element in 'lengths' that is <= 0");
  const most = lengths[0] as number;
  const time = input.shape[0] as number;
  if (most > time)
    fail(
      `Expected \`lengths\` to be at most ${time}, but got ${most}: the input ${showShape(given.shape)} is shorter`,
    );
  const sizes = Array.from({ length: most }, (_, t) => lengths.filter((length) => length > t).length);
  const rest = input.shape.slice(2);
  const out = k.empty([lengths.reduce((sum, n) => sum + n, 0), ...rest], input.dtype);
  let at = 0;
  for (const [t, size] of sizes.entries()) {
    const shape = [size, ...rest];
    const from = k.view(
      input,
      shape,
      input.strides.slice(1),
      input.offset + t * (input.strides[0] as number),
    );
    k.core.copy(k.view(out, shape, out.strides, at * (out.strides[0] as number)), from);
    at += size;
  }
  return [out, long(k, sizes)];
}

/** As PyTorch: piece by piece, a piece being the times at which as many sequences go on. */
function unpack(
  call: Call,
  k: Kernels,
  data: Tensor,
  sizes: readonly number[],
  batchFirst: boolean,
  padding: number,
  totalLength: number,
): readonly Tensor[] {
  const time = totalLength > 0 ? totalLength : sizes.length;
  if (totalLength > 0 && totalLength < sizes.length)
    fail(
      `Expected total_length to be at least the length of the longest sequence in input, but got total_length=${totalLength} and max sequence length being ${sizes.length}`,
    );
  const batch = sizes[0] as number;
  const rest = data.shape.slice(1);
  const out = filled(k, [time, batch, ...rest], padding, data.dtype);
  const lengths = new Array<number>(batch).fill(0);
  let [offset, before, start] = [0, batch, 0];
  for (const [i, size] of [...sizes, 0].entries()) {
    if (size !== before) {
      const count = before * (i - start);
      const piece = call("slice", data, 0, offset, offset + count);
      const target = call("slice", call("slice", out, 0, start, i), 1, 0, before);
      call("copy_", target, call("view", piece, [i - start, before, ...rest]));
      offset += count;
      start = i;
    }
    lengths.fill(i, size, before);
    before = size;
  }
  return [batchFirst ? call("transpose", out, 0, 1) : out, long(k, lengths)];
}

export const PACKING: readonly OpRow[] = [
  op({
    schema:
      "_pack_padded_sequence(Tensor input, Tensor lengths, bool batch_first) -> (Tensor result0, Tensor result1)",
    variants: "function",
    node: "PackPaddedSequenceBackward0",
    pattern: "move",
    nonDifferentiable: [1],
    forward: (k, input, lengths, batchFirst) => pack(k, input, integers(k, lengths), batchFirst),
    backward: { input: "_pack_padded_sequence_backward(grad, input.sizes(), result1, batch_first)" },
    savedNames: { "input.sizes()": "_saved_input_sizes" },
    samples: [
      "list(torch._pack_padded_sequence(a[..., None], torch.tensor([2, 2, 1]), False))",
      "torch._pack_padded_sequence(m, torch.tensor([3, 1, 1]), True)[0]",
    ],
  }),
  composite({
    schema:
      "_pack_padded_sequence_backward(Tensor grad, int[] input_size, Tensor batch_sizes, bool batch_first) -> Tensor",
    variants: "internal",
    compose: (call, k, grad, size, batchSizes, batchFirst) => {
      const [first = 0, second = 0, ...rest] = size;
      const out = k.full(batchFirst ? [second, first, ...rest] : size, 0, grad.dtype);
      let at = 0;
      for (const [i, count] of integers(k, batchSizes).entries()) {
        const target = call("slice", call("select", out, 0, i), 0, 0, count);
        call("copy_", target, call("slice", grad, 0, at, at + count));
        at += count;
      }
      return batchFirst ? call("transpose", out, 0, 1) : out;
    },
    samples: [],
  }),
  composite({
    schema:
      "_pad_packed_sequence(Tensor data, Tensor batch_sizes, bool batch_first, Scalar padding_value, int total_length) -> (Tensor result0, Tensor result1)",
    variants: "function",
    compose: (call, k, data, sizes, batchFirst, padding, total) =>
      unpack(call, k, data, integers(k, sizes), batchFirst, padding.number, total),
    samples: [
      "list(torch._pad_packed_sequence(m, torch.tensor([2, 1]), False, 0, -1))",
      "torch._pad_packed_sequence(m, torch.tensor([2, 1]), True, 2.5, 3)[0]",
    ],
  }),
  composite({
    schema: "pad_sequence(Tensor[] sequences, bool batch_first=False, float padding_value=0.0) -> Tensor",
    variants: "nn",
    compose: (call, k, sequences, batchFirst, padding) => {
      const [first] = sequences;
      if (first === undefined) fail("received an empty list of sequences");
      const most = Math.max(...sequences.map((t) => t.shape[0] as number));
      const rest = first.shape.slice(1);
      const shape = batchFirst ? [sequences.length, most, ...rest] : [most, sequences.length, ...rest];
      const out = filled(k, shape, padding, first.dtype);
      for (const [i, t] of sequences.entries()) {
        const n = t.shape[0] as number;
        const target = batchFirst
          ? call("narrow", call("select", out, 0, i), 0, 0, n)
          : call("select", call("narrow", out, 0, 0, n), 1, i);
        call("copy_", target, t);
      }
      return out;
    },
    exempt: { second: "PyTorch writes each sequence by copies whose gradients it clones more often" },
    samples: [
      "torch.nn.utils.rnn.pad_sequence([v, v[:2] * 2])",
      "torch.nn.utils.rnn.pad_sequence([a, m], batch_first=True, padding_value=7)",
    ],
  }),
];
