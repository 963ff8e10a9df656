/** In place of `engines/folder.ts` in the browser: what lies beside the code is on no disk that could be read. */
import type { Folder } from "../folder.ts";

export const notVisible = (): null => null;

export const readFolder = async (): Promise<Folder> => ({ files: new Map(), omitted: [] });
