/** Draws mathematics as native MathML, node by node: text goes in as text, never as markup. */

import { textOf } from "../../trace/math.ts";
import type { MathTree, Role } from "../../trace/mathtree.ts";
import { plain } from "../plain.ts";

const NAMESPACE = "http://www.w3.org/1998/Math/MathML";
/** Characters of one symbol. */
const SYMBOL = 60;
const ALTERNATIVE = 2000;

/** The class that colours a role; "" where it has none. */
export type Hue = (role: Role) => string;

function m(tag: string, ...children: (Element | string)[]): MathMLElement {
  const element = document.createElementNS(NAMESPACE, tag) as MathMLElement;
  element.append(...children);
  return element;
}

/** A formula on a line of its own; a screen reader that reads no MathML has its text. */
export function math(tree: MathTree, hue: Hue): MathMLElement {
  const element = m("math", draw(tree, hue));
  element.setAttribute("display", "block");
  element.setAttribute("alttext", plain(textOf(tree), ALTERNATIVE));
  return element;
}

const TAGS = { code: "mi", name: "mi", number: "mn", operator: "mo", word: "mtext" } as const;

function draw(tree: MathTree, hue: Hue): MathMLElement {
  switch (tree.kind) {
    case "row":
      return m("mrow", ...tree.items.map((item) => draw(item, hue)));
    case "symbol": {
      const element = m(
        TAGS[tree.as],
        tree.as === "word" ? tree.text.replaceAll(" ", "\u00a0") : plain(tree.text, SYMBOL),
      );
      element.classList.add(`math-${tree.as}`);
      // A name of one letter would be slanted as a variable of mathematics is; the source's names look all the same.
      if (tree.as === "code" || tree.text === "T") element.setAttribute("mathvariant", "normal");
      const coloured = hue(tree.role).trim();
      if (coloured !== "") element.classList.add(...coloured.split(" "));
      return element;
    }
    case "fraction":
      return m("mfrac", draw(tree.over, hue), draw(tree.under, hue));
    case "power":
      return m("msup", draw(tree.of, hue), draw(tree.exponent, hue));
    case "root":
      return m("msqrt", draw(tree.of, hue));
    case "below":
      return m("munder", draw(tree.of, hue), draw(tree.under, hue));
    case "fenced":
      return m("mrow", fence(tree.open), draw(tree.of, hue), fence(tree.close));
    case "matrix": {
      const table = m(
        "mtable",
        ...tree.rows.map((cells) => m("mtr", ...cells.map((cell) => m("mtd", draw(cell, hue))))),
      );
      return m("mrow", fence("["), table, fence("]"));
    }
    case "cases": {
      const table = m(
        "mtable",
        ...tree.cases.map(({ shown, when }) =>
          m("mtr", m("mtd", draw(shown, hue)), m("mtd", draw(when, hue))),
        ),
      );
      table.classList.add("cases");
      return m("mrow", fence("{"), table);
    }
  }
}

function fence(text: string): MathMLElement {
  const element = m("mo", text);
  element.setAttribute("fence", "true");
  element.setAttribute("stretchy", "true");
  return element;
}
