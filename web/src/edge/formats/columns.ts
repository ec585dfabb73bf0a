/** What the columns of a CSV are: leads with their units, a time column, or a sample index. */
import { EcgliteError } from "../errors";
import { general, nearest, plain } from "../numbers";
import { LEAD_NAMES, LEADS, type Lead, leadOf, MAX_RATE_HZ, MIN_RATE_HZ, RATES, standardLead } from "../record";
import { median } from "../statistics";
import { clipped, quoted, SPACE, strip } from "../text";
import { type Words, words } from "../words";
import { agreedLead, contradiction, countedLeads, type Given, type Hints, RATE_TOLERANCE, SKIP, TIME } from "./hints";

/** Characters of a column name; a longer one is prose. */
const MAX_NAME = 64;

/** Of a time column, in any unit: far below the millisecond that the highest rate takes in seconds. */
const MIN_STEP = 1e-9;

/** A rate within this share of a whole number is that number; clock times that leave more open tell no rate. */
const WHOLE = 5e-4;

const DAY_S = 86_400;

const SECONDS: ReadonlyMap<string, number> = new Map([
  ["s", 1],
  ["sec", 1],
  ["secs", 1],
  ["second", 1],
  ["seconds", 1],
  ["ms", 1e-3],
  ["msec", 1e-3],
  ["millisecond", 1e-3],
  ["milliseconds", 1e-3],
  ["us", 1e-6],
  ["\u00b5s", 1e-6], // micro sign
  ["\u03bcs", 1e-6], // Greek mu
  ["microseconds", 1e-6],
]);
const VOLTS: ReadonlySet<string> = new Set([
  ...["mv", "uv", "\u00b5v", "\u03bcv", "nv", "v"],
  ...["millivolt", "microvolt", "volt"],
]);
const CLOCK_UNIT = "hh:mm:ss.mmm"; // as PhysioNet's tables call it
const INDEX: ReadonlySet<string> = new Set([
  ...["", "sample", "samples", "sample #", "sample no", "sample number", "index", "idx", "n", "#"],
]);
const TIMES: ReadonlySet<string> = new Set(["time", "t", "elapsed time", "timestamp", "elapsed", "zeit"]);
const SINGLE: ReadonlySet<string> = new Set(["ecg", "ekg"]);
const BRACKETS = new RegExp(`[[(]([^\\])]*)[\\])][${SPACE}]*$`);
const SUFFIX = new RegExp(`^([^\\n]*?)[_ ]+([^_${SPACE}]+)$`);

/** One column: what it is, for a lead which one, and the unit of voltage or time that its name states. */
export interface Column {
  readonly role: "lead" | "time" | "other";
  /** Null for a lead whose name says nothing, until it is told which one it is. */
  readonly lead: Lead | null;
  readonly unit: string | null;
}

/** Whether a cell is a unit of voltage or time, or blank: what a second header line consists of. */
export function isUnit(cell: string): boolean {
  const unit = strip(cell, "[]() ").toLowerCase();
  return unit === "" || unit === "-" || unit === CLOCK_UNIT || SECONDS.has(unit) || VOLTS.has(unit);
}

/**
 * The role of each column.
 *
 * @param names - the header line, one per column, or null.
 * @param units - the line of units below it, or null.
 * @param hints - its leads say what the columns are whose own names don't.
 * @param notes - what is assumed is appended.
 * @returns one per column, less the last one where its name is blank and the hints say nothing of it: a delimiter at the
 *   end of each line makes such a column.
 * @throws EcgliteError - LeadError: a name is unknown, contradicts the hints, or the count is not that of the columns.
 */
export function columnsOf(
  names: readonly string[] | null,
  units: readonly string[] | null,
  nColumns: number,
  hints: Hints,
  notes: Words[],
): Column[] {
  if (names === null) return unnamed(nColumns, hints, notes);
  const nNamed = names.length;
  const surplus =
    nNamed > 1 && !strip(names.at(-1) ?? "") && (hints.leads === undefined || hints.leads.length < nNamed);
  const own = surplus ? names.slice(0, -1) : names;
  const stated = units?.map((unit) => strip(unit, "[]()- ").toLowerCase() || null);
  const columns = own.map((name, at) => {
    const column = columnOf(name);
    return { ...column, unit: column.unit || (stated?.[at] ?? null) };
  });
  const titles = own.map((name) => clipped(strip(name), MAX_NAME) || "(blank)");
  const given = countedLeads(hints, titles);
  if (given !== undefined) return columns.map((column, at) => agreed(column, titles[at] as string, given[at] as Given));
  const signals = columns.filter((column) => column.role === "lead");
  if (signals.length === 0) {
    throw new EcgliteError("LeadError", words("no column of the header is a lead"), {
      allowed: LEAD_NAMES,
      todo: words("say under Columns what each column is"),
    });
  }
  return columns.map((column, at) => {
    if (column.role !== "lead") return column;
    const title = titles[at] as string;
    if (signals.length === 1 && SINGLE.has(split(title)[0].toLowerCase())) {
      notes.push(words("the only signal, {title}, is taken as lead I", { title }));
      return { ...column, lead: "I" };
    }
    return { ...column, lead: column.lead ?? leadOf(title) };
  });
}

