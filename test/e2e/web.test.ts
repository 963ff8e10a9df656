/** The core path in VS Code in the browser, where the engine lives in a worker. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { Workbench } from "./support/workbench.ts";

const PATIENCE = { timeout: 60_000 };
/** What a worker would have to reach out with; each that Python gets hold of says ESCAPED. (The worker looks at the rest itself.) */
const OUT = `
import js, os, sys, socket, subprocess, urllib.request, pyodide_js
from pyodide.code import run_js

REACHING = """fetch XMLHttpRequest WebSocket WebTransport EventSource BroadcastChannel MessageChannel postMessage
    importScripts Worker SharedWorker indexedDB caches navigator location self close Blob URL Request FileReaderSync
    WorkerGlobalScope WorkerNavigator FontFace Notification OffscreenCanvas setTimeout queueMicrotask addEventListener
    dispatchEvent onmessage openSandbox vscode acquireVsCodeApi require process""".split()
owners = [js, pyodide_js, pyodide_js._module, pyodide_js._api, pyodide_js._api.config.jsglobals]
owners += [made for made in (getattr(owner, "constructor", None) for owner in owners) if made is not None]
for owner in owners:
    for name in REACHING:
        if getattr(owner, name, None) is not None:
            print("ESCAPED", name)

def held(name, attempt):
    try:
        print("ESCAPED", name, attempt())
    except BaseException as error:
        print("held", name)

def read(path):
    with open(path) as file:
        return file.read()

held("network", lambda: urllib.request.urlopen("http://code.localhost/").read())
held("socket", lambda: socket.create_connection(("127.0.0.1", 80), 1))
held("process", lambda: subprocess.run(["ls"]))
held("shell", lambda: os.popen("ls").read())
held("file of the machine", lambda: read("/etc/passwd"))
held("file of the workspace", lambda: read("loop.py"))
held("code from text", lambda: run_js("globalThis"))
held("Function", lambda: js.Function("return this")())
held("constructor", lambda: pyodide_js.constructor.constructor("return this")())
held("constructor of a method", lambda: pyodide_js.FS.writeFile.constructor("return this")())
held("eval", lambda: js.eval("1"))
held("importScripts", lambda: js.importScripts("http://code.localhost/x.js"))
held("XHR", lambda: js.XMLHttpRequest.new())
held("indexedDB", lambda: js.indexedDB.open("x"))
held("a message to the host", lambda: js.postMessage("forged"))
held("a message to the extension", lambda: js.self.postMessage("forged"))
held("a worker of its own", lambda: js.Worker.new("data:text/javascript,0"))
held("a package from outside", lambda: pyodide_js.loadPackage("micropip"))

def climbed():
    try:
        pyodide_js.FS.readFile("/nowhere")
    except BaseException as error:
        return error.js_error.constructor.constructor("return this")()
    raise LookupError
held("constructor of an error", climbed)

print("end")
`;
const WALLS = /^(?:held [\w ]+\n){19}end\n$/;
const NOTEBOOK = JSON.stringify({
  cells: [
    "a = torch.tensor([3., 4.]).requires_grad_()\nprint('made')",
    "(a**2).sum().backward()\na.grad",
    "while True: pass",
  ].map((source) => ({ cell_type: "code", metadata: {}, source, execution_count: null, outputs: [] })),
  metadata: { language_info: { name: "python" } },
  nbformat: 4,
  nbformat_minor: 5,
});
const LOOP = "import torch\nprint('begun')\nwhile True: pass\n";

let workbench: Workbench;
beforeAll(async () => {
  workbench = await Workbench.inBrowser({ "loop.py": LOOP, "out.py": OUT, "cells.ipynb": NOTEBOOK });
});
afterAll(() => workbench?.close());
afterEach(({ task }) => workbench.screenshot(task.name.replace(/[^a-z0-9]+/gi, "-").slice(0, 60)));

const toolbar = () => workbench.page.locator(".debug-toolbar");
const button = (label: RegExp) =>
  toolbar()
    .locator("a.action-label")
    .and(workbench.page.getByRole("button", { name: label }));
/** Whatever the test before has left: no debug session, and the files in sight. */
beforeEach(async () => {
  if (await toolbar().isVisible()) {
    await button(/^Stop|^Disconnect/).click();
    await toolbar().waitFor({ state: "hidden" });
  }
  await workbench.page.keyboard.press("Control+Shift+E");
});

