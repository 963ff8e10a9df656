/** The table of marks: one per pattern. */
import type { Pattern } from "../../trace/schema.ts";
import { accumulate } from "./accumulate.ts";
import { copy } from "./copy.ts";
import { custom } from "./custom.ts";
import type { Mark } from "./mark.ts";
import { mix } from "./mix.ts";
import { move } from "./move.ts";
import { pass } from "./pass.ts";
import { route } from "./route.ts";
import { scale } from "./scale.ts";
import { sum } from "./sum.ts";
import { swap } from "./swap.ts";

export const marks: { readonly [P in Pattern]: Mark } = {
  pass,
  swap,
  scale,
  route,
  copy,
  sum,
  mix,
  move,
  accumulate,
  custom,
};
