/**
 * WFDB records: a .hea header with signal files in format 16 or 212, or MATLAB 4 matrices of int16.
 *
 * Every record of PTB-XL, Chapman-Shaoxing, CPSC, Georgia and MIT-BIH that was looked at states the right checksum for
 * every signal, so checksums are verified; one of 0 is what writers leave that do not compute any, and is noted instead.
 */
import { EcgliteError } from "../errors";
import { general } from "../numbers";
import { type Lead, leadOf, millivoltsPer, type Record } from "../record";
import { clipped, printable, quoted } from "../text";
import { type Words, words } from "../words";
import { build } from "./build";
import {
  agreedLead,
  agreedRate,
  agreeUnits,
  contradiction,
  countedLeads,
  type Given,
  type Hints,
  SKIP,
  TIME,
} from "./hints";
import { decoded, type Files, HEADER_LIMIT, readBytes, utf8 } from "./source";
import { DEFAULT_GAIN, type Header, parseHeader, type Signal } from "./wfdb_header";
import { STORAGE, stepsOf, verify } from "./wfdb_samples";

const SINGLE_NAMES: ReadonlySet<string> = new Set(["ecg", "ekg"]);
const THE_HEADER = words("the header");

/** The signal files that a header names; none where it cannot be read. */
export async function signalFilesOf(files: Files, name: string): Promise<string[]> {
  try {
    return (await headerOf(files, name)).signals.map(({ file }) => file);
  } catch {
    return []; // reading it as a recording says why
  }
}

async function headerOf(files: Files, name: string): Promise<Header> {
  return parseHeader(decoded(utf8(await readBytes(files, name, HEADER_LIMIT))));
}

/** A signal of the header, with what is made of it. */
interface Scaled {
  readonly signal: Signal;
  /** Millivolts per unit, 0 where the signal is left out. */
  readonly scale: number;
}

/**
 * One WFDB record.
 *
 * @param name - of the .hea file; its signal files are among `files`.
 * @param hints - the rate must agree with the header, units as `build` has it; leads name signals without a name.
 * @throws EcgliteError - of any kind that reads a file; LeadError, UnitsError, RecordError: they make no recording.
 */
export async function readWfdb(files: Files, name: string, hints: Hints): Promise<Record> {
  const header = await headerOf(files, name);
  const notes: Words[] = [];
  const groups = groupsOf(header);
  const scales = scalesOf(header, hints, notes);
  const leads = leadsOf(header, scales, hints, notes);
  const rateHz = agreedRate(hints, header.rateHz, THE_HEADER);

  const signalMv: Float32Array[] = [];
  let at = 0;
  for (const signals of groups) {
    const scaled = signals.map((signal): Scaled => ({ signal, scale: scales[at++] ?? 0 }));
    if (!scaled.some(({ scale }) => scale)) continue;
    const steps = await stepsOf(files, signals, header.nSamples);
    verify(steps, signals, notes);
    signalMv.push(...millivolts(steps, scaled));
  }
  const lengths = signalMv.map((lead) => lead.length).sort((a, b) => a - b);
  const [shortest, longest] = [lengths[0], lengths.at(-1)];
  if (shortest !== longest) {
    throw new EcgliteError(
      "MalformedFileError",
      words("the signal files hold {shortest} and {longest} samples per signal", {
        shortest: String(shortest),
        longest: String(longest),
      }),
      { allowed: words("as many in each") },
    );
  }
  return build({
    signalMv,
    rateHz,
    leads,
    format: "wfdb",
    path: name,
    units: header.signals.filter((_, signal) => scales[signal]).map((signal) => signal.units),
    unitsStated: true,
    given: hints.units,
    comments: header.comments,
    notes,
  });
}

/** The signals of each file, in the order of the header; refuses what is not read. */
function groupsOf(header: Header): Signal[][] {
  if (header.nSegments !== null) {
    throw new EcgliteError("UnsupportedError", words("a record in {n} segments", { n: String(header.nSegments) }), {
      allowed: words("records in one piece"),
      todo: words("read its segments one by one, or join them with the WFDB tool xform"),
    });
  }
  const groups = new Map<string, Signal[]>();
  let last: Signal | undefined; // the first signal of the file at hand
  for (const signal of header.signals) {
    checkSupported(signal);
    const { file } = signal;
    if (file === last?.file) {
      if (signal.format !== last.format || signal.offset !== last.offset) {
        throw new EcgliteError("MalformedFileError", words("{file} is stated in two formats or offsets", { file }), {
          allowed: words("one per file"),
        });
      }
      groups.get(file)?.push(signal);
      continue;
    }
    if (groups.has(file)) {
      const came = words("the signals of {file} do not stand together in the header", { file });
      throw new EcgliteError("MalformedFileError", came);
    }
    if (file === "." || file === ".." || !printable(file) || /[/\\:]/.test(file)) {
      throw new EcgliteError(
        "MalformedFileError",
        words("the header names the signal file {file}", { file: quoted(file) }),
        { allowed: words("a plain name, beside the header") },
      );
    }
    groups.set(file, [signal]);
    last = signal;
  }
  return [...groups.values()];
}

