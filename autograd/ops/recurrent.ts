/** Recurrent networks as PyTorch's CPU takes them apart: products of matrices and gates, step by step. */
import { fail } from "../errors.ts";
import { type Kernels, normalDim } from "../kernels.ts";
import { type Call, composite, type OpRow, op } from "../row.ts";
import { Tensor } from "../tensor.ts";

/** A state: hidden; for LSTM also the cell. */
type State = readonly Tensor[];
/** One step from what the input's product gave and a state. */
type Step = (call: Call, ih: Tensor, state: State, p: Params) => State;

interface Params {
  readonly wih: Tensor;
  readonly whh: Tensor;
  readonly bih: Tensor | null;
  readonly bhh: Tensor | null;
  /** Of a projection of the hidden state. */
  readonly whr: Tensor | null;
}

const chunks = (call: Call, t: Tensor, n: number): Tensor[] => [
  ...(call("unsafe_chunk", t, n, 1) as readonly Tensor[]),
];
const overHidden = (call: Call, state: State, p: Params): Tensor =>
  call("linear", state[0] as Tensor, p.whh, p.bhh);

const lstmStep: Step = (call, ih, state, p) => {
  const gates = call("add_", overHidden(call, state, p), ih);
  const [i, f, g, o] = chunks(call, gates, 4) as [Tensor, Tensor, Tensor, Tensor];
  const [input, forget] = [call("sigmoid_", i), call("sigmoid_", f)];
  const [cell, out] = [call("tanh_", g), call("sigmoid_", o)];
  const kept = call("mul", forget, state[1]);
  const c = call("add_", kept, call("mul", input, cell));
  const h = call("mul", out, call("tanh", c));
  return [p.whr === null ? h : call("matmul", h, call("t", p.whr)), c];
};

const gruStep: Step = (call, ih, state, p) => {
  const [ir, iz, inew] = chunks(call, ih, 3) as [Tensor, Tensor, Tensor];
  const [hr, hz, hnew] = chunks(call, overHidden(call, state, p), 3) as [Tensor, Tensor, Tensor];
  const reset = call("sigmoid_", call("add_", hr, ir));
  const update = call("sigmoid_", call("add_", hz, iz));
  const fresh = call("tanh_", call("add", inew, call("mul_", hnew, reset)));
  const off = call("sub", state[0], fresh);
  return [call("add_", call("mul_", off, update), fresh)];
};

const plainStep =
  (name: "tanh" | "relu"): Step =>
  (call, ih, state, p) => [call(name, call("add_", overHidden(call, state, p), ih))];

const STEPS = { lstm: lstmStep, gru: gruStep, rnn_tanh: plainStep("tanh"), rnn_relu: plainStep("relu") };
type Kind = keyof typeof STEPS;

interface Setting {
  readonly kind: Kind;
  readonly params: readonly Tensor[];
  readonly hasBiases: boolean;
  readonly layers: number;
  readonly dropout: number;
  readonly train: boolean;
  readonly bidirectional: boolean;
}

/** By layer and direction. */
function paramsOf(s: Setting, projects: boolean): Params[] {
  const each = (s.hasBiases ? 4 : 2) + Number(projects);
  const count = s.layers * (s.bidirectional ? 2 : 1);
  if (s.params.length !== each * count) fail("got an incorrect number of RNN parameters");
  return Array.from({ length: count }, (_, i): Params => {
    const list = s.params.slice(i * each, (i + 1) * each);
    const at = (n: number): Tensor => list[n] as Tensor;
    return {
      wih: at(0),
      whh: at(1),
      bih: s.hasBiases ? at(2) : null,
      bhh: s.hasBiases ? at(3) : null,
      whr: projects ? at(each - 1) : null,
    };
  });
}

const overInput = (call: Call, x: Tensor, p: Params): Tensor => call("linear", x, p.wih, p.bih);

/** Outputs [time, batch, hidden] of one layer in one direction, and the state at its end. */
function sequence(
  call: Call,
  kind: Kind,
  x: Tensor,
  start: State,
  p: Params,
  back: boolean,
): { out: Tensor; end: State } {
  const inputs = [...(call("unbind", overInput(call, x, p), 0) as readonly Tensor[])];
  let state = start;
  const outputs: Tensor[] = [];
  for (const ih of back ? inputs.reverse() : inputs) {
    state = STEPS[kind](call, ih, state, p);
    outputs.push(state[0] as Tensor);
  }
  return { out: call("stack", back ? outputs.reverse() : outputs, 0), end: state };
}

/** Something of each part of a state; the last part's first, as C++ compilers work out a pair. */
const ofParts = (state: State, of: (t: Tensor, i: number) => Tensor): State =>
  [...state]
    .reverse()
    .map((t, i) => of(t, state.length - 1 - i))
    .reverse();
