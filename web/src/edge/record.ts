/** The Record: one recording in memory, whatever file it came from. As `ecglite.edge.record`. */
import type { Words } from "./words";

/** The twelve standard leads in the order of the model's input (IEC 60601-2-25). */
export const LEADS = ["I", "II", "III", "aVR", "aVL", "aVF", "V1", "V2", "V3", "V4", "V5", "V6"] as const;
export type Lead = (typeof LEADS)[number];

export const MIN_RATE_HZ = 100;
export const MAX_RATE_HZ = 1000;

export interface Patient {
  readonly ageYears: number | null;
  readonly sex: "female" | "male" | null;
}

/** Plain data: it passes between a worker and the page, and into the history. */
export interface Record {
  /** One array per lead, all of one length, millivolts; NaN where a sample is missing. */
  readonly signalMv: readonly Float32Array[];
  readonly samplingRateHz: number;
  /** Standard names, one per array of `signalMv`, each once. */
  readonly leads: readonly Lead[];
  readonly patient: Patient;
  /** The file's name. */
  readonly path: string;
  /** "chapman-csv", "csv" or "wfdb". */
  readonly format: string;
  /** Of the samples in the file: "mV", "uV", "V", "nV", or several joined by ", ". */
  readonly units: string;
  readonly comments: readonly string[];
  /** What the reader assumed or changed. */
  readonly notes: readonly Words[];
}

export const nSamples = (record: Record): number => record.signalMv[0]?.length ?? 0;
export const durationS = (record: Record): number => nSamples(record) / record.samplingRateHz;
