/** Comparisons and logic: bool results, through which no gradient flows. */
import { Binary, DType, Unary } from "../../assembly/shared/codes.ts";
import { elementwise, type OpRow, op } from "../row.ts";

type Comparison = "compare(Tensor self, Tensor|Scalar other) -> Tensor";
type Logical = "logical(Tensor self, Tensor other) -> Tensor";

const compare = (name: string, code: Binary, sign: string): OpRow =>
  op({
    schema: `${name}(Tensor self, Tensor|Scalar other) -> Tensor` as Comparison,
    forward: (k, self, other) => k.compare(code, self, other),
    samples: [`a ${sign} b`, `a ${sign} 1`, `i ${sign} 2`, `torch.${name}(a, v)`],
  });

const logical = (name: string, code: Binary): OpRow =>
  op({
    schema: `${name}(Tensor self, Tensor other) -> Tensor` as Logical,
    inplace: true,
    forward: (k, self, other) =>
      k.binary(code, k.cast(self, DType.bool), k.cast(other, DType.bool), DType.bool),
    samples: [`torch.${name}(c, a > 0)`, `torch.${name}(a, b)`, `torch.${name}(i, i)`],
  });

export const COMPARISON: readonly OpRow[] = elementwise([
  compare("eq", Binary.eq, "=="),
  compare("ne", Binary.ne, "!="),
  compare("lt", Binary.lt, "<"),
  compare("le", Binary.le, "<="),
  compare("gt", Binary.gt, ">"),
  compare("ge", Binary.ge, ">="),
  logical("logical_and", Binary.logicalAnd),
  logical("logical_or", Binary.logicalOr),
  logical("logical_xor", Binary.logicalXor),
  op({
    schema: "logical_not(Tensor self) -> Tensor",
    inplace: true,
    forward: (k, self) => k.unary(Unary.logicalNot, k.cast(self, DType.bool)),
    samples: ["torch.logical_not(c)", "torch.logical_not(i)", "a.logical_not()"],
  }),
  op({
    schema: "isnan(Tensor self) -> Tensor",
    forward: (k, self) => k.unary(Unary.isnan, self, DType.bool),
    samples: ["torch.isnan(a)", "i.isnan()"],
  }),
]);
