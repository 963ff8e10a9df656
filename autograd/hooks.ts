/** The part of the bridge that lets Python into a pass: hooks, and nodes whose backward is Python code. */
import type { Autograd } from "./autograd.ts";
import type { Bridge } from "./bridge.ts";
import type { Dispatch } from "./callbacks.ts";
import { fail } from "./errors.ts";
import type { Handles } from "./handles.ts";
import type { Node } from "./node.ts";
import type { Tensor } from "./tensor.ts";

type HookFunctions = Pick<
  Bridge,
  | "connect"
  | "reply"
  | "forgotten"
  | "hook"
  | "unhook"
  | "nodeHook"
  | "nodeUnhook"
  | "custom"
  | "restore"
  | "nodeCustom"
>;

export function hookFunctions(
  ad: Autograd,
  tensors: Handles<Tensor>,
  nodes: Handles<Node>,
  guarded: <T>(body: () => T, failed: T) => T,
): HookFunctions {
  const done = (body: () => void): number =>
    guarded(() => {
      body();
      return 0;
    }, -1);

  /** The list that a tensor's hooks are in: the leaf's own, or that of the node that made it. */
  function hooksOf(t: Tensor): number[] {
    if (!t.requiresGrad) fail("cannot register a hook on a tensor that doesn't require gradient");
    const { gradFn } = t;
    if (gradFn === null) {
      t.hooks ??= [];
      return t.hooks;
    }
    const list = gradFn.hooks.get(t.outputNr) ?? [];
    gradFn.hooks.set(t.outputNr, list);
    return list;
  }

  return {
    connect: (dispatch) => done(() => ad.callbacks.connect(dispatch as Dispatch)),
    reply: (h) => done(() => ad.callbacks.reply(h)),
    forgotten: () => guarded(() => JSON.stringify(ad.callbacks.takeForgotten()), ""),
    hook: (h, id) => done(() => void hooksOf(tensors.get(h)).push(id)),
    unhook: (h, id) => done(() => drop(hooksOf(tensors.get(h)), id)),
    nodeHook: (n, id) => done(() => void nodes.get(n).nodeHooks.push(id)),
    nodeUnhook: (n, id) => done(() => drop(nodes.get(n).nodeHooks, id)),
    custom: (where, name, id, nInputs, ...rest) =>
      guarded(() => {
        ad.where = where;
        const inputs = rest.slice(0, nInputs).map((h) => tensors.get(h));
        const outputs = rest.slice(nInputs).map((h) => (h === 0 ? null : tensors.get(h)));
        return nodes.give(ad.custom(name, id, inputs, outputs));
      }, -1),
    restore: (outputNr, h) =>
      guarded(() => {
        const alias = ad.k.alias(tensors.get(h));
        if (ad.gradMode) alias.setGradFn(ad.callbacks.running, outputNr);
        return tensors.give(alias);
      }, -1),
    nodeCustom: (n) => guarded(() => nodes.get(n).custom?.id ?? 0, -1),
  };
}

function drop(list: number[], id: number): void {
  const at = list.indexOf(id);
  if (at >= 0) list.splice(at, 1);
}
