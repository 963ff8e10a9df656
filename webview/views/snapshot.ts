/** The drawn graph as a picture that needs nothing else: SVG with every look written into it, and PNG made from that. */

const SVG = "http://www.w3.org/2000/svg";
/** Room around the graph. */
const MARGIN = 16;
/** Longest side of a PNG, and its points per pixel of the drawing where that allows it. */
const LONGEST = 8192;
const SCALE = 2;

/** What a look is made of; whatever else a style sheet says has no effect on an SVG that stands alone. */
const LOOKS = [
  "fill",
  "fill-opacity",
  "stroke",
  "stroke-width",
  "stroke-dasharray",
  "stroke-linecap",
  "stroke-linejoin",
  "opacity",
  "font-family",
  "font-size",
  "font-weight",
  "font-style",
  "text-anchor",
  "visibility",
] as const;
/** What elements of these kinds may keep of their own attributes: shapes and places, and nothing that acts. */
const KEPT = /^(d|x|y|x1|x2|y1|y2|dx|dy|cx|cy|r|rx|ry|width|height|transform|points|viewBox|offset)$/;
const DRAWN = new Set([
  "svg",
  "g",
  "path",
  "rect",
  "circle",
  "ellipse",
  "line",
  "polyline",
  "polygon",
  "text",
  "tspan",
]);

export interface Snapshot {
  readonly text: string;
  readonly width: number;
  readonly height: number;
}

/** `world`: the group that is moved and zoomed; the picture is of all of it, as if it were neither. */
export function snapshot(svg: SVGSVGElement, world: SVGGElement): Snapshot {
  const box = world.getBBox();
  const [width, height] = [Math.ceil(box.width + 2 * MARGIN), Math.ceil(box.height + 2 * MARGIN)];
  const root = document.createElementNS(SVG, "svg");
  root.setAttribute("xmlns", SVG);
  root.setAttribute("viewBox", `${box.x - MARGIN} ${box.y - MARGIN} ${width} ${height}`);
  root.setAttribute("width", String(width));
  root.setAttribute("height", String(height));
  const ground = document.createElementNS(SVG, "rect");
  for (const [name, value] of [
    ["x", box.x - MARGIN],
    ["y", box.y - MARGIN],
    ["width", width],
    ["height", height],
    ["fill", getComputedStyle(svg.ownerDocument.body).backgroundColor],
  ] as const)
    ground.setAttribute(name, String(value));
  root.append(ground);
  const copy = copied(world);
  if (copy !== null) {
    copy.removeAttribute("transform");
    root.append(copy);
  }
  return { text: new XMLSerializer().serializeToString(root), width, height };
}

function copied(element: SVGElement): SVGElement | null {
  if (!DRAWN.has(element.tagName)) return null;
  const style = getComputedStyle(element);
  if (style.display === "none" || style.visibility === "hidden" || style.opacity === "0") return null;
  const copy = document.createElementNS(SVG, element.tagName);
  for (const { name, value } of element.attributes) if (KEPT.test(name)) copy.setAttribute(name, value);
  if (element.tagName !== "g")
    for (const look of LOOKS) {
      const value = style.getPropertyValue(look);
      if (value !== "") copy.setAttribute(look, value);
    }
  else if (style.opacity !== "1") copy.setAttribute("opacity", style.opacity);
  for (const child of element.childNodes) {
    if (child.nodeType === Node.TEXT_NODE) copy.append(child.textContent ?? "");
    else if (child instanceof SVGElement) {
      const inner = copied(child);
      if (inner !== null) copy.append(inner);
    }
  }
  return copy;
}

/** The snapshot as a PNG; smaller than twice the drawing where that would be too large for a canvas. */
export async function png({ text, width, height }: Snapshot): Promise<Blob> {
  const scale = Math.min(SCALE, LONGEST / Math.max(width, height));
  const image = new Image();
  image.src = `data:image/svg+xml;base64,${base64(new TextEncoder().encode(text))}`;
  await image.decode();
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(width * scale));
  canvas.height = Math.max(1, Math.round(height * scale));
  const context = canvas.getContext("2d");
  if (context === null) throw new Error("this browser gives no canvas to draw on");
  context.drawImage(image, 0, 0, canvas.width, canvas.height);
  return new Promise((done, fail) => {
    canvas.toBlob(
      (blob) => (blob === null ? fail(new Error("the picture is too large for a PNG")) : done(blob)),
      "image/png",
    );
  });
}

export function base64(bytes: Uint8Array): string {
  let binary = "";
  for (let i = 0; i < bytes.length; i += 0x8000)
    binary += String.fromCharCode(...bytes.subarray(i, i + 0x8000));
  return btoa(binary);
}
