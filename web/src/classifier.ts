/** What the page asks of the worker that reads and classifies: types only, so that page and worker agree. */
import type { Finding } from "./edge/decision";
import type { Failure } from "./edge/errors";
import type { Lead, Record } from "./edge/record";

/** What the person says of a file where it does not say it itself. */
export interface Hints {
  readonly units?: string | undefined;
  readonly rateHz?: number | undefined;
  /** What each column is, in the order of the file: a lead, "time", or "-" to leave it out. */
  readonly leads?: readonly (Lead | "time" | "-")[] | undefined;
}

/** What became of one recording: `record` where it was read, `finding` where it was classified, else `failure`. */
export interface Outcome {
  readonly name: string;
  readonly record?: Record | undefined;
  readonly finding?: Finding | undefined;
  readonly failure?: Failure | undefined;
  /** Milliseconds from bytes to finding. */
  readonly tookMs: number;
}

/** Of the model, for the page to show. */
export interface ModelFacts {
  readonly name: string;
  readonly version: string;
  readonly labels: readonly string[];
  readonly sha256: string;
  readonly sizeBytes: number;
  /** The finding is withheld where the highest probability is below this. */
  readonly abstainBelow: number;
}

/** The worker, as the page sees it. */
export interface Classifier {
  readonly model: Promise<ModelFacts>;
  /**
   * The recordings among picked files of different names: signal files (.dat, .mat) go with their header, and one
   * without is named by itself, so that its refusal says what is missing.
   */
  recordingsOf(files: readonly File[]): Promise<readonly string[]>;
  /** Reads and classifies one of them; never throws for a bad file. */
  classify(name: string, files: readonly File[], hints?: Hints): Promise<Outcome>;
}
