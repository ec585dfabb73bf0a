import { expect, test } from "vitest";
import { EcgliteError } from "../../src/edge/errors";
import { assess } from "../../src/edge/quality";
import type { Record } from "../../src/edge/record";
import { say } from "../../src/edge/words";
import { lead, record, twelve } from "./recordings";

/** A good recording, some of its leads replaced. */
function changed(seconds: number, leads: { readonly [index: number]: (x: Float32Array) => Float32Array }): Record {
  const good = twelve(seconds, 500);
  return { ...good, signalMv: good.signalMv.map((x, k) => leads[k]?.(x) ?? x) };
}

const notes = (recording: Record) => assess(recording).notes.map((note) => say(note));

const each = (change: (x: Float32Array) => Float32Array) =>
  Object.fromEntries(Array.from({ length: 12 }, (_, k) => [k, change]));

function refusal(recording: Record): EcgliteError {
  try {
    assess(recording);
  } catch (error) {
    if (error instanceof EcgliteError) return error;
  }
  throw new Error("it was not refused");
}

test("a good recording has nothing to say of", () => {
  const quality = assess(twelve(10, 500));
  expect(quality).toMatchObject({ verdict: "good", notes: [], gapsS: [] });
  expect(quality.leads.every(({ verdict, reasons }) => verdict === "good" && !reasons.length)).toBe(true);
});

test.each([
  ["flat", (x: Float32Array) => x.map(() => 0.4), "lead V1 (flat)"],
  ["empty", (x: Float32Array) => x.map(() => Number.NaN), "lead V1 (no samples)"],
  ["clipped", (x: Float32Array) => x.map((mv) => Math.max(mv, -0.2)), "lead V1 (clipped)"],
  [
    "a time column",
    (x: Float32Array) => x.map((_, k) => k / 500),
    "lead V1 (counts evenly, as a time or an index does)",
  ],
  ["missing", (x: Float32Array) => x.map((mv, k) => (k < 250 ? Number.NaN : mv)), "lead V1 (5.0 % missing)"],
  ["hardly missing", (x: Float32Array) => x.map((mv, k) => (k < 2 ? Number.NaN : mv)), "lead V1 (under 0.1 % missing)"],
  ["noisy", (x: Float32Array) => x.map((mv, k) => mv + 0.3 * Math.sin(k * k)), "lead V1 (noisy)"],
  [
    "flat at first",
    (x: Float32Array) => x.map((mv, k) => (k < 2000 ? -0.1 : mv)),
    "lead V1 (flat for 40 % of the time)",
  ],
])("a lead that is %s is told", (_, change, note) => {
  expect(notes(changed(10, { 6: change }))).toContain(note);
});

test("leads with the same reasons are told together", () => {
  const flat = (x: Float32Array) => x.map(() => 0);
  expect(notes(changed(10, { 6: flat, 8: flat }))).toContain("leads V1, V3 (flat)");
});

test("a gap in all leads is told with its length and place", () => {
  const held = changed(
    20,
    each((x) => x.map((mv, k) => (k >= 2000 && k < 3000 ? Number.NaN : mv))),
  );
  expect(notes(held)).toEqual(["no signal for 2.0 s, the first time at 4.0 s"]);
  expect(assess(held).gapsS).toHaveLength(1);
});

test("limb leads in a wrong order are told by Einthoven's law", () => {
  const good = twelve(10, 500);
  const [i, ii, ...rest] = good.signalMv as [Float32Array, Float32Array, ...Float32Array[]];
  expect(notes({ ...good, signalMv: [ii, i, ...rest] })).toEqual([
    "I + III is not II: the order or the names of the limb leads may be wrong",
  ]);
});

test("a voltage that no gain explains is doubted, and one that no electrode delivers refused", () => {
  const times = (factor: number) =>
    changed(
      10,
      each((x) => x.map((mv) => mv * factor)),
    );
  expect(notes(times(0.2))[0]).toMatch(/^implausibly low voltage \(0\.\d\d mV peak to peak\)/);
  expect(notes(times(20))[0]).toMatch(/^implausibly high voltage \(\d+\.\d\d mV peak to peak\)/);
  expect(refusal(times(1000))).toMatchObject({ kind: "UnitsError" });
  expect(refusal(times(1e7)).message).toMatch(/^a sample of 1\d\d00000 mV$/);
});

test("few leads and few seconds are doubted", () => {
  const short = record([lead(6, 500, (t) => Math.sin(9 * t) ** 9)], 500, ["V1"]);
  expect(notes(short)).toEqual([
    "I, II, III, aVR, aVL, aVF, V2, V3, V4, V5, V6 not recorded, taken as zero",
    "only 6.0 s recorded, padded to 10 s",
    "over half of the twelve leads are neither recorded nor derived",
  ]);
});

test("a recording most of whose leads show nothing is refused", () => {
  const flat = (x: Float32Array) => x.map(() => 0);
  const lost = refusal(changed(10, Object.fromEntries([0, 1, 2, 3, 4, 5, 6].map((k) => [k, flat]))));
  expect(lost.kind).toBe("QualityError");
  expect(lost.message).toBe("7 of 12 leads without a usable signal: flat");
});
