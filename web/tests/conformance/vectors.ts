/** The conformance vectors, from the folder that the environment variable CONFORMANCE names. */
import { readFileSync } from "node:fs";
import { join } from "node:path";

/** What becomes of a file that is refused: the kind of the error, and what came, in English. */
export interface ExpectedFailure {
  readonly type: string;
  readonly came: string;
}

/** A record without its samples, in the words of the Python package. */
export interface ExpectedRecord {
  readonly leads: readonly string[];
  readonly sampling_rate_hz: number;
  readonly n_samples: number;
  readonly units: string;
  readonly format: string;
  readonly patient: { readonly age_years: number | null; readonly sex: string | null };
  readonly comments: readonly string[];
  readonly notes: readonly string[];
}

/** `Finding.to_dict()` of the Python package. */
export interface ExpectedFinding {
  readonly rhythm: string;
  readonly name: string;
  readonly probability: number;
  readonly probabilities: { readonly [label: string]: number };
  readonly heart_rate_bpm: number | null;
  readonly abstained: boolean;
  readonly reasons: readonly string[];
  readonly quality: {
    readonly verdict: string;
    readonly notes: readonly string[];
    readonly leads: { readonly [lead: string]: string };
  };
  readonly windows: readonly {
    readonly start_s: number;
    readonly rhythm: string;
    readonly probability: number;
    readonly heart_rate_bpm: number | null;
  }[];
  readonly model: string;
}

/** Read and classified, read and refused by quality, or not read. */
interface Expected {
  readonly error?: ExpectedFailure;
  readonly record?: ExpectedRecord;
  /** File of float32 [n_samples, n_leads], millivolts, little-endian. */
  readonly samples?: string;
  readonly finding?: ExpectedFinding;
  /** What a microcontroller makes of it, which is not the page's to repeat. */
  readonly micro?: { readonly inputs: string; readonly outputs: readonly (readonly number[])[] };
  readonly refusal?: ExpectedFailure;
}

export interface Vector {
  readonly name: string;
  /** The file that is opened, among `files`. */
  readonly open: string;
  /** All that are picked together; they lie in the folder of the vector's name. */
  readonly files: readonly string[];
  readonly hints: { readonly units?: string; readonly rate_hz?: number; readonly leads?: readonly string[] };
  readonly expect: Expected;
}

/** Why there are no vectors; undefined where there are. */
export let absent: string | undefined;

/** All vectors; none where the folder is not there, so that the one test which says so fails, and not every file. */
export const VECTORS: readonly Vector[] = index();

/** The path of a file in the folder of vectors. */
export function path(...names: readonly string[]): string {
  return join(process.env.CONFORMANCE ?? "", ...names);
}

/** The expected samples of a vector that is read: float32 [n_samples * n_leads], row by row, millivolts. */
export function samples(file: string): Float32Array {
  const bytes = readFileSync(path(file));
  return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
}

function index(): Vector[] {
  const make = "make the vectors with `python conformance/make.py OUT` and name that folder in CONFORMANCE";
  if (!process.env.CONFORMANCE) {
    absent = `CONFORMANCE is not set: ${make}`;
    return [];
  }
  try {
    return JSON.parse(readFileSync(path("index.json"), "utf8")) as Vector[];
  } catch (error) {
    absent = `no index.json in CONFORMANCE=${process.env.CONFORMANCE} (${(error as Error).message}): ${make}`;
    return [];
  }
}
