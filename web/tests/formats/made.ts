/** Recordings made up for tests, as files. */
import { EcgliteError, type Kind } from "../../src/edge/errors";
import { read } from "../../src/edge/formats";
import type { Hints } from "../../src/edge/formats/hints";
import type { Record } from "../../src/edge/record";
import { say, type Words } from "../../src/edge/words";

/** A few waves of a heart's size, [n_samples][n_columns], microvolts with two decimals. */
export function microvolts(nSamples: number, nColumns: number): number[][] {
  return Array.from({ length: nSamples }, (_, row) =>
    Array.from({ length: nColumns }, (_, column) => Math.round(40000 * Math.sin(row / 9 + column)) / 100),
  );
}

export function table(rows: readonly (readonly number[])[], header = "", delimiter = ","): string {
  return `${header && `${header}\n`}${rows.map((row) => row.join(delimiter)).join("\n")}\n`;
}

/** A blob that says it has this many bytes, and fails the test when anything is read of it. */
export function sized(bytes: number): Blob {
  const refuse = () => {
    throw new Error("a file that is too large was read");
  };
  return Object.defineProperties(new Blob([]), {
    size: { value: bytes },
    slice: { value: refuse },
    arrayBuffer: { value: refuse },
  });
}

type Content = string | Uint8Array<ArrayBuffer> | Blob;

/** Reads the first of some files. */
export function readFiles(contents: { readonly [name: string]: Content }, hints?: Hints): Promise<Record> {
  const files = new Map(
    Object.entries(contents).map(([name, content]) => [name, content instanceof Blob ? content : new Blob([content])]),
  );
  return read(Object.keys(contents)[0] ?? "", files, hints);
}

export const readCsv = (content: Content, hints?: Hints): Promise<Record> => readFiles({ "x.csv": content }, hints);

/** What a refusal says in English. */
export interface Refusal {
  readonly kind: Kind;
  readonly came: string;
  readonly allowed: string;
  readonly todo: string;
}

export async function refusal(reading: Promise<Record>): Promise<Refusal> {
  const spoken = (sentence: Words | undefined): string => (sentence === undefined ? "" : say(sentence));
  try {
    await reading;
  } catch (error) {
    if (!(error instanceof EcgliteError)) throw error;
    const { kind, came, allowed, todo } = error;
    return { kind, came: say(came), allowed: spoken(allowed), todo: spoken(todo) };
  }
  throw new Error("it was read");
}

export const notesOf = (record: Record): string[] => record.notes.map((note) => say(note));
