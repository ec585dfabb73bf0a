/** The Record: one recording in memory, whatever file it came from. As `ecglite.edge.record`. */
import { EcgliteError } from "./errors";
import { plain } from "./numbers";
import { clipped, quoted, strip } from "./text";
import { type Words, words } from "./words";

/** The twelve standard leads in the order of the model's input (IEC 60601-2-25). */
export const LEADS = ["I", "II", "III", "aVR", "aVL", "aVF", "V1", "V2", "V3", "V4", "V5", "V6"] as const;
export type Lead = (typeof LEADS)[number];

export const MIN_RATE_HZ = 100;
export const MAX_RATE_HZ = 1000;

/** The units of voltage in their standard spelling. */
export const UNITS = ["V", "mV", "uV", "nV"] as const;
export type Unit = (typeof UNITS)[number];

const MV_PER: { readonly [unit in Unit]: number } = { V: 1000, mV: 1, uV: 0.001, nV: 1e-6 };

const UNITS_BY_KEY: ReadonlyMap<string, Unit> = new Map<string, Unit>([
  ...UNITS.map((unit) => [unit.toLowerCase(), unit] as const),
  ["\u00b5v", "uV"], // micro sign
  ["\u03bcv", "uV"], // Greek mu
  ["volt", "V"],
  ["millivolt", "mV"],
  ["microvolt", "uV"],
]);

const BY_KEY: ReadonlyMap<string, Lead> = new Map<string, Lead>([
  ...LEADS.map((lead) => [lead.toUpperCase(), lead] as const),
  ["MLII", "II"],
  ["ML2", "II"],
  ["DI", "I"],
  ["DII", "II"],
  ["DIII", "III"],
]);

/** What leads and rates are allowed, for messages. */
export const LEAD_NAMES = words("I, II, III, aVR, aVL, aVF, V1 to V6");
export const RATES = words("100 to 1000 Hz");

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

/**
 * The standard name of a lead in any usual spelling, or null.
 *
 * Knows "II", "Lead II", "lead_ii", "avf", "DII", "MDC_ECG_LEAD_V1", "ECG II", "V1 (mV)" and MIT-BIH's "MLII", a
 * modified lead II. "2", "ECG2" and "Lead 2" number a recorder's channels as often as Einthoven's leads, and "-aVR" is
 * another lead than aVR: none of them is known.
 */
export function standardLead(name: string): Lead | null {
  const bare = strip(clipped(name, 64).replace(/[[(][^\n]*?[\])]/g, "")).toUpperCase(); // no lead has a longer name
  const text = bare.replace(/^(?:MDC[_ ])?(?:ECG[_ :-]?)?(?:LEAD(?:-|[_ :]*))?_*/, "");
  // the capital of the micro sign is the Greek letter
  return BY_KEY.get(text) ?? BY_KEY.get(text.replace(/[_ ]*(?:UV|\u039cV|MV)$/, "")) ?? null;
}

/** As `standardLead`; throws a LeadError where the name is not a standard lead's. */
export function leadOf(name: string): Lead {
  const lead = standardLead(name);
  if (lead !== null) return lead;
  throw new EcgliteError("LeadError", words("unknown lead {name}", { name: quoted(clipped(name, 40)) }), {
    allowed: words("{leads} in any usual spelling", { leads: LEAD_NAMES }),
    todo: words("say under Columns what each column is; - leaves one out"),
  });
}

/** The standard spelling of a unit of voltage; throws a UnitsError where it is none. */
export function standardUnit(unit: string): Unit {
  const known = UNITS_BY_KEY.get(strip(unit).toLowerCase());
  if (known !== undefined) return known;
  throw new EcgliteError("UnitsError", words("unknown unit {unit}", { unit: quoted(clipped(unit, 40)) }), {
    allowed: words("V, mV, uV, nV"),
    todo: words("choose one under Units"),
  });
}

/** How many millivolts one of a unit is; throws a UnitsError where it is no voltage. */
export function millivoltsPer(unit: string): number {
  return MV_PER[standardUnit(unit)];
}

/** The record itself, where its rate and leads make a recording; else throws a RecordError or a LeadError. */
export function checked(record: Record): Record {
  const rate = record.samplingRateHz;
  if (!(MIN_RATE_HZ <= rate && rate <= MAX_RATE_HZ)) {
    throw new EcgliteError("RecordError", words("a sampling rate of {rate} Hz", { rate: plain(rate) }), {
      allowed: RATES,
      todo: words("check the header, or give the rate under Sampling rate"),
    });
  }
  for (const lead of record.leads) {
    if (record.leads.indexOf(lead) !== record.leads.lastIndexOf(lead)) {
      throw new EcgliteError("LeadError", words("lead {lead} comes twice", { lead }), {
        allowed: words("each lead once"),
        todo: words("leave one of the columns out under Columns"),
      });
    }
  }
  return record;
}
