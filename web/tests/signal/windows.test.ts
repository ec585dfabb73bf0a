import { describe, expect, test } from "vitest";
import { LEADS, type Lead } from "../../src/edge/record";
import { derivedLeads, fillMissing, leadNotes, N_SAMPLES, windowStarts, windows } from "../../src/edge/windows";
import { say } from "../../src/edge/words";
import { lead, record, twelve } from "./recordings";

const RATES = [100, 128, 250, 257.3, 360, 400, 1000];

/** The greatest distance from what a lead should be, away from the edges. */
function off(got: Float32Array | undefined, mv: (timeS: number) => number, fromS = 0.5, toS = 9.5): number {
  let worst = 0;
  for (let k = fromS * 500; k < toS * 500; k++) worst = Math.max(worst, Math.abs((got?.[k] as number) - mv(k / 500)));
  return worst;
}

describe.each(RATES)("from %d Hz", (rate) => {
  test("a sine stays the sine that it is", () => {
    const sine = (t: number) => Math.sin(2 * Math.PI * 8 * t + 0.3);
    const [window] = windows(record([lead(10, rate, sine)], rate, ["V1"]));
    expect(window?.signalMv[6]).toHaveLength(N_SAMPLES);
    expect(off(window?.signalMv[6], sine)).toBeLessThan(1e-3);
  });

  test("an offset stays what it is, to the edges", () => {
    const [window] = windows(record([lead(10, rate, () => 1.7)], rate, ["V1"]));
    expect(off(window?.signalMv[6], () => 1.7, 0, 10)).toBeLessThan(1e-6);
  });
});

test("what is faster than 250 Hz is taken out, not folded back", () => {
  const [window] = windows(record([lead(10, 1000, (t) => Math.sin(2 * Math.PI * 400 * t))], 1000, ["V1"]));
  expect(off(window?.signalMv[6], () => 0)).toBeLessThan(0.01);
});

test("at 500 Hz the samples are the file's own", () => {
  const twelveLeads = twelve(10, 500);
  const [window] = windows(twelveLeads);
  expect(window?.signalMv).toEqual(twelveLeads.signalMv);
});

test.each([
  [5, [0]],
  [10, [0]],
  [10.9, [0]],
  [11, [0, 1]],
  [35, [0, 10, 20, 25]],
])("%d s begin windows at %j s", (seconds, starts) => {
  expect(windowStarts(seconds)).toEqual(starts);
});

test("past its end a recording rests at its median", () => {
  const [window] = windows(record([lead(6, 250, (t) => (t < 4 ? 0.5 : 2))], 250, ["V1"]));
  expect(new Set(window?.signalMv[6]?.subarray(3000))).toEqual(new Set([0.5]));
});

test("any two limb leads give all six, as Einthoven and Goldberger have them", () => {
  const whole = twelve(10, 500);
  const limb: readonly Lead[] = LEADS.slice(0, 6);
  for (const one of limb) {
    for (const other of limb.filter((lead) => lead !== one)) {
      const pair = [one, other].map((lead) => whole.signalMv[LEADS.indexOf(lead)] as Float32Array);
      const [window] = windows(record(pair, 500, [one, other]));
      for (const [k, want] of whole.signalMv.slice(0, 6).entries()) {
        expect(off(window?.signalMv[k], (t) => want[Math.round(t * 500)] as number, 0, 10)).toBeLessThan(1e-6);
      }
      expect(derivedLeads(record(pair, 500, [one, other]))).toEqual(limb.filter((l) => l !== one && l !== other));
    }
  }
});

test("notes say what is derived, absent and unusable", () => {
  const few = record(twelve(10, 500).signalMv.slice(0, 3), 500, ["II", "I", "V1"]);
  expect(leadNotes(few, ["V1"]).map((note) => say(note))).toEqual([
    "III, aVR, aVL, aVF derived from II and I",
    "V2, V3, V4, V5, V6 not recorded, taken as zero",
    "V1 not usable, taken as zero",
  ]);
});

test("missing samples are joined by a straight line, and the edges go on", () => {
  const { NaN: gap } = Number;
  expect([...fillMissing(Float32Array.of(gap, 1, gap, gap, 4, gap))]).toEqual([1, 1, 2, 3, 4, 4]);
  expect([...fillMissing(Float32Array.of(gap, gap))]).toEqual([0, 0]);
});

test("under five seconds hold no rhythm", () => {
  expect(() => [...windows(twelve(4.25, 500))]).toThrow("a recording of 4.25 s");
});
