/** What a card says of a pinned run: whether its node is new, has other numbers, or stands where others are gone. */
import * as l10n from "@vscode/l10n";
import type { Group } from "../../trace/groups.ts";
import type { Card } from "../layout/graph.ts";
import { plain } from "../plain.ts";
import type { Scene } from "./scene.ts";

/** Everything that a folded group stands for. */
export const nodesOf = ({ picture }: Scene, { from, to }: Group, leaves: readonly number[]): number[] => [
  ...picture.graph.tree.order.slice(from, to),
  ...leaves,
];

/** `+` where all of it is new, `≠` where numbers differ, `−2` where two nodes are gone. */
export function changeOf({ changes }: Scene, nodes: readonly number[]): string {
  if (changes === null) return "";
  const all = nodes.flatMap((node) => changes.get(node) ?? []);
  const gone = all.reduce((sum, each) => sum + each.gone.length, 0);
  const added = all.filter(({ kind }) => kind === "added").length;
  const changed = all.some(({ kind }) => kind === "changed");
  const signs = [added > 0 ? (nodes.length > 1 ? `+${added}` : "+") : "", changed ? "≠" : ""];
  return [...signs, gone > 0 ? `−${gone}` : ""].filter((sign) => sign !== "").join(" ");
}

/** The same in words. */
export function changeText({ changes }: Scene, card: Card): string[] {
  const own = card.node === null ? undefined : changes?.get(card.node);
  if (own === undefined) return [];
  const words = {
    added: l10n.t("new since the pinned run"),
    changed: l10n.t("other numbers than in the pinned run"),
    same: "",
  };
  const gone = own.gone.slice(0, 3).map((code) => l10n.t("gone since the pinned run: {0}", plain(code, 40)));
  return [words[own.kind], ...gone];
}