const card = () => workbench.panel.locator(".step-card");
const output = () => workbench.panel.locator(".output pre").textContent();

test("a block of a note is traced", async () => {
  await workbench.openFile("two-first-snippets.md");
  await workbench.goTo(28);
  await workbench.command("Backstep: Trace backward");
  await workbench.statusSays("Backstep: step 0 of 3");
  await expect
    .poll(output, PATIENCE)
    .toBe("tensor([3., 4.], requires_grad=True)\ntensor(25., grad_fn=<SumBackward0>)\ntensor([6., 8.])\n");
});

test("the walk goes on and back, with the mark in the editor", async () => {
  await workbench.command("Backstep: Step forward");
  await card().getByRole("heading", { name: "SumBackward0" }).waitFor();
  await workbench.command("Backstep: Step forward");
  await card().getByRole("heading", { name: "PowBackward0" }).waitFor();
  expect(await workbench.marked()).toEqual(["x**2"]);
  await workbench.command("Backstep: Step back");
  await card().getByRole("heading", { name: "SumBackward0" }).waitFor();
});

test("a hover tells shape, value and what was saved", async () => {
  const hover = await workbench.hover(19, 21);
  expect(hover).toContain("shape (2,)  ·  torch.float32  ·  grad_fn PowBackward0");
  expect(hover).toContain("_saved_exponent = 2");
});

test("gradients are checked", async () => {
  await workbench.goTo(28);
  await workbench.command("Backstep: Check gradients");
  await workbench.panel.locator(".why .answer", { hasText: "gradients agree, and none differs" }).waitFor();
});

test("the worker's walls hold", async () => {
  await workbench.openFile("out.py");
  await workbench.command("Backstep: Trace backward");
  await expect.poll(output, PATIENCE).toMatch(WALLS);
});

test("VS Code's debugger walks it, back as well, and its console runs Python", async () => {
  await workbench.openFile("two-first-snippets.md");
  await workbench.goTo(28);
  await workbench.command("Backstep: Debug backward pass");
  await toolbar().waitFor();
  await workbench.page.keyboard.press("Control+Shift+D");
  // Only then the controls mean anything.
  await workbench.page.locator(".debug-call-stack .monaco-list-row", { hasText: "y.backward()" }).waitFor();
  await workbench.statusSays("Backstep: step 0 of 3");
  await button(/^Step Over/).click();
  await workbench.statusSays("Backstep: step 1 of 3");
  await button(/^Step Over/).click();
  await workbench.statusSays("Backstep: step 2 of 3");
  await button(/^Step Back/).click();
  await workbench.statusSays("Backstep: step 1 of 3");
  await workbench.evaluate("upstream * 7");
  await workbench.consoleSays("tensor(7.)");
});

test("a notebook keeps what its cells made; one that does not end is interrupted, and the next one runs", async () => {
  await workbench.openNotebook("cells.ipynb");
  const outputs = workbench.page
    .frameLocator("iframe.webview.ready:not([src*='extensionId=backstep.'])")
    .frameLocator("#active-frame");
  const row = (text: string) =>
    workbench.page.locator(".notebook-editor .monaco-list-row", { hasText: text }).first();
  const run = async (text: string): Promise<void> => {
    await row(text).locator(".view-line").first().click();
    await row(text).hover();
    await row(text).locator(".run-button-container .action-label").first().click();
  };
  await run("print('made')");
  await outputs.getByText("made", { exact: true }).waitFor();
  await run("a.grad");
  await outputs.getByText("tensor([6., 8.])").waitFor();
  await outputs.getByText("SumBackward0").waitFor();
  await run("while True");
  await row("while True").locator(".run-button-container .codicon-notebook-stop").first().waitFor();
  await row("while True").locator(".run-button-container .action-label").first().click();
  await outputs.getByText("interpreter").first().waitFor();
  await run("print('made')");
  await outputs.getByText("made", { exact: true }).waitFor();
});

test("a run that does not end is cancelled, and the next one works", async () => {
  await workbench.openFile("loop.py");
  await workbench.command("Backstep: Trace backward");
  await workbench.panel.getByText("begun").waitFor();
  await workbench.command("Backstep: Cancel the run");
  await workbench.panel.getByText("was cancelled").waitFor();
  await workbench.openFile("two-first-snippets.md");
  await workbench.goTo(28);
  await workbench.command("Backstep: Trace backward");
  await workbench.statusSays("Backstep: step 0 of 3");
});
