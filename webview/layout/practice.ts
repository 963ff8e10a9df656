/** Plans of no trace, with all that plans have: what the layout worker runs itself in with. */
import type { Box, Line, Plan } from "./plan.ts";

/** How many plans; after these Graphviz is about as quick as it gets. */
const ROUNDS = 40;
/** Boxes in each: as many as in a group that is open. */
const BOXES = 11;

/** Chains whose boxes also feed the one after the next, with labels, ports and pins. */
export function* practice(): Generator<Plan, void> {
  for (let round = 0; round < ROUNDS; round++) yield planned(round);
}

function planned(round: number): Plan {
  const boxes = Array.from({ length: BOXES }, (_, i): Box => {
    const box = { id: `${i}`, width: 120 + round + 10 * (i % 4), height: 60 + 8 * (i % 3) };
    if (i === 0 || i === BOXES - 1) {
      const pin = i === 0 ? "top" : "bottom";
      return { ...box, width: 10, height: 2, inputs: [5], outputs: [5], pin };
    }
    return { ...box, inputs: [30, 90], outputs: [40, 80] };
  });
  const line = (from: number, to: number, port: number): Line => ({
    id: `${from} ${to}`,
    from: `${from}`,
    fromPort: from === 0 ? 0 : port,
    to: `${to}`,
    toPort: to === BOXES - 1 ? 0 : port,
    label: port === 0 ? 50 : 0,
    weight: port === 0 ? 2 : 1,
  });
  const next = boxes.slice(1).map((_, i) => line(i, i + 1, 0));
  const over = boxes.slice(3).map((_, i) => line(i, i + 3, 1));
  return { boxes, lines: [...next, ...over] };
}
