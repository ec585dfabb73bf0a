import { expect, test } from "vitest";
import { listCsv, listJson } from "../../src/app/exports";
import type { Finding } from "../../src/edge/decision";
import { words } from "../../src/edge/words";

const finding = {
  rhythm: "SR",
  name: "Sinus rhythm",
  probability: 0.91,
  probabilities: { SB: 0.09, SR: 0.91 },
  alternatives: [],
  heartRateBpm: null,
  abstained: false,
  reasons: [],
  quality: { verdict: "good", notes: [words("one"), words("two")], leads: [] },
  windows: [],
  model: "rhythm 0.1.0",
} as unknown as Finding;
const items = [
  { name: 'a "b", c.csv', finding },
  {
    name: "x.csv",
    failure: { kind: "UnknownFormatError", came: words("it is {what}", { what: "prose" }), todo: words("go") },
  },
] as const;

test("a list as CSV has the columns of the command line, and a row for what failed", () => {
  expect(listCsv(items, "rhythm 0.1.0", ["SB", "SR"])).toBe(
    "path,rhythm,name,probability,heart_rate_bpm,abstained,quality,notes,model,error,p_SB,p_SR\n" +
      '"a ""b"", c.csv",SR,Sinus rhythm,0.91,,False,good,one; two,rhythm 0.1.0,,0.09,0.91\n' +
      "x.csv,,,,,,,,rhythm 0.1.0,it is prose; go,,\n",
  );
});

test("a list as JSON has a line for each recording, as docs/json.md says", () => {
  const [found, failed] = listJson(items, "rhythm 0.1.0")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(found).toMatchObject({ path: 'a "b", c.csv', rhythm: "SR", heart_rate_bpm: null });
  expect(failed).toEqual({
    path: "x.csv",
    error: "it is prose; go",
    error_type: "UnknownFormatError",
    model: "rhythm 0.1.0",
  });
});
