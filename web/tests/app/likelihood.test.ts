import { expect, test } from "vitest";
import { likelihood, percent, probability } from "../../src/app/likelihood";

test.each([
  [1, "almost certain"],
  [0.99, "almost certain"],
  [0.9899, "extremely likely"],
  [0.95, "extremely likely"],
  [0.9499, "very likely"],
  [0.9, "very likely"],
  [0.8999, "likely"],
  [0.66, "likely"],
  [0.6599, "more likely than not"],
  [0.5, "more likely than not"],
  [0.4999, "about as likely as not"],
  [0.33, "about as likely as not"],
  [0.3299, "unlikely"],
  [0, "unlikely"],
])("%d is %s", (probability, words) => {
  expect(likelihood(probability)).toBe(words);
});

test.each([
  [1, "over 99\u00a0%"],
  [0.995, "over 99\u00a0%"],
  [0.9949, "99\u00a0%"],
  [0.754, "75\u00a0%"],
  [0.0051, "1\u00a0%"],
  [0.005, "under 1\u00a0%"],
  [0, "under 1\u00a0%"],
])("%d is never certain: %s", (probability, words) => {
  expect(percent(probability)).toBe(words);
});

test("what is not sure has no word for how likely it is", () => {
  expect(probability({ probability: 0.97, abstained: false })).toBe("extremely likely, 97\u00a0%");
  expect(probability({ probability: 0.97, abstained: true })).toBe("97\u00a0%");
});
