/** Bytes of a picked file, bounded, and the names of the file types that are no ECG. */
import { EcgliteError } from "../errors";
import { mebibytes } from "../numbers";
import { type Words, words } from "../words";

/** What the person picked together, by file name. */
export type Files = ReadonlyMap<string, Blob>;

const MIB = 1024 * 1024;

/** Bytes of a CSV: ten seconds of twelve leads are 0.44 MB. */
export const CSV_LIMIT = 128 * MIB;

/** Bytes of a WFDB header; real ones have one or two kilobytes. */
export const HEADER_LIMIT = MIB;

/** Bytes of a WFDB signal file: twelve hours of twelve leads at 500 Hz in format 16. */
export const SIGNAL_LIMIT = 512 * MIB;

/** How many bytes are looked at to tell what a file is. */
export const HEAD = 4096;

/** The first bytes of a file, each a character of the same code, and what such a file is. */
const MAGIC: readonly (readonly [string, Words])[] = [
  ["\x89PNG", words("a PNG picture")],
  ["\xff\xd8\xff", words("a JPEG picture")],
  ["GIF8", words("a GIF picture")],
  ["BM", words("a BMP picture")],
  ["II*\x00", words("a TIFF picture")],
  ["MM\x00*", words("a TIFF picture")],
  ["RIFF", words("a RIFF file (sound, video or picture)")],
  ["%PDF", words("a PDF document")],
  ["\x1f\x8b", words("a gzip archive")],
  ["BZh", words("a bzip2 archive")],
  ["\xfd7zXZ\x00", words("an xz archive")],
  ["7z\xbc\xaf\x27\x1c", words("a 7z archive")],
  ["Rar!", words("a RAR archive")],
  ["\x28\xb5\x2f\xfd", words("a zstd archive")],
  ["\xd0\xcf\x11\xe0", words("an old Office document such as .xls")],
  ["\x89HDF", words("an HDF5 file")],
  ["MATLAB 5.0", words("a MATLAB 5 file without a WFDB header")],
  ["SQLite format", words("an SQLite database")],
  ["{\\rtf", words("an RTF document")],
  ["\x7fELF", words("a program")],
  ["MZ\x90", words("a program")],
  ["0       ", words("an EDF recording, which is not read")],
  ["\xffBIOSEMI", words("a BDF recording, which is not read")],
  ["\xff\xfe\x00\x00", words("UTF-32 text")],
];

const ZIP = ["PK\x03\x04", "PK\x05\x06", "PK\x07\x08"];

// all controls but tab, line feed, form feed, carriage return and the end mark of CP/M
const CONTROL = new Set([...Array(32).keys(), 127].filter((code) => ![9, 10, 12, 13, 26].includes(code)));
const BLANK = /^[\xef\xbb\xbf \t\r\n]+/;

const UTF_16_LE = new TextDecoder("utf-16le");
const UTF_16_BE = new TextDecoder("utf-16be");
const UTF_8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * The bytes of a file, or its first ones; its size is judged before anything is read.
 *
 * @param limit - bytes that the whole file may have.
 * @param atMost - bytes wanted of it.
 * @throws EcgliteError - FileAccessError: it is not among the files, or can't be read any more. FileTooLargeError.
 */
export async function readBytes(files: Files, name: string, limit: number, atMost = limit): Promise<Uint8Array> {
  const file = sized(files, name, limit);
  try {
    return new Uint8Array(await file.slice(0, Math.min(atMost, file.size)).arrayBuffer());
  } catch {
    throw unreadable(name);
  }
}

/** The refusal of a file that no longer gives its bytes. */
export function unreadable(name: string): EcgliteError {
  // the browser's own reason is a paragraph in its own language
  const reason = words("it is a folder, or was moved, changed or taken away since it was picked");
  return new EcgliteError("FileAccessError", words("{name} cannot be read: {reason}", { name, reason }), {
    todo: words("pick the file again, or the files in the folder"),
  });
}

/** A file within its limit; throws as `readBytes`. */
export function sized(files: Files, name: string, limit: number): Blob {
  const file = files.get(name);
  if (file === undefined) {
    throw new EcgliteError("FileAccessError", words("{name}: no such file", { name }), {
      todo: words("pick the file again"),
    });
  }
  if (file.size > limit) throw tooLarge(name, file.size, limit);
  return file;
}

/** The refusal of a file over the `limit`: of `size` bytes, or of who knows how many. */
export function tooLarge(name: string, size: number | null, limit: number): EcgliteError {
  const most = String(limit / MIB);
  const came =
    size === null
      ? words("{name} has over {limit} MiB", { name, limit: most })
      : words("{name} has {size} MiB", { name, size: mebibytes(size) });
  return new EcgliteError("FileTooLargeError", came, {
    allowed: words("up to {limit} MiB", { limit: most }),
    todo: words("cut the recording into shorter files"),
  });
}

/** Text as it is, unless it begins with the mark of UTF-16, which Excel's "Unicode text" is. */
export function utf8(bytes: Uint8Array): Uint8Array {
  const [a, b, c, d] = bytes;
  if (a === 0xff && b === 0xfe && !(c === 0 && d === 0)) return new TextEncoder().encode(UTF_16_LE.decode(bytes));
  if (a === 0xfe && b === 0xff) return new TextEncoder().encode(UTF_16_BE.decode(bytes));
  return bytes;
}

/** What a file that begins with these bytes is, in words, when it is certainly no ECG file that is read. */
export function foreign(bytes: Uint8Array): Words | null {
  const head = latin1(bytes);
  if (!head) return words("an empty file");
  const start = head.replace(BLANK, "").slice(0, 64).toLowerCase();
  if (!start) return words("a blank file");
  if (ZIP.some((magic) => head.startsWith(magic))) {
    const office = head.includes("xl/") || head.includes("word/") || head.includes("[Content_Types].xml");
    return office ? words("an Office document such as .xlsx") : words("a zip archive");
  }
  if (head.startsWith("ustar", 257)) return words("a tar archive");
  if (head.startsWith("DICM", 128)) return words("a DICOM file, which is not read");
  const known = MAGIC.find(([magic]) => head.startsWith(magic));
  if (known !== undefined) return known[1];
  if (/^<(?:!doctype html|html)/.test(start)) return words("a web page");
  if (/^<(?:\?xml|svg|!doctype)/.test(start)) return words("an XML document");
  if (/^[{[]/.test(start)) return words("JSON text");
  return bytes.some((byte) => CONTROL.has(byte)) ? words("binary data") : null;
}

/** Text of a header: UTF-8, or else Latin-1, in which any byte is a character. */
export function decoded(bytes: Uint8Array): string {
  try {
    return UTF_8.decode(bytes);
  } catch {
    return latin1(bytes);
  }
}

/** One character per byte, of the same code; the decoder of that name has the characters of Windows instead. */
export function latin1(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += 4096) text += String.fromCharCode(...bytes.subarray(at, at + 4096));
  return text;
}

/** The bytes of a text that `latin1` made. */
export function bytesOf(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}
