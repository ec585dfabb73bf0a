/** CSV recordings: any delimiter, any order of leads, with or without header, time column and units. */
import { EcgliteError } from "../errors";
import { plain } from "../numbers";
import { type Lead, millivoltsPer, type Record, standardUnit } from "../record";
import { quoted, strip } from "../text";
import { type Words, words } from "../words";
import { build, likelyUnit } from "./build";
import * as chapman from "./chapman_csv";
import { type Column, columnsOf, rateOfTime } from "./columns";
import { agreedRate, agreeUnits, type Hints } from "./hints";
import { type Layout, layoutOf } from "./layout";
import { parseTable } from "./numbers";

const BLANK = "[\\t-\\r ]";

/** Only what says "sampling": a comment on a filter's frequency or a heart rate is none of it. */
const RATE = new RegExp(
  `(?:(?:^|[;,])${BLANK}*f_?s|(?:^|[;,\\t-\\r ])sampl(?:e|ing)[ _-]?(?:rate|freq(?:uency)?))${BLANK}*` +
    `(?:[\\[(]?hz[\\])]?)?${BLANK}*[:=]?${BLANK}*(\\d{1,6}(?:\\.\\d{1,6})?)${BLANK}*(hz|khz)?\\b`,
  "gi",
);
const UNITS = new RegExp(`\\bunits?${BLANK}*[:=]${BLANK}*([^,;\\t-\\r ]{1,20})`, "i");

const COMMENT = words("a comment");
const RATES = words("a time column, a comment such as '# fs=500', or the field Sampling rate");

/**
 * A recording out of the bytes of a CSV.
 *
 * @param data - the whole file, whose bytes may be overwritten.
 * @param path - the file's name.
 * @param hints - fill in what the file leaves open.
 * @throws EcgliteError - UnknownFormatError, MalformedFileError: it is prose, ragged, or holds text among the numbers.
 *   LeadError, UnitsError, RecordError: leads, units or rate are unknown, or contradict each other.
 */
export function readCsv(data: Uint8Array, path: string, hints: Hints): Record {
  const layout = layoutOf(data);
  const notes: Words[] = [];
  const columns = columnsOf(layout.names, layout.units, layout.nColumns, hints, notes);
  const ignored = new Set(columns.flatMap((column, at) => (column.role === "other" ? [at] : [])));
  const clocks = new Set([...layout.clocks].filter((at) => columns[at]?.role === "time"));
  const table = parseTable(layout.rows, { ...layout, clocks }, ignored);
  // a delimiter at the end of every line makes a column without a name, which must be empty
  const surplus = table.length > columns.length ? table.pop() : undefined;
  if (surplus !== undefined && !surplus.every(Number.isNaN)) {
    throw new EcgliteError("MalformedFileError", words("the last column has no name"), {
      todo: words("name it in the header"),
    });
  }

  const signals = columns.filter((column) => column.role === "lead");
  const leads = signals.map((column) => column.lead as Lead);
  const signal = table.filter((_, at) => columns[at]?.role === "lead");
  const names = layout.names?.slice(0, columns.length) ?? null;
  if (chapman.fits(table, names, hints, layout.comments.length > 0 || layout.units !== null)) {
    chapman.checkAmplitude(table);
    return build({
      signalMv: signal.map((column) => scaled(column, chapman.MV_PER_STEP)),
      rateHz: chapman.RATE_HZ,
      leads,
      format: chapman.FORMAT,
      path,
      units: ["uV"],
      unitsStated: false,
      comments: [],
      notes: chapman.notesOf(names, hints), // they say what the columns were taken for, too
    });
  }
  const rateHz = rateOf(table, columns, layout, hints, notes);
  const [stated, where] = unitsOf(signals, layout.comments, hints);
  const open = stated.indexOf(null);
  if (open >= 0 && hints.units === undefined) throw noUnits(leads[open] as Lead, signal, rateHz);
  if (rateHz === undefined) {
    throw new EcgliteError("RecordError", words("no sampling rate"), {
      allowed: RATES,
      todo: words("give 500, or whatever it is, under Sampling rate"),
    });
  }
  const units = stated.map((unit) => unit ?? hints.units ?? "");
  return build({
    signalMv: signal.map((column, at) => scaled(column, millivoltsPer(units[at] as string))),
    rateHz,
    leads,
    format: "csv",
    path,
    units,
    unitsStated: open < 0,
    given: open < 0 ? hints.units : undefined,
    where,
    comments: layout.comments,
    notes,
  });
}

