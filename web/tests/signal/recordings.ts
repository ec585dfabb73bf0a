import type { Lead, Record } from "../../src/edge/record";
import { LEADS } from "../../src/edge/record";

/** A recording of signals in millivolts, one per lead. */
export function record(
  signals: readonly ArrayLike<number>[],
  samplingRateHz = 500,
  leads: readonly Lead[] = LEADS,
): Record {
  return {
    signalMv: signals.map((signal) => Float32Array.from(signal)),
    samplingRateHz,
    leads: leads.slice(0, signals.length),
    patient: { ageYears: null, sex: null },
    path: "test.csv",
    format: "csv",
    units: "mV",
    comments: [],
    notes: [],
  };
}

/** One lead, a function of the time in seconds. */
export function lead(seconds: number, rateHz: number, mv: (timeS: number) => number): Float32Array {
  return Float32Array.from({ length: Math.round(seconds * rateHz) }, (_, k) => mv(k / rateHz));
}

/** QRS complexes of 80 ms and 1 mV at the given times, each followed by a T wave. */
const heart =
  (beatsS: readonly number[], mv = 1) =>
  (timeS: number): number =>
    beatsS.reduce((sum, beat) => sum + bump(timeS - beat, 0.02, mv) + bump(timeS - beat - 0.28, 0.06, 0.2 * mv), 0);

const bump = (distanceS: number, widthS: number, mv: number): number => mv * Math.exp(-0.5 * (distanceS / widthS) ** 2);

/** Times from 0.5 s on, so many to the minute. */
export const regular = (bpm: number, seconds = 10): number[] =>
  Array.from({ length: Math.ceil(((seconds - 0.5) * bpm) / 60) }, (_, k) => 0.5 + (k * 60) / bpm);

/** Twelve leads of one heart, which keep Einthoven's and Goldberger's laws; the baseline moves with the breath. */
export function twelve(seconds: number, rateHz: number, beatsS = regular(75, seconds)): Record {
  const of = (share: number) => lead(seconds, rateHz, (t) => share * (heart(beatsS)(t) + 0.05 * Math.sin(1.5 * t)));
  const [i, ii] = [0.6, 1];
  const limb = [i, ii, ii - i, -(i + ii) / 2, i - ii / 2, ii - i / 2];
  return record([...limb, -0.5, 0.4, 0.9, 1.4, 1.2, 0.9].map(of), rateHz);
}
