/** Colours of a figure: the palette, and matplotlib's colour maps as far as d3 has them. */
import * as d3 from "d3";

const MAPS: Readonly<Record<string, (share: number) => string>> = {
  viridis: d3.interpolateViridis,
  plasma: d3.interpolatePlasma,
  inferno: d3.interpolateInferno,
  magma: d3.interpolateMagma,
  cividis: d3.interpolateCividis,
  turbo: d3.interpolateTurbo,
  jet: d3.interpolateTurbo,
  rainbow: d3.interpolateRainbow,
  hsv: d3.interpolateRainbow,
  gray: d3.interpolateRgb("black", "white"),
  gist_gray: d3.interpolateRgb("black", "white"),
  Greys: d3.interpolateGreys,
  binary: d3.interpolateRgb("white", "black"),
  Blues: d3.interpolateBlues,
  Greens: d3.interpolateGreens,
  Reds: d3.interpolateReds,
  Oranges: d3.interpolateOranges,
  Purples: d3.interpolatePurples,
  YlGn: d3.interpolateYlGn,
  YlGnBu: d3.interpolateYlGnBu,
  YlOrRd: d3.interpolateYlOrRd,
  GnBu: d3.interpolateGnBu,
  BuPu: d3.interpolateBuPu,
  hot: d3.interpolateRgbBasis(["black", "red", "yellow", "white"]),
  cool: d3.interpolateRgb("cyan", "magenta"),
  coolwarm: d3.interpolateRgbBasis(["#3b4cc0", "#dddddd", "#b40426"]),
  bwr: d3.interpolateRgbBasis(["blue", "white", "red"]),
  seismic: d3.interpolateRgbBasis(["#00004d", "blue", "white", "red", "#800000"]),
  RdBu: d3.interpolateRdBu,
  RdYlBu: d3.interpolateRdYlBu,
  RdYlGn: d3.interpolateRdYlGn,
  PiYG: d3.interpolatePiYG,
  PRGn: d3.interpolatePRGn,
  BrBG: d3.interpolateBrBG,
  Spectral: d3.interpolateSpectral,
  tab10: (share) => d3.schemeCategory10[Math.min(9, Math.floor(share * 10))] as string,
  Set1: (share) => d3.schemeSet1[Math.min(8, Math.floor(share * 9))] as string,
  Paired: (share) => d3.schemePaired[Math.min(11, Math.floor(share * 12))] as string,
};

/** The map of that name (`_r` reversed); viridis, which is matplotlib's own default, for one that is not here. */
export function colorMap(name: string): (share: number) => string {
  const reversed = name.endsWith("_r");
  const plain = reversed ? name.slice(0, -2) : name;
  const map = (Object.hasOwn(MAPS, plain) ? MAPS[plain] : undefined) ?? d3.interpolateViridis;
  return reversed ? (share) => map(1 - share) : map;
}

/** Shades of one map that are told apart. */
export const SHADES = 64;

/** A colour as trace/figure.ts writes it, for a drawing; text that stands on the page's own ground keeps its colour. */
export function colorOf(given: string): string {
  const at = given.indexOf("@");
  if (at > 0) return colorMap(given.slice(0, at))(Number(given.slice(at + 1)));
  if (/^C\d$/.test(given)) return d3.schemeCategory10[Number(given[1])] as string;
  // matplotlib's black is drawn on white; here the ground may be dark.
  if (given === "black" || given === "currentcolor" || given === "#000000") return "currentColor";
  return d3.color(given)?.formatHex() ?? (d3.schemeCategory10[0] as string);
}
