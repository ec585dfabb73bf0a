/**
 * What the person says of a file: it adds what the file leaves open, and does not override what the file states. Units
 * alone do, where the amplitudes are absurd in the file's and plausible in those given.
 */
import type { Hints } from "../../classifier";
import { EcgliteError } from "../errors";
import { plain } from "../numbers";
import { LEAD_NAMES, type Lead, leadOf, RATES, standardLead, standardUnit } from "../record";
import { strip } from "../text";
import { type Words, words } from "../words";

export type { Hints };

/** In place of a lead: the column is left out. */
export const SKIP = "-";

/** In place of a lead: the column holds the time. */
export const TIME = "time";

/** What a column is said to be. */
export type Given = Lead | typeof TIME | typeof SKIP;

/** Two statements of a sampling rate within 1 % agree. */
export const RATE_TOLERANCE = 0.01;

/** Columns named in a message. */
const SHOWN = 16;

/**
 * Hints whose words are known, in their standard spelling.
 *
 * @throws EcgliteError - UnitsError, RecordError, LeadError: one of them is not.
 */
export function checkedHints({ units, rateHz, leads }: Hints): Hints {
  if (units !== undefined) standardUnit(units);
  if (rateHz !== undefined && !(0 < rateHz && rateHz < Number.POSITIVE_INFINITY)) {
    throw new EcgliteError("RecordError", words("a sampling rate of {rate} Hz", { rate: plain(rateHz) }), {
      allowed: RATES,
      todo: words("correct it under Sampling rate"),
    });
  }
  return { units, rateHz, leads: leads && checkedLeads(leads) };
}

function checkedLeads(leads: readonly string[]): Given[] {
  const names = leads.map((lead): Given => {
    const word = strip(lead).toLowerCase();
    return word === SKIP || word === TIME ? word : leadOf(lead);
  });
  for (const name of names) {
    if (name !== SKIP && names.indexOf(name) !== names.lastIndexOf(name)) {
      throw new EcgliteError(
        "LeadError",
        words("{name} is given twice", { name: name === TIME ? words("time") : name }),
        {
          allowed: words("each once"),
          todo: words("put - under Columns for one to leave out"),
        },
      );
    }
  }
  if (names.every((name) => name === SKIP || name === TIME)) {
    throw new EcgliteError("LeadError", words("no lead among the names given"), {
      allowed: LEAD_NAMES,
      todo: words("name at least one under Columns"),
    });
  }
  return names;
}

/**
 * What the hints say of each column, undefined where they say nothing.
 *
 * @param columns - what to call each column in a message.
 * @throws EcgliteError - LeadError: there are more or fewer names than columns.
 */
export function countedLeads(hints: Hints, columns: readonly (string | Words)[]): readonly Given[] | undefined {
  const { leads } = hints;
  if (leads === undefined || leads.length === columns.length) return leads;
  const n = (count: number) => ({ n: String(count) });
  throw new EcgliteError(
    "LeadError",
    words("{names} given for {columns} ({titles})", {
      names: leads.length === 1 ? words("1 name") : words("{n} names", n(leads.length)),
      columns: columns.length === 1 ? words("1 column") : words("{n} columns", n(columns.length)),
      titles: [...columns.slice(0, SHOWN), ...(columns.length > SHOWN ? ["..."] : [])],
    }),
    {
      allowed: words("one name per column, time for one of seconds, - for one to leave out"),
      todo: words("correct the names under Columns"),
    },
  );
}

/** The rate of the file, or else the one given; throws a RecordError where they differ by more than 1 %. */
export function agreedRate(hints: Hints, stated: number, where: Words): number {
  const { rateHz } = hints;
  if (rateHz === undefined || !(Math.abs(rateHz - stated) > RATE_TOLERANCE * stated)) return stated;
  throw new EcgliteError(
    "RecordError",
    words("{where} says {stated} Hz and {given} Hz was given", {
      where,
      stated: plain(stated),
      given: plain(rateHz),
    }),
    { allowed: words("two rates within 1 %"), todo: words("clear the field Sampling rate, or correct it") },
  );
}

/** Throws a UnitsError where another unit was given than the file states. */
export function agreeUnits({ units }: Hints, stated: string, where: Words): void {
  if (units !== undefined && standardUnit(units) !== standardUnit(stated)) throw unitsDiffer(stated, units, where);
}

/** The refusal of a unit that is not the file's. */
export function unitsDiffer(stated: string, given: string, where: Words): EcgliteError {
  return new EcgliteError(
    "UnitsError",
    words("{where} says {stated} and {given} was given", {
      where,
      stated: standardUnit(stated),
      given: standardUnit(given),
    }),
    { todo: words("clear the field Units, or correct the file") },
  );
}

/**
 * The lead given for a column which does not say itself what it is.
 *
 * @param own - the column's own name.
 * @param what - what to call the column in a message.
 * @throws EcgliteError - LeadError: the column's own name is that of another lead.
 */
export function agreedLead(own: string, given: Lead, what: Words): Lead {
  const lead = standardLead(own);
  if (lead !== null && lead !== given) throw contradiction(what, words("lead {lead}", { lead }), given);
  return given;
}

/** The refusal of a name given for a column that the file contradicts. */
export function contradiction(what: Words, own: Words, given: Given): EcgliteError {
  const name = given === TIME ? words("time") : words("lead {lead}", { lead: given });
  return new EcgliteError(
    "LeadError",
    words("{what} is {own} by the file, and was given as {name}", { what, own, name }),
    {
      allowed: words("names for what the file leaves open"),
      todo: words("correct the names under Columns, put - there to leave that column out, or correct the file"),
    },
  );
}
