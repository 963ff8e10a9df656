/** The paths by which a gradient came to a leaf, as a list: what each brought, and that they add up. */
import * as l10n from "@vscode/l10n";
import { formatValue } from "../../trace/format.ts";
import { edgeKey } from "../../trace/keys.ts";
import { tensorName } from "../../trace/names.ts";
import { type Contribution, pathsTo } from "../../trace/paths.ts";
import type { Trace } from "../../trace/schema.ts";
import { plain } from "../plain.ts";
import { dropdown, textButton } from "../ui.ts";
import { h, withAttributes } from "./html.ts";

export interface PathsView {
  /** The list of leaves to choose from. */
  readonly chooser: HTMLElement;
  readonly element: HTMLElement;
  /** Which leaves the pass reached; null: there is no pass. */
  show(trace: Trace, backward: number | null): void;
}

const NODES_NAMED = 12;
const TEXT = 60;

/** `mark`: the edges (by `edgeKey`) of what is looked at; null for none. */
export function pathsView(mark: (edges: ReadonlySet<string> | null) => void): PathsView {
  const choose = dropdown((i) => open(leaves[i - 1] ?? null));
  // Named before it is first filled: the graph's tools stand there without a pass, too.
  choose.label(l10n.t("Show the paths to a leaf"));
  const element = withAttributes(h("div.paths"), { role: "region" });
  element.hidden = true;
  let of: { trace: Trace; backward: number | null } | null = null;
  let leaves: readonly number[] = [];

  const nameOf = (trace: Trace, node: number): string => {
    const variable = trace.nodes[node]?.variable ?? null;
    const name = variable === null ? null : tensorName(trace, variable);
    return plain(name ?? trace.nodes[node]?.module ?? `AccumulateGrad ${node}`, 24);
  };

  function close(): void {
    element.hidden = true;
    mark(null);
    choose.element.selectedIndex = 0;
  }

  function open(leaf: number | null): void {
    const found =
      of === null || of.backward === null || leaf === null ? null : pathsTo(of.trace, of.backward, leaf);
    if (of === null || leaf === null || found === null) {
      close();
      return;
    }
    const { trace } = of;
    const { contributions, total } = found;
    const name = nameOf(trace, leaf);
    element.hidden = false;
    const title = l10n.t("How the gradient came to {0}", name);
    element.setAttribute("aria-label", title);
    const rows = contributions.map((contribution) => {
      const button = h(
        "button.path",
        h("code", short(contribution.value)),
        h("span", wayOf(trace, contribution)),
      );
      const edges = new Set(contribution.edges.map(({ node, edge }) => edgeKey(node, edge)));
      button.type = "button";
      button.addEventListener("click", () => mark(edges));
      button.addEventListener("focus", () => mark(edges));
      button.addEventListener("mouseenter", () => mark(edges));
      return h("li", button);
    });
    const sum =
      contributions.length === 1
        ? l10n.t("one path: all of it")
        : l10n.t("{0} paths; together {1}", contributions.length, short(total));
    element.replaceChildren(
      h("div.paths-head", h("h2", title), textButton(l10n.t("Close"), close, "secondary").element),
      h("ul", ...rows),
      h("p.paths-sum", sum),
    );
  }

  return {
    chooser: choose.element,
    element,
    show(trace, backward) {
      if (of?.trace === trace && of.backward === backward) return;
      of = { trace, backward };
      close();
      const steps = backward === null ? [] : (trace.backwards[backward]?.steps ?? []);
      leaves = steps
        .flatMap(({ node }) => (trace.nodes[node]?.pattern === "accumulate" ? [node] : []))
        .slice(0, 400);
      choose.label(l10n.t("Show the paths to a leaf"));
      choose.show([l10n.t("Paths to…"), ...leaves.map((leaf) => nameOf(trace, leaf))], 0);
      choose.element.hidden = leaves.length === 0;
    },
  };
}

const short = (value: Contribution["value"]): string =>
  plain(formatValue(value, { elements: 4, rows: 2 }), TEXT);

/** The nodes of a path, from the root to the leaf. */
function wayOf(trace: Trace, { edges, joinedAt }: Contribution): string {
  const names = edges.map(({ node }) => plain(trace.nodes[node]?.name.replace(/Backward\d*$/, "") ?? "", 20));
  if (joinedAt.length > 0)
    return l10n.t(
      "several paths that join at {0}",
      plain(trace.nodes[joinedAt.at(-1) as number]?.name ?? "", 30),
    );
  const shown = names.length > NODES_NAMED ? [...names.slice(0, 5), "…", ...names.slice(-5)] : names;
  return shown.join(" → ");
}
