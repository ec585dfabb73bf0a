import { expect, test } from "vitest";
import { runsOf } from "../../src/app/views/details";

const window = (startS: number, rhythm: string) => ({ startS, rhythm, probability: 0.9, heartRateBpm: 70 });

test("windows that follow each other and agree are one stretch, up to where the next begins", () => {
  const windows = [window(0, "SR"), window(10, "SR"), window(20, "AFIB"), window(25, "SR")];
  const runs = runsOf(windows, 35);
  expect(runs.map(({ startS, endS, rhythm }) => [startS, endS, rhythm])).toEqual([
    [0, 20, "SR"],
    [20, 25, "AFIB"],
    [25, 35, "SR"],
  ]);
  expect(runs[0]?.windows).toEqual(windows.slice(0, 2));
});

test("a recording of one window is one stretch", () => {
  expect(runsOf([window(0, "ST")], 10)).toHaveLength(1);
});
