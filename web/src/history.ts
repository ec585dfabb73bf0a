/** The recordings that were opened, on this device only: in IndexedDB. */
import { type DBSchema, type IDBPDatabase, openDB } from "idb";
import type { Finding } from "./edge/decision";
import type { Record } from "./edge/record";

/** One line of the history: what a list shows, without the signal. */
export interface Entry {
  readonly id: string;
  readonly name: string;
  readonly date: Date;
  readonly finding: Finding;
}

interface Schema extends DBSchema {
  entries: { key: string; value: Entry; indexes: { date: Date } };
  records: { key: string; value: Record };
}

/** The oldest make room beyond this: some 50 MB of ten-second recordings. */
export const MAX_ENTRIES = 200;

/** The device has no room for more. */
export class HistoryFullError extends Error {}

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
   * Adds an entry, or replaces the one with its id; what is over `MAX_ENTRIES` goes, the oldest first.
   *
   * @throws HistoryFullError where the device has no room; the history is then as it was.
   */
  async put(entry: Entry, record: Record): Promise<void> {
    const transaction = (await this.#open()).transaction(["entries", "records"], "readwrite");
    const entries = transaction.objectStore("entries");
    const records = transaction.objectStore("records");
    try {
      // Requests before `done`: a failed one aborts the transaction, and its error is the one to look at.
      await Promise.all([entries.put(entry), records.put(record, entry.id)]);
      const ids = await entries.index("date").getAllKeys();
      const over = ids.slice(0, Math.max(0, ids.length - MAX_ENTRIES));
      await Promise.all(over.flatMap((id) => [entries.delete(id), records.delete(id)]));
      await transaction.done;
    } catch (error) {
      await transaction.done.catch(() => {});
      if (error instanceof DOMException && error.name === "QuotaExceededError") throw new HistoryFullError();
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
