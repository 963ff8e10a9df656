/** A stand-in for the module `vscode` in unit tests: only what the tested rooms use, remembered where a test looks. */

export enum ViewColumn {
  Beside = -2,
  One = 1,
}

export class Disposable {
  constructor(private readonly end: () => void) {}
  static from(...all: { dispose(): void }[]): Disposable {
    return new Disposable(() => {
      for (const one of all) one.dispose();
    });
  }
  dispose(): void {
    this.end();
  }
}

export class Uri {
  private constructor(readonly path: string) {}
  static parse(text: string): Uri {
    return new Uri(text);
  }
  static joinPath(base: Uri, ...parts: string[]): Uri {
    return new Uri([base.path, ...parts].join("/"));
  }
  toString(): string {
    return this.path;
  }
}

/** A webview panel that keeps what was posted to it and takes messages from a test. */
export class FakePanel {
  readonly posted: unknown[] = [];
  iconPath: unknown;
  visible = true;
  #receive: (message: unknown) => unknown = () => {};
  #closed: () => void = () => {};
  readonly webview = {
    cspSource: "https://panel.example",
    options: {},
    html: "",
    asWebviewUri: (uri: Uri): string => `https://panel.example${uri.path}`,
    postMessage: (message: unknown): void => {
      this.posted.push(message);
    },
    onDidReceiveMessage: (listener: (message: unknown) => unknown): void => {
      this.#receive = listener;
    },
  };
  onDidDispose(listener: () => void): void {
    this.#closed = listener;
  }
  reveal(): void {}
  dispose(): void {
    this.#closed();
  }
  /** The panel's page sends a message. */
  send(message: unknown): unknown {
    return this.#receive(message);
  }
}

/** Panels that were made, oldest first. */
export const panels: FakePanel[] = [];
export const clipboard: string[] = [];

export const window = {
  createWebviewPanel(): FakePanel {
    const panel = new FakePanel();
    panels.push(panel);
    return panel;
  },
};
export const env = {
  language: "en",
  clipboard: {
    writeText: async (text: string): Promise<void> => {
      clipboard.push(text);
    },
  },
};
export const l10n = { bundle: undefined };
export const commands = {};
export class FileSystemError extends Error {}
/** Files that were written, by their path. */
export const files = new Map<string, Uint8Array>();
export const workspace = {
  textDocuments: [],
  fs: {
    async createDirectory(): Promise<void> {},
    async writeFile(uri: Uri, content: Uint8Array): Promise<void> {
      files.set(uri.path, content);
    },
    async readFile(uri: Uri): Promise<Uint8Array> {
      const content = files.get(uri.path);
      if (content === undefined) throw new FileSystemError(`${uri.path} is not there`);
      return content;
    },
  },
};
export const languages = {};