const narrowed = (call: Call, state: State, from: number, to: number): State =>
  ofParts(state, (t) => call("narrow", t, 0, from, to - from));
const joined = (call: Call, states: readonly State[]): State =>
  ofParts(states[0] as State, (_, i) =>
    call(
      "cat",
      states.map((state) => state[i] as Tensor),
      0,
    ),
  );

/** The same of packed sequences: `sizes` says how many of them go on at each time. */
function packed(
  call: Call,
  kind: Kind,
  data: Tensor,
  sizes: readonly number[],
  start: State,
  p: Params,
  back: boolean,
): { out: Tensor; end: State } {
  const all = overInput(call, data, p);
  const outputs: Tensor[] = [];
  const inputAt = (at: number, size: number): Tensor => call("narrow", all, 0, at, size);
  const step = (x: Tensor, state: State): State => {
    const next = STEPS[kind](call, x, state, p);
    outputs.push(next[0] as Tensor);
    return next;
  };
  if (back) {
    let at = all.shape[0] as number;
    let last = sizes.at(-1) as number;
    let state = narrowed(call, start, 0, last);
    for (const size of [...sizes].reverse()) {
      if (size > last) state = joined(call, [state, narrowed(call, start, last, size)]);
      at -= size;
      state = step(inputAt(at, size), state);
      last = size;
    }
    return { out: call("cat", outputs.reverse(), 0), end: state };
  }
  let [at, last, state] = [0, sizes[0] as number, start];
  const ended: State[] = [];
  for (const size of sizes) {
    const x = inputAt(at, size);
    if (size < last) {
      ended.push(narrowed(call, state, size, last));
      state = narrowed(call, state, 0, size);
    }
    state = step(x, state);
    at += size;
    last = size;
  }
  const out = call("cat", outputs, 0);
  return { out, end: joined(call, [...ended, state].reverse()) };
}

/**
 * Layer upon layer; `run` runs one of them in one direction, and both directions' outputs are joined along `dim`. The
 * output, then the states at the ends.
 */
function stack(
  call: Call,
  s: Setting,
  input: Tensor,
  hx: State,
  dim: number,
  run: (x: Tensor, state: State, p: Params, back: boolean) => { out: Tensor; end: State },
): Tensor[] {
  const projects = s.kind === "lstm" && hx[0]?.shape[2] !== hx[1]?.shape[2];
  const params = paramsOf(s, projects);
  const starts = hx.map((t) => call("unbind", t, 0) as readonly Tensor[]);
  const ends: State[] = [];
  let x = input;
  const directions = s.bidirectional ? 2 : 1;
  for (let layer = 0; layer < s.layers; layer++) {
    const outs = Array.from({ length: directions }, (_, direction) => {
      const at = layer * directions + direction;
      const state = starts.map((list) => list[at] as Tensor);
      const { out, end } = run(x, state, params[at] as Params, direction === 1);
      ends.push(end);
      return out;
    });
    x = outs.length === 1 ? (outs[0] as Tensor) : call("cat", outs, dim);
    if (s.dropout !== 0 && s.train && layer < s.layers - 1) x = call("dropout", x, s.dropout, true);
  }
  const last = hx.map((_, i) =>
    call(
      "stack",
      ends.map((end) => end[i] as Tensor),
      0,
    ),
  );
  return [x, ...last];
}

function ofInput(call: Call, s: Setting, input: Tensor, hx: State, batchFirst: boolean): readonly Tensor[] {
  const x = batchFirst ? call("transpose", input, 0, 1) : input;
  const [out, ...last] = stack(call, s, x, hx, 2, (...args) => sequence(call, s.kind, ...args));
  // PyTorch turns what an RNN or a GRU gives round in place: its node has another name.
  const turned = s.kind === "lstm" ? "transpose" : "transpose_";
  return [batchFirst ? call(turned, out, 0, 1) : (out as Tensor), ...last];
}

function ofPacked(
  call: Call,
  k: Kernels,
  s: Setting,
  data: Tensor,
  batchSizes: Tensor,
  hx: State,
): readonly Tensor[] {
  const sizes = Array.from(k.core.read(batchSizes), Number);
  return stack(call, s, data, hx, -1, (x, state, p, back) => packed(call, s.kind, x, sizes, state, p, back));
}

