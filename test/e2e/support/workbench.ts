/** A real VS Code with the built extension, driven through its page as a person would. */
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createVSIX } from "@vscode/vsce";
import type { Browser, FrameLocator, Locator, Page } from "playwright-core";
import { type HOSTS, install, ROOT, type Running, serve } from "../../../scripts/host.mjs";
import { launch } from "./browser.ts";
import { serveWeb } from "./web.ts";

const VSIX = join(ROOT, "backstep.vsix");
const ARTEFACTS = join(ROOT, "test", "artefacts");
const SETTINGS = {
  "security.workspace.trust.enabled": false,
  "workbench.startupEditor": "none",
  "chat.disableAIFeatures": true,
  "workbench.secondarySideBar.defaultVisibility": "hidden",
  "telemetry.telemetryLevel": "off",
  "remote.autoForwardPorts": false,
  "files.autoSave": "off",
  "editor.hover.delay": 50,
  "editor.minimap.enabled": false,
};

export interface WorkbenchOptions {
  readonly host: keyof typeof HOSTS;
  /** Files of the workspace by name; a copy of examples/ is there too. */
  readonly files?: Readonly<Record<string, string>>;
  readonly settings?: Readonly<Record<string, unknown>>;
  /** Folders of extensions of the tests' own, installed as well. */
  readonly extensions?: readonly string[];
}

export class Workbench {
  private constructor(
    readonly host: keyof typeof HOSTS | "web",
    readonly page: Page,
    readonly folder: string,
    private readonly profile: string,
    private readonly server: Running,
    private readonly browser: Browser,
  ) {}

