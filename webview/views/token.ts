/** The gradient on its way: a token with its value travels up each wire that the step sends it along. */
import * as d3 from "d3";
import { columns } from "../plain.ts";

const SVG = "http://www.w3.org/2000/svg";
/** Ms from end to end. */
const JOURNEY = 420;
const COLUMN = 7.2;
const PAD = 12;
const HEIGHT = 20;

const still = window.matchMedia("(prefers-reduced-motion: reduce)");

/** Along every wire in `picture` that carries what the current step has just sent; nothing where motion is not wanted. */
export function travel(picture: Element): void {
  if (still.matches) return;
  const world = picture.querySelector("g.world");
  if (world === null) return;
  for (const left of world.querySelectorAll("g.token")) left.remove();
  const wires = [...world.querySelectorAll<SVGGElement>("g.wire.now")];
  const chips = [...world.querySelectorAll<SVGGElement>("g.chip.now")];
  for (const wire of wires) {
    const path = wire.querySelector<SVGPathElement>("path.gradient");
    if (path === null) continue;
    const chip = chips.find((each) => sameWire(each, wire));
    send(world, path, chip?.querySelector("text")?.textContent ?? "", hueOf(wire));
  }
}

/** Whether a chip is that of a wire: both were drawn from it. */
function sameWire(chip: SVGGElement, wire: SVGGElement): boolean {
  const drawn = d3.select<SVGGElement, { readonly wire?: { readonly id: string } } | undefined>(chip).datum();
  const own = d3.select<SVGGElement, { readonly id: string } | undefined>(wire).datum();
  return drawn?.wire !== undefined && drawn.wire.id === own?.id;
}

const hueOf = (wire: Element): string =>
  /hue-\d/.exec(wire.querySelector(".gradient")?.parentElement?.getAttribute("class") ?? "")?.[0] ?? "";

function send(world: Element, path: SVGPathElement, text: string, hue: string): void {
  const token = document.createElementNS(SVG, "g");
  token.setAttribute("class", `token ${hue}`.trim());
  token.setAttribute("aria-hidden", "true");
  const body = document.createElementNS(SVG, "rect");
  const width = text === "" ? HEIGHT : columns(text) * COLUMN + PAD;
  for (const [name, value] of [
    ["x", -width / 2],
    ["y", -HEIGHT / 2],
    ["width", width],
    ["height", HEIGHT],
    ["rx", HEIGHT / 2],
  ] as const)
    body.setAttribute(name, String(value));
  const words = document.createElementNS(SVG, "text");
  words.setAttribute("text-anchor", "middle");
  words.setAttribute("y", "4");
  words.textContent = text;
  token.append(body, words);
  world.append(token);
  const begun = performance.now();
  const frame = (now: number): void => {
    // A picture that is drawn anew under way may have left the path without points.
    const length = path.getTotalLength();
    if (length === 0) {
      token.remove();
      return;
    }
    const done = Math.min(1, (now - begun) / JOURNEY);
    // The path runs the forward way; the gradient goes up it.
    const { x, y } = path.getPointAtLength(length * (1 - ease(done)));
    token.setAttribute("transform", `translate(${x},${y})`);
    if (done < 1 && token.isConnected && path.isConnected) requestAnimationFrame(frame);
    else token.remove();
  };
  frame(begun);
}

const ease = (t: number): number => (t < 0.5 ? 2 * t * t : 1 - (2 - 2 * t) ** 2 / 2);
