/** Probabilities and quality -> Finding. As `ecglite.edge.decision`. */
import type { Quality } from "./quality";
import type { Words } from "./words";

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
