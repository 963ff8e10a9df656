/** A formula as mathematics: what a MathML element is made from. */

/** What a symbol stands for: an operand of the node (by edge), or the upstream gradient. It decides the colour. */
export type Role = { readonly kind: "operand"; readonly edge: number } | { readonly kind: "gradient" } | null;

export type MathTree =
  | { readonly kind: "row"; readonly items: readonly MathTree[] }
  /** `code`: words of the source, in its font; `name`: a mathematical name; `word`: plain words. */
  | {
      readonly kind: "symbol";
      readonly as: "code" | "name" | "number" | "operator" | "word";
      readonly text: string;
      readonly role: Role;
    }
  | { readonly kind: "fraction"; readonly over: MathTree; readonly under: MathTree }
  | { readonly kind: "power"; readonly of: MathTree; readonly exponent: MathTree }
  | { readonly kind: "root"; readonly of: MathTree }
  | { readonly kind: "below"; readonly of: MathTree; readonly under: MathTree }
  | { readonly kind: "fenced"; readonly open: string; readonly close: string; readonly of: MathTree }
  | { readonly kind: "matrix"; readonly rows: readonly (readonly MathTree[])[]; readonly role: Role }
  | {
      readonly kind: "cases";
      readonly cases: readonly { readonly shown: MathTree; readonly when: MathTree }[];
    };
