/** The recordings that were opened, on this device only: in IndexedDB. */
import { type DBSchema, type IDBPDatabase, openDB } from "idb";
import type { Hints } from "./classifier";
import type { Finding } from "./edge/decision";
import type { Record } from "./edge/record";

/** One line of the history: what a list shows, without the signal. */
export interface Entry {
  readonly id: string;
  readonly name: string;
  readonly date: Date;
  readonly finding: Finding;
  /** What tells its files from others of their names: sizes and times. The same ones with the same finding are one entry. */
  readonly source?: string | undefined;
  /** What the person said of it. */
  readonly hints?: Hints | undefined;
}

/** Bytes of its samples, so that a sum needs no signal. */
interface Kept extends Entry {
  readonly bytes: number;
}

interface Schema extends DBSchema {
  entries: { key: string; value: Kept; indexes: { date: Date } };
  records: { key: string; value: Record };
}

const MIB = 1024 * 1024;

/** Some 50 MB of ten-second recordings. */
export const MAX_ENTRIES = 200;
/** Of one recording's samples: three quarters of an hour of twelve leads at 500 Hz. */
export const MAX_RECORD_BYTES = 64 * MIB;
/** Of all. */
export const MAX_BYTES = 256 * MIB;

/** Why a recording is not kept: the history's own bounds, one of which it is over, or the device's. */
type Reason = "full" | "too_large" | "no_room";

/** The recording was not kept; the history is as it was. */
export class HistoryError extends Error {
  readonly reason: Reason;

  constructor(reason: Reason) {
    super(reason);
    this.reason = reason;
  }
}

export class History {
  #database: Promise<IDBPDatabase<Schema>> | undefined;

  #open(): Promise<IDBPDatabase<Schema>> {
    this.#database ??= openDB<Schema>("ecglite", 1, {
      upgrade(database) {
        database.createObjectStore("entries", { keyPath: "id" }).createIndex("date", "date");
        database.createObjectStore("records");
      },
      terminated: () => {
        this.#database = undefined;
      },
    });
    return this.#database;
  }

  /** Newest first. */
  async entries(): Promise<readonly Entry[]> {
    return (await (await this.#open()).getAllFromIndex("entries", "date")).reverse();
  }

  /** An entry with its recording, or undefined where it is not (or no longer) there. */
  async get(id: string): Promise<{ readonly entry: Entry; readonly record: Record } | undefined> {
    const transaction = (await this.#open()).transaction(["entries", "records"]);
    const [entry, record] = await Promise.all([
      transaction.objectStore("entries").get(id),
      transaction.objectStore("records").get(id),
    ]);
    return entry && record && { entry, record };
  }

  /**
   * Adds an entry, or puts it in the place of the one of its id or of the same files and finding. Nothing makes room for
   * it: what was kept goes when the person says so.
   *
   * @returns the id that it has now.
   * @throws HistoryError where there is no room.
   */
  async put(entry: Entry, record: Record): Promise<string> {
    const bytes = record.signalMv.reduce((sum, { byteLength }) => sum + byteLength, 0);
    if (bytes > MAX_RECORD_BYTES) throw new HistoryError("too_large");
    const transaction = (await this.#open()).transaction(["entries", "records"], "readwrite");
    const entries = transaction.objectStore("entries");
    const all = await entries.getAll();
    const id = (all.find((one) => one.id === entry.id) ?? all.find((one) => isSame(one, entry)))?.id ?? entry.id;
    const others = all.filter((one) => one.id !== id);
    if (others.length >= MAX_ENTRIES || others.reduce((sum, one) => sum + one.bytes, bytes) > MAX_BYTES) {
      throw new HistoryError("full");
    }
    try {
      // Requests before `done`: a failed one aborts the transaction, and its error is the one to look at.
      await Promise.all([entries.put({ ...entry, id, bytes }), transaction.objectStore("records").put(record, id)]);
      await transaction.done;
      return id;
    } catch (error) {
      await transaction.done.catch(() => {});
      if (error instanceof DOMException && error.name === "QuotaExceededError") throw new HistoryError("no_room");
      throw error;
    }
  }

  async delete(id: string): Promise<void> {
    const transaction = (await this.#open()).transaction(["entries", "records"], "readwrite");
    await Promise.all([
      transaction.objectStore("entries").delete(id),
      transaction.objectStore("records").delete(id),
      transaction.done,
    ]);
  }

  async clear(): Promise<void> {
    const transaction = (await this.#open()).transaction(["entries", "records"], "readwrite");
    await Promise.all([
      transaction.objectStore("entries").clear(),
      transaction.objectStore("records").clear(),
      transaction.done,
    ]);
  }
}

/** Whether two entries are of the same files, read to the same end. */
export function isSame(one: Entry, other: Entry): boolean {
  if (one.source === undefined || one.source !== other.source) return false;
  const of = ({ finding, hints }: Entry) => JSON.stringify([finding.model, finding.probabilities, hints]);
  return of(one) === of(other);
}
