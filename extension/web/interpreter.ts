/** In place of `extension/interpreter.ts` in the browser, which has no interpreters. */
export const interpreterFor = async (): Promise<string | null> => null;
