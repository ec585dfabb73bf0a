import { expect, test } from "vitest";
import { fixed, rounded } from "../../src/edge/numbers";
import { extent, means32, median, quantile32, quantiles, runs } from "../../src/edge/statistics";

// what numpy 2.4 gives for these
const X = Float32Array.of(0.1, 0.7, -0.3, 0.25, 0.9, 0.41, 0.13, 0.08, -0.2, 0.66);

test("quantiles and median are numpy's to the last bit", () => {
  expect(quantile32(X, 0.98)).toBe(0.8639999628067017);
  expect(quantiles(X, [0.05, 0.5, 0.95])).toEqual([-0.25500000789761545, 0.1899999976158142, 0.8099999815225599]);
  expect(quantiles(Float64Array.from(X), [0.25, 0.75])).toEqual([0.08499999903142452, 0.5975000187754631]);
  expect(median(X)).toBe(0.1899999976158142);
  expect(median(X.subarray(0, 9))).toBe(Math.fround(0.13));
  expect(median(new Float32Array())).toBeNaN();
});

test("a median leaves its numbers in their order", () => {
  const x = Float32Array.of(3, 1, 2);
  expect(median(x)).toBe(2);
  expect([...x]).toEqual([3, 1, 2]);
});

test("means are added in float32 as numpy adds them", () => {
  expect([...means32(X, 10)]).toEqual([0.27300000190734863]);
  expect([...means32(X, 5)]).toEqual([0.32999998331069946, 0.21599999070167542]);
});

test("extent passes over what is missing", () => {
  expect(extent(Float32Array.of(Number.NaN, 2, -1))).toEqual([-1, 2]);
  expect(extent(Float32Array.of(Number.NaN))).toEqual([Number.NaN, Number.NaN]);
});

test("runs end with the first that does not hold, or with the last there is", () => {
  expect([...runs(6, (k) => k !== 0 && k !== 3)]).toEqual([
    [1, 3],
    [4, 6],
  ]);
});

test.each([
  [12.5, 0, "12"],
  [0.25, 1, "0.2"],
  [0.125, 2, "0.12"],
  [0.15, 1, "0.1"],
  [2.675, 2, "2.67"],
  [99.95, 1, "100.0"],
])("%d with %d decimals is written as Python writes it", (value, decimals, text) => {
  expect(fixed(value, decimals)).toBe(text);
  expect(rounded(value, decimals)).toBe(Number(text));
});
