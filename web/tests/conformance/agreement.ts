/** How near a finding has to be to the Python package's. */
import type { ExpectedFinding } from "./vectors";

/** The model is int8 inside, and processors differ in the last bit of what goes into it: a step there is up to 0.0025 here. */
export const PROBABILITY = 5e-3;

/** A tenth, between two numbers that are rounded to tenths. */
export const BEATS_A_MINUTE = 0.1 + 1e-9;

export const MILLIVOLTS = 1e-6;

/** The heart rate of a finding, then of its windows. */
export function rates(finding: ExpectedFinding): (number | null)[] {
  return [finding.heart_rate_bpm, ...finding.windows.map((window) => window.heart_rate_bpm)];
}

/** The probabilities of a finding by label, and the highest of each window. */
export function probabilities(finding: ExpectedFinding): number[] {
  const highest = finding.windows.map((window) => window.probability);
  return [finding.probability, ...Object.values(finding.probabilities), ...highest];
}

/** The largest difference of two lists; infinite where one has a number and the other none. */
export function furthest(ours: readonly (number | null)[], theirs: readonly (number | null)[]): number {
  if (ours.length !== theirs.length) return Number.POSITIVE_INFINITY;
  const distances = ours.map((a, at) => {
    const b = theirs[at] ?? null;
    if (a === null || b === null) return a === b ? 0 : Number.POSITIVE_INFINITY;
    return Math.abs(a - b);
  });
  return Math.max(...distances);
}

/** What has to be equal: a finding without its probabilities and heart rates. */
export function rest(finding: ExpectedFinding): unknown {
  const { probability: _, probabilities, heart_rate_bpm: __, windows, ...others } = finding;
  return {
    ...others,
    labels: Object.keys(probabilities),
    windows: windows.map(({ start_s, rhythm }) => ({ start_s, rhythm })),
  };
}
