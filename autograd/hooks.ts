/** The part of the bridge that lets Python into a pass: hooks, and nodes whose backward is Python code. */
import type { Autograd } from "./autograd.ts";
import type { Bridge } from "./bridge.ts";
import type { Dispatch } from "./callbacks.ts";
import { fail } from "./errors.ts";
import type { Handles } from "./handles.ts";
import { type Node, SavedTensor } from "./node.ts";
import type { Tensor } from "./tensor.ts";

type HookFunctions = Pick<
  Bridge,
  | "connect"
  | "reply"
  | "forgotten"
  | "warning"
  | "hook"
  | "unhook"
  | "nodeHook"
  | "nodeUnhook"
  | "nodePrehook"
  | "nodePreUnhook"
  | "custom"
  | "again"
  | "customSaved"
  | "say"
  | "restore"
  | "nodeCustom"
  | "afterHook"
  | "afterUnhook"
  | "savedHooks"
  | "packSaved"
  | "anomaly"
>;

const FREED_RAW =
  "Calling register_hooks on a saved tensor after it has been freed. Saved intermediate values of the graph are freed when you call .backward() or autograd.grad(). Specify retain_graph=True if you need to backward through the graph a second time or if you need to access saved variables after calling backward.";

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
    const { hooks } = gradFn.attach();
    const list = hooks.get(t.outputNr) ?? [];
    hooks.set(t.outputNr, list);
    return list;
  }

  return {
    connect: (dispatch) =>
      done(() => {
        if (typeof dispatch !== "function")
          fail(`a function must be connected, not ${typeof dispatch}`, "TypeError");
        ad.callbacks.connect(dispatch as Dispatch);
      }),
    reply: (h) => done(() => ad.callbacks.reply(h)),
    warning: () => ad.callbacks.warning,
    forgotten: () => guarded(() => JSON.stringify(ad.callbacks.takeForgotten()), ""),
    hook: (h, id) => done(() => void hooksOf(tensors.get(h)).push(id)),
    unhook: (h, id) => done(() => drop(hooksOf(tensors.get(h)), id)),
    nodeHook: (n, id) => done(() => void nodes.get(n).attach().nodeHooks.push(id)),
    nodeUnhook: (n, id) => done(() => drop(nodes.get(n).attach().nodeHooks, id)),
    nodePrehook: (n, id) => done(() => void nodes.get(n).attach().preHooks.push(id)),
    nodePreUnhook: (n, id) => done(() => drop(nodes.get(n).attach().preHooks, id)),
    custom: (where, name, id, nInputs, ...rest) =>
      guarded(() => {
        ad.where = where;
        const inputs = rest.slice(0, nInputs).map((h) => tensors.get(h));
        const outputs = rest.slice(nInputs).map((h) => tensors.orNull(h));
        return nodes.give(ad.custom(name, id, inputs, outputs));
      }, -1),
    again: (n, id, draws, ...inputs) =>
      done(() =>
        ad.keepCalled(
          nodes.get(n),
          inputs.map((h) => tensors.get(h)),
          { id, draws: draws !== 0 },
        ),
      ),
    customSaved: (n, ...kept) =>
      done(() =>
        ad.keepCustom(
          nodes.get(n),
          kept.map((h) => tensors.orNull(h)),
        ),
      ),
    say: (text) =>
      done(() => {
        ad.callbacks.words = text;
      }),
    restore: (outputNr, h) =>
      guarded(() => {
        const alias = ad.k.alias(tensors.get(h));
        alias.setGradFn(ad.callbacks.running, outputNr);
        return tensors.give(alias);
      }, -1),
    afterHook: (h, id) =>
      done(() => {
        const leaf = tensors.get(h);
        leaf.afterHooks = [...(leaf.afterHooks ?? []), id];
      }),
    afterUnhook: (h, id) => done(() => drop(tensors.get(h).afterHooks ?? [], id)),
    savedHooks: (id) =>
      done(() => {
        ad.savedHook = id;
      }),
    packSaved: (n, name, id) =>
      done(() => {
        const node = nodes.get(n);
        const saved = node.saved.find((s) => s.attribute === name)?.content;
        if (node.freed) fail(FREED_RAW);
        if (!(saved instanceof SavedTensor))
          fail(`${node.name} keeps no single tensor as ${name}`, "ValueError");
        ad.packBy(id, saved, saved.data);
      }),
    anomaly: (id, checkNan) =>
      done(() => {
        const trace = (): number => ad.callbacks.note(id, 0, 0);
        const failed = (node: Node): void => void ad.callbacks.note(id, nodes.give(node), node.trace);
        ad.anomaly = id === 0 ? null : { checksNan: Boolean(checkNan), trace, failed };
      }),
    nodeCustom: (n) => guarded(() => nodes.get(n).custom?.id ?? 0, -1),
  };
}

function drop(list: number[], id: number): void {
  const at = list.indexOf(id);
  if (at >= 0) list.splice(at, 1);
}
