/**
 * Is the recording fit to be classified: a verdict per lead, with reasons, and a refusal where there is nothing to see.
 * As `ecglite.edge.quality`.
 *
 * Poor leads are reported, not dropped: the model has learned to live with noise and lost leads.
 */
import { EcgliteError } from "./errors";
import { fixed, general, nearest, plain } from "./numbers";
import { durationS, LEADS, type Lead, nSamples, type Record } from "./record";
import { extent, means32, median, quantiles, runs } from "./statistics";
import { derivedLeads, fillMissing, leadNotes, MIN_DURATION_S, refuseShort } from "./windows";
import { say, type Words, words } from "./words";

type Verdict = "good" | "poor" | "bad";

export interface LeadQuality {
  readonly lead: Lead;
  readonly verdict: Verdict;
  readonly reasons: readonly Words[];
}

export interface Quality {
  readonly verdict: "good" | "poor";
  /** One per lead of the record, in its order. */
  readonly leads: readonly LeadQuality[];
  readonly notes: readonly Words[];
  /** Start and end in seconds of each stretch in which no lead carries a signal. */
  readonly gapsS: readonly (readonly [number, number])[];
}

/** A lead with more missing samples than this is bad. */
const MAX_MISSING_SHARE = 0.1;
/** A lead with no more missing samples than this is good all the same; they are noted. */
const HARMLESS_MISSING_SHARE = 0.01;
/** All leads missing or at rest for so long is a gap: no living heart's recording is that still. */
const GAP_S = 0.3;
/** The same for one or two live leads, which a coarse recorder can show at rest between two beats. */
const GAP_FEW_LEADS_S = 1.5;
/** A lead whose samples stay within this for nine tenths of each second is flat. */
const FLAT_MV = 0.01;
/** A lead that is flat in a larger share of its seconds is poor, in more than half of them bad. */
const POOR_FLAT_SHARE = 0.2;
/** A lead with a larger share of its samples in plateaus at its greatest or least value is clipped: 40 ms in 10 s. */
const CLIPPED_SHARE = 0.004;
/** Noise between the beats with a larger standard deviation than this share of the peak to peak is noted. */
const NOISY_SHARE = 0.06;
/** Noise below this, of which every recording has some, is not noted in a lead of low voltage either. */
const NOISY_MV = 0.025;
/** Median peak to peak of the limb leads below which the stated gain is doubted. */
const LOW_VOLTAGE_MV = 0.3;
/** Median peak to peak above which the stated gain is doubted. */
const HIGH_VOLTAGE_MV = 8;
/** I + III - II beyond this, and beyond that share of the leads' own range, is not noise but a wrong order or name. */
const AT_ODDS_SHARE = 0.4;
const AT_ODDS_MV = 0.2;
/** No electrode delivers this, peak to peak over one second, median over the leads: the units are wrong. */
const ABSURD_MV = 100;
/** Nor a kilovolt in any single sample. */
const ABSURD_SAMPLE_MV = 1e6;
/** Less than this is noted as padded; a few samples short of ten seconds are how some recorders end. */
const SHORT_S = 9.95;
/** And three samples: an extreme value comes twice running now and then. */
const PLATEAU_S = 0.01;
/** Of the span: a limit so near to the median is where the baseline rests. */
const AWAY_SHARE = 0.2;
/** Of white noise: the normal quartile, times the deviation of 1 and two halves. */
const OF_WHITE_NOISE = 0.6745 * Math.sqrt(1.5);

const EMPTY = words("no samples");
const CLIPPED = words("clipped");

/**
 * The quality of a recording.
 *
 * @throws EcgliteError - QualityError: under five seconds, too much missing, most leads flat, clipped or missing;
 * UnitsError: amplitudes that no electrode delivers.
 */
