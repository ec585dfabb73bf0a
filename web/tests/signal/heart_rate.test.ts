import { describe, expect, test } from "vitest";
import { beats, rateBpm } from "../../src/edge/heart_rate";
import { windows } from "../../src/edge/windows";
import { record, regular, twelve } from "./recordings";

const found = (recording: Parameters<typeof windows>[0]) => [...windows(recording)].flatMap((window) => beats(window));

describe.each([40, 75, 120, 200])("%d beats a minute", (bpm) => {
  test.each([100, 360, 500, 1000])("are found at %d Hz, where they are", (rateHz) => {
    const times = regular(bpm);
    const got = found(twelve(10, rateHz, times));
    expect(got).toHaveLength(times.length);
    for (const [k, time] of times.entries()) expect(Math.abs((got[k] as number) - time)).toBeLessThan(0.03);
    expect(rateBpm(got)).toBeCloseTo(bpm, -1);
  });
});

test("a flat recording has no beat and no rate", () => {
  const flat = record([new Float32Array(5000)]);
  expect(found(flat)).toEqual([]);
  expect(rateBpm([])).toBeNull();
  expect(rateBpm([1, 2])).toBeNull();
});

test("the rate of a regular rhythm stands against one beat too many, that of an irregular one is the mean", () => {
  expect(rateBpm([0, 1, 2, 3, 4, 4.5, 5, 6, 7, 8, 9, 10])).toBe(60);
  expect(rateBpm([0, 0.5, 1.5, 2, 3])).toBe(80);
});

test("an interval across a gap tells nothing", () => {
  expect(rateBpm([0, 1, 2, 7, 8, 9], [[3, 6]])).toBe(60);
});
