/** Second names: what PyTorch calls by several names is one row under each of them. */
import { composite, type OpRow } from "../row.ts";
import { parseSchema } from "../schema.ts";

/** In `torch` and `Tensor`, each with its in-place form. */
const NAMES: Readonly<Record<string, string>> = {
  absolute: "abs",
  arccos: "acos",
  arccosh: "acosh",
  arcsin: "asin",
  arcsinh: "asinh",
  arctan: "atan",
  arctanh: "atanh",
  arctan2: "atan2",
  clip: "clamp",
  divide: "div",
  fix: "trunc",
  greater: "gt",
  greater_equal: "ge",
  less: "lt",
  less_equal: "le",
  multiply: "mul",
  negative: "neg",
  not_equal: "ne",
  subtract: "sub",
  trapz: "trapezoid",
  true_divide: "div.Tensor",
  concat: "cat",
  concatenate: "cat",
  row_stack: "vstack",
};

/** In `torch.special`. */
const SPECIAL: Readonly<Record<string, string>> = {
  special_digamma: "digamma",
  special_erf: "erf",
  special_erfc: "erfc",
  special_erfinv: "erfinv",
  special_exp2: "exp2",
  special_expit: "sigmoid",
  special_expm1: "expm1",
  special_gammainc: "igamma",
  special_gammaincc: "igammac",
  special_gammaln: "lgamma",
  special_i0: "i0",
  special_log1p: "log1p",
  special_log_softmax: "log_softmax",
  special_logit: "logit",
  special_logsumexp: "logsumexp",
  special_multigammaln: "mvlgamma",
  special_polygamma: "polygamma",
  special_psi: "digamma",
  special_sinc: "sinc",
  special_softmax: "softmax",
  special_xlogy: "xlogy",
};

type Any = "any(Tensor self) -> Tensor";

/** A sample's calls by another name; null where it has none by the first. */
function renamed(sample: string, from: string, to: string, special: boolean): string | null {
  const call = special ? `torch.special.${to.replace("special_", "")}(` : `torch.${to}(`;
  const text = sample
    .replaceAll(`torch.${from}(`, call)
    .replaceAll(`.${from}(`, special ? `.${from}(` : `.${to}(`);
  return text === sample ? null : text;
}

/** By its name, or by its name with its overload. */
const isCalled = (row: OpRow, target: string): boolean =>
  row.schema.startsWith(`${target}(`) || row.schema.startsWith(`${target}.`);

function inplaceSample(name: string, row: OpRow): string {
  const others = parseSchema(row.schema).args.slice(1);
  const arg = others[0]?.type;
  const given = arg === undefined ? "" : arg.startsWith("Tensor") ? "p" : "0.5";
  return `(p * 0.3).${name}_(${given})`;
}

/** The rows that the second names of `rows` make. */
export function aliasRows(rows: readonly OpRow[]): OpRow[] {
  const made: OpRow[] = [];
  const add = (name: string, called: string, row: OpRow, special: boolean): void => {
    const target = called.replace(/\..*/, "");
    const schema = row.schema.replace(/^\w+/, name);
    const key = row.schema.slice(0, row.schema.indexOf("("));
    const samples = row.samples.flatMap((sample) => renamed(sample, target, name, special) ?? []);
    // A row for each overload; the first one's sample stands for those without their own.
    const exempt = row.exempt === undefined ? {} : { exempt: row.exempt };
    made.push(
      composite({
        schema: schema as Any,
        ...exempt,
        ...(special ? { variants: "special" } : row.variants === undefined ? {} : { variants: row.variants }),
        ...(row.inplace === "only" ? { inplace: "only" } : {}),
        compose: (call, _k, ...args) => call(key, ...args),
        samples: samples.length > 0 ? samples : [`torch.${name.replace("special_", "special.")}(p * 0.3)`],
      }),
    );
    if (special || row.inplace !== true) return;
    made.push(
      composite({
        schema: schema.replace(/^\w+/, `${name}_`) as Any,
        variants: "method",
        inplace: "only",
        ...exempt,
        compose: (call, _k, ...args) => call(key.replace(/^\w+/, `${target}_`), ...args),
        samples: [inplaceSample(name, row)],
      }),
    );
  };
  for (const [table, special] of [
    [NAMES, false],
    [SPECIAL, true],
  ] as const)
    for (const [name, target] of Object.entries(table))
      for (const row of rows) {
        if (row.variants === "internal") continue;
        if (isCalled(row, target) && row.inplace !== "only") add(name, target, row, special);
        // Comparisons in place are rows of their own.
        if (!special && isCalled(row, `${target}_`)) add(`${name}_`, `${target}_`, row, false);
      }
  return made;
}