function cell(
  call: Call,
  kind: Kind,
  input: Tensor,
  state: State,
  wih: Tensor,
  whh: Tensor,
  bih: Tensor | null,
  bhh: Tensor | null,
): State {
  const width = wih.shape[1] as number;
  if (input.shape[1] !== width)
    fail(`input has inconsistent input_size: got ${input.shape[1]} expected ${width}`);
  for (const hidden of state) {
    if (input.shape[0] !== hidden.shape[0])
      fail(`Input batch size ${input.shape[0]} doesn't match hidden0 batch size ${hidden.shape[0]}`);
    if (hidden.shape[1] !== whh.shape[1])
      fail(`hidden0 has inconsistent hidden_size: got ${hidden.shape[1]}, expected ${whh.shape[1]}`);
  }
  const p: Params = { wih, whh, bih, bhh, whr: null };
  if (kind === "gru") return STEPS.gru(call, overInput(call, input, p), state, p);
  // The hidden state's product comes first.
  const later: Call = ((name: string, ...args: unknown[]) =>
    call(name, ...args.map((arg) => (arg === WAITING ? overInput(call, input, p) : arg)))) as Call;
  return STEPS[kind](later, WAITING, state, p);
}

/** Stands for the input's product until it is needed. */
const WAITING = {} as Tensor;

type PlainInput =
  "f(Tensor input, Tensor hx, Tensor[] params, bool has_biases, int num_layers, float dropout, bool train, bool bidirectional, bool batch_first) -> (Tensor result0, Tensor result1)";
type PlainData =
  "f(Tensor data, Tensor batch_sizes, Tensor hx, Tensor[] params, bool has_biases, int num_layers, float dropout, bool train, bool bidirectional) -> (Tensor result0, Tensor result1)";
type PlainCell =
  "f(Tensor input, Tensor hx, Tensor w_ih, Tensor w_hh, Tensor? b_ih=None, Tensor? b_hh=None) -> Tensor";

function rows(kind: "gru" | "rnn_tanh" | "rnn_relu"): OpRow[] {
  const gates = kind === "gru" ? 3 : 1;
  const sized = `w = torch.cat([m[:2]] * ${gates}); u = torch.cat([m[1:, :2]] * ${gates}); c = torch.cat([v[:2]] * ${gates})`;
  const settings = (
    params: readonly Tensor[],
    hasBiases: boolean,
    layers: number,
    dropout: number,
    train: boolean,
    bidirectional: boolean,
  ): Setting => ({ kind, params, hasBiases, layers, dropout, train, bidirectional });
  return [
    composite({
      schema:
        `${kind}.input(Tensor input, Tensor hx, Tensor[] params, bool has_biases, int num_layers, float dropout, bool train, bool bidirectional, bool batch_first) -> (Tensor result0, Tensor result1)` as PlainInput,
      variants: "function",
      compose: (call, _k, input, hx, params, biases, layers, dropout, train, both, batchFirst) =>
        ofInput(call, settings(params, biases, layers, dropout, train, both), input, [hx], batchFirst),
      samples: [
        `${sized}; list(torch.${kind}(a[:, None], b[None, :1, :2], [w, u, c, c * 2], True, 1, 0.0, False, False, False))`,
      ],
    }),
    composite({
      schema:
        `${kind}.data(Tensor data, Tensor batch_sizes, Tensor hx, Tensor[] params, bool has_biases, int num_layers, float dropout, bool train, bool bidirectional) -> (Tensor result0, Tensor result1)` as PlainData,
      variants: "function",
      compose: (call, k, data, sizes, hx, params, biases, layers, dropout, train, both) =>
        ofPacked(call, k, settings(params, biases, layers, dropout, train, both), data, sizes, [hx]),
      samples: [
        `${sized}; list(torch.${kind}(m, torch.tensor([2, 1]), b[None, :, :2], [w, u], False, 1, 0.0, False, False))`,
      ],
    }),
    composite({
      schema:
        `${kind}_cell(Tensor input, Tensor hx, Tensor w_ih, Tensor w_hh, Tensor? b_ih=None, Tensor? b_hh=None) -> Tensor` as PlainCell,
      variants: "function",
      compose: (call, _k, input, hx, ...rest) => cell(call, kind, input, [hx], ...rest)[0] as Tensor,
      samples: [`${sized}; torch.${kind}_cell(a, b[:, :2], w, u, c, c * 2)`],
    }),
  ];
}

const GATES = "w = torch.cat([m[:2]] * 4); u = torch.cat([m[1:, :2]] * 4); c = torch.cat([v[:2]] * 4)";

function unsafeParts(k: Kernels, self: Tensor, lengths: readonly number[], dim: number): Tensor[] {
  const axis = normalDim(dim, self.shape.length);
  let from = 0;
  return lengths.map((length) => {
    const shape = self.shape.map((n, i) => (i === axis ? length : n));
    const offset = self.offset + from * (self.strides[axis] as number);
    from += length;
    return k.scope.own(new Tensor(self.storage, self.dtype, shape, self.strides, offset));
  });
}