function checkSupported({ format, samplesPerFrame, skew, gain, description }: Signal): void {
  if (!STORAGE.has(format)) {
    throw new EcgliteError("UnsupportedError", words("signal format {format}", { format: String(format) }), {
      allowed: words("16 and 212"),
      todo: words("convert it with the WFDB tool xform"),
    });
  }
  if (samplesPerFrame !== 1) {
    throw new EcgliteError(
      "UnsupportedError",
      words("a multi-frequency record: {n} samples of {description} per frame", {
        n: String(samplesPerFrame),
        description,
      }),
      { allowed: words("one rate for all signals"), todo: words("resample it with the WFDB tool xform") },
    );
  }
  if (skew !== 0) {
    throw new EcgliteError(
      "UnsupportedError",
      words("a skew of {n} samples in {description}", { n: String(skew), description }),
      { allowed: words("no skew") },
    );
  }
  if (!Number.isFinite(gain)) {
    throw new EcgliteError(
      "MalformedFileError",
      words("a gain of {gain} in {description}", { gain: general(gain), description }),
      { allowed: words("a finite number") },
    );
  }
}

/** Millivolts per unit of each signal, 0 where it is left out: no voltage, or "-" in the hints. */
function scalesOf({ signals }: Header, hints: Hints, notes: Words[]): number[] {
  const titles = signals.map((signal, at) => signal.description || words("number {n}", { n: String(at + 1) }));
  const given = countedLeads(hints, titles);
  const wanted = signals.map((_, at) => given?.[at] !== SKIP);
  const scales = signals.map(({ units }, at) => {
    return wanted[at] && isVoltage(units) ? millivoltsPer(units) : 0;
  });
  const voltages = signals.filter((_, at) => scales[at]);
  if (new Set(scales.filter((scale) => scale)).size > 1) {
    for (const { units } of voltages) agreeUnits(hints, units, THE_HEADER); // one unit for all is the matter of `build`
  }
  const others = signals.flatMap((signal, at) => (wanted[at] && !scales[at] ? [{ at, ...signal }] : []));
  const [other] = others;
  if (other !== undefined && given !== undefined) {
    const title = other.description || `number ${other.at + 1}`;
    const own = words("in {units}", { units: other.units });
    throw contradiction(words("signal {title}", { title: quoted(title) }), own, given[other.at] as Given);
  }
  if (others.length > 0) {
    const named = others.map(({ description, file, units }) => `${description || file} (${units})`);
    notes.push(words("left out, not a voltage: {signals}", { signals: named }));
  }
  if (!scales.some((scale) => scale)) {
    throw new EcgliteError("LeadError", words("no voltage among {n} signals", { n: String(scales.length) }), {
      allowed: words("at least one signal in V, mV, uV or nV"),
      todo: words("take another record"),
    });
  }
  return scales;
}

function isVoltage(unit: string): boolean {
  try {
    return millivoltsPer(unit) > 0;
  } catch {
    return false;
  }
}

/** The leads of the signals that are read; what is assumed of them goes to the notes. */
function leadsOf({ signals }: Header, scales: readonly number[], hints: Hints, notes: Words[]): Lead[] {
  const read = signals.flatMap((signal, at) => (scales[at] ? [{ at, ...signal }] : []));
  const [only] = read;
  let leads: Lead[];
  const given = hints.leads;
  if (given !== undefined) {
    leads = read.map(({ at, description }) => agreed(description, given[at] as Given));
  } else if (only !== undefined && read.length === 1 && SINGLE_NAMES.has(only.description.toLowerCase())) {
    notes.push(words("the only signal, {title}, is taken as lead I", { title: only.description }));
    leads = ["I"];
  } else {
    leads = read.map(({ description }) => leadOf(clipped(description, 64) || "(no name)"));
  }
  noteGains(read, leads, notes);
  return leads;
}

function agreed(name: string, given: Given): Lead {
  const what = words("signal {title}", { title: quoted(clipped(name, 40)) });
  if (given === TIME || given === SKIP) throw contradiction(what, words("a voltage"), given);
  return agreedLead(name, given, what);
}

/** Says which leads are scaled by the default gain. */
function noteGains(signals: readonly Signal[], leads: readonly Lead[], notes: Words[]): void {
  const unstated = signals.flatMap(({ units, gainStated }, at) =>
    gainStated ? [] : [{ units, lead: leads[at] ?? "" }],
  );
  for (const unit of new Set(unstated.map(({ units }) => units))) {
    const named = unstated.filter(({ units }) => units === unit).map(({ lead }) => lead);
    const gain = words("{gain} per {unit} is assumed, the WFDB default", { gain: general(DEFAULT_GAIN), unit });
    notes.push(
      named.length === 1
        ? words("the header states no gain for lead {leads}: {gain}", { leads: named, gain })
        : words("the header states no gain for leads {leads}: {gain}", { leads: named, gain }),
    );
  }
}

/** (steps - baseline) / gain of the voltages in mV; the lowest step of the format is a missing sample. */
function millivolts(steps: Int16Array, scaled: readonly Scaled[]): Float32Array[] {
  const nSignals = scaled.length;
  return scaled.flatMap(({ signal, scale }, first) => {
    if (!scale) return [];
    const { baseline, format } = signal;
    const perMv = signal.gain / scale;
    const missing = STORAGE.get(format)?.missing;
    const lead = new Float32Array(steps.length / nSignals);
    for (let sample = 0, at = first; at < steps.length; sample++, at += nSignals) {
      const step = steps[at] as number;
      lead[sample] = step === missing ? Number.NaN : (step - baseline) / perMv;
    }
    return [lead];
  });
}
