import { expect, test } from "vitest";
import { isTable } from "../../src/app/folders";

const lines = (n: number, line: string) => `${line}\n`.repeat(n);

test.each([
  ["rows with a header", `# fs=500\nI,II\n${lines(10, "0.1,-0.2")}`, true],
  ["rows of tabs and decimal commas", lines(12, "0,1\t-2,5e-3"), true],
  ["too few rows", lines(9, "1,2"), false],
  ["one column", lines(50, "1.5"), false],
  ["prose", lines(50, "On 1, 2 and 3 May it rained."), false],
  ["prose with a table in it", lines(10, "1,2") + lines(10, "see above"), false],
  ["nothing", "", false],
])("a text of %s", (_, text, is) => {
  expect(isTable(text)).toBe(is);
});
