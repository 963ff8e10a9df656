/** The op list as Python reads it (`ops.json`): schemas in the order of their index, and where Python finds each op. */
import { OPS } from "./ops/index.ts";

/** What PyTorch keeps in modules of its own below `torch._C`. */
const HOMES: ReadonlySet<string> = new Set(["nn", "linalg", "special"]);

export function opList(): string {
  return JSON.stringify(
    OPS.map(({ key, schema, row, inplace }) => ({
      name: key,
      schema: schema.text,
      function: !inplace && (row.variants === undefined || row.variants === "function"),
      method:
        row.variants === undefined || row.variants === "method" || (inplace && row.variants === "function"),
      home: HOMES.has(row.variants ?? "") ? row.variants : null,
    })),
  );
}
