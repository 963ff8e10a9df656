import { expect, test } from "vitest";
import { remembering } from "../../webview/layout/remember.ts";

interface Plan {
  readonly width: number;
}

function counted(worth: (answer: object) => boolean) {
  const asked: number[] = [];
  const ask = async ({ width }: Plan) => {
    asked.push(width);
    return { area: width * width };
  };
  return { asked, place: remembering(ask, worth, 3) };
}

test("an equal question gets the very same answer without asking again", async () => {
  const { asked, place } = counted(() => true);
  const first = await place({ width: 40 });
  expect(await place({ width: 40 })).toBe(first);
  expect(asked).toEqual([40]);
});

test("only the last few answers are remembered", async () => {
  const { asked, place } = counted(() => true);
  for (const width of [1, 2, 3, 4, 4, 2, 1]) await place({ width });
  expect(asked).toEqual([1, 2, 3, 4, 1]);
});

test("an answer that is not worth it is asked for again", async () => {
  const { asked, place } = counted(() => false);
  for (const width of [1, 1]) await place({ width });
  expect(asked).toEqual([1, 1]);
});