export function assess(record: Record): Quality {
  refuseShort(record);
  const rate = record.samplingRateHz;
  const largest = Math.max(...record.signalMv.flatMap(extent).map(Math.abs).filter(Number.isFinite));
  refuseAbsurd(largest, ABSURD_SAMPLE_MV, (mv) => words("a sample of {mv} mV", { mv }));
  const gapsS = gaps(record);
  const inside = outside(gapsS, nSamples(record), rate);
  const nInside = inside.reduce((sum, here) => sum + here, 0);
  if (gapsS.length && nInside < MIN_DURATION_S * rate) {
    throw new EcgliteError(
      "QualityError",
      words("a signal for {seconds} s only, and gaps in all leads", { seconds: fixed(nInside / rate, 1) }),
      {
        allowed: words("at least {seconds} s", { seconds: general(MIN_DURATION_S) }),
        todo: words("check the electrodes and record again"),
      },
    );
  }
  // what a gap does to the finding is the decision's
  const judged = gapsS.length ? record.signalMv.map((x) => x.filter((_, k) => inside[k])) : record.signalMv;
  const leads = record.leads.map((lead, k) => ({ lead, ...leadVerdict(judged[k] as Float32Array, rate) }));
  refuseLost(leads);
  const bad = leads.filter(({ verdict }) => verdict === "bad").map(({ lead }) => lead);
  const usable = judged.filter((_, k) => leads[k]?.verdict !== "bad");
  const voltage = median(Float64Array.from(usable, (x) => typicalMv(x, rate)));
  refuseAbsurd(voltage, ABSURD_MV, (mv) => words("amplitudes of {mv} mV peak to peak", { mv }));
  const doubts = [...doubtsOfVoltage(voltage)];
  const good = leads.filter(({ verdict }) => verdict === "good").map(({ lead }) => lead);
  if (atOdds(record, good))
    doubts.push(words("I + III is not II: the order or the names of the limb leads may be wrong"));
  const seconds = durationS(record);
  if (seconds < SHORT_S)
    doubts.push(words("only {seconds} s recorded, padded to 10 s", { seconds: fixed(seconds, 1) }));
  if (gapsS[0]) {
    const total = gapsS.reduce((sum, [start, end]) => sum + (end - start), 0);
    const places = { seconds: fixed(total, 1), at: fixed(gapsS[0][0], 1) };
    doubts.push(words("no signal for {seconds} s, the first time at {at} s", places));
  }
  if (usable.length + derivedLeads(record, bad).length <= LEADS.length / 2) {
    doubts.push(words("over half of the twelve leads are neither recorded nor derived"));
  }
  return {
    verdict: doubts.length || good.length < leads.length ? "poor" : "good",
    leads,
    notes: [...record.notes, ...leadNotes(record, bad), ...reasonsByLead(leads), ...doubts],
    gapsS,
  };
}

/** Leads with something to say of, those with the same reasons together: "leads V1, V2 (noisy)". */
function reasonsByLead(leads: readonly LeadQuality[]): Words[] {
  const key = ({ reasons }: LeadQuality) => reasons.map((reason) => say(reason)).join();
  const keys = new Set(leads.map(key).filter((spoken) => spoken));
  return [...keys].map((spoken) => {
    const same = leads.filter((lead) => key(lead) === spoken);
    const places = { leads: same.map(({ lead }) => lead), reasons: same[0]?.reasons ?? [] };
    return same.length > 1 ? words("leads {leads} ({reasons})", places) : words("lead {leads} ({reasons})", places);
  });
}

/** Refuses a recording most of whose leads show nothing. */
function refuseLost(leads: readonly LeadQuality[]): void {
  const recorded = leads.filter(({ reasons }) => !reasons.includes(EMPTY)); // an empty column is an absent lead
  const lost = recorded.filter(({ verdict, reasons }) => verdict === "bad" || reasons.includes(CLIPPED));
  if (recorded.length && 2 * lost.length <= recorded.length) return;
  const [which, of] = [lost.length ? lost : leads, recorded.length ? recorded : leads];
  const reasons = new Map(which.flatMap((lead) => lead.reasons).map((reason) => [say(reason), reason]));
  const sorted = [...reasons].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, reason]) => reason);
  const places = { count: String(which.length), of: String(of.length), reasons: sorted };
  throw new EcgliteError("QualityError", words("{count} of {of} leads without a usable signal: {reasons}", places), {
    allowed: words("at least half of the leads neither flat, clipped nor missing"),
    todo: words("check the electrodes and record again"),
  });
}

