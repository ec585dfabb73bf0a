/** What every reader ends with: a Record whose amplitudes can be a heart's. */
import { EcgliteError } from "../errors";
import { general, plain } from "../numbers";
import {
  checked,
  type Lead,
  millivoltsPer,
  type Patient,
  type Record,
  standardUnit,
  UNITS,
  type Unit,
} from "../record";
import { type Words, words } from "../words";
import { unitsDiffer } from "./hints";

/**
 * Peak to peak, median over leads. A raw Chapman lead that saturates spans 65.5 mV (int16 at 1 uV); microvolts taken for
 * millivolts span 500 to 3000.
 */
const MAX_SPAN_MV = 100;

/**
 * Peak to peak, median over leads. The faintest real records span 0.1 mV; millivolts taken for microvolts 0.003.
 */
const MIN_SPAN_MV = 0.01;

/** Peak to peak, median over leads, of a usual recording: what units are guessed from, for advice only. */
const USUAL_SPAN_MV = 1.5;

/** A kilovolt in one sample is no lead's, whatever the others say. */
const MAX_ABSOLUTE_MV = 1e6;

const MAX_AGE = 120;
const BLANKS = "[\\t-\\r ]*";
const AGE = new RegExp(`^<?age>?${BLANKS}[:=]${BLANKS}(\\d{1,3}(?:\\.\\d{1,3})?)`, "i");
const SEX = new RegExp(`^<?(?:sex|gender)>?${BLANKS}[:=]${BLANKS}(f|m|female|male)\\b`, "i");
const AGE_AND_SEX = /^(-?\d{1,3}) ([MF])\b/; // "68 M 1960 2851 x1", as MIT-BIH writes it

/** What a reader found. */
interface Found {
  /** One per lead, millivolts, NaN where a sample is missing. */
  readonly signalMv: readonly Float32Array[];
  readonly rateHz: number;
  readonly leads: readonly Lead[];
  readonly format: string;
  readonly path: string;
  /** Of each lead in the file, in any spelling. */
  readonly units: readonly string[];
  /** Whether the file states them itself. */
  readonly unitsStated: boolean;
  /** The hint's, which the file's must agree with, unless the amplitudes are absurd in those alone. */
  readonly given?: string | undefined;
  /** What states the file's, the header where nothing is said. */
  readonly where?: Words;
  /** Of the header, without their mark. */
  readonly comments: readonly string[];
  /** What the reader assumed. */
  readonly notes: readonly Words[];
}

/** The lowest and highest sample of a lead, NaN where it has none. */
interface Extremes {
  readonly low: number;
  readonly high: number;
}

/**
 * A Record of what a file held; wholly empty leads are left out and noted.
 *
 * @throws EcgliteError - MalformedFileError: there is no sample at all. UnitsError: the amplitudes are absurd for the
 *   units. LeadError, RecordError: as `checked` says.
 */
export function build(found: Found): Record {
  const notes = [...found.notes];
  let units = [...new Set(found.units.map(standardUnit))];
  let { signalMv } = found;
  let extremes = signalMv.map(extremesOf);
  const [stated, another] = units;
  const given = found.given === undefined ? stated : standardUnit(found.given);
  if (stated !== undefined && given !== undefined && given !== stated && another === undefined) {
    const factor = Math.fround(millivoltsPer(given) / millivoltsPer(stated));
    notes.push(overruled(extremes, factor, stated, given, found.where ?? words("the header")));
    signalMv = signalMv.map((lead) => lead.map((value) => value * factor));
    extremes = scaled(extremes, factor);
    units = [given];
  }
  checkAmplitude(extremes, units, found.unitsStated);
  const filled = extremes.map(({ high }) => !Number.isNaN(high));
  if (!filled.includes(true)) {
    throw new EcgliteError("MalformedFileError", words("no lead holds a sample"), {
      todo: words("export the recording again"),
    });
  }
  const empty = found.leads.filter((_, at) => !filled[at]);
  if (empty.length > 0) notes.push(words("left out, no sample in it: {leads}", { leads: empty }));
  return checked({
    signalMv: signalMv.filter((_, at) => filled[at]),
    samplingRateHz: found.rateHz,
    leads: found.leads.filter((_, at) => filled[at]),
    patient: patientOf(found.comments),
    path: found.path,
    format: found.format,
    units: units.join(", "),
    comments: [...found.comments],
    notes,
  });
}

/** Age in years and sex out of comments such as "Age: 69" and "Sex: Male". */
function patientOf(comments: readonly string[]): Patient {
  let age: number | null = null;
  let sex: string | null = null;
  for (const comment of comments) {
    const both = AGE_AND_SEX.exec(comment);
    if (both !== null) {
      age ||= Number(both[1]);
      sex ??= both[2] as string;
    }
    const years = AGE.exec(comment)?.[1];
    if (years !== undefined) age = Number(years);
    sex = SEX.exec(comment)?.[1] ?? sex;
  }
  return {
    ageYears: age !== null && 0 <= age && age <= MAX_AGE ? age : null,
    sex: sex === null ? null : /^f/i.test(sex) ? "female" : "male",
  };
}

