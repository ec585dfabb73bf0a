/** Probabilities and quality -> Finding. As `ecglite.edge.decision`. */
import type { Manifest } from "./bundle";
import { fixed, rounded } from "./numbers";
import type { Quality } from "./quality";
import { RHYTHMS } from "./rhythms";
import { WINDOW_S } from "./windows";
import { say, type Words, words } from "./words";

export interface WindowFinding {
  readonly startS: number;
  readonly rhythm: string;
  readonly probability: number;
  readonly heartRateBpm: number | null;
}

export interface Finding {
  /** Abbreviation of the likeliest rhythm. */
  readonly rhythm: string;
  /** The same in full, in English. */
  readonly name: string;
  readonly probability: number;
  /** Over all labels of the model, in its order. */
  readonly probabilities: { readonly [label: string]: number };
  /** The next likeliest, down to 5 %. */
  readonly alternatives: readonly (readonly [label: string, probability: number])[];
  readonly heartRateBpm: number | null;
  readonly abstained: boolean;
  readonly reasons: readonly Words[];
  readonly quality: Quality;
  readonly windows: readonly WindowFinding[];
  /** Name and version. */
  readonly model: string;
}

/** What one window gave: where it starts, the probability of each label in float32, the heart rate where it is known. */
export interface WindowResult {
  readonly startS: number;
  readonly probabilities: Float32Array;
  readonly heartRateBpm: number | null;
}

/** Above this the detector counts something else than QRS complexes. */
const MAX_RATE_BPM = 225;

/** Heart rates with which a rhythm is believed: its definition, and some beats of doubt on either side. */
const PLAUSIBLE_BPM: { readonly [rhythm: string]: readonly [low: number, high: number, name: Words] } = {
  SB: [0, 66, words("sinus bradycardia")],
  SR: [52, 110, words("sinus rhythm")],
  ST: [92, 225, words("sinus tachycardia")],
  SVT: [95, 225, words("supraventricular tachycardia")],
};

/** Pools the windows, of which there is at least one, and names the rhythm. */
export function decide(results: readonly WindowResult[], quality: Quality, manifest: Manifest): Finding {
  const { labels } = manifest;
  const sound = results.map(({ startS }) => !interrupted(startS, quality.gapsS));
  const anySound = sound.includes(true);
  // seconds that each window adds to those before it: the last one may overlap; one with a gap adds none
  const weights = results.map(({ startS }, k) =>
    anySound && !sound[k] ? 0 : startS - (results[k - 1]?.startS ?? startS - WINDOW_S),
  );
  const weighted = results.map((result, k) => ({ ...result, weight: weights[k] as number }));
  const total = sum(weights);
  const pooled = labels.map((label, j): readonly [string, number] => [
    label,
    sum(weighted.map(({ probabilities, weight }) => (probabilities[j] as number) * weight)) / total,
  ]);
  const [best, ...others] = [...pooled].sort(([, a], [, b]) => b - a) as [[string, number], ...[string, number][]];
  const [rhythm, probability] = best;
  const heartRateBpm = weightedRate(weighted);
  const reasons: Words[] = [];
  if (probability < manifest.abstainBelow) {
    const percent = fixed(100 * manifest.abstainBelow, 0);
    reasons.push(words("no rhythm reaches a probability of {percent} %", { percent }));
  }
  if (!anySound) reasons.push(words("the signal is interrupted"));
  const poor = quality.leads.filter(({ verdict }) => verdict !== "good");
  if (2 * poor.length > quality.leads.length) reasons.push(words("most of the leads are poor"));
  reasons.push(...contradiction(rhythm, heartRateBpm));
  return {
    rhythm,
    name: nameOf(rhythm),
    probability,
    probabilities: Object.fromEntries(pooled),
    alternatives: others.filter(([, p]) => p >= 0.05),
    heartRateBpm,
    abstained: reasons.length > 0,
    reasons,
    quality,
    windows: results.map(({ startS, probabilities, heartRateBpm }) => {
      const highest = Math.max(...probabilities);
      const likeliest = labels[probabilities.indexOf(highest)] as string;
      return { startS, rhythm: likeliest, probability: highest, heartRateBpm };
    }),
    model: `${manifest.name} ${manifest.version}`,
  };
}

/** A probability for a person: whole percents, never 100 % or 0 % for what is not certain. */
export function percent(probability: number): Words {
  if (probability >= 0.995) return words("> 99 %");
  if (probability <= 0.005) return words("< 1 %");
  return words("{percent} %", { percent: fixed(100 * probability, 0) });
}

/** Plain values in English, as `ecglite classify --json` prints them: the JSON export. */
export function toPlain(finding: Finding) {
  const { quality } = finding;
  const rate = (bpm: number | null) => (bpm === null ? null : rounded(bpm, 1));
  const spoken = (sentences: readonly Words[]) => sentences.map((sentence) => say(sentence));
  return {
    rhythm: finding.rhythm,
    name: finding.name,
    probability: rounded(finding.probability, 6),
    probabilities: Object.fromEntries(
      Object.entries(finding.probabilities).map(([label, p]) => [label, rounded(p, 6)]),
    ),
    heart_rate_bpm: rate(finding.heartRateBpm),
    abstained: finding.abstained,
    reasons: spoken(finding.reasons),
    quality: {
      verdict: quality.verdict,
      notes: spoken(quality.notes),
      leads: Object.fromEntries(quality.leads.map(({ lead, verdict }) => [lead, verdict])),
    },
    windows: finding.windows.map((window) => ({
      start_s: rounded(window.startS, 3),
      rhythm: window.rhythm,
      probability: rounded(window.probability, 6),
      heart_rate_bpm: rate(window.heartRateBpm),
    })),
    model: finding.model,
  };
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

const nameOf = (rhythm: string): string => RHYTHMS.get(rhythm)?.name ?? rhythm;

function weightedRate(windows: readonly (WindowResult & { weight: number })[]): number | null {
  const known = windows.filter(({ heartRateBpm, weight }) => heartRateBpm !== null && weight > 0);
  if (!known.length) return null;
  return sum(known.map((w) => (w.heartRateBpm ?? 0) * w.weight)) / sum(known.map(({ weight }) => weight));
}

const interrupted = (startS: number, gapsS: Quality["gapsS"]): boolean =>
  gapsS.some(([start, end]) => start < startS + WINDOW_S && end > startS);

/** Why a rhythm cannot have this heart rate, in words, or nothing. */
function contradiction(rhythm: string, rateBpm: number | null): Words[] {
  if (rateBpm === null) return [];
  const rate = fixed(rateBpm, 0);
  if (rateBpm > MAX_RATE_BPM) {
    return [words("{rate} beats a minute are more than a heart's QRS complexes come at", { rate })];
  }
  const plausible = PLAUSIBLE_BPM[rhythm];
  if (!plausible) return [];
  const [low, high, name] = plausible;
  if (rateBpm >= low && rateBpm <= high) return [];
  return [words("a heart rate of {rate}/min is not that of {rhythm}", { rate, rhythm: name })];
}
