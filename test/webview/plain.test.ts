import fc from "fast-check";
import { expect, test } from "vitest";
import { columns, plain, plainLines } from "../../webview/plain.ts";

const RIGHT_TO_LEFT =
  /([\p{Script=Hebrew}\p{Script=Arabic}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}])\u200e/gu;

test("text within the limit is left as it is", () => {
  expect(plain("torch.mul(*(x**2))", 30)).toBe("torch.mul(*(x**2))");
  expect(plain("한국어 이름", 30)).toBe("한국어 이름");
});

test("nothing is wider than its limit, and nothing unseen is left", () => {
  fc.assert(
    fc.property(
      fc.string({ unit: "binary", maxLength: 200 }),
      fc.integer({ min: 1, max: 60 }),
      (text, limit) => {
        const shown = plain(text, limit);
        expect(columns(shown)).toBeLessThanOrEqual(Math.max(limit, 1));
        // But for the one mark that keeps code in order after a name from right to left.
        expect(shown.replaceAll(RIGHT_TO_LEFT, "$1")).not.toMatch(/[\p{Cc}\p{Cf}]/u);
      },
    ),
  );
});

test("characters that turn the reading direction are shown by their code", () => {
  expect(plain("a\u202Eb", 30)).toBe("a⟨U+202E⟩b");
  expect(plainLines("one\u2066\ntwo\u0000", 100)).toBe("one⟨U+2066⟩\ntwo⟨U+0000⟩");
});

test("lines stay lines, and a flood is cut", () => {
  expect(plain("a\n  b", 30)).toBe("a b");
  expect(plainLines("abcdef", 3)).toBe("abc…");
});

test("after a name from right to left the code goes on from left to right", () => {
  expect(plain("(משקל**2).sum()", 40)).toBe("(משקל\u200e**2).sum()");
  expect(plain("الخطأ = 145", 40)).toBe("الخطأ\u200e = 145");
  // The mark takes no room, and is not a way to hide anything: one that was given is shown by its code.
  expect(plain("משקל**2", 7)).toBe("משקל\u200e**2");
  expect(plain("a\u200e", 20)).toBe("a⟨U+200E⟩");
  expect(plain(plain("משקל**2", 30), 30)).toBe("משקל\u200e**2");
});
