/**
 * Record -> the model's windows: twelve leads, 500 Hz, ten seconds each. As `ecglite.edge.windows`.
 *
 * What happens to a recording here, in order: missing samples are filled, absent limb leads are derived, other absent
 * leads become zeros, each window is resampled. Nothing is filtered or scaled: that is inside the model's graph.
 */
import { EcgliteError } from "./errors";
import { general, nearest } from "./numbers";
import { durationS, LEADS, type Lead, nSamples, type Record } from "./record";
import { median } from "./statistics";
import { type Words, words } from "./words";

export const RATE_HZ = 500;
export const WINDOW_S = 10;
export const N_SAMPLES = RATE_HZ * WINDOW_S;
export const MIN_DURATION_S = 5;

const LIMB = LEADS.slice(0, 6);
/** Each limb lead as a sum of leads I and II (Einthoven 1908, Goldberger 1942). */
const OF_I_II: readonly (readonly [number, number])[] = [
  [1, 0],
  [0, 1],
  [-1, 1],
  [-0.5, -0.5],
  [1, -0.5],
  [-0.5, 1],
];
/** Of the interpolating sinc, on each side. */
const ZERO_CROSSINGS = 16;
/** Python makes so many output samples by one product; missing samples at a window's edges are filled from what it reads. */
const BLOCK = 50;

/** Ten seconds for the model. */
export interface Window {
  /** Twelve arrays of 5000, millivolts at 500 Hz, in the order of `LEADS`, no NaN. */
  readonly signalMv: readonly Float32Array[];
  /** Where it begins in the recording, seconds. */
  readonly startS: number;
}

/** Refuses what is too short to hold a rhythm. */
export function refuseShort(record: Record): void {
  if (nSamples(record) >= Math.trunc(MIN_DURATION_S * record.samplingRateHz)) return;
  throw new EcgliteError(
    "QualityError",
    words("a recording of {seconds} s", { seconds: general(durationS(record), 4) }),
    {
      allowed: words("at least {seconds} s", { seconds: general(MIN_DURATION_S) }),
      todo: words("record for ten seconds"),
    },
  );
}

/** Starts of the windows in seconds: every ten, and a last one that ends with the recording. */
export function windowStarts(duration: number): number[] {
  const n = Math.trunc(duration / WINDOW_S + 1e-9);
  const starts = Array.from({ length: Math.max(n, 1) }, (_, k) => WINDOW_S * k);
  // Under a second left over holds no rhythm that the window before it lacks.
  if (n && duration - n * WINDOW_S >= 1) starts.push(duration - WINDOW_S);
  return starts;
}

/** The windows of a recording, one at a time; leads in `bad` are taken as not recorded. */
export function* windows(record: Record, bad: readonly Lead[] = []): Generator<Window> {
  refuseShort(record);
  const rate = record.samplingRateHz;
  const leads = usable(record, bad);
  const signal = record.signalMv.filter((_, k) => !bad.includes(record.leads[k] as Lead));
  for (const startS of windowStarts(durationS(record))) {
    const first = nearest(startS * rate);
    const parts = signal.map((lead) => resampled(lead, first, rate));
    yield { signalMv: twelveLeads(parts, leads), startS: first / rate };
  }
}

/** The limb leads that `windows` derives from two others, in the standard order. */
export function derivedLeads(record: Record, bad: readonly Lead[] = []): readonly Lead[] {
  const there = usable(record, bad);
  return limbPair(there).length === 2 ? LIMB.filter((lead) => !there.includes(lead)) : [];
}

/** Which leads `windows` derives, and which it leaves at zero, in words. */
export function leadNotes(record: Record, bad: readonly Lead[] = []): Words[] {
  const derived = derivedLeads(record, bad);
  const absent = LEADS.filter((lead) => !record.leads.includes(lead) && !derived.includes(lead));
  const unused = LEADS.filter((lead) => bad.includes(lead) && !derived.includes(lead));
  const [one = "", other = ""] = limbPair(usable(record, bad));
  const notes: Words[] = [];
  if (derived.length) notes.push(words("{leads} derived from {one} and {other}", { leads: derived, one, other }));
  if (absent.length) notes.push(words("{leads} not recorded, taken as zero", { leads: absent }));
  if (unused.length) notes.push(words("{leads} not usable, taken as zero", { leads: unused }));
  return notes;
}

const usable = (record: Record, bad: readonly Lead[]): Lead[] => record.leads.filter((lead) => !bad.includes(lead));

/** The first two limb leads; fewer where there are fewer. */
export const limbPair = (leads: readonly Lead[]): Lead[] => leads.filter((lead) => LIMB.includes(lead)).slice(0, 2);

/** Parts of the leads that are there -> twelve: limb leads derived where two are there, the rest zero. */
function twelveLeads(parts: readonly Float32Array[], leads: readonly Lead[]): Float32Array[] {
  const part = (lead: Lead | undefined) => parts[leads.indexOf(lead as Lead)];
  const pair = limbPair(leads);
  const [one, other] = pair.map(part);
  return LEADS.map((lead) => {
    const given = part(lead);
    if (given) return given;
    if (!one || !other || !LIMB.includes(lead)) return new Float32Array(N_SAMPLES);
    return derivedLead(lead, pair, one, other);
  });
}