/** A column as the hints have it, which fill in what the header leaves open; throws a LeadError where it says otherwise. */
function agreed(column: Column, title: string, given: Given): Column {
  const what = words("column {title}", { title: quoted(title) });
  if (given === SKIP) return { role: "other", lead: null, unit: null };
  const timed = column.role === "time" || SECONDS.has(column.unit ?? "");
  if (given === TIME) {
    if (!timed && column.lead !== null) throw contradiction(what, words("lead {lead}", { lead: column.lead }), given);
    if (!timed && column.unit) throw contradiction(what, words("a voltage"), given);
    return { role: "time", lead: null, unit: column.unit };
  }
  if (timed) throw contradiction(what, words("time"), given);
  return { role: "lead", lead: agreedLead(title, given, what), unit: column.unit };
}

/** A time column. */
export interface Times {
  /** [n_samples], in `unit`, or in seconds where none is stated. */
  readonly values: Float64Array;
  readonly unit: string | null;
  /** Whether it holds times of day in seconds, which are rounded, and begin anew at midnight. */
  readonly clock: boolean;
}

/**
 * The sampling rate of a time column.
 *
 * @param hints - the rate says what a column without a unit counts, and what clock times are too coarse to tell.
 * @throws EcgliteError - MalformedFileError: it has gaps, runs backwards, or is not even. RecordError: its steps make no
 *   rate that is read, or clock times are too coarse to tell it.
 */
export function rateOfTime({ values, unit, clock }: Times, hints: Hints, notes: Words[]): number {
  const n = values.length;
  if (n < 2 || values.some(Number.isNaN)) {
    throw new EcgliteError("MalformedFileError", words("the time column has a gap or a single row"), {
      todo: words("fill it, or leave the column out under Columns and give the rate under Sampling rate"),
    });
  }
  const rounding = clock ? roundingOf(values) : 0;
  const time = clock ? acrossMidnight(values) : values;
  const first = time[0] as number;
  const steps = new Float64Array(n - 1).map((_, at) => (time[at + 1] as number) - (time[at] as number));
  const step = ((time[n - 1] as number) - first) / (n - 1);
  const usual = median(steps);
  const drift = time.reduce((most, value, at) => Math.max(most, Math.abs(value - (first + step * at))), 0);
  const slack = 1.01 * rounding; // of two times that were rounded alike, and some for float64
  const even = (one: number) => (one > 0.5 * usual && one < 1.5 * usual) || (one >= 0 && Math.abs(one - step) < slack);
  const bad = steps.findIndex((one) => !even(one));
  if (bad >= 0 || !(drift < Math.max(1.5 * step, slack))) {
    const came =
      bad >= 0
        ? words("the time column is not even at sample {n}", { n: String(bad + 2) })
        : words("the time column is not even");
    throw new EcgliteError("MalformedFileError", came, {
      allowed: words("one step throughout, forwards"),
      todo: words(
        "resample the recording, or leave the column out under Columns and give the rate under Sampling rate",
      ),
    });
  }
  const span = step * (n - 1);
  if (rounding > WHOLE * span && steps.some((one) => Math.abs(one - usual) > rounding / 2)) {
    const known = hints.rateHz;
    if (known !== undefined) return Math.abs((n - 1) / known - span) < slack ? known : 1 / step; // which the caller compares
    const places = { step: general(rounding, 9), span: general(span) };
    throw new EcgliteError(
      "RecordError",
      words("clock times in steps of {step} s over {span} s, too coarse to tell the rate", places),
      {
        allowed: words("clock times to the millisecond"),
        todo: words("give 500, or whatever it is, under Sampling rate"),
      },
    );
  }
  if (step < MIN_STEP) {
    throw new EcgliteError("RecordError", words("a time column in steps of {step}", { step: general(step) }), {
      allowed: words("steps that make {rates}", { rates: RATES }),
      todo: words("correct the column, or leave it out under Columns and give the rate under Sampling rate"),
    });
  }
  const seconds = SECONDS.get(clock ? "s" : (unit ?? ""));
  const rate = seconds !== undefined ? 1 / (step * seconds) : rateWithoutUnit(step, hints, notes);
  return Math.abs(rate - nearest(rate)) < WHOLE * rate ? nearest(rate) : rate;
}

