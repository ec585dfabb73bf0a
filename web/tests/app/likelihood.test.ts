import { expect, test } from "vitest";
import { bands, likelihood, percent, probability } from "../../src/app/likelihood";

test.each([
  [1, "> 99\u00a0%", "virtually certain"],
  [0.995, "> 99\u00a0%", "virtually certain"],
  [0.9949, "99\u00a0%", "virtually certain"],
  [0.9851, "99\u00a0%", "virtually certain"],
  [0.9849, "98\u00a0%", "extremely likely"],
  [0.9451, "95\u00a0%", "extremely likely"],
  [0.9449, "94\u00a0%", "very likely"],
  [0.8951, "90\u00a0%", "very likely"],
  [0.8949, "89\u00a0%", "likely"],
  [0.6551, "66\u00a0%", "likely"],
  [0.6549, "65\u00a0%", "more likely than not"],
  [0.5, "50\u00a0%", "more likely than not"],
  [0.4949, "49\u00a0%", "about as likely as not"],
  [0.33, "33\u00a0%", "about as likely as not"],
  [0.3249, "32\u00a0%", "unlikely"],
  [0.125, "12\u00a0%", "unlikely"],
  [0.375, "38\u00a0%", "about as likely as not"],
  [0.0051, "1\u00a0%", "unlikely"],
  [0.005, "< 1\u00a0%", "unlikely"],
])("%d is %s: the number, rounded as in Python, chooses the word %s", (share, percents, word) => {
  expect(percent(share)).toBe(percents);
  expect(likelihood(share)).toBe(word);
});

test("what is not sure has no word for how likely it is", () => {
  expect(probability({ probability: 0.97, abstained: false })).toBe("extremely likely, 97\u00a0%");
  expect(probability({ probability: 0.97, abstained: true })).toBe("97\u00a0%");
});

test("only words that can be said are listed, each from where it can", () => {
  expect(bands(0.73)).toEqual([
    { from: 99, word: "virtually certain" },
    { from: 95, word: "extremely likely" },
    { from: 90, word: "very likely" },
    { from: 73, word: "likely" },
  ]);
  expect(bands(0.9)).toHaveLength(3);
  expect(bands(0).at(-1)).toEqual({ from: 0, word: "unlikely" });
});