  static async open({
    host,
    files = {},
    settings = {},
    extensions = [],
  }: WorkbenchOptions): Promise<Workbench> {
    if (!existsSync(VSIX)) throw new Error("backstep.vsix is missing: run `npm run package` first");
    const profile = mkdtempSync(join(tmpdir(), "backstep-e2e-"));
    const folder = join(profile, "workspace");
    cpSync(join(ROOT, "examples"), folder, { recursive: true });
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), text);
    }
    const own = await Promise.all(extensions.map((path, at) => packed(path, join(profile, `${at}.vsix`))));
    const server = await serve(install(host), {
      profile,
      vsix: [VSIX, ...own],
      settings: { ...SETTINGS, ...settings },
    });
    const browser = await launch();
    const context = await browser.newContext({ viewport: { width: 1500, height: 940 } });
    await context.grantPermissions(["clipboard-read", "clipboard-write"]);
    const page = await context.newPage();
    page.setDefaultTimeout(40_000);
    await page.goto(`${server.url}/?folder=${encodeURIComponent(folder)}`);
    const workbench = new Workbench(host, page, folder, profile, server, browser);
    await workbench.ready();
    return workbench;
  }

  /** VS Code in the browser alone, with a workspace in memory that holds `files`, and the examples. */
  static async inBrowser(files: Readonly<Record<string, string>>): Promise<Workbench> {
    const examples = readdirSync(join(ROOT, "examples")).map((name) => [
      name,
      readFileSync(join(ROOT, "examples", name), "utf8"),
    ]);
    const server = await serveWeb({ ...Object.fromEntries(examples), ...files }, SETTINGS);
    const browser = await launch();
    const page = await browser.newPage({ viewport: { width: 1500, height: 940 } });
    page.setDefaultTimeout(40_000);
    await page.goto(server.url);
    const profile = mkdtempSync(join(tmpdir(), "backstep-e2e-"));
    const workbench = new Workbench("web", page, "/", profile, server, browser);
    await workbench.ready();
    return workbench;
  }

  async close(): Promise<void> {
    await this.browser.close();
    await this.server.stop();
    rmSync(this.profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }

  /** Open a file of the workspace's top folder in an editor and put the focus there. */
  async openFile(name: string): Promise<void> {
    await this.openTab(name);
    await this.page.locator(".editor-group-container.active .view-line").first().waitFor();
  }

  async openNotebook(name: string): Promise<void> {
    await this.openTab(name);
    await this.page.locator(".notebook-editor .cell-list-container .view-line").first().waitFor();
  }

  private async openTab(name: string): Promise<void> {
    await this.focusEditor();
    const row = this.page.locator(".explorer-folders-view .monaco-list-row").filter({
      has: this.page.locator(".label-name", { hasText: new RegExp(`^${literal(name)}$`) }),
    });
    // Another view may stand where the explorer was, after a debug session for one.
    if (!(await row.isVisible())) await this.page.keyboard.press("Control+Shift+E");
    await row.dblclick();
    await this.page.locator(".tabs-container .tab.active", { hasText: name }).first().waitFor();
  }

  /** Bring the focus from the panel back to the first editor group. */
  async focusEditor(): Promise<void> {
    await this.page.keyboard.press("Control+1");
    await this.page.locator(".editor-group-container.active").first().waitFor();
  }

  /** Put the cursor on a line and column, both from one as the status bar shows them. */
  async goTo(line: number, column = 1): Promise<void> {
    for (let attempt = 0; ; attempt++) {
      await this.focusEditor();
      await this.page.keyboard.press("Control+g");
      try {
        // Where a view takes the focus just then, the field closes again.
        await this.quickInput.fill(`:${line}:${column}`, { timeout: 4000 });
        break;
      } catch (error) {
        if (attempt === 4) throw error;
      }
    }
    await this.page.keyboard.press("Enter");
    await this.quickInput.waitFor({ state: "hidden" });
  }

  /** Run a command by its full title from the command palette; where a view takes the focus, the palette closes: then again. */
  async command(title: string): Promise<void> {
    for (let attempt = 0; ; attempt++) {
      const row = await this.find(title);
      try {
        await row.click({ timeout: 4000 });
        break;
      } catch (error) {
        if (attempt === 4) throw error;
      }
    }
    await this.quickInput.waitFor({ state: "hidden" });
  }

  /** Open the command palette and find a command by its full title. */
  private async find(title: string): Promise<Locator> {
    const row = this.page
      .locator(".quick-input-list .monaco-list-row")
      .filter({ has: this.page.locator(".label-name", { hasText: new RegExp(`^${literal(title)}$`) }) })
      .first();
    // The palette lists what is enabled when it opens: a command may become so a moment later.
    for (let attempt = 0; attempt < 8; attempt++) {
      await this.page.keyboard.press("F1");
      // A view that takes the focus just then closes it again.
      const isOpen = await this.quickInput.fill(`>${title}`, { timeout: 5000 }).then(
        () => true,
        () => false,
      );
      if (!isOpen) continue;
      const listed = await row.waitFor({ timeout: 3000 }).then(
        () => true,
        () => false,
      );
      if (listed) return row;
      await this.page.keyboard.press("Escape");
    }
    throw new Error(`the command palette does not list ${title}`);
  }

  /** Answer VS Code's own dialog for a folder. It puts back its first folder while it still reads, and drops clicks. */
  async acceptFolder(folder: string): Promise<void> {
    const accept = this.page.locator(".quick-input-widget .monaco-button:visible", { hasText: "Open" });
    for (let attempt = 0; attempt < 20; attempt++) {
      await accept.waitFor();
      await this.quickInput.fill(`${folder}/`);
      await this.page.waitForTimeout(500);
      if ((await this.quickInput.inputValue()) !== `${folder}/`) continue;
      await accept.click();
      const answered = await this.quickInput.waitFor({ state: "hidden", timeout: 2000 }).then(
        () => true,
        () => false,
      );
      if (answered) return;
    }
    throw new Error(`the dialog does not take ${folder}`);
  }

  /** Answer VS Code's own dialog for a file to write. It may still put back the name that it was opened with. */
  async saveAs(path: string): Promise<void> {
    const accept = this.page.locator(".quick-input-widget .monaco-button:visible", {
      hasText: /^(Save|OK)$/,
    });
    for (let attempt = 0; attempt < 20; attempt++) {
      await accept.first().waitFor();
      await this.quickInput.fill(path);
      await this.page.waitForTimeout(500);
      if ((await this.quickInput.inputValue()) !== path) continue;
      await accept.first().click();
      const answered = await this.quickInput.waitFor({ state: "hidden", timeout: 2000 }).then(
        () => true,
        () => false,
      );
      if (answered) return;
    }
    throw new Error(`the dialog does not take ${path}`);
  }

  get quickInput(): Locator {
    return this.page.locator(".quick-input-widget .quick-input-box input");
  }

  /** The page inside the panel's webview. */
  get panel(): FrameLocator {
    return this.page
      .frameLocator('iframe.webview.ready[src*="extensionId=backstep."]')
      .frameLocator("#active-frame");
  }

  /** The text of the Backstep item of the status bar; it is in the page only while shown. */
  get status(): Locator {
    return this.page.locator(".statusbar-item", { hasText: "Backstep" });
  }

  /** Wait until the status bar item of Backstep says that. */
  async statusSays(text: string | RegExp): Promise<void> {
    await this.status.filter({ hasText: text }).first().waitFor();
  }

  /** Wait until the status bar item of Backstep has that icon. */
  async statusShows(icon: string): Promise<void> {
    await this.status.locator(`.codicon-${icon}`).first().waitFor();
  }

  /** Wait until the status bar gives the cursor's place so. */
  async cursorSays(text: RegExp): Promise<void> {
    await this.page.locator(".statusbar-item", { hasText: text }).first().waitFor();
  }

  /** What the marks on the current expression cover in the editor. */
  async marked(): Promise<string[]> {
    // The mark comes with the same change that moved the status bar, a moment later.
    await this.page.waitForTimeout(300);
    return this.page.evaluate<string[]>(MARKED);
  }

  /** How many errors the status bar counts. */
  async problems(): Promise<number> {
    const label = await this.page.locator("#status\\.problems").textContent();
    return Number(/\d+/.exec(label ?? "")?.[0]);
  }

  /** Change a setting of the person; the window is loaded anew, as no file watcher is compiled here. */
  async setting(name: string, value: unknown): Promise<void> {
    const path = join(this.profile, "data", "data", "User", "settings.json");
    const settings = JSON.parse(readFileSync(path, "utf8"));
    writeFileSync(path, JSON.stringify({ ...settings, [name]: value }, null, 2));
    await this.reload();
  }

  /** Load the window anew; VS Code writes down which editors are open before it goes. */
  async reload(): Promise<void> {
    const row = await this.find("Developer: Reload Window");
    await Promise.all([this.page.waitForEvent("load"), row.click()]);
    await this.ready();
  }

  /** Wait until the window stands, and until what extensions contribute is known to it. */
  private async ready(): Promise<void> {
    await this.page.locator(".monaco-workbench").waitFor();
    await this.page.locator(".explorer-folders-view .monaco-list-row").first().waitFor();
    await this.find("Backstep: Trace backward");
    await this.page.keyboard.press("Escape");
    await this.quickInput.waitFor({ state: "hidden" });
  }

  /** Ask something in the debug console: only once it has the focus, and has taken the whole text. */
  async evaluate(expression: string): Promise<void> {
    const input = this.page.locator(".repl-input-wrapper .monaco-editor");
    for (let attempt = 0; ; attempt++) {
      await this.command("Debug Console: Focus on Debug Console View");
      try {
        await this.page.locator(".repl-input-wrapper .monaco-editor.focused").waitFor({ timeout: 4000 });
        await this.page.keyboard.press("Control+a");
        await this.page.keyboard.insertText(expression);
        await input.locator(".view-line", { hasText: expression }).waitFor({ timeout: 4000 });
        break;
      } catch (error) {
        if (attempt === 4) throw error;
      }
    }
    await this.page.keyboard.press("Enter");
  }

  /** Wait until a line of the debug console has that text. */
  async consoleSays(text: string | RegExp): Promise<void> {
    const rows = this.page.locator(".repl .monaco-list-row");
    await rows
      .filter({ hasText: text })
      .first()
      .waitFor()
      .catch(async () => {
        const shown = (await rows.allInnerTexts()).join("\n");
        throw new Error(`the debug console does not say ${text}, but:\n${shown}`);
      });
  }

  /** Is there an unsaved editor? */
  async dirty(): Promise<boolean> {
    return (await this.page.locator(".tabs-container .tab.dirty").count()) > 0;
  }

  /** The text of a part of the panel as it is seen, each block on a line of its own. */
  async textOf(locator: Locator): Promise<string> {
    // Blocks must stay apart, as they are seen.
    return (await locator.innerText()).replaceAll("\u00a0", " ");
  }

  /** Select from a line and column to another, all from one. */
  async select(line: number, column: number, toLine: number, toColumn: number): Promise<void> {
    await this.goTo(line, column);
    for (let at = line; at < toLine; at++) await this.page.keyboard.press("Shift+ArrowDown");
    await this.page.keyboard.press("Shift+Home");
    for (let at = 1; at < toColumn; at++) await this.page.keyboard.press("Shift+ArrowRight");
  }

  get notifications(): Locator {
    return this.page.locator(".notifications-toasts .notification-list-item-message");
  }

  async dismissNotifications(): Promise<void> {
    if ((await this.notifications.count()) > 0) await this.command("Notifications: Clear All Notifications");
  }

  /** What the hover over a place of the active editor says, line and column from one. */
  async hover(line: number, column: number): Promise<string> {
    const hover = this.page.locator(".monaco-hover:visible:not(.workbench-hover)").first();
    let text: string | null = null;
    // A lens that comes above the line meanwhile moves the text and closes the hover: then it is asked for again.
    for (let attempt = 0; text === null; attempt++) {
      await this.goTo(line, column);
      // By its keys: the palette would leave the mouse over the text.
      await this.page.mouse.move(0, 0);
      await this.page.keyboard.press("Control+k");
      await this.page.keyboard.press("Control+i");
      // Lines must stay apart, as they are seen.
      text = await hover.innerText({ timeout: 5000 }).catch((error: unknown) => {
        if (attempt < 4) return null;
        throw error;
      });
    }
    await this.page.keyboard.press("Escape");
    await hover.waitFor({ state: "hidden" });
    return text.replaceAll("\u00a0", " ");
  }

  /** The whole text of the active text editor, through the clipboard. */
  async editorText(): Promise<string> {
    await this.page.keyboard.press("Control+a");
    await this.page.keyboard.press("Control+c");
    await this.page.keyboard.press("Escape");
    return this.page.evaluate<string>("navigator.clipboard.readText()");
  }

  /** Give the active text editor another text, at once. */
  async setText(text: string): Promise<void> {
    await this.focusEditor();
    await this.page.keyboard.press("Control+a");
    await this.page.keyboard.insertText(text);
  }

  /** The text of a line of the text editor that is open, from one, among those in sight; "" where there is none. */
  async lineText(number: number): Promise<string> {
    const lines = await this.page
      .locator(".editor-instance .view-line")
      .evaluateAll((all: { offsetTop: number; textContent: string | null }[]) =>
        all.sort((a, b) => a.offsetTop - b.offsetTop).map(({ textContent }) => textContent ?? ""),
      );
    return (lines[number - 1] ?? "").replaceAll("\u00a0", " ");
  }

  /** Keep a picture of the whole window. */
  async screenshot(name: string): Promise<void> {
    mkdirSync(ARTEFACTS, { recursive: true });
    await this.page.screenshot({ path: join(ARTEFACTS, `${this.host}-${name}.png`) });
  }
}