/** Times a factor, in float64, and then rounded to float32. */
function scaled(column: Float64Array, factor: number): Float32Array {
  const out = new Float32Array(column.length);
  for (let at = 0; at < column.length; at++) out[at] = (column[at] as number) * factor;
  return out;
}

/**
 * What the file states of each lead's units, by the header or else by a comment, and where; the unit given must agree,
 * unless it is one unit for all.
 */
function unitsOf(
  columns: readonly Column[],
  comments: readonly string[],
  hints: Hints,
): [units: (string | null)[], where: Words] {
  const said = comments.map((comment) => UNITS.exec(comment)?.[1]).find((unit) => unit !== undefined) ?? null;
  const units = columns.map((column) => column.unit || said);
  const where = columns.map((column) => (column.unit ? words("the header") : COMMENT));
  if (new Set(units.map((unit) => (unit === null ? null : standardUnit(unit)))).size > 1) {
    for (const [at, unit] of units.entries()) if (unit !== null) agreeUnits(hints, unit, where[at] as Words);
  }
  return [units, where[0] as Words];
}

/** The refusal of a table that states no units; where it states no rate either, that is said at once. */
function noUnits(lead: Lead, signal: readonly Float64Array[], rateHz: number | undefined): EcgliteError {
  const unit = likelyUnit(signal);
  const choose =
    unit === null
      ? words("choose uV or mV under Units")
      : words("the values look like {unit}: if they are, choose {unit} under Units", { unit });
  if (rateHz) {
    return new EcgliteError("UnitsError", words("lead {lead} has no units, and mV can't be told from uV", { lead }), {
      allowed: words("units in the header, such as 'I (uV)', or in the field Units"),
      todo: choose,
    });
  }
  return new EcgliteError(
    "UnitsError",
    words("lead {lead} has no units, and mV can't be told from uV; nor is there a sampling rate", { lead }),
    {
      allowed: words("units in the header, such as 'I (uV)', or in the field Units; {rates}", { rates: RATES }),
      todo: words("{choose}, and give the rate, such as 500, under Sampling rate", { choose }),
    },
  );
}

/** The sampling rate from the time column, a comment, or the hints, which must agree; undefined without any. */
function rateOf(
  table: readonly Float64Array[],
  columns: readonly Column[],
  { comments, clocks }: Layout,
  hints: Hints,
  notes: Words[],
): number | undefined {
  let stated: number | undefined;
  for (const [comment, digits, unit] of comments.flatMap((comment) => [...comment.matchAll(RATE)])) {
    const rate = Number(digits) * (unit?.toLowerCase() === "khz" ? 1000 : 1);
    if (stated !== undefined && rate !== stated) {
      throw new EcgliteError(
        "RecordError",
        words("comments that state {one} and {other} Hz", { one: plain(stated), other: plain(rate) }),
        { allowed: words("one sampling rate"), todo: words("correct the comments") },
      );
    }
    stated = agreedRate(hints, rate, COMMENT);
    notes.push(words("the sampling rate is that of the comment {comment}", { comment: quoted(strip(comment, " ,;")) }));
  }
  const [time, another] = columns.flatMap((column, at) => (column.role === "time" ? [at] : []));
  if (another !== undefined) {
    throw new EcgliteError("LeadError", words("two time columns"), {
      allowed: words("one"),
      todo: words("leave one of them out under Columns"),
    });
  }
  if (time === undefined) return stated ?? hints.rateHz;
  const known = stated === undefined ? hints : { ...hints, rateHz: stated };
  const times = { values: table[time] as Float64Array, unit: columns[time]?.unit ?? null, clock: clocks.has(time) };
  const rate = rateOfTime(times, known, notes);
  return agreedRate(known, rate, words("the time column"));
}
