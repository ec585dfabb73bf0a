/** Is the recording fit to be classified: a verdict per lead, with reasons. As `ecglite.edge.quality`. */
import type { Lead } from "./record";
import type { Words } from "./words";

export type Verdict = "good" | "poor" | "bad";

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
