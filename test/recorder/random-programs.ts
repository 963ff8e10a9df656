/**
 * Random programs that are well typed: chains of ops with broadcasting, views, reused leaves, in-place changes, modules,
 * losses, several passes.
 */

/** Numbers from 0 to 1 by a seed (mulberry32). */
function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t = (t + Math.imul(t ^ (t >>> 7), t | 61)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

interface Variable {
  readonly name: string;
  readonly shape: readonly number[];
  readonly leaf: boolean;
}

type Shape = readonly number[];

const LEAF_SHAPES: readonly Shape[] = [[], [1], [3], [2, 3], [2, 1], [1, 3], [3, 3], [2, 2, 3]];
const UNARY = [
  "torch.sin(X)", "X.cos()", "torch.tanh(X)", "X.sigmoid()", "torch.relu(X)", "X.abs()", "-X", "(X * 0.3).exp()",
  "(X.abs() + 1).log()", "(X * X + 0.5).sqrt()", "X ** 2", "X ** 3", "2 - X", "X / 4", "1 / (X.abs() + 1)", "X.clone()",
  "X.clamp(-0.7, 0.9)", "(X.abs() + 0.5).rsqrt()", "X.clamp(min=0.1)", "X.detach()", "X.masked_fill(X > 0.5, 0.25)",
  "torch.where(X > 0, X, X * 0.1)", "X.square()", "(X.abs() + 0.1) ** 0.5", "2 ** X", "X.reciprocal().clamp(-3, 3)",
] as const; // biome-ignore format: a list of expressions
const BINARY = [
  "X + Y",
  "X - Y",
  "X * Y",
  "X / (Y.abs() + 1)",
  "torch.maximum(X, Y)",
  "X * 0.5 + Y",
  "(X.abs() + 0.5) ** Y",
] as const;
const INPLACE = [
  "X.add_(0.5)",
  "X.mul_(2)",
  "X.relu_()",
  "X -= 0.25",
  "X *= -1",
  "X.tanh_()",
  "X.sin_()",
  "X.zero_()",
] as const;

/** Modules that keep the shape, for inputs whose last dimension is N. Of none does the sum have a gradient that is all rounding. */
const MODULES = [
  "torch.nn.Linear(N, N)",
  "torch.nn.Linear(N, N, bias=False)",
  "torch.nn.Tanh()",
  "torch.nn.ReLU()",
  "torch.nn.Sigmoid()",
  "torch.nn.GELU()",
  "torch.nn.Sequential(torch.nn.LayerNorm(N, eps=0.1), torch.nn.Linear(N, N))",
  "torch.nn.Sequential(torch.nn.Softmax(-1), torch.nn.Linear(N, N))",
  "torch.nn.Sequential(torch.nn.Linear(N, 4), torch.nn.ReLU(), torch.nn.Linear(4, N))",
  "torch.nn.Sequential(torch.nn.LayerNorm(N, eps=0.1), torch.nn.Sequential(torch.nn.Linear(N, N), torch.nn.Tanh()))",
] as const;
/** Of X and a target T of its shape. */
const LOSSES = [
  "torch.nn.MSELoss()(X, T)",
  "torch.nn.functional.mse_loss(X, T, reduction='sum')",
  "torch.nn.L1Loss()(X, T)",
  "torch.nn.SmoothL1Loss()(X, T)",
  "torch.nn.functional.binary_cross_entropy_with_logits(X, T.sigmoid())",
] as const;

class Program {
  private readonly lines: string[] = [];
  private readonly variables: Variable[] = [];
  private readonly random: () => number;
  private count = 0;

  constructor(seed: number) {
    this.random = generator(seed);
  }

  text(): string {
    const leaves = 2 + this.below(3);
    for (let i = 0; i < leaves; i++) this.leaf();
    const length = 3 + this.below(8);
    for (let i = 0; i < length; i++) this.statement();
    // A pass starts from what was made of leaves.
    if (this.variables.every(({ name }) => name.startsWith("x"))) this.view(this.pick(this.variables));
    this.passes();
    for (const { name, leaf } of this.variables) if (leaf) this.lines.push(`print(${name}.grad)`);
    return `import torch\n${this.lines.join("\n")}\n`;
  }

  private below(n: number): number {
    return Math.floor(this.random() * n);
  }

  private pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)] as T;
  }

  private bind(expression: string, shape: Shape): void {
    const name = `v${this.count++}`;
    this.lines.push(`${name} = ${expression}`);
    this.variables.push({ name, shape, leaf: false });
  }

  private leaf(): void {
    const shape = this.pick(LEAF_SHAPES);
    const numbers = Array.from({ length: size(shape) }, () => (this.random() * 4 - 2).toFixed(2));
    const name = `x${this.count++}`;
    const grad = this.variables.length === 0 || this.random() < 0.8 ? ".requires_grad_()" : "";
    const dtype = this.random() < 0.15 ? ", dtype=torch.float64" : "";
    this.lines.push(`${name} = torch.tensor([${numbers.join(", ")}]${dtype}).reshape(${list(shape)})${grad}`);
    this.variables.push({ name, shape, leaf: grad !== "" });
  }

  private statement(): void {
    const kind = this.random();
    const x = this.pick(this.variables);
    if (kind < 0.08) this.module(x);
    else if (kind < 0.12) this.loss(x);
    else if (kind < 0.34) this.bind(this.pick(UNARY).replaceAll("X", x.name), x.shape);
    else if (kind < 0.55) this.binary(x);
    else if (kind < 0.75) this.view(x);
    else if (kind < 0.85) this.reduction(x);
    else if (kind < 0.92) this.join(x);
    else this.inplace(x);
  }

  private binary(x: Variable): void {
    const fitting = this.variables.flatMap((y) => {
      const shape = broadcast(x.shape, y.shape);
      return shape === null ? [] : [{ y, shape }];
    });
    const { y, shape } = this.pick(fitting);
    this.bind(this.pick(BINARY).replaceAll("X", x.name).replaceAll("Y", y.name), shape);
    const mats = this.variables.filter(
      (m) => x.shape.length === 2 && m.shape.length === 2 && m.shape[0] === x.shape[1],
    );
    if (mats.length > 0 && this.random() < 0.4) {
      const m = this.pick(mats);
      this.bind(`${x.name} @ ${m.name}`, [x.shape[0] as number, m.shape[1] as number]);
    }
  }

  /** A module of its own, used at once, now and then twice. */
  private module({ name, shape }: Variable): void {
    const last = shape.at(-1);
    // Of a single element LayerNorm makes zeros, of which PyTorch leaves some rounding: see docs/judge.md.
    if (last === undefined || last === 1) return;
    const net = `net${this.count}`;
    this.lines.push(`torch.manual_seed(${this.below(100)})`);
    this.lines.push(`${net} = ${this.pick(MODULES).replace(/\bN\b/g, String(last))}`);
    this.bind(`${net}(${name}.float())`, shape);
    if (this.random() < 0.3) this.bind(`${net}(v${this.count - 1})`, shape);
  }

  private loss(x: Variable): void {
    const y = this.pick(this.variables.filter((v) => list(v.shape) === list(x.shape)));
    const [input, target] = [`${x.name}.float()`, `${y.name}.detach().float()`];
    const rows = x.shape.length === 2 && this.random() < 0.4;
    const classes = Array.from({ length: x.shape[0] ?? 0 }, () => this.below(x.shape[1] ?? 1));
    this.bind(
      rows
        ? `torch.nn.CrossEntropyLoss()(${input}, torch.tensor(${list(classes)}))`
        : this.pick(LOSSES).replace(/\bX\b/, input).replace(/\bT\b/, target),
      [],
    );
  }

  private view({ name, shape }: Variable): void {
    const options: [string, Shape][] = [
      [`${name}.reshape(-1)`, [size(shape)]],
      [`${name}.unsqueeze(0)`, [1, ...shape]],
      [`${name}.expand(${list([2, ...shape])})`, [2, ...shape]],
    ];
    const first = shape[0];
    if (first !== undefined) {
      options.push([`${name}[0]`, shape.slice(1)], [`${name}[-1]`, shape.slice(1)]);
      options.push([`${name}.transpose(0, -1)`, swap(shape)], [`${name}.contiguous()`, shape]);
      options.push([`${name}[torch.tensor([0, ${first - 1}, 0])]`, [3, ...shape.slice(1)]]);
      if (first > 1) options.push([`${name}[1:]`, [first - 1, ...shape.slice(1)]]);
      if (shape.length > 1)
        options.push([`${name}[..., 0]`, shape.slice(0, -1)], [`${name}.unbind(0)[0]`, shape.slice(1)]);
    }
    this.bind(...this.pick(options));
  }

  private reduction({ name, shape }: Variable): void {
    const options: [string, Shape][] = [
      [`${name}.sum()`, []],
      [`${name}.mean()`, []],
      [`${name}.max()`, []],
    ];
    if (shape.length > 0) {
      options.push([`${name}.sum(0)`, shape.slice(1)], [`${name}.mean(-1)`, shape.slice(0, -1)]);
      options.push([`${name}.sum(-1, keepdim=True)`, [...shape.slice(0, -1), 1]]);
      options.push([`${name}.mean(0, keepdim=True)`, [1, ...shape.slice(1)]]);
      options.push([`${name}.amax(-1)`, shape.slice(0, -1)], [`${name}.max(0).values`, shape.slice(1)]);
      options.push([`${name}.logsumexp(-1)`, shape.slice(0, -1)]);
      options.push(
        [`${name}.cumsum(0)`, shape],
        [`${name}.norm()`, []],
        [`${name}.prod(-1)`, shape.slice(0, -1)],
      );
      if (shape.length > 1) options.push([`${name}.sum((0, -1))`, shape.slice(1, -1)]);
    }
    this.bind(...this.pick(options));
  }

  private join(x: Variable): void {
    const y = this.pick(this.variables.filter((v) => list(v.shape) === list(x.shape)));
    const [first, ...rest] = x.shape;
    if (first !== undefined && this.random() < 0.5)
      this.bind(`torch.cat([${x.name}, ${y.name}])`, [first * 2, ...rest]);
    else this.bind(`torch.stack([${x.name}, ${y.name}])`, [2, ...x.shape]);
  }

  private inplace(x: Variable): void {
    if (x.leaf) {
      this.lines.push("with torch.no_grad():", `    ${x.name} -= 0.125`);
      return;
    }
    if (x.shape.length > 0 && this.random() < 0.3)
      this.lines.push(`${x.name}[0] = ${this.random().toFixed(2)}`);
    else this.lines.push(this.pick(INPLACE).replaceAll("X", x.name));
  }

  private passes(): void {
    const inner = this.variables.filter((v) => !v.name.startsWith("x"));
    const last = inner.at(-1) as Variable;
    const leaf = (this.variables.find((v) => v.leaf) as Variable).name;
    const kind = this.random();
    const root = (v: Variable): string => `(${v.name} * 1.5 + ${leaf}.sum()).sum()`;
    if (kind < 0.5) this.lines.push(`${root(last)}.backward()`);
    else if (kind < 0.7) {
      const other = this.pick(inner);
      this.lines.push(`${root(last)}.backward(retain_graph=True)`, `${root(other)}.backward()`);
    } else if (kind < 0.85 && !this.lines.some((line) => line.includes("LayerNorm"))) {
      this.lines.push(`g, = torch.autograd.grad(${root(last)}, ${leaf}, create_graph=True)`);
      this.lines.push("print(g)", `(g * g + ${leaf}).sum().backward()`);
    } else this.lines.push(`${root(last)}.backward()`, `${root(this.pick(inner))}.backward()`);
  }
}

const size = (shape: Shape): number => shape.reduce((n, d) => n * d, 1);
const list = (shape: Shape): string => `[${shape.join(", ")}]`;
const swap = (shape: Shape): Shape =>
  shape.length < 2 ? shape : [shape.at(-1) as number, ...shape.slice(1, -1), shape[0] as number];

function broadcast(a: Shape, b: Shape): Shape | null {
  const out: number[] = [];
  for (let i = 1; i <= Math.max(a.length, b.length); i++) {
    const [x, y] = [a.at(-i) ?? 1, b.at(-i) ?? 1];
    if (i <= a.length && i <= b.length && x !== y && x !== 1 && y !== 1) return null;
    out.unshift(Math.max(x, y));
  }
  return out;
}

/** The program of a seed. */
export const randomProgram = (seed: number): string => new Program(seed).text();
