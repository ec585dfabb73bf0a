/** Heart rate from the QRS complexes of all leads together. As `ecglite.edge.heart_rate`. */
import { means32, median, quantile32, quantiles } from "./statistics";
import { RATE_HZ, type Window } from "./windows";

/** The detector works at 100 Hz: a QRS complex lasts 80 to 120 ms. */
const STEP = 5;
const RATE = RATE_HZ / STEP;
/** Quartiles of the intervals within this share of the median. */
const REGULAR = 0.1;
/** No ventricle beats faster than 250/min for long. */
const REFRACTORY_S = 0.24;
/** Of the level of the beats around. */
const BEAT_SHARE = Math.fround(0.4);
/** Of the recording's level, which the level around does not fall below. */
const LEAST_SHARE = Math.fround(0.6);
/** So soon after a beat a peak of under six tenths of it is its T wave (Pan and Tompkins). */
const T_WAVE_S = 0.36;
const T_WAVE_SHARE = Math.fround(0.6);

/**
 * Times of the QRS complexes in seconds, in order.
 *
 * The leads' slopes at 100 Hz are squared, scaled to the same weight, added and smoothed over 100 ms (after Pan and
 * Tompkins, 1985); a peak that stands above a share of its neighbourhood's peaks is a beat.
 */
export function beats(window: Window): number[] {
  const energy = energyOf(window);
  if (!energy) return [];
  const at = (k: number) => energy[k] as number;
  const reach = Math.trunc(REFRACTORY_S * RATE);
  const peaks: number[] = [];
  for (let k = 0; k < energy.length; k++) {
    const around = energy.subarray(Math.max(0, k - reach), k + reach + 1);
    if (at(k) > 0 && around.every((value) => value <= at(k))) peaks.push(k);
  }
  if (!peaks.length) return [];
  const around = peaks.map((p) =>
    Float32Array.from(
      peaks.filter((q) => Math.abs(q - p) <= 1.5 * RATE),
      at,
    ).sort(),
  );
  // the second highest peak of three seconds around is a beat even beside one wild artefact
  const level = Float32Array.from(around, (heights) => heights.at(-2) ?? (heights[0] as number));
  // of a slow rhythm three seconds can hold one beat only, beside T waves
  const least = Math.fround(LEAST_SHARE * median(Float32Array.from(around, (heights) => heights.at(-1) as number)));
  const most = Math.max(Math.fround(2 * median(level)), least);
  const found: number[] = [];
  for (const [k, peak] of peaks.entries()) {
    const here = Math.min(Math.max(level[k] as number, least), most);
    if (at(peak) <= Math.fround(BEAT_SHARE * here)) continue;
    const last = found.at(-1);
    const since = last === undefined ? energy.length : peak - last;
    const isT = since < T_WAVE_S * RATE && at(peak) < Math.fround(T_WAVE_SHARE * at(last ?? 0));
    if (since > reach && !isT) found.push(peak); // of equal peaks the first
  }
  return found.map((peak) => (peak + 1) / RATE);
}

/**
 * Beats per minute; null for under three beats.
 *
 * It is 60 / the mean interval, as a person counts; in a regular rhythm 60 / the median, so that one artefact taken
 * for a beat does not change it.
 *
 * @param gapsS - stretches without a signal, on the same clock: an interval across one tells nothing.
 */
export function rateBpm(timesS: readonly number[], gapsS: readonly (readonly [number, number])[] = []): number | null {
  const intervals: number[] = [];
  for (const [k, b] of timesS.entries()) {
    const a = timesS[k - 1];
    if (a !== undefined && !gapsS.some(([start, end]) => a < end && b > start)) intervals.push(b - a);
  }
  if (intervals.length < 2) return null;
  const [low, middle, high] = quantiles(Float64Array.from(intervals), [0.25, 0.5, 0.75]) as [number, number, number];
  const mean = intervals.reduce((sum, interval) => sum + interval) / intervals.length;
  return 60 / (high - low < REGULAR * middle ? middle : mean);
}

/** [998]: how steep the leads are together at 100 Hz; undefined where none moves. */
function energyOf(window: Window): Float32Array | undefined {
  const leads: Float32Array[] = [];
  for (const lead of window.signalMv) {
    const x = smooth(means32(lead, STEP), 3);
    const slope = new Float32Array(x.length - 2);
    for (let k = 0; k < slope.length; k++) slope[k] = Math.fround((x[k + 2] as number) - (x[k] as number)) ** 2;
    const scale = quantile32(slope, 0.98);
    if (scale <= Math.fround(1e-8)) continue;
    leads.push(
      smooth(
        slope.map((value) => Math.min(Math.fround(value / scale), 4)),
        10,
      ),
    );
  }
  if (!leads.length) return undefined;
  const energy = new Float32Array(leads[0]?.length ?? 0);
  for (const lead of leads)
    for (let k = 0; k < energy.length; k++) energy[k] = (energy[k] as number) + (lead[k] as number);
  return energy.map((sum) => Math.sqrt(Math.fround(sum / leads.length)));
}

/** Moving mean over `n` samples, same length, the edges going on. */
function smooth(x: Float32Array, n: number): Float32Array {
  const before = (n >> 1) + 1;
  const total = new Float64Array(x.length + n);
  let sum = 0;
  for (let k = 0; k < total.length; k++) {
    sum += x[Math.max(0, Math.min(x.length - 1, k - before))] as number;
    total[k] = sum;
  }
  return x.map((_, k) => ((total[k + n] as number) - (total[k] as number)) / n);
}
