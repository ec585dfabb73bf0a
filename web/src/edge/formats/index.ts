/** Recordings from picked files: one reader per format, picked by what the file holds. As `ecglite.edge.formats`. */
import { EcgliteError } from "../errors";
import type { Record } from "../record";
import { words } from "../words";
import { readCsv } from "./general_csv";
import { checkedHints, type Hints } from "./hints";
import { CSV_LIMIT, decoded, type Files, foreign, HEAD, readBytes, SIGNAL_LIMIT, sized, utf8 } from "./source";
import { readWfdb, signalFilesOf } from "./wfdb";
import { isHeader } from "./wfdb_header";

const ALLOWED = words("a CSV of samples, or a WFDB header (.hea) with its signal files");

/** Endings of what is read by itself or with a header. */
const ENDINGS: ReadonlySet<string> = new Set(["", ".hea", ".dat", ".mat", ".csv", ".tsv", ".txt"]);

/**
 * The recordings among files, each once, in their order: signal files (.dat, .mat) go with the header of their name or
 * the one that names them, and one without is named by itself, so that its refusal says what is missing. What else has
 * a header's name, such as its annotations (.atr, .qrs), goes with it, too.
 */
export async function recordingsOf(files: Files): Promise<string[]> {
  const names = [...files.keys()];
  const signalFiles = names.filter(isSignalFile);
  const named = new Set(signalFiles.filter((name) => files.has(headerOf(name))));
  if (named.size < signalFiles.length) {
    const headers = names.filter((name) => suffixOf(name) === ".hea");
    for (const file of (await Promise.all(headers.map((name) => signalFilesOf(files, name)))).flat()) named.add(file);
  }
  const companion = (name: string) => !ENDINGS.has(suffixOf(name)) && files.has(headerOf(name));
  return names.filter((name) => (isSignalFile(name) ? !named.has(name) : !companion(name)));
}

/**
 * One recording.
 *
 * The format is told from the content: Chapman CSV (raw or denoised), any other CSV, or WFDB, whose .dat or .mat may be
 * named in place of its .hea. The hints fill in what the file leaves open; where it states something itself, they must
 * agree with it, but for units under which no electrode gives such amplitudes.
 *
 * @param name - the file's name, one of `files`.
 * @param files - what the person picked together.
 * @throws EcgliteError - the file did not become a Record; its kind says why.
 */
export async function read(name: string, files: Files, hints: Hints = {}): Promise<Record> {
  const known = checkedHints(hints);
  if (isSignalFile(name)) {
    sized(files, name, SIGNAL_LIMIT);
    const header = headerOf(name);
    if (files.has(header)) return readWfdb(files, header, known);
    throw new EcgliteError("FileAccessError", words("a signal file without its header {header}", { header }), {
      allowed: ALLOWED,
      todo: words("pick {header} together with {name}", { header, name }),
    });
  }
  const head = utf8(await readBytes(files, name, CSV_LIMIT, HEAD));
  const what = foreign(head);
  if (what !== null) {
    throw new EcgliteError("UnknownFormatError", words("it is {what}", { what }), {
      allowed: ALLOWED,
      todo: words("export the recording as CSV or WFDB"),
    });
  }
  if (suffixOf(name) === ".hea" || isHeader(decoded(head))) return readWfdb(files, name, known);
  return readCsv(utf8(await readBytes(files, name, CSV_LIMIT)), name, known);
}

/** The ending of a name with its dot, in lower case; dots that it begins with make none. */
function suffixOf(name: string): string {
  return /[^.].*?(\.[^.]*)$/s.exec(name)?.[1]?.toLowerCase() ?? "";
}

function isSignalFile(name: string): boolean {
  const suffix = suffixOf(name);
  return suffix === ".dat" || suffix === ".mat";
}

/** The header of the same name as a file with an ending. */
function headerOf(name: string): string {
  return `${name.slice(0, -suffixOf(name).length)}.hea`;
}
