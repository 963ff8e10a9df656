/** A workspace in memory for VS Code in the browser: a flat folder, filled from files.json beside this file. */
const vscode = require("vscode");

exports.activate = async (context) => {
  const files = new Map();
  const encoder = new TextEncoder();
  const listing = vscode.Uri.joinPath(context.extensionUri, "files.json");
  const filled = fetch(listing.toString(true))
    .then((response) => response.json())
    .then((given) => {
      for (const [name, text] of Object.entries(given)) files.set(`/${name}`, encoder.encode(text));
    });
  const changed = new vscode.EventEmitter();
  const missing = (uri) => vscode.FileSystemError.FileNotFound(uri);
  const provider = {
    onDidChangeFile: changed.event,
    watch: () => ({ dispose() {} }),
    async stat(uri) {
      await filled;
      const bytes = files.get(uri.path);
      if (uri.path === "/") return { type: vscode.FileType.Directory, ctime: 0, mtime: 0, size: 0 };
      if (bytes === undefined) throw missing(uri);
      return { type: vscode.FileType.File, ctime: 0, mtime: 0, size: bytes.length };
    },
    async readDirectory() {
      await filled;
      return [...files.keys()].map((path) => [path.slice(1), vscode.FileType.File]);
    },
    async readFile(uri) {
      await filled;
      const bytes = files.get(uri.path);
      if (bytes === undefined) throw missing(uri);
      return bytes;
    },
    async writeFile(uri, content) {
      await filled;
      files.set(uri.path, content);
    },
    createDirectory() {},
    delete() {},
    rename() {},
  };
  context.subscriptions.push(vscode.workspace.registerFileSystemProvider("memfs", provider));
};