export const RECURRENT: readonly OpRow[] = [
  op({
    schema: "unsafe_split.Tensor(Tensor self, int split_size, int dim=0) -> Tensor[]",
    node: "UnsafeSplitBackward0",
    pattern: "move",
    forward: (k, self, size, dim) => {
      const whole = self.shape[normalDim(dim, self.shape.length)] as number;
      if (size < 0) fail(`split expects split_size be non-negative, but got split_size=${size}`);
      if (size === 0 && whole !== 0)
        fail(`split_size can only be 0 if dimension size is 0, but got dimension size of ${whole}`);
      const count = size === 0 ? 1 : Math.max(Math.ceil(whole / size), 1);
      const lengths = Array.from({ length: count }, (_, i) => Math.min(size, whole - i * size));
      return unsafeParts(k, self, lengths, dim);
    },
    backward: { self: "cat(grads, dim)" },
    alsoSaves: ["split_size", "self.sizes()"],
    savedNames: { "self.sizes()": "_saved_self_sizes" },
    samples: ["torch.unsafe_split(a, 2, 1)", "a.unsafe_split(1)[1]"],
  }),
  op({
    schema: "unsafe_split_with_sizes(Tensor self, int[] split_sizes, int dim=0) -> Tensor[]",
    node: "UnsafeSplitWithSizesBackward0",
    pattern: "move",
    forward: (k, self, sizes, dim) => unsafeParts(k, self, sizes, dim),
    backward: { self: "cat(grads, dim)" },
    alsoSaves: ["split_sizes", "self.sizes()"],
    savedNames: { "self.sizes()": "_saved_self_sizes" },
    samples: ["torch.unsafe_split_with_sizes(a, [1, 2], 1)"],
  }),
  composite({
    schema: "unsafe_chunk(Tensor self, int chunks, int dim=0) -> Tensor[]",
    compose: (call, _k, self, count, dim) => {
      if (self.shape.length === 0) fail("chunk expects at least a 1-dimensional tensor");
      if (count <= 0) fail(`chunk expects \`chunks\` to be greater than 0, got: ${count}`);
      const whole = self.shape[normalDim(dim, self.shape.length)] as number;
      const size = Math.ceil(whole / count);
      return size === 0
        ? call("unsafe_split_with_sizes", self, new Array<number>(count).fill(0), dim)
        : call("unsafe_split.Tensor", self, size, dim);
    },
    samples: ["a.unsafe_chunk(2, 1)", "torch.unsafe_chunk(v, 2)[0]"],
  }),
  composite({
    schema:
      "lstm.input(Tensor input, Tensor[] hx, Tensor[] params, bool has_biases, int num_layers, float dropout, bool train, bool bidirectional, bool batch_first) -> (Tensor result0, Tensor result1, Tensor result2)",
    variants: "function",
    compose: (call, _k, input, hx, params, hasBiases, layers, dropout, train, bidirectional, batchFirst) => {
      if (hx.length !== 2) fail("lstm expects two hidden states");
      const s: Setting = { kind: "lstm", params, hasBiases, layers, dropout, train, bidirectional };
      return ofInput(call, s, input, hx, batchFirst);
    },
    samples: [
      `${GATES}; list(torch.lstm(a[:, None], [b[None, :1, :2], b[None, 1:, 1:]], [w, u, c, c * 2], True, 1, 0.0, False, False, False))`,
    ],
  }),
  composite({
    schema:
      "lstm.data(Tensor data, Tensor batch_sizes, Tensor[] hx, Tensor[] params, bool has_biases, int num_layers, float dropout, bool train, bool bidirectional) -> (Tensor result0, Tensor result1, Tensor result2)",
    variants: "function",
    compose: (call, k, data, sizes, hx, params, hasBiases, layers, dropout, train, bidirectional) => {
      if (hx.length !== 2) fail("lstm expects two hidden states");
      const s: Setting = { kind: "lstm", params, hasBiases, layers, dropout, train, bidirectional };
      return ofPacked(call, k, s, data, sizes, hx);
    },
    samples: [
      `${GATES}; list(torch.lstm(m, torch.tensor([2, 1]), [b[None, :, :2], b[None, :, 1:]], [w, u], False, 1, 0.0, False, False))`,
    ],
  }),
  composite({
    schema:
      "lstm_cell(Tensor input, Tensor[] hx, Tensor w_ih, Tensor w_hh, Tensor? b_ih=None, Tensor? b_hh=None) -> (Tensor result0, Tensor result1)",
    variants: "function",
    compose: (call, _k, input, hx, ...rest) => {
      if (hx.length !== 2) fail("lstm_cell expects two hidden states");
      return cell(call, "lstm", input, hx, ...rest);
    },
    samples: [`${GATES}; list(torch.lstm_cell(a, [b[:, :2], b[:, 1:]], w, u, c, c * 2))`],
  }),
  ...rows("gru"),
  ...rows("rnn_tanh"),
  ...rows("rnn_relu"),
];
