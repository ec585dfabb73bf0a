/**
 * A probability in words.
 *
 * The bands are those of the likelihood scale that the IPCC has its authors use (Mastrandrea et al., Guidance note on
 * consistent treatment of uncertainties, 2010), which readers have been tested on. The probabilities are calibrated, so
 * the words say how often such a finding is right on recordings like those of the model card.
 */
import type { Finding } from "../edge/decision";
import { number, t } from "../i18n";

export const BANDS = [
  [0.99, "likely_99"],
  [0.95, "likely_95"],
  [0.9, "likely_90"],
  [0.66, "likely_66"],
  [0.5, "likely_50"],
  [0.33, "likely_33"],
  [0, "likely_0"],
] as const;

/** "very likely": the word alone. */
export function likelihood(probability: number): string {
  return t(BANDS.find(([from]) => probability >= from)?.[1] ?? "likely_0");
}

/** Whole percents, never 100 % or 0 % for what is not certain; as `ecglite.edge.decision.percent`. */
export function percent(probability: number): string {
  if (probability >= 0.995) return t("percent_over", { n: number(99) });
  if (probability <= 0.005) return t("percent_under", { n: number(1) });
  return t("percent", { n: number(Math.round(100 * probability)) });
}

/** The probability of a finding: in words and percents where it is decided. */
export function probability({ probability: share, abstained }: Pick<Finding, "probability" | "abstained">): string {
  // A word for how likely it is would say more than "not sure" does.
  return abstained
    ? percent(share)
    : t("probability_words", { likelihood: likelihood(share), percent: percent(share) });
}
