/** The webview's door to VS Code: the only place that knows `acquireVsCodeApi`. */
import * as z from "zod";
import type { ToHost } from "../extension/panel/protocol.ts";

/** What survives a reload of the webview. */
const Arranged = z.object({
  direction: z.enum(["down", "right"]),
  open: z.array(z.string()).readonly().nullable(),
  sizes: z.boolean(),
});
type Arranged = z.infer<typeof Arranged>;

export interface Kept {
  /** Which picture the view belongs to. */
  readonly title: string;
  readonly view: { readonly x: number; readonly y: number; readonly k: number } | null;
  readonly follow: boolean;
  /** What of the picture is open, and which way it runs. */
  readonly arranged: Arranged | null;
}

declare function acquireVsCodeApi(): {
  postMessage(message: unknown): void;
  getState(): unknown;
  setState(state: unknown): void;
};

const api = acquireVsCodeApi();

export const send = (message: ToHost): void => api.postMessage(message);

export const keep = (kept: Kept): void => api.setState(kept);

/** What was kept, if it is whole: an older version of the panel may have kept something else. */
export function kept(): Kept | null {
  const state = api.getState() as Partial<Kept> | null | undefined;
  if (typeof state?.title !== "string" || typeof state.follow !== "boolean") return null;
  const view = state.view ?? null;
  if (view !== null && ![view.x, view.y, view.k].every(Number.isFinite)) return null;
  const arranged = Arranged.safeParse(state.arranged);
  return { title: state.title, view, follow: state.follow, arranged: arranged.data ?? null };
}