function refuseAbsurd(valueMv: number, limitMv: number, came: (mv: string | Words) => Words): void {
  if (valueMv <= limitMv) return;
  throw new EcgliteError("UnitsError", came(plain(valueMv, 3)), {
    allowed: words("up to {mv} mV", { mv: plain(limitMv) }),
    todo: words("choose the recording's true units"),
  });
}

function doubtsOfVoltage(voltage: number): Words[] {
  const mv = fixed(voltage, 2);
  if (voltage < LOW_VOLTAGE_MV) {
    return [words("implausibly low voltage ({mv} mV peak to peak): the stated gain or units may be wrong", { mv })];
  }
  if (voltage > HIGH_VOLTAGE_MV) {
    return [words("implausibly high voltage ({mv} mV peak to peak): the stated gain or units may be wrong", { mv })];
  }
  return [];
}

/** The verdict on one lead: millivolts, NaN where missing. */
function leadVerdict(x: Float32Array, rateHz: number): Pick<LeadQuality, "verdict" | "reasons"> {
  let nMissing = 0;
  for (let k = 0; k < x.length; k++) if (Number.isNaN(x[k])) nMissing++;
  const missing = nMissing / x.length;
  if (missing === 1) return { verdict: "bad", reasons: [EMPTY] };
  const reasons: Words[] = [];
  if (missing >= 0.001) reasons.push(words("{percent} % missing", { percent: fixed(100 * missing, 1) }));
  else if (missing > 0) reasons.push(words("under 0.1 % missing"));
  const filled = fillMissing(x);
  const parts = inSeconds(filled, rateHz);
  const spans = Float32Array.from(parts, span);
  const still = parts.filter((part, k) => {
    if ((spans[k] as number) >= Math.fround(2 * FLAT_MV)) return false;
    const [low, high] = quantiles(part, [0.05, 0.95]) as [number, number];
    return high - low < FLAT_MV;
  });
  const flat = still.length / parts.length;
  if (flat > 0.5) return { verdict: "bad", reasons: [words("flat")] };
  if (countsEvenly(filled)) {
    return { verdict: "bad", reasons: [words("counts evenly, as a time or an index does")] };
  }
  if (flat > POOR_FLAT_SHARE)
    reasons.push(words("flat for {percent} % of the time", { percent: fixed(100 * flat, 0) }));
  if (plateauShare(filled, rateHz) > CLIPPED_SHARE) reasons.push(CLIPPED);
  const noise = noiseMv(filled, rateHz);
  if (noise > NOISY_MV && noise > NOISY_SHARE * median(spans)) reasons.push(words("noisy"));
  if (missing > MAX_MISSING_SHARE) return { verdict: "bad", reasons };
  const harmless = reasons.length === 1 && missing > 0 && missing <= HARMLESS_MISSING_SHARE;
  return { verdict: harmless || !reasons.length ? "good" : "poor", reasons };
}

/** Whole seconds of a lead. */
function inSeconds(x: Float32Array, rateHz: number): Float32Array[] {
  const second = Math.trunc(rateHz);
  return Array.from({ length: Math.trunc(x.length / second) }, (_, k) => x.subarray(k * second, (k + 1) * second));
}

/** Peak to peak, millivolts; of nothing but NaN, NaN. */
function span(x: Float32Array): number {
  const [low, high] = extent(x);
  return Math.fround(high - low);
}

/** Whether a lead is a straight line from its first to its last sample, computed in float32 as numpy's linspace is. */
function countsEvenly(x: Float32Array): boolean {
  const [first, last] = [x[0] as number, x.at(-1) as number];
  const step = Math.fround(Math.fround(last - first) / (x.length - 1));
  const limit = 1e-3 * span(x);
  return x.every((value, k) => {
    const line = k === x.length - 1 ? last : Math.fround(Math.fround(k * step) + first);
    return Math.abs(value - line) <= limit;
  });
}

