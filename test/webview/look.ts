/** What the panel's tests share: a browser for the file, a panel for the test, and short ways to look at it. */
import type { Locator } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect } from "vitest";
import type { Trace } from "../../trace/schema.ts";
import { type Harness, type OpenOptions, type OpenPanel, ready, startHarness } from "./harness.ts";
import { traceNamed } from "./traces.ts";

export let panel: OpenPanel;
/** The trace of `productOfSquares`. */
export let product: Trace;

/** Call once in a test file. The policy, the scripts and the styles must have been silent after every test. */
export function useHarness(): void {
  let harness: Harness;
  beforeAll(async () => {
    [harness, product] = await Promise.all([startHarness(), traceNamed("productOfSquares")]);
    start = (options) => harness.open(options);
  });
  afterAll(() => harness.close());
  afterEach(async () => {
    const { complaints } = panel;
    await panel.close();
    expect(complaints).toEqual([]);
  });
}

let start: Harness["open"];

export async function open(options: OpenOptions): Promise<OpenPanel> {
  panel = await start(options);
  return panel;
}

export const openProduct = (options: Partial<OpenOptions> = {}): Promise<OpenPanel> =>
  open({ state: ready(product), ...options });

export const counter = (): Promise<string | null> => text(".counter");
export const text = (selector: string): Promise<string | null> =>
  panel.page.locator(selector).first().textContent();
export const card = (title: string): Locator => panel.page.locator("g.card", { hasText: title });
export const frame = (title: string): Locator => card(title).locator(".frame");
export const button = (name: RegExp): Locator => panel.page.getByRole("button", { name });
/** The kinds of move that the panel has asked for. */
export const moves = (): string[] =>
  panel.sent.flatMap((message) => (message.kind === "move" ? [message.body.move.kind] : []));
export const chips = (): Promise<string[]> => panel.page.locator("g.chip text").allTextContents();
