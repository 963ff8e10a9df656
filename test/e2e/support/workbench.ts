/** A real VS Code with the built extension, driven through its page as a person would. */
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, FrameLocator, Locator, Page } from "playwright-core";
import { type HOSTS, install, ROOT, type Running, serve } from "../../../scripts/host.mjs";
import { launch } from "./browser.ts";

const VSIX = join(ROOT, "backstep.vsix");
const ARTEFACTS = join(ROOT, "test", "artefacts");
const SETTINGS = {
  "security.workspace.trust.enabled": false,
  "workbench.startupEditor": "none",
  "chat.disableAIFeatures": true,
  "workbench.secondarySideBar.defaultVisibility": "hidden",
  "telemetry.telemetryLevel": "off",
  "editor.hover.delay": 50,
  "editor.minimap.enabled": false,
};

export interface WorkbenchOptions {
  readonly host: keyof typeof HOSTS;
  /** Files of the workspace by name; a copy of examples/ is there too. */
  readonly files?: Readonly<Record<string, string>>;
  readonly settings?: Readonly<Record<string, unknown>>;
}

export class Workbench {
  private constructor(
    readonly host: keyof typeof HOSTS,
    readonly page: Page,
    readonly folder: string,
    private readonly profile: string,
    private readonly server: Running,
    private readonly browser: Browser,
  ) {}

  static async open({ host, files = {}, settings = {} }: WorkbenchOptions): Promise<Workbench> {
    if (!existsSync(VSIX)) throw new Error("backstep.vsix is missing: run `npm run package` first");
    const profile = mkdtempSync(join(tmpdir(), "backstep-e2e-"));
    const folder = join(profile, "workspace");
    cpSync(join(ROOT, "examples"), folder, { recursive: true });
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
    const server = await serve(install(host), {
      profile,
      vsix: VSIX,
      settings: { ...SETTINGS, ...settings },
    });
    const browser = await launch();
    const context = await browser.newContext({ viewport: { width: 1500, height: 940 } });
    await context.grantPermissions(["clipboard-read", "clipboard-write"]);
    const page = await context.newPage();
    page.setDefaultTimeout(30_000);
    await page.goto(`${server.url}/?folder=${encodeURIComponent(folder)}`);
    await page.locator(".monaco-workbench").waitFor();
    await page.locator(".explorer-folders-view .monaco-list-row").first().waitFor();
    return new Workbench(host, page, folder, profile, server, browser);
  }

  async close(): Promise<void> {
    await this.browser.close();
    await this.server.stop();
    rmSync(this.profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }

  /** Open a file of the workspace in an editor of its own and put the focus there. */
  async openFile(name: string): Promise<void> {
    await this.page.keyboard.press("Control+p");
    await this.quickInput.fill(name);
    await this.page.locator(".quick-input-list .monaco-list-row", { hasText: name }).first().waitFor();
    await this.page.keyboard.press("Enter");
    await this.page.locator(".tabs-container .tab.active", { hasText: name }).waitFor();
    await this.page.locator(".editor-group-container.active .view-line").first().waitFor();
  }

  /** Put the cursor on a line and column, both from one as the status bar shows them. */
  async goTo(line: number, column = 1): Promise<void> {
    await this.page.keyboard.press("Control+g");
    await this.quickInput.fill(`:${line}:${column}`);
    await this.page.keyboard.press("Enter");
    await this.quickInput.waitFor({ state: "hidden" });
  }

  /** Run a command by its full title from the command palette. */
  async command(title: string): Promise<void> {
    await this.page.keyboard.press("F1");
    await this.quickInput.fill(`>${title}`);
    const row = this.page.locator(".quick-input-list .monaco-list-row").filter({
      has: this.page.locator(".label-name", { hasText: new RegExp(`^${escape(title)}$`) }),
    });
    await row.first().click();
    await this.quickInput.waitFor({ state: "hidden" });
  }

  get quickInput(): Locator {
    return this.page.locator(".quick-input-widget .quick-input-box input");
  }

  /** The page inside the panel's webview. */
  get panel(): FrameLocator {
    return this.page.frameLocator("iframe.webview.ready").frameLocator("#active-frame");
  }

  /** The text of the Backstep item of the status bar; it is in the page only while shown. */
  get status(): Locator {
    return this.page.locator(".statusbar-item", { hasText: "Backstep" });
  }

  get notifications(): Locator {
    return this.page.locator(".notifications-toasts .notification-list-item-message");
  }

  async dismissNotifications(): Promise<void> {
    await this.page.keyboard.press("F1");
    await this.quickInput.fill(">Notifications: Clear All Notifications");
    await this.page.keyboard.press("Enter");
    await this.quickInput.waitFor({ state: "hidden" });
  }

  /** What the hover over a place of the active editor says, line and column from one. */
  async hover(line: number, column: number): Promise<string> {
    await this.goTo(line, column);
    await this.command("Show or Focus Hover");
    const hover = this.page.locator(".monaco-hover:visible").first();
    await hover.waitFor();
    const text = await hover.innerText();
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

  /** Keep a picture of the whole window. */
  async screenshot(name: string): Promise<void> {
    mkdirSync(ARTEFACTS, { recursive: true });
    await this.page.screenshot({ path: join(ARTEFACTS, `${this.host}-${name}.png`) });
  }
}

const escape = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
