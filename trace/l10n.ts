/** How words are put into the language of the person. */

/** `vscode.l10n`, `@vscode/l10n`, or `ENGLISH`: the English text is the key. */
export interface L10n {
  t(message: string, ...args: (string | number)[]): string;
}

export const ENGLISH: L10n = {
  t: (message, ...args) => message.replace(/\{(\d+)\}/g, (whole, i) => String(args[Number(i)] ?? whole)),
};
