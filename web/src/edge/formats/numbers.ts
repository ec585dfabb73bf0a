/**
 * Delimited text to numbers, byte by byte.
 *
 * A cell such as "-119.11" is gathered digit by digit as one whole number, which up to 15 digits is exact, and divided
 * by a power of ten, which is exact too: the division rounds once, as IEEE 754 demands of a correct parser, so values
 * equal those of `Number`. A cell of any other shape (empty, "nan", "1e-3", padded, quoted) is parsed on its own.
 */
import { EcgliteError } from "../errors";
import { quoted } from "../text";
import { words } from "../words";
import { latin1 } from "./source";

/** Bytes of the longest line, and those in which a line of the wrong length is told before a cell of text. */
export const BLOCK = 64 * 1024;

/** How a missing sample is written, in lower case. */
const MISSING: ReadonlySet<string> = new Set(["", "nan", "na", "n/a", "null", "none", "-"]);

const PADDING = /^[\t-\r ]+|[\t-\r ]+$/g;
const QUOTES = /^["']+|["']+$/g;
// what Python's float() and Number() have in common, and the words that only float() takes
const NUMBER = /^[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?$/;
const NOT_FINITE = /^[-+]?(?:inf|infinity|nan)$/i;

const CLOCK = new RegExp(
  "^(?:\\d{1,4}[-./]\\d{1,2}[-./]\\d{1,4}[T ])?" + // a date
    "(?:(\\d{1,3}):)?([0-5]?\\d):([0-5]\\d(?:[.,]\\d{1,9})?)" +
    "(?:Z|[-+]\\d\\d:?\\d\\d)?$", // a time zone
);

const NEWLINE = 10;
const PLUS = 43;
const MINUS = 45;
const ZERO = 48;
const NINE = 57;
const EXACT_DIGITS = 15; // below 2 ** 53 in any case
const POWERS = Float64Array.from({ length: EXACT_DIGITS + 1 }, (_, k) => 10 ** k);

/** A cell without the blanks and quotes around it. */
export function bare(cell: string): string {
  return cell.replace(PADDING, "").replace(QUOTES, "").replace(PADDING, "");
}

/** One cell as a number; NaN where it is missing or infinite, null where it is text. */
export function parseCell(cell: string, decimal = "."): number | null {
  const text = bare(cell);
  if (MISSING.has(text.toLowerCase())) return Number.NaN;
  const plain = decimal === "." ? text : text.replaceAll(decimal, ".");
  if (NOT_FINITE.test(plain)) return Number.NaN;
  if (!NUMBER.test(plain)) return null;
  const value = Number(plain);
  return Number.isFinite(value) ? value : Number.NaN;
}

/** Whether a cell is a time of day or an elapsed time, such as 10:15:00.002, with or without a date. */
export function isClock(cell: string): boolean {
  return CLOCK.test(cell);
}

/** A time of day in seconds, whatever its date; NaN where it is missing, null where it is something else. */
function parseClock(cell: string): number | null {
  const text = bare(cell);
  if (MISSING.has(text.toLowerCase())) return Number.NaN;
  const found = CLOCK.exec(text);
  if (found === null) return null;
  const [, hours = "0", minutes, seconds = ""] = found;
  return 3600 * Number(hours) + 60 * Number(minutes) + Number(seconds.replace(",", "."));
}

export interface TableLayout {
  readonly nColumns: number;
  /** One character. */
  readonly delimiter: string;
  /** "." or ",". */
  readonly decimal: string;
  /** Columns of times of day, which become seconds; as `layout` has it, those whose first cell is one. */
  readonly clocks: ReadonlySet<number>;
  /** The line number of the first row in its file, for messages. */
  readonly firstLine: number;
}

/**
 * Rows of delimited numbers.
 *
 * @param text - lines that end in "\n", the last one too.
 * @param ignored - columns that may hold text, which becomes NaN.
 * @returns one array per column, [n_rows] each, NaN where a cell is missing or infinite.
 * @throws EcgliteError - MalformedFileError: a line has more or fewer cells, or is too long, or a cell holds text.
 */
export function parseTable(text: Uint8Array, layout: TableLayout, ignored: ReadonlySet<number>): Float64Array[] {
  // a row takes a byte per cell at least, so ragged text can't ask for more memory than that
  const nRows = Math.min(count(text, NEWLINE), Math.floor(text.length / layout.nColumns));
  const table = Array.from({ length: layout.nColumns }, () => new Float64Array(nRows));
  let row = 0;
  for (let start = 0; start < text.length; ) {
    const end = text.lastIndexOf(NEWLINE, start + BLOCK - 1) + 1;
    if (end <= start) throw tooLong(layout.firstLine + row);
    row = parseBlock(text, start, end, row, table, layout, ignored);
    start = end;
  }
  return table;
}

/** The refusal of a line that is no row of samples. */
export function tooLong(line: number): EcgliteError {
  const came = words("line {line} is longer than {limit} bytes", { line: String(line), limit: String(BLOCK) });
  return new EcgliteError("MalformedFileError", came, { allowed: words("one row of samples per line") });
}

export function count(text: Uint8Array, byte: number): number {
  let n = 0;
  for (let at = text.indexOf(byte); at >= 0; at = text.indexOf(byte, at + 1)) n++;
  return n;
}

/** The rows between two positions; returns the number of the next row. */
function parseBlock(
  text: Uint8Array,
  start: number,
  end: number,
  firstRow: number,
  table: readonly Float64Array[],
  layout: TableLayout,
  ignored: ReadonlySet<number>,
): number {
  const { nColumns, firstLine, clocks } = layout;
  const delimiter = layout.delimiter.charCodeAt(0);
  const decimal = layout.decimal.charCodeAt(0);
  let row = firstRow;
  let column = 0;
  let refusal: EcgliteError | null = null; // a line of the wrong length further down is told first
  for (let at = start; at < end; ) {
    const cell = at;
    const sign = text[at] as number;
    if (sign === MINUS || sign === PLUS) at++;
    let whole = 0;
    let nDigits = 0;
    let point = -1; // digits before the decimal point
    let plain = true;
    let byte = text[at] as number;
    for (; byte !== delimiter && byte !== NEWLINE; byte = text[++at] as number) {
      if (byte >= ZERO && byte <= NINE) {
        whole = whole * 10 + (byte - ZERO);
        nDigits++;
      } else if (byte === decimal && point < 0) {
        point = nDigits;
      } else {
        plain = false;
      }
    }
    if (column < nColumns) {
      let value = Number.NaN;
      const clock = clocks.has(column);
      if (plain && nDigits > 0 && nDigits <= EXACT_DIGITS && !clock) {
        value = point < 0 ? whole : whole / (POWERS[nDigits - point] as number);
        if (sign === MINUS) value = -value;
      } else if (!ignored.has(column)) {
        const raw = latin1(text.subarray(cell, at));
        const number = clock ? parseClock(raw) : parseCell(raw, layout.decimal);
        if (number === null) refusal ??= textInCell(text.subarray(cell, at), firstLine + row, column);
        else value = number;
      }
      (table[column] as Float64Array)[row] = value;
    }
    column++;
    at++;
    if (byte === NEWLINE) {
      if (column !== nColumns) throw ragged(firstLine + row, column, nColumns);
      column = 0;
      row++;
    }
  }
  if (refusal !== null) throw refusal;
  return row;
}

function textInCell(cell: Uint8Array, line: number, column: number): EcgliteError {
  return new EcgliteError(
    "MalformedFileError",
    words("line {line}, column {column} holds {text}", {
      line: String(line),
      column: String(column + 1),
      text: quoted(latin1(cell.subarray(0, 40))),
    }),
    {
      allowed: words("a number, or an empty cell where a sample is missing"),
      todo: words("mend or remove that line; if it is no column of samples, leave it out under Columns"),
    },
  );
}

function ragged(line: number, nCells: number, nColumns: number): EcgliteError {
  const wanted = String(nColumns);
  return new EcgliteError(
    "MalformedFileError",
    words("line {line} has {cells} cells where the lines before have {wanted}", {
      line: String(line),
      cells: String(nCells),
      wanted,
    }),
    { allowed: words("{wanted} cells on every line", { wanted }), todo: words("mend or remove that line") },
  );
}
