/** What the recorder answers from within a program at a breakpoint, checked, and its refusals in words; pure. */
import * as l10n from "@vscode/l10n";
import * as z from "zod";

const words = z.record(z.string(), z.string());

/** One row per reason of python/recorder's `Refused`. */
const REASONS = {
  noTorch: () => l10n.t("The program has not imported torch yet: go on to a line after its import."),
  unset: ({ expression = "" }) =>
    l10n.t("{0} has no value in this frame yet: go on to a line after its assignment.", expression),
  raises: ({ expression = "", error = "" }) => l10n.t("{0} could not be looked at: {1}", expression, error),
  noTensor: ({ type = "" }) =>
    l10n.t("It is no tensor but {0}: choose a tensor that was computed, such as a loss.", type),
  leaf: () =>
    l10n.t(
      "It is a leaf: the program made it, no operation did, so it has no grad_fn and nothing hangs from it. Choose what was computed from it.",
    ),
  noGradient: () =>
    l10n.t(
      "It has no grad_fn: it was computed from tensors without requires_grad, under torch.no_grad(), or detached.",
    ),
  freed: ({ node = "" }) =>
    l10n.t(
      "Its graph has been freed by an earlier backward pass ({0} no longer has what it saved): stop before that pass, or call it with retain_graph=True.",
      node,
    ),
  transformed: () =>
    l10n.t(
      "It belongs to a transform of torch.func or to the compiler, which has no graph of nodes to walk: stop outside of it.",
    ),
  unreadable: ({ dtype = "", layout = "", device = "" }) =>
    l10n.t(
      "Its numbers cannot be shown ({0}, {1}, on {2}): complex, sparse, quantized and meta tensors are not read.",
      dtype,
      layout,
      device,
    ),
  remote: ({ node = "" }) =>
    l10n.t(
      "Its graph goes through {0}, whose backward talks to other processes: they would wait for each other. Stop after the pass, or trace each rank.",
      node,
    ),
  failed: ({ error = "" }) => l10n.t("The recorder failed: {0}", error),
} as const satisfies Record<string, (details: Record<string, string>) => string>;

const Refusal = z.object({
  kind: z.literal("refused"),
  code: z.enum(Object.keys(REASONS) as [keyof typeof REASONS]),
  details: words,
});
export type Refusal = z.infer<typeof Refusal>;

export const refusalText = ({ code, details }: Refusal): string => REASONS[code](details);

/** A tensor of the frame from which a pass can start. */
export const FrameTensor = z.object({
  expression: z.string(),
  shape: z.array(z.int().nonnegative()),
  dtype: z.string(),
  gradFn: z.string(),
});
export type FrameTensor = z.infer<typeof FrameTensor>;

export const TensorsAnswer = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("tensors"),
    tensors: z.array(FrameTensor),
    /** What the expression that was asked for is; null where none was, or it is more than a name. */
    chosen: z.object({ expression: z.string(), refused: Refusal.nullable() }).nullable(),
  }),
  Refusal,
]);
export type TensorsAnswer = z.infer<typeof TensorsAnswer>;

const Note = z.discriminatedUnion("code", [
  z.object({ code: z.literal("beside") }),
  z.object({ code: z.literal("ones"), expression: z.string(), count: z.int() }),
  z.object({ code: z.literal("hooks"), count: z.int() }),
  z.object({ code: z.literal("printed"), text: z.string() }),
]);
type Note = z.infer<typeof Note>;

export const TraceAnswer = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("traced"), notes: z.array(Note) }),
  Refusal,
]);
export type TraceAnswer = z.infer<typeof TraceAnswer>;

/** What a reader of the trace should know. */
export function noteText(note: Note): string {
  switch (note.code) {
    case "beside":
      return l10n.t(
        "Made at a breakpoint, beside the program, which is unchanged: the graph is kept, and .grad is shown as it is. What a step says that .grad becomes is what this pass would make of it.",
      );
    case "ones":
      return l10n.t(
        "{0} has {1} elements: the pass starts with ones, as that of {0}.sum() would.",
        note.expression,
        note.count,
      );
    case "hooks":
      return l10n.t(
        "{0} hooks of the program were not run, so that they do nothing twice: what they would change is not shown.",
        note.count,
      );
    case "printed":
      return l10n.t("While it was traced, the program's own backward functions printed: {0}", note.text);
  }
}
