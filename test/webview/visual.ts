/**
 * Pictures of the panel held against kept ones. What is kept is small: the picture averaged down to cells of grey, so
 * that another machine's fonts and smoothing do not matter, and a thing that is gone, moved or recoloured does.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import type { Page } from "playwright-core";

const COLUMNS = 36;
const ROWS = 24;
/** Of 255. Cells whose grey differs by more are counted… */
export const CELL_TOLERANCE = 8;
/** …and as a share of all cells there may be as many as this. */
export const SHARE_TOLERANCE = 0.04;

export interface Look {
  readonly columns: number;
  readonly rows: number;
  /** Greys from 0 to 255, row by row. */
  readonly cells: readonly number[];
}

/** The page as it is now, averaged down. */
export async function lookOf(page: Page): Promise<Look> {
  const png = (await page.screenshot({ animations: "disabled" })).toString("base64");
  const blank = await page.context().newPage();
  try {
    const cells = await blank.evaluate<number[]>(`(async () => {
      const image = new Image();
      image.src = "data:image/png;base64,${png}";
      await image.decode();
      const canvas = new OffscreenCanvas(image.width, image.height);
      const context = canvas.getContext("2d", { willReadFrequently: true });
      context.drawImage(image, 0, 0);
      const { data, width, height } = context.getImageData(0, 0, image.width, image.height);
      const cells = [];
      for (let row = 0; row < ${ROWS}; row++)
        for (let column = 0; column < ${COLUMNS}; column++) {
          let total = 0, count = 0;
          for (let y = Math.floor(row * height / ${ROWS}); y < Math.floor((row + 1) * height / ${ROWS}); y++)
            for (let x = Math.floor(column * width / ${COLUMNS}); x < Math.floor((column + 1) * width / ${COLUMNS}); x++) {
              const i = 4 * (y * width + x);
              total += 0.299 * data[i] + 0.587 * data[i + 1] + 0.114 * data[i + 2];
              count++;
            }
          cells.push(Math.round(total / count));
        }
      return cells;
    })()`);
    return { columns: COLUMNS, rows: ROWS, cells };
  } finally {
    await blank.close();
  }
}

/** The share of cells that differ by more than the tolerance. */
export function apart(a: Look, b: Look): number {
  if (a.columns !== b.columns || a.rows !== b.rows) return 1;
  const differing = a.cells.filter((grey, i) => Math.abs(grey - (b.cells[i] ?? 0)) > CELL_TOLERANCE).length;
  return differing / a.cells.length;
}

const FOLDER = new URL("../recorded/looks/", import.meta.url);

/** The kept look of that name; with BACKSTEP_KEEP_LOOKS=1 `now` becomes it. */
export function keptLook(name: string, now: Look): Look {
  const file = new URL(`${name.replace(/[^a-z0-9]+/gi, "-")}.json`, FOLDER);
  if (process.env.BACKSTEP_KEEP_LOOKS === "1") {
    mkdirSync(FOLDER, { recursive: true });
    writeFileSync(file, `${JSON.stringify(now)}\n`);
  }
  if (!existsSync(file))
    throw new Error(`no look is kept for "${name}": look at it, then run once with BACKSTEP_KEEP_LOOKS=1`);
  return JSON.parse(readFileSync(file, "utf8")) as Look;
}
