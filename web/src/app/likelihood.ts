/**
 * A probability in words.
 *
 * The words are those of the likelihood scale that the IPCC has its authors use (Mastrandrea et al., Guidance note on
 * consistent treatment of uncertainties, 2010), each up to where the next one begins. Alone they are read as nearer to
 * even odds than they are meant, and with the number beside them less so (Budescu et al., Nature Climate Change 4, 508,
 * 2014): the percents always stand beside the word, and choose it, so that the two never contradict each other.
 */
import type { Finding } from "../edge/decision";
import { percent as inWords } from "../edge/decision";
import { fixed } from "../edge/numbers";
import { t, tell } from "../i18n";

/** From so many whole percents on. */
const BANDS = [
  [99, "likely_99"],
  [95, "likely_95"],
  [90, "likely_90"],
  [66, "likely_66"],
  [50, "likely_50"],
  [33, "likely_33"],
  [0, "likely_0"],
] as const;

/** Whole percents, never 100 % or 0 % for what is not certain. */
export const percent = (probability: number): string => tell(inWords(probability));

/** "very likely": the word alone. */
export function likelihood(probability: number): string {
  const percents = Number(fixed(100 * probability, 0));
  return t(BANDS.find(([from]) => percents >= from)?.[1] ?? "likely_0");
}

/** The words that a finding can get which is withheld `below` a probability, and the percents from which each holds. */
export function bands(below: number): readonly { readonly from: number; readonly word: string }[] {
  const least = Number(fixed(100 * below, 0));
  const heard = BANDS.filter((_, k) => (BANDS[k - 1]?.[0] ?? 101) > least);
  return heard.map(([from, key]) => ({ from: Math.max(from, least), word: t(key) }));
}

/** The probability of a finding: in words and percents where it is decided. */
export function probability({ probability: share, abstained }: Pick<Finding, "probability" | "abstained">): string {
  // A word for how likely it is would say more than "not sure" does.
  return abstained
    ? percent(share)
    : t("probability_words", { likelihood: likelihood(share), percent: percent(share) });
}
