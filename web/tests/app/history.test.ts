import { expect, test } from "vitest";
import { type Entry, History, isSame, MAX_RECORD_BYTES } from "../../src/history";
import { record } from "../signal/recordings";

test("a recording over the limit is refused before anything is touched", async () => {
  const long = { ...record([]), signalMv: [new Float32Array(MAX_RECORD_BYTES / 4), new Float32Array(1)] };
  await expect(new History().put({} as Entry, long)).rejects.toMatchObject({ reason: "too_large" });
});

test("the same files with the same finding and the same answers are the same entry", () => {
  const finding = { model: "rhythm 0.1.0", probabilities: { SR: 0.9, SB: 0.1 } };
  const entry = (changed: object) =>
    ({ id: "1", source: "x.csv 1000 1", finding, hints: {}, ...changed }) as unknown as Entry;
  expect(isSame(entry({}), entry({ id: "2" }))).toBe(true);
  expect(isSame(entry({}), entry({ source: "x.csv 1000 2" }))).toBe(false);
  expect(isSame(entry({}), entry({ hints: { rateHz: 500 } }))).toBe(false);
  expect(isSame(entry({}), entry({ finding: { ...finding, probabilities: { SR: 0.8, SB: 0.2 } } }))).toBe(false);
  expect(isSame(entry({ source: undefined }), entry({ source: undefined }))).toBe(false); // kept before there was one
});