/** A limb lead as a sum of the two of `pair`, whose samples are `one` and `other`; NaN where either is. */
export function derivedLead(
  lead: Lead,
  pair: readonly Lead[],
  one: Float32Array,
  other: Float32Array,
): Float32Array<ArrayBuffer> {
  const [[a, b], [c, d], [p, q]] = [ofIandII(pair[0]), ofIandII(pair[1]), ofIandII(lead)];
  const determinant = a * d - b * c;
  // the lead's sum of I and II, by the inverse of the two that are there
  const [u, v] = [Math.fround((p * d - q * c) / determinant), Math.fround((q * a - p * b) / determinant)];
  const derived = new Float32Array(one.length);
  for (let k = 0; k < derived.length; k++) derived[k] = (one[k] as number) * u + (other[k] as number) * v;
  return derived;
}

const ofIandII = (lead: Lead | undefined): readonly [number, number] => OF_I_II[LIMB.indexOf(lead as Lead)] ?? [0, 0];

/** NaN replaced by a straight line between neighbours; a lead of NaN only becomes zeros. */
export function fillMissing(lead: Float32Array): Float32Array {
  let before = -1;
  let filled: Float32Array | undefined;
  for (let k = 0; k <= lead.length; k++) {
    if (k < lead.length && Number.isNaN(lead[k])) continue;
    if (k - before > 1) {
      filled ??= lead.slice();
      const left = lead[before] ?? lead[k] ?? 0;
      const right = lead[k] ?? left;
      const slope = (right - left) / (k - before);
      for (let j = before + 1; j < k; j++) filled[j] = slope * (j - before) + left;
    }
    before = k;
  }
  return filled ?? lead;
}

interface Kernel {
  readonly rateHz: number;
  /** [5000]: the first input sample of each output sample, counted from the window's start. */
  readonly base: Int32Array;
  /** [5000, nTaps]: each row sums to one, so that an offset stays what it is. */
  readonly weights: Float32Array;
  readonly nTaps: number;
  /** The first input sample that is read, and the first that is not, counted from the window's start. */
  readonly low: number;
  readonly high: number;
}

let kernel: Kernel | undefined;

/** Windowed-sinc interpolation from `rateHz` to 500 Hz (Smith and Gossett, ICASSP 1984); the last one is kept. */
function kernelFor(rateHz: number): Kernel {
  if (kernel?.rateHz === rateHz) return kernel;
  const cutoff = Math.min(1, (0.95 * RATE_HZ) / rateHz); // as a share of the input's Nyquist frequency
  const half = Math.ceil(ZERO_CROSSINGS / cutoff);
  const nTaps = 2 * half;
  const base = new Int32Array(N_SAMPLES);
  const weights = new Float32Array(N_SAMPLES * nTaps);
  const row = new Float64Array(nTaps);
  for (let k = 0; k < N_SAMPLES; k++) {
    const position = k * (rateHz / RATE_HZ);
    const start = Math.floor(position) - half + 1;
    base[k] = start;
    let total = 0;
    for (let j = 0; j < nTaps; j++) {
      const distance = position - (start + j);
      const angle = Math.PI * distance * cutoff;
      const sinc = angle === 0 ? 1 : Math.sin(angle) / angle;
      row[j] = sinc * Math.cos((Math.PI / 2) * Math.max(-1, Math.min(1, distance / half))) ** 2;
      total += row[j] as number;
    }
    for (let j = 0; j < nTaps; j++) weights[k * nTaps + j] = (row[j] as number) / total;
  }
  const at = (k: number) => base[k] as number;
  let widest = 0;
  for (let k = 0; k < N_SAMPLES; k += BLOCK) widest = Math.max(widest, at(k + BLOCK - 1) - at(k));
  kernel = { rateHz, base, weights, nTaps, low: at(0), high: at(N_SAMPLES - BLOCK) + widest + nTaps };
  return kernel;
}

/** One lead from sample `first` on -> [5000]; past the end it rests at its median. */
function resampled(lead: Float32Array, first: number, rateHz: number): Float32Array {
  const here = lead.subarray(first, first + Math.ceil(WINDOW_S * rateHz));
  const nOut = Math.min(N_SAMPLES, nearest((here.length / rateHz) * RATE_HZ));
  const out = new Float32Array(N_SAMPLES);
  if (rateHz === RATE_HZ) out.set(fillMissing(here).subarray(0, nOut));
  else interpolate(lead, first, kernelFor(rateHz), out.subarray(0, nOut));
  if (nOut < N_SAMPLES) out.fill(median(out.subarray(0, nOut)), nOut);
  return out;
}

function interpolate(
  lead: Float32Array,
  first: number,
  { base, weights, nTaps, low, high }: Kernel,
  out: Float32Array,
) {
  const from = Math.max(first + low, 0);
  const there = fillMissing(lead.subarray(from, first + high));
  // before the first and past the last sample of the recording its edge goes on
  const input = new Float32Array(high - low);
  for (let k = 0; k < input.length; k++) {
    input[k] = there[Math.max(0, Math.min(there.length - 1, first + low + k - from))] as number;
  }
  for (let k = 0; k < out.length; k++) {
    const start = (base[k] as number) - low;
    let sum = 0;
    for (let j = 0; j < nTaps; j++) sum += (weights[k * nTaps + j] as number) * (input[start + j] as number);
    out[k] = sum;
  }
}
