/** The digital samples of a WFDB signal file: format 16 or 212, or a MATLAB 4 matrix of int16. */
import { EcgliteError } from "../errors";
import { type Words, words } from "../words";
import { type Files, readBytes, SIGNAL_LIMIT } from "./source";
import type { Signal } from "./wfdb_header";

const MAT_HEADER = 20;
const MAT_INT16 = 30; // MATLAB 4: little-endian, full matrix, int16

/** How one storage format holds its values. */
interface Storage {
  readonly bits: number;
  /** The lowest step, which marks a missing sample. */
  readonly missing: number;
  /** The first `nValues` values that begin at a byte. */
  readonly decode: (data: Uint8Array, offset: number, nValues: number) => Int16Array;
}

export const STORAGE: ReadonlyMap<number, Storage> = new Map<number, Storage>([
  [16, { bits: 16, missing: -32768, decode: decode16 }],
  [212, { bits: 12, missing: -2048, decode: decode212 }],
]);

/**
 * The samples of one file, all signals in turn: int16 [n_samples * n_signals].
 *
 * @param signals - those of the file, in a format of `STORAGE`, with one offset.
 * @param stated - samples per signal, null where the header is silent.
 * @throws EcgliteError - FileAccessError, FileTooLargeError: as `readBytes`. MalformedFileError, UnsupportedError: it
 *   holds something else than the header states.
 */
export async function stepsOf(files: Files, signals: readonly Signal[], stated: bigint | null): Promise<Int16Array> {
  const { file, format, offset } = signals[0] as Signal;
  const { bits, decode } = STORAGE.get(format) as Storage;
  if (!files.has(file)) {
    throw new EcgliteError("FileAccessError", words("the header's signal file {file}: no such file", { file }), {
      todo: words("pick {file} together with its header", { file }),
    });
  }
  const end = stated === null ? SIGNAL_LIMIT : offset + Math.ceil((Number(stated) * signals.length * bits) / 8);
  const data = await readBytes(files, file, SIGNAL_LIMIT, end);
  const held = Math.floor((Math.max(data.length - offset, 0) * 8) / (bits * signals.length));
  const nSamples = stated === null ? held : Number(stated);
  if (held < nSamples || nSamples === 0) {
    const came = words("{file} holds {held} samples per signal where the header states {stated}", {
      file,
      held: String(held),
      stated: stated === null ? words("none") : String(stated),
    });
    throw new EcgliteError("MalformedFileError", came, {
      allowed: words("as many as stated"),
      todo: words("download it again"),
    });
  }
  if (file.toLowerCase().endsWith(".mat")) checkMatlab(file, data, offset, signals.length, nSamples);
  return decode(data, offset, nSamples * signals.length);
}

/** Compares each signal's sum, modulo 2 ** 16, with its checksum. */
export function verify(steps: Int16Array, signals: readonly Signal[], notes: Words[]): void {
  const n = signals.length;
  signals.forEach(({ checksum, description, file }, signal) => {
    if (checksum === null) return;
    let sum = 0; // modulo 2 ** 16 it may overflow in 32 bits all the way
    for (let at = signal; at < steps.length; at += n) sum = (sum + (steps[at] as number)) | 0;
    const total = sum & 0xffff;
    if (checksum === total) return;
    if (checksum === 0) {
      const name = description || file;
      notes.push(words("{name}: a checksum of 0 is taken as not computed", { name }));
      return;
    }
    throw new EcgliteError(
      "ChecksumError",
      words("the samples of {description} in {file} add up to {total} where the header states {checksum}", {
        description,
        file,
        total: String(total),
        checksum: String(checksum),
      }),
      { allowed: words("equal sums modulo 65536"), todo: words("download both files again") },
    );
  });
}

/** A MATLAB 4 matrix is five int32 (type, rows, columns, imaginary, length of name), name and values. */
function checkMatlab(file: string, data: Uint8Array, offset: number, nSignals: number, nSamples: number): void {
  if (data.length < MAT_HEADER) {
    const came = words("{file} is shorter than the header of a MATLAB 4 matrix", { file });
    throw new EcgliteError("MalformedFileError", came);
  }
  const head = new DataView(data.buffer, data.byteOffset, MAT_HEADER);
  const field = (at: number): number => head.getInt32(4 * at, true);
  const kind = field(0);
  if (kind !== MAT_INT16 || field(3) !== 0) {
    throw new EcgliteError(
      "UnsupportedError",
      words("{file} is no MATLAB 4 matrix of real int16 (type {kind})", { file, kind: String(kind) }),
      { allowed: words("type 30, not imaginary") },
    );
  }
  const [rows, columns, from] = [field(1), field(2), MAT_HEADER + field(4)];
  if (rows === nSignals && columns === nSamples && from === offset) return;
  throw new EcgliteError(
    "MalformedFileError",
    words("{file} holds {held} values from byte {from}, the header states {stated} from byte {offset}", {
      file,
      held: `${rows} x ${columns}`,
      from: String(from),
      stated: `${nSignals} x ${nSamples}`,
      offset: String(offset),
    }),
    { allowed: words("the same in both"), todo: words("download both again") },
  );
}

function decode16(data: Uint8Array, offset: number, nValues: number): Int16Array {
  const values = new Int16Array(nValues);
  for (let at = 0, byte = offset; at < nValues; at++, byte += 2) {
    values[at] = (data[byte] as number) | ((data[byte + 1] as number) << 8);
  }
  return values;
}

/** Two values of 12 bits in three bytes: the low byte of each outside, both high nibbles in the middle. */
function decode212(data: Uint8Array, offset: number, nValues: number): Int16Array {
  const values = new Int16Array(nValues);
  for (let at = 0, byte = offset; at < nValues; at += 2, byte += 3) {
    const middle = data[byte + 1] as number;
    // a nibble goes to the top of 32 bits, and the arithmetic shift back extends its sign
    values[at] = ((middle << 28) >> 20) | (data[byte] as number);
    if (at + 1 < nValues) values[at + 1] = (((middle >> 4) << 28) >> 20) | (data[byte + 2] as number);
  }
  return values;
}
