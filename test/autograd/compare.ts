/** Where two results of the harness differ: names, numbers of edges and truth values exactly, floats closely. */

/** Floats are within this of each other, relative to the larger: a few units in the last place of a float32. */
const RELATIVE = 2e-6;
const ABSOLUTE = 2e-7;

/** One line per difference, with the way to it; none where the results agree. */
export function differ(ours: unknown, theirs: unknown, at = ""): string[] {
  if (Array.isArray(ours) && Array.isArray(theirs)) {
    if (ours.length !== theirs.length)
      return [
        `${at}: ${ours.length} items, PyTorch has ${theirs.length}: ${text(ours)} against ${text(theirs)}`,
      ];
    return ours.flatMap((item, i) => differ(item, theirs[i], `${at}[${i}]`));
  }
  if (isObject(ours) && isObject(theirs)) {
    const keys = [...new Set([...Object.keys(ours), ...Object.keys(theirs)])];
    return keys.flatMap((key) => differ(ours[key], theirs[key], `${at}.${key}`));
  }
  if (typeof ours === "string" && typeof theirs === "string" && close(pythonFloat(ours), pythonFloat(theirs)))
    return [];
  return ours === theirs ? [] : [`${at}: ${text(ours)}, PyTorch has ${text(theirs)}`];
}

function close(x: number | null, y: number | null): boolean {
  if (x === null || y === null) return false;
  if (Number.isNaN(x) || Number.isNaN(y)) return Number.isNaN(x) && Number.isNaN(y);
  return x === y || Math.abs(x - y) <= ABSOLUTE + RELATIVE * Math.min(Math.abs(x), Math.abs(y));
}

/** `nan`, `inf`, `1e-05`: as Python prints a float; null for any other text. */
export function pythonFloat(written: string): number | null {
  const special = { nan: Number.NaN, inf: Number.POSITIVE_INFINITY, "-inf": Number.NEGATIVE_INFINITY }[
    written
  ];
  if (special !== undefined) return special;
  return /^-?\d+(\.\d+)?(e[-+]\d+)?$/.test(written) ? Number(written) : null;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

const text = (value: unknown): string => {
  const json = JSON.stringify(value) ?? "nothing";
  return json.length > 160 ? `${json.slice(0, 160)}…` : json;
};