/**
 * The unit in which samples have a heart's size, for advice; null where there is none.
 *
 * @param signal - one array per lead, in the unit that is sought.
 */
export function likelyUnit(signal: readonly Float64Array[]): Unit | null {
  return unitOfSpan(medianSpan(signal.map((lead) => extremesOf(lead))));
}

/** In the precision of float32, whatever the array's. */
function extremesOf(lead: Float32Array | Float64Array): Extremes {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (let at = 0; at < lead.length; at++) {
    const value = lead[at] as number;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  if (low > high) return { low: Number.NaN, high: Number.NaN };
  return { low: Math.fround(low), high: Math.fround(high) };
}

function unitOfSpan(span: number): Unit | null {
  if (!(0 < span && span < Number.POSITIVE_INFINITY)) return null;
  const away = (unit: Unit) => Math.abs(Math.log((span * millivoltsPer(unit)) / USUAL_SPAN_MV));
  const unit = UNITS.reduce((best, other) => (away(other) < away(best) ? other : best));
  const spanMv = span * millivoltsPer(unit);
  return MIN_SPAN_MV <= spanMv && spanMv <= MAX_SPAN_MV ? unit : null;
}

/** Peak to peak, median over the leads that are neither flat nor empty, which say nothing of units; 0 without. */
function medianSpan(extremes: readonly Extremes[]): number {
  const spans = extremes.map(({ low, high }) => high - low).filter((span) => span > 0);
  return spans.sort((a, b) => a - b)[spans.length >> 1] ?? 0;
}

function scaled(extremes: readonly Extremes[], factor: number): Extremes[] {
  return extremes.map(({ low, high }) => ({ low: low * factor, high: high * factor }));
}

/**
 * The note on a unit given in place of the one that the file states.
 *
 * @param extremes - millivolts by the file's unit.
 * @param factor - by which the unit given makes other millivolts of them.
 * @param where - what states the file's.
 * @throws EcgliteError - UnitsError: the amplitudes can be a heart's in the file's unit, or cannot in the other either.
 */
function overruled(extremes: readonly Extremes[], factor: number, stated: Unit, given: Unit, where: Words): Words {
  const span = medianSpan(extremes);
  if (!span || absurdIn(extremes) === null || absurdIn(scaled(extremes, factor)) !== null) {
    throw unitsDiffer(stated, given, where);
  }
  const places = { where, stated, span: plain(span, 3), given };
  return words("{where} says {stated}, which makes {span} mV peak to peak; read as {given}, as given", places);
}

/** What no electrode gives, and what would be allowed; null where there is nothing of it. */
function absurdIn(extremes: readonly Extremes[]): { absurd: Words; allowed: Words } | null {
  const filled = extremes.filter(({ high }) => !Number.isNaN(high));
  const largest = Math.max(...filled.map(({ low, high }) => Math.max(Math.abs(low), Math.abs(high))));
  const span = medianSpan(extremes);
  if (largest > MAX_ABSOLUTE_MV) {
    return {
      absurd: words("a sample of {size} mV", { size: plain(largest, 3) }),
      allowed: words("up to {most} mV", { most: plain(MAX_ABSOLUTE_MV) }),
    };
  }
  if (!span || (MIN_SPAN_MV <= span && span <= MAX_SPAN_MV)) return null;
  return {
    absurd: words("the leads span {span} mV from peak to peak (median)", { span: plain(span, 3) }),
    allowed: words("{least} to {most} mV", { least: general(MIN_SPAN_MV), most: general(MAX_SPAN_MV) }),
  };
}

/** Refuses spans that no electrode gives. */
function checkAmplitude(extremes: readonly Extremes[], units: readonly Unit[], stated: boolean): void {
  const found = absurdIn(extremes);
  if (found === null) return;
  const { absurd, allowed } = found;
  const [first = "mV", ...others] = units;
  const taken = others.reduce<string | Words>((some, last) => words("{some} and {last}", { some, last }), first);
  const likely = others.length === 0 ? unitOfSpan(medianSpan(extremes) / millivoltsPer(first)) : null;
  const came = stated
    ? words("{absurd} with the samples in {units}, as the file states", { absurd, units: taken })
    : words("{absurd} with the samples in {units}", { absurd, units: taken });
  throw new EcgliteError("UnitsError", came, { allowed, todo: advice(likely === first ? null : likely, stated) });
}

function advice(unit: Unit | null, stated: boolean): Words {
  if (unit === null) {
    return stated
      ? words("check the samples, and the units or the gain that the file states")
      : words("check the samples, and the units or the gain");
  }
  return words("the values look like {unit}: choose {unit} under Units if they are", { unit });
}
