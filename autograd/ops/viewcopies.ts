/** `select_copy` and its kin: what a view shows, as a tensor of its own. */
import { laidAs } from "../order.ts";
import { type OpRow, op, type Primitive } from "../row.ts";
import { parseSchema } from "../schema.ts";
import type { Tensor } from "../tensor.ts";

/** The views that PyTorch has such a function for, with a sample of its arguments. */
const SAMPLES: Readonly<Record<string, string>> = {
  alias: "a",
  as_strided: "a, (2, 2), (1, 2)",
  diagonal: "m",
  expand: "v, (2, 3)",
  permute: "a, (1, 0)",
  select: "a, 0, 1",
  slice: "a, 1, 0, 2, 1",
  split: "a, 2, 1",
  split_with_sizes: "a, [1, 2], 1",
  squeeze: "a[None]",
  "squeeze.dim": "a[None], 0",
  t: "a",
  transpose: "a, 0, 1",
  unbind: "a, 1",
  unfold: "a, 1, 2, 1",
  unsqueeze: "a, 0",
  view: "a, (3, 2)",
};

// biome-ignore lint/suspicious/noExplicitAny: a row made from any other forgets its argument types
type Row = Primitive<any>;

/** The rows that the views among `rows` make. */
export function viewCopyRows(rows: readonly OpRow[]): OpRow[] {
  return rows.flatMap((row) => {
    if (!("forward" in row) || row.view !== true) return [];
    const { name, overload } = parseSchema(row.schema);
    const given = SAMPLES[`${name}.${overload}`] ?? SAMPLES[name];
    return given === undefined ? [] : copying(row, name, given);
  });
}

function copying(row: Row, name: string, given: string): OpRow {
  const { forward, view: _, ...rest } = row;
  return op({
    ...rest,
    schema: row.schema.replace(/^\w+/, `${name}_copy`),
    variants: "function",
    // Nothing is computed: what is of few digits stays as it is.
    rounds: "each",
    node: `${row.node}_copy`,
    forward: (k, ...args) => {
      const shown = forward(k, ...args) as Tensor | readonly Tensor[];
      const copy = (t: Tensor): Tensor => laidAs(k, k.clone(t), [t]);
      return Array.isArray(shown) ? shown.map(copy) : copy(shown as Tensor);
    },
    samples: [`torch.${name}_copy(${given})${/split|unbind/.test(name) ? "[0]" : ""}`],
  } as Row);
}

export const DETACHED_COPY: OpRow = op({
  schema: "detach_copy(Tensor self) -> Tensor",
  variants: "function",
  node: "NotImplemented",
  forward: (k, self) => k.clone(self),
  backward: { self: 'not_implemented("aten::detach_copy")' },
  exempt: { differences: "PyTorch has no derivative for it" },
  samples: ["torch.detach_copy(a.detach())"],
});