/** The share of a lead that rests, three samples running or longer, at the greatest or the least value. */
function plateauShare(x: Float32Array, rateHz: number): number {
  const [bottom, top] = extent(x);
  const atLeast = Math.max(3, nearest(PLATEAU_S * rateHz));
  let resting = 0;
  for (const limit of [top, bottom]) {
    let here = 0;
    for (const [start, end] of runs(x.length, (k) => x[k] === limit)) {
      // a run at either end is as often a recorder that repeats its first or last sample
      if (start > 0 && end < x.length && end - start >= atLeast) here += end - start;
    }
    if (here && Math.abs(limit - median(x)) > AWAY_SHARE * (top - bottom)) resting += here;
  }
  return resting / x.length;
}

/**
 * Standard deviation of the noise of a lead at 100 Hz, millivolts.
 *
 * It is told from the median distance of a sample to the line between its neighbours: at 100 Hz the waves of a heart
 * are nearly straight over three samples, but for the QRS complexes, which fill less than half of the time.
 */
function noiseMv(x: Float32Array, rateHz: number): number {
  const k = Math.max(1, nearest(rateHz / 100));
  const y = means32(x, k);
  const bend = new Float32Array(y.length - 2);
  for (let j = 0; j < bend.length; j++) {
    const between = Math.fround((y[j] as number) + (y[j + 2] as number)) / 2;
    bend[j] = Math.abs(Math.fround((y[j + 1] as number) - between));
  }
  return median(bend) / OF_WHITE_NOISE;
}

/** Median peak to peak of the seconds of a lead, millivolts; a second without samples counts as nothing. */
function typicalMv(x: Float32Array, rateHz: number): number {
  return median(Float32Array.from(inSeconds(x, rateHz), (part) => span(part) || 0));
}

/** Whether leads I, II and III are all good and contradict Einthoven's law by more than their noise. */
function atOdds(record: Record, good: readonly Lead[]): boolean {
  const [i, ii, iii] = (["I", "II", "III"] as const).map((lead) =>
    good.includes(lead) ? record.signalMv[record.leads.indexOf(lead)] : undefined,
  );
  if (!i || !ii || !iii) return false;
  const rest = i.map((value, k) => Math.fround(value + (iii[k] as number)) - (ii[k] as number));
  const isThere = (_: number, k: number) => !Number.isNaN(rest[k]);
  const spread = (x: Float32Array) => {
    const [low, high] = quantiles(x.filter(isThere), [0.01, 0.99]) as [number, number];
    return high - low; // of one sample nothing, of none NaN
  };
  const odds = spread(rest);
  return odds > AT_ODDS_MV && odds > AT_ODDS_SHARE * Math.max(...[i, ii, iii].map(spread));
}

/** Where all live leads are missing or rest at exactly one value for long, in seconds. */
function gaps({ signalMv, samplingRateHz: rate }: Record): [number, number][] {
  const live = signalMv.filter((x) => span(x) > 0); // a lead that never moves is flat, which is another matter
  if (!live.length) return [];
  const still = (k: number) => live.every((x) => x[k + 1] === x[k] || Number.isNaN(x[k + 1]));
  const leastS = live.length > 2 ? GAP_S : GAP_FEW_LEADS_S;
  const long = [...runs((live[0] as Float32Array).length - 1, still)].filter(([a, b]) => b - a >= leastS * rate);
  return long.map(([a, b]) => [a / rate, b / rate]);
}

/** 1 for each sample where no gap is, else 0. */
function outside(gapsS: readonly (readonly [number, number])[], n: number, rateHz: number): Uint8Array {
  const mask = new Uint8Array(n).fill(1);
  for (const [start, end] of gapsS) mask.fill(0, nearest(start * rateHz), nearest(end * rateHz) + 1);
  return mask;
}
