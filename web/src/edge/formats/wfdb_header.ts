/**
 * WFDB headers: text to fields, as header(5) of the WFDB manual has it.
 *
 * Only the syntax is judged here; what can be read of it is `wfdb.ts`'s matter. The record name may be any word: headers
 * of the 2020 Georgia database write "E07938.mat".
 */
import { EcgliteError } from "../errors";
import { clipped, quoted, strip } from "../text";
import { words } from "../words";

const DEFAULT_RATE_HZ = 250;
export const DEFAULT_GAIN = 200;
const MAX_SIGNALS = 256;

const BLANKS = "[ \\t]+";
const WORD = "[^\\t-\\r ]"; // any character but white space
const NUMBER = "[-+]?(?:\\d{1,20}\\.?\\d{0,20}|\\.\\d{1,20})(?:[eE][-+]?\\d{1,4})?";
const RECORD_LINE = new RegExp(
  `^[^/\\t-\\r ]{1,255}(?:/(?<segments>\\d{1,9}))?${BLANKS}(?<nSignals>\\d{1,9})` +
    `(?:${BLANKS}(?<rate>${NUMBER})(?:/${NUMBER}(?:\\(${NUMBER}\\))?)?` +
    `(?:${BLANKS}(?<nSamples>\\d{1,18})(?:[ \\t][^\\n]*)?)?)?[ \\t]*$`,
);
const SIGNAL_LINE = new RegExp(
  `^(?<file>${WORD}{1,255})${BLANKS}` +
    "(?<format>\\d{1,9})(?:x(?<perFrame>\\d{1,9}))?(?::(?<skew>\\d{1,9}))?(?:\\+(?<offset>\\d{1,18}))?" +
    `(?:${BLANKS}(?<gain>${NUMBER})(?:\\((?<baseline>[-+]?\\d{1,18})\\))?(?:/(?<units>${WORD}{1,40}))?` +
    `(?:${BLANKS}\\d{1,9}` + // resolution
    `(?:${BLANKS}(?<zero>[-+]?\\d{1,18})` +
    `(?:${BLANKS}[-+]?\\d{1,18}` + // first value
    `(?:${BLANKS}(?<checksum>[-+]?\\d{1,18})` +
    `(?:${BLANKS}\\d{1,18}` + // block size
    `(?:${BLANKS}(?<description>[^\\n]*))?)?)?)?)?)?)?[ \\t]*$`,
);

/** One signal line. */
export interface Signal {
  /** Name of the file that holds its samples. */
  readonly file: string;
  /** Storage format, 16 for int16. */
  readonly format: number;
  /** 1 unless it is sampled faster than the frames. */
  readonly samplesPerFrame: number;
  /** Samples by which it is late. */
  readonly skew: number;
  /** Bytes before its first sample. */
  readonly offset: number;
  /** Steps per unit, never 0. */
  readonly gain: number;
  /** Whether the header states it; without, it is the default. */
  readonly gainStated: boolean;
  /** The step that is 0 units. */
  readonly baseline: number;
  /** Of the physical values. */
  readonly units: string;
  /** Sum of the samples as a number of 16 bits, null where not stated. */
  readonly checksum: number | null;
  /** The lead's name. */
  readonly description: string;
}

export interface Header {
  /** Null for a record in one piece. */
  readonly nSegments: number | null;
  /** Frames per second. */
  readonly rateHz: number;
  /** Per signal, null where not stated; a header may state more than a number holds exactly. */
  readonly nSamples: bigint | null;
  /** In the order of the lines. */
  readonly signals: readonly Signal[];
  /** Lines after "#", without it. */
  readonly comments: readonly string[];
}

/** Whether a text of unknown kind begins with a record line and a signal line. */
export function isHeader(text: string): boolean {
  const [record, signal] = linesOf(text).filter(({ line }) => line && !line.startsWith("#"));
  return RECORD_LINE.test(record?.line ?? "") && SIGNAL_LINE.test(signal?.line ?? "");
}

/** A header out of its text; throws a MalformedFileError where a line breaks the syntax, or signal lines are missing. */
export function parseHeader(text: string): Header {
  const all = linesOf(text).filter(({ line }) => line);
  const [record, ...lines] = all.filter(({ line }) => !line.startsWith("#"));
  if (record === undefined) {
    throw new EcgliteError("MalformedFileError", words("a WFDB header without a record line"), {
      allowed: words("such as 'a1 12 500 5000'"),
    });
  }
  const found = RECORD_LINE.exec(record.line)?.groups;
  if (found === undefined) {
    throw new EcgliteError(
      "MalformedFileError",
      words("the record line is {line}", { line: quoted(clipped(record.line, 60)) }),
      {
        allowed: words("name, number of signals, rate, number of samples, such as 'a1 12 500 5000'"),
        todo: words("download the header again"),
      },
    );
  }
  const nSignals = Number(found.nSignals);
  const whole = found.segments === undefined;
  if (whole) checkCount(nSignals, lines.length);
  return {
    nSegments: whole ? null : Number(found.segments),
    rateHz: found.rate === undefined ? DEFAULT_RATE_HZ : Number(found.rate),
    nSamples: BigInt(found.nSamples ?? 0) || null,
    signals: whole ? lines.slice(0, nSignals).map(signalOf) : [],
    comments: all.flatMap(({ line }) => (line.startsWith("#") ? [strip(line.slice(1))] : [])),
  };
}

interface NumberedLine {
  readonly number: number;
  readonly line: string;
}

function linesOf(text: string): NumberedLine[] {
  return text.split(/[\r\n]/).map((line, at) => ({ number: at + 1, line: strip(line) }));
}

function checkCount(nSignals: number, nLines: number): void {
  const stated = String(nSignals);
  if (nSignals > MAX_SIGNALS) {
    throw new EcgliteError("MalformedFileError", words("the header states {stated} signals", { stated }), {
      allowed: words("up to {limit}", { limit: String(MAX_SIGNALS) }),
    });
  }
  if (nLines < nSignals) {
    throw new EcgliteError(
      "MalformedFileError",
      words("the header states {stated} signals and describes {described}", { stated, described: String(nLines) }),
      { allowed: words("one line per signal"), todo: words("download the header again") },
    );
  }
}

function signalOf({ number, line }: NumberedLine): Signal {
  const found = SIGNAL_LINE.exec(line)?.groups;
  if (found === undefined) {
    throw new EcgliteError(
      "MalformedFileError",
      words("line {number} of the header is {line}", { number: String(number), line: quoted(clipped(line, 60)) }),
      {
        allowed: words("file, format, gain, resolution, zero, first value, checksum, block size, lead"),
        todo: words("download the header again"),
      },
    );
  }
  const steps = Number(found.gain ?? 0);
  return {
    file: found.file ?? "",
    format: Number(found.format),
    samplesPerFrame: Number(found.perFrame ?? 1),
    skew: Number(found.skew ?? 0),
    offset: Number(found.offset ?? 0),
    gain: steps || DEFAULT_GAIN, // header(5): 0 or absent means uncalibrated, 200 per mV
    gainStated: steps !== 0,
    baseline: Number(found.baseline ?? found.zero ?? 0),
    units: found.units ?? "mV",
    checksum: found.checksum === undefined ? null : Number(BigInt.asUintN(16, integer(found.checksum))),
    description: strip(found.description ?? ""),
  };
}

/** With any sign; `BigInt` takes no plus. */
function integer(text: string): bigint {
  return BigInt(text.replace("+", ""));
}
