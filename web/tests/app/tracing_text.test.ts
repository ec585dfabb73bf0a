import { afterEach, expect, test } from "vitest";
import { paperText } from "../../src/app/tracing_text";
import { setLanguage } from "../../src/i18n";

afterEach(() => setLanguage("en"));

test.each([
  ["a sheet of 10 s", 0, 10, 10, "0 to 10 s of 10 s"],
  ["of 5 s", 0, 5, 5, "0 to 5 s of 5 s; columns overlap in time"],
  ["of 60 s", 20, 30, 60, "20 to 30 s of 60 s; the rest is not shown"],
  ["of the end of 35 s", 30, 35, 35, "30 to 35 s of 35 s; columns overlap in time; the rest is not shown"],
  ["two sheets, the last of 5 s", 20, 35, 35, "20 to 35 s of 35 s; columns overlap in time; the rest is not shown"],
])("%s says what it shows", (_, from, to, of, said) => {
  expect(paperText().extent(from, to, of, true)).toBe(said);
});

test("leads below each other neither overlap nor end", () => {
  expect(paperText().extent(0, 5, 60, false)).toBe("0 to 5 s of 60 s");
});

test("in Arabic too", () => {
  setLanguage("ar");
  expect(paperText().extent(0, 5, 60, true)).toBe("من 0 إلى 5 ث من أصل 60 ث؛ الأعمدة متداخلة زمنيًا؛ لا تُعرض البقية");
});
