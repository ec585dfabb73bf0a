/**
 * The CSV layout of the Chapman-Shaoxing database on figshare (Zheng et al., Scientific Data 7:48, 2020).
 *
 * Ten seconds of twelve leads at 500 Hz in microvolts: 5000 x 12. Raw recordings carry a header of lead names, denoised
 * ones none; neither states rate or units, so the exact shape is what it is known by.
 */
import { EcgliteError } from "../errors";
import { general } from "../numbers";
import { LEADS, millivoltsPer } from "../record";
import { strip } from "../text";
import { type Words, words } from "../words";
import { likelyUnit } from "./build";
import type { Hints } from "./hints";

export const FORMAT = "chapman-csv";
export const RATE_HZ = 500;
export const MV_PER_STEP = 0.001;
const N_SAMPLES = 5000;

/** Microvolts that the largest sample of a heart's ten seconds exceeds, and millivolts do not. */
const MIN_LARGEST = 20;

/**
 * Whether a table has this layout, and nothing in the file or the hints says otherwise.
 *
 * @param table - one array per column.
 * @param stated - whether the file has comments or units, which Chapman's have not.
 */
export function fits(
  table: readonly Float64Array[],
  names: readonly string[] | null,
  hints: Hints,
  stated: boolean,
): boolean {
  return (
    table.length === LEADS.length &&
    table[0]?.length === N_SAMPLES &&
    !stated &&
    (names === null || isLeads(names.map((name) => strip(name)))) &&
    (hints.units === undefined || millivoltsPer(hints.units) === MV_PER_STEP) &&
    (hints.rateHz === undefined || hints.rateHz === RATE_HZ) &&
    (hints.leads === undefined || isLeads(hints.leads))
  );
}

const isLeads = (names: readonly string[]): boolean => LEADS.every((lead, at) => names[at] === lead);

/** What is assumed of a table that fits: all that neither its header nor the hints say. */
export function notesOf(names: readonly string[] | null, hints: Hints): Words[] {
  const assumed: Words[] = [];
  if (names === null && hints.leads === undefined) assumed.push(words("leads I to V6"));
  if (hints.rateHz === undefined) assumed.push(words("500 Hz"));
  if (hints.units === undefined) assumed.push(words("microvolts"));
  const last = assumed.pop();
  if (last === undefined) return [];
  const what = assumed.length === 0 ? last : words("{some} and {last}", { some: assumed, last });
  return [words("laid out as in the Chapman database (5000 x 12): {what} are assumed", { what })];
}

/** Refuses values that look like millivolts or volts: no sample reaches 20, and not all are 0. */
export function checkAmplitude(table: readonly Float64Array[]): void {
  let largest = 0;
  for (const column of table) {
    for (let at = 0; at < column.length; at++) {
      const size = Math.abs(column[at] as number);
      if (size > largest) largest = size;
    }
  }
  if (largest === 0 || largest >= MIN_LARGEST) return;
  throw new EcgliteError(
    "UnitsError",
    words("5000 x 12 as in the Chapman database, whose unit is uV, and no sample exceeds {largest}", {
      largest: general(Math.max(largest, 1e-3), 3),
    }),
    {
      allowed: words("a largest sample over {least} uV", { least: general(MIN_LARGEST) }),
      todo: words(
        "the values look like {unit}: choose {unit} under Units, and give 500 under Sampling rate, if they are",
        {
          unit: likelyUnit(table) ?? "mV",
        },
      ),
    },
  );
}
