/** The layout of a CSV: comments, header, units, delimiter and decimal mark, up to its rows of numbers. */
import { EcgliteError } from "../errors";
import { standardLead } from "../record";
import { clipped, quoted, strip } from "../text";
import { words } from "../words";
import { isUnit } from "./columns";
import { BLOCK, bare, count, isClock, parseCell, type TableLayout, tooLong } from "./numbers";
import { bytesOf, decoded, latin1 } from "./source";

const MAX_COLUMNS = 64;

/** Lines of comment, and blank ones, before the header. */
const MAX_PREAMBLE = 1000;

/** Bytes kept of a comment. */
const MAX_COMMENT = 1000;

const NEWLINE = 10;
const RETURN = 13;
const AT_THE_END = new Set([NEWLINE, 32, 26]); // the last is the end mark of CP/M

/** A CSV up to its numbers. */
export interface Layout extends TableLayout {
  /** Lines after "#" at the top, without it. */
  readonly comments: readonly string[];
  /** The header line, null without one; its last one is "" where only the rows end in a delimiter. */
  readonly names: readonly string[] | null;
  /** A line of units below the header, as long as names, null without one. */
  readonly units: readonly string[] | null;
  /** Bytes of the rows, each line with its end, up to the last one that is not blank. */
  readonly rows: Uint8Array;
}

/** One line: its bytes as characters of the same code, and where the next line begins. */
interface Line {
  readonly line: string;
  readonly after: number;
}

/**
 * The layout of a whole file, whose bytes are overwritten where its lines do not end in "\n".
 *
 * @throws EcgliteError - UnknownFormatError, MalformedFileError: it is prose, has no rows, too many columns, or lines
 *   above its header.
 */