/** What times are rounded to: the largest of 1, 0.1 and so on down to 1e-9 s of which all are multiples. */
function roundingOf(time: Float64Array): number {
  for (let digits = 0; digits < 9; digits++) {
    const scale = 10 ** digits;
    if (time.every((value) => Math.abs(value * scale - Math.round(value * scale)) < 1e-3)) return 1 / scale;
  }
  return 1e-9;
}

/** Times of day, with a day added after each midnight. */
function acrossMidnight(time: Float64Array): Float64Array {
  let days = 0;
  return time.map((value, at) => {
    if (at > 0 && value - (time[at - 1] as number) < -DAY_S / 2) days++;
    return value + DAY_S * days;
  });
}

/** Seconds, unless the rate given shows that the column counts milliseconds, microseconds or samples. */
function rateWithoutUnit(step: number, hints: Hints, notes: Words[]): number {
  const known = hints.rateHz;
  if (known !== undefined) {
    for (const scale of [1, 1e-3, 1e-6]) {
      const rate = 1 / (step * scale);
      if (Math.abs(rate - known) <= RATE_TOLERANCE * known) return rate;
    }
    if (step === 1) {
      notes.push(words("the time column counts samples; the rate is the one given"));
      return known;
    }
  }
  const rate = 1 / step;
  if (MIN_RATE_HZ <= rate && rate <= MAX_RATE_HZ) return rate;
  throw new EcgliteError(
    "RecordError",
    words("a time column in steps of {step}, which in seconds makes {rate} Hz", {
      step: general(step),
      rate: plain(rate),
    }),
    {
      allowed: RATES,
      todo: words("state its unit in the header, such as 'time (ms)', or give the rate under Sampling rate"),
    },
  );
}

function unnamed(nColumns: number, hints: Hints, notes: Words[]): Column[] {
  const titles = Array.from({ length: nColumns }, (_, at) => words("column {n}", { n: String(at + 1) }));
  const given = countedLeads(hints, titles);
  if (given !== undefined) {
    return given.map((word, at) => agreed({ role: "lead", lead: null, unit: null }, `column ${at + 1}`, word));
  }
  if (nColumns !== LEADS.length) {
    throw new EcgliteError("LeadError", words("{n} columns without a header", { n: String(nColumns) }), {
      allowed: words("12 without a header, any number with one"),
      todo: words("say under Columns what each column is; - leaves one out"),
    });
  }
  notes.push(words("no header: twelve columns are taken as I, II, III, aVR, aVL, aVF, V1 to V6"));
  return LEADS.map((lead) => ({ role: "lead", lead, unit: null }));
}

/** A name and the unit that it ends with: "I (uV)", "I [mV]", "V1_uV", "time_ms", "t_s". */
function split(name: string): [name: string, unit: string | null] {
  const title = clipped(strip(name), MAX_NAME);
  const bracketed = BRACKETS.exec(title);
  if (bracketed !== null) return [strip(title.slice(0, bracketed.index)), strip(bracketed[1] ?? "").toLowerCase()];
  const [, before = "", last = ""] = SUFFIX.exec(title) ?? [];
  const unit = last.toLowerCase();
  if (SECONDS.has(unit) || VOLTS.has(unit)) {
    const base = strip(before);
    if (unit.length > 1 || (unit === "s" && TIMES.has(wordOf(base)))) return [base, unit]; // one letter ends other names, too
  }
  return [title, null];
}

function wordOf(name: string): string {
  return strip(name.toLowerCase().replaceAll("_", " "));
}

/** One header cell; its lead is null where the hints may still name it. */
function columnOf(name: string): Column {
  const [base, stated] = split(name);
  const seconds = stated !== null && SECONDS.has(stated);
  const unit = stated !== null && (seconds || VOLTS.has(stated)) ? stated : null;
  const word = wordOf(base);
  if (TIMES.has(word)) return { role: "time", lead: null, unit: seconds ? unit : null };
  if (unit === null && SECONDS.has(word) && word !== "s") return { role: "time", lead: null, unit: word };
  if (INDEX.has(word) || word.startsWith("unnamed:")) return { role: "other", lead: null, unit };
  return { role: "lead", lead: [...strip(name)].length <= MAX_NAME ? standardLead(name) : null, unit };
}
