/** What the libraries ask of Node's modules, in the browser: only as much as they use here. */

/** Of `events`: what `@vscode/debugadapter` builds on. */
export class EventEmitter {
  readonly #listeners = new Map<string, ((...given: unknown[]) => void)[]>();

  on(event: string, listener: (...given: unknown[]) => void): this {
    this.#listeners.set(event, [...(this.#listeners.get(event) ?? []), listener]);
    return this;
  }

  removeAllListeners(event: string): this {
    this.#listeners.delete(event);
    return this;
  }

  emit(event: string, ...given: unknown[]): boolean {
    const listeners = this.#listeners.get(event) ?? [];
    for (const listener of listeners) listener(...given);
    return listeners.length > 0;
  }
}

/** Of `url`. */
export const URL = globalThis.URL;