export function layoutOf(data: Uint8Array): Layout {
  const text = withPlainEnds(data);
  const comments: string[] = [];
  let at = 0;
  let number = 1;
  for (; at < text.length; number++) {
    if (number > MAX_PREAMBLE) {
      const came = words("no samples in the first {n} lines", { n: String(MAX_PREAMBLE) });
      throw new EcgliteError("MalformedFileError", came, { allowed: words("a few lines of comment") });
    }
    const { line, after } = lineAt(text, at, number);
    if (line.startsWith("#")) comments.push(strip(decodedText(line.slice(0, MAX_COMMENT)).replace(/^[# ]+/, "")));
    else if (!isBlank(line)) break;
    at = after;
  }
  if (at === text.length) {
    throw new EcgliteError("MalformedFileError", words("no line of samples"), {
      allowed: words("rows of numbers"),
      todo: words("export the recording again"),
    });
  }

  let { line, after } = lineAt(text, at, number);
  const delimiter = delimiterOf(line);
  let cells = cellsOf(line, delimiter);
  refuseSpaces(cells, number);
  let names: readonly string[] | null = null;
  let units: readonly string[] | null = null;
  const nTexts = cells.filter((cell) => !isNumber(cell)).length;
  if (nTexts > 0 && 2 * nTexts >= cells.filter((cell) => !isBlank(cell)).length) {
    const top: Top = { line, number, names: cells.map(decodedText) };
    ({ line, after, at, number } = next(text, after, number));
    const below = cellsOf(line, delimiter).map(decodedText);
    if (below.length === top.names.length && below.some((cell) => strip(cell)) && below.every(isUnit)) {
      units = below;
      ({ line, after, at, number } = next(text, after, number));
    }
    if (!line) {
      throw new EcgliteError("MalformedFileError", words("a header and no samples"), {
        todo: words("export the recording again"),
      });
    }
    cells = cellsOf(line, delimiter);
    const rest = latin1(text.subarray(at, at + BLOCK));
    if (!cells.some((cell) => isNumber(cell) && !isBlank(cell)) && !/\d/.test(rest)) {
      const came = words("text without numbers: {text}", { text: quoted(clipped(decodedText(line), 40)) });
      throw new EcgliteError("UnknownFormatError", came, {
        allowed: words("a CSV of samples, or a WFDB header (.hea) with its signal files"),
      });
    }
    refusePreamble(top, cells, rest, number);
    [names, units] = trimmed(top.names, units, cells);
  }
  const clocks = new Set(cells.flatMap((cell, index) => (isClock(cell) ? [index] : [])));
  const others = cells.filter((_, index) => !clocks.has(index)).join(" ");
  const decimal = delimiter !== "," && others.includes(",") && !others.includes(".") ? "," : ".";
  const nColumns = names?.length ?? cells.length;
  if (nColumns > MAX_COLUMNS) throw tooWide(nColumns, false, text);
  const rows = withoutBlankEnd(text.subarray(at), delimiter);
  return { comments, names, units, delimiter, decimal, nColumns, firstLine: number, clocks, rows };
}

/** The text without byte order mark, with "\n" after each line and nothing blank after the last. */
function withPlainEnds(data: Uint8Array): Uint8Array {
  const text = latin1(data.subarray(0, 3)) === "\xef\xbb\xbf" ? data.subarray(3) : data;
  let end = text.length;
  if (text.includes(RETURN)) {
    end = 0;
    for (let at = 0; at < text.length; at++) {
      const byte = text[at] as number;
      if (byte === RETURN && text[at + 1] === NEWLINE) continue;
      text[end++] = byte === RETURN ? NEWLINE : byte;
    }
  }
  while (end > 0 && AT_THE_END.has(text[end - 1] as number)) end--;
  if (end < text.length) {
    text[end] = NEWLINE;
    return text.subarray(0, end + 1);
  }
  const longer = new Uint8Array(end + 1);
  longer.set(text);
  longer[end] = NEWLINE;
  return longer;
}

/** Rows without those of blank cells after the last other one, which spreadsheets write. */
function withoutBlankEnd(rows: Uint8Array, delimiter: string): Uint8Array {
  const blank = new Set(bytesOf(`\t\n\v\f "'${delimiter}`));
  let end = rows.length;
  while (end > 0 && blank.has(rows[end - 1] as number)) end--;
  return rows.subarray(0, rows.indexOf(NEWLINE, end) + 1);
}

function lineAt(text: Uint8Array, at: number, number: number): Line {
  const part = text.subarray(at, at + BLOCK);
  const end = part.indexOf(NEWLINE);
  if (end >= 0) return { line: latin1(part.subarray(0, end)), after: at + end + 1 };
  if (text.length - at <= BLOCK) return { line: latin1(part), after: text.length };
  const start = latin1(part);
  const nCells = start.split(delimiterOf(start)).length - 1;
  throw nCells > MAX_COLUMNS ? tooWide(nCells, true, text) : tooLong(number);
}

/** The line after the one with this number. */
function next(text: Uint8Array, at: number, number: number): Line & { at: number; number: number } {
  return { ...lineAt(text, at, number + 1), at, number: number + 1 };
}

function tooWide(nColumns: number, over: boolean, text: Uint8Array): EcgliteError {
  const n = String(nColumns);
  const columns = over ? words("over {n} columns", { n }) : words("{n} columns", { n });
  const limit = String(MAX_COLUMNS);
  const nRows = count(text, NEWLINE);
  if (nRows > MAX_COLUMNS) {
    return new EcgliteError("MalformedFileError", columns, {
      allowed: words("up to {limit}", { limit }),
      todo: words("take out what is no lead"),
    });
  }
  const lines = nRows === 1 ? words("1 line") : words("{n} lines", { n: String(nRows) });
  return new EcgliteError(
    "MalformedFileError",
    words("{columns} on {lines}: its leads seem to be rows", { columns, lines }),
    { allowed: words("up to {limit} columns, one per lead", { limit }), todo: words("transpose the table") },
  );
}

function refuseSpaces(cells: readonly string[], number: number): void {
  const parts = (cells[0] ?? "").split(/[\t-\r ]+/).filter((part) => part);
  if (cells.length !== 1 || parts.length < 2 || !parts.every(isNumber)) return;
  throw new EcgliteError(
    "MalformedFileError",
    words("line {line} separates its numbers by spaces", { line: String(number) }),
    { allowed: words("comma, semicolon or tab between the columns"), todo: words("replace the spaces by commas") },
  );
}

/** A header as long as the first row, where a delimiter at the end of only one of them is all that differs. */
function trimmed(
  names: readonly string[],
  units: readonly string[] | null,
  cells: readonly string[],
): [readonly string[], readonly string[] | null] {
  if (names.length === cells.length + 1 && !strip(names.at(-1) ?? "")) {
    return [names.slice(0, -1), units?.slice(0, -1) ?? null];
  }
  if (cells.length === names.length + 1 && !cells.at(-1)) return [[...names, ""], units && [...units, ""]];
  return [names, units];
}

/** The line taken for a header. */
interface Top {
  readonly line: string;
  readonly number: number;
  readonly names: readonly string[];
}

/**
 * Refuses a first line that is no header: no lead is in it, and what stands below is no row for it.
 *
 * @param below - the cells of the first line of `text`.
 * @param text - what follows the header, or its beginning.
 * @param number - of the first line of `text`.
 */
function refusePreamble(top: Top, below: readonly string[], text: string, number: number): void {
  const nTexts = below.filter((cell) => !isNumber(cell)).length;
  const fits = top.names.length === below.length && 2 * nTexts < below.filter((cell) => cell).length;
  if (fits || top.names.some((name) => standardLead(name) !== null)) return;
  const lines = text.split("\n").slice(0, MAX_PREAMBLE);
  const begin = lines.findIndex((line) => /\d/.test(line) && cellsOf(line, delimiterOf(line)).every(isNumber));
  if (begin < 0) return;
  throw new EcgliteError(
    "MalformedFileError",
    words("line {line} is no header of the table, whose numbers begin at line {begin}: {text}", {
      line: String(top.number),
      begin: String(number + begin),
      text: quoted(clipped(decodedText(top.line), 40)),
    }),
    {
      allowed: words("a header of lead names right above the rows, and lines of comment after #"),
      todo: words("remove the lines above the table, or begin them with #"),
    },
  );
}

function delimiterOf(line: string): string {
  return ["\t", ";"].find((mark) => line.includes(mark)) ?? ",";
}

function cellsOf(line: string, delimiter: string): string[] {
  return line.split(delimiter).map(bare);
}

/** Whether a cell may stand among samples: a number, with either decimal mark, a missing one, or a time. */
function isNumber(cell: string): boolean {
  return parseCell(cell) !== null || parseCell(cell, ",") !== null || isClock(cell);
}

/** Whether there is nothing but blanks among bytes. */
function isBlank(line: string): boolean {
  return /^[\t-\r ]*$/.test(line);
}

/** What a text of bytes says. */
function decodedText(bytes: string): string {
  return decoded(bytesOf(bytes));
}