/**
 * Runs in the page: the text below each decoration that has the colour's border. Decorations lie over the text,
 * so the text is found by its place.
 */
const MARKED = `(() => {
  const boxes = [...document.querySelectorAll(".view-overlays .cdr")].filter((element) => {
    const { borderTopStyle, borderTopWidth } = getComputedStyle(element);
    return element.className.includes("ced-") && borderTopStyle === "solid" && borderTopWidth === "1px";
  });
  return boxes.map((element) => {
    const { left, right, top, bottom } = element.getBoundingClientRect();
    let text = "";
    for (const line of document.querySelectorAll(".view-lines .view-line")) {
      const walker = document.createTreeWalker(line, NodeFilter.SHOW_TEXT);
      while (walker.nextNode()) {
        for (let at = 0; at < walker.currentNode.data.length; at++) {
          const range = document.createRange();
          range.setStart(walker.currentNode, at);
          range.setEnd(walker.currentNode, at + 1);
          const box = range.getBoundingClientRect();
          const x = (box.left + box.right) / 2;
          const y = (box.top + box.bottom) / 2;
          if (x > left && x < right && y > top && y < bottom) text += walker.currentNode.data[at];
        }
      }
    }
    return text.replaceAll("\\u00a0", " ");
  });
})()`;

/** An extension's folder as a VSIX, which is all that a server installs. */
async function packed(cwd: string, packagePath: string): Promise<string> {
  await createVSIX({
    cwd,
    packagePath,
    dependencies: false,
    allowMissingRepository: true,
    skipLicense: true,
  });
  return packagePath;
}

const literal = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
