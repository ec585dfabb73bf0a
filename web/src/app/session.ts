/** What is open: the recordings of the last pick, read one after the other. */
import type { Classifier, Hints, Outcome } from "../classifier";
import type { Finding } from "../edge/decision";
import type { Failure } from "../edge/errors";
import type { Record } from "../edge/record";
import { History, HistoryError } from "../history";
import { answered, questionsOf } from "./questions";
import { remember } from "./reloaded";
import { settings } from "./settings";

/** One recording of a pick. Without its signal: that is read again when it is looked at, so that many take no room. */
export interface Item {
  /** Also its key in the history: that of the entry which it renews there. */
  id: string;
  readonly name: string;
  files: readonly File[];
  readonly date: Date;
  hints: Hints;
  state: "waiting" | "reading" | "done";
  finding?: Finding | undefined;
  failure?: Failure | undefined;
  tookMs?: number;
  /** In the history. */
  kept?: boolean;
  /** Why the history doesn't have it, though it should. */
  notKept?: NotKept | undefined;
}

type NotKept = HistoryError["reason"] | "unavailable";

/** A file that is refused before it could be picked, such as one that another app hands on and that is too large. */
export interface Refused {
  readonly name: string;
  readonly failure: Failure;
}

/** What a view of one recording shows. */
export interface Opened {
  readonly id: string;
  readonly name: string;
  readonly date: Date;
  /** What the person said of it. */
  readonly hints?: Hints | undefined;
  /** From the examples: no patient's. */
  readonly simulated?: boolean;
  readonly record?: Record | undefined;
  readonly finding?: Finding | undefined;
  readonly failure?: Failure | undefined;
  /** From bytes to finding; not of what comes from the history. */
  readonly tookMs?: number | undefined;
  /** Where its file is still at hand, so that a question can be answered. */
  readonly item?: Item | undefined;
}

export class Session extends EventTarget {
  readonly history = new History();
  /** In the order of the pick. */
  items: readonly Item[] = [];
  readonly #classifier: Classifier;
  /** The recording that was read last, so that it isn't read again to be shown. */
  #last: { readonly id: string; readonly record: Record } | undefined;
  #example: Opened | undefined;
  #answers: Hints = {};
  #askedToPersist = false;

  constructor(classifier: Classifier) {
    super();
    this.#classifier = classifier;
  }

  /** Starts a new pick in the place of the last one; its recordings are not yet read. */
  async pick(files: readonly File[], refused: readonly Refused[] = []): Promise<readonly Item[]> {
    const found: { name: string; files: readonly File[]; failure?: Failure }[] = [];
    for (const some of differentlyNamed(files)) {
      for (const name of await this.#classifier.recordingsOf(some)) found.push({ name, files: some });
    }
    for (const { name, failure } of refused) found.push({ name, files: [], failure });
    this.#answers = {};
    this.#last = undefined;
    const date = new Date();
    this.items = found.map((one, k) => ({
      id: `${date.getTime().toString(36)}-${String(k).padStart(4, "0")}`, // the order of the pick, among those of one time
      ...one,
      date,
      hints: {},
      state: one.failure ? "done" : "waiting",
    }));
    this.#changed();
    return this.items;
  }

  /** Reads what waits, one after the other; each tells by a "change". Ends early when another pick is made. */
  async readAll(): Promise<void> {
    const { items } = this;
    for (const item of items) {
      if (this.items !== items) return;
      if (item.state === "waiting") await this.#read(item);
    }
  }

  /** Reads again with what the person said, and with that all others of the pick that wait for it or had the same. */
  async answer(item: Item, hints: Hints): Promise<void> {
    this.#answers = { ...this.#answers, ...hints };
    const before = answered(item.hints).size > 0 ? JSON.stringify(item.hints) : undefined;
    const asking = ({ failure }: Item) => failure !== undefined && questionsOf(failure).size > 0;
    for (const other of this.items) {
      if (other !== item && !asking(other) && JSON.stringify(other.hints) !== before) continue;
      other.hints = { ...other.hints, ...this.#answers };
      other.state = "waiting";
    }
    await this.#read(item);
    void this.readAll();
  }

  /** Reads those again that lack one of these files: it is picked after them. */
  async add(item: Item, files: readonly File[]): Promise<void> {
    const added = new Set(files.map(({ name }) => name));
    const lacks = ({ failure }: Item) => failure !== undefined && added.has(missingFile(failure) ?? "");
    for (const other of this.items) {
      if (other !== item && !lacks(other)) continue;
      other.files = [...other.files.filter(({ name }) => !added.has(name)), ...files];
      other.state = "waiting";
    }
    await this.#read(item);
    void this.readAll();
  }

  /** A recording to be shown: of the pick, else of the history. */
  async open(id: string): Promise<Opened | undefined> {
    const item = this.items.find((one) => one.id === id);
    if (!item) {
      const kept = await this.history.get(id).catch(() => undefined);
      return kept && { ...kept.entry, record: kept.record };
    }
    const atHand = this.#last?.id === id ? this.#last.record : undefined;
    const record = item.state === "done" && (atHand || item.failure) ? atHand : await this.#read(item);
    const { name, date, finding, failure, tookMs, hints } = item;
    return { id, name, date, finding, failure, tookMs, record, hints, item };
  }

  /** An example, which is neither of the pick nor kept. */
  async openExample(id: string, files: readonly File[]): Promise<Opened> {
    if (this.#example?.id !== id) {
      const [name = id] = await this.#classifier.recordingsOf(files);
      this.#example = { ...(await this.#classifier.classify(name, files)), id, date: new Date(), simulated: true };
    }
    return this.#example;
  }

  async #read(item: Item): Promise<Record | undefined> {
    const again = item.state === "done";
    item.state = "reading";
    this.#changed();
    const outcome = await this.#classifier.classify(item.name, item.files, item.hints);
    item.finding = outcome.finding;
    item.failure = outcome.failure;
    item.tookMs = outcome.tookMs;
    if (!again) await this.#keep(item, outcome);
    this.#last = outcome.record && { id: item.id, record: outcome.record };
    item.state = "done";
    this.#changed();
    return outcome.record;
  }

  #changed(): void {
    this.dispatchEvent(new Event("change"));
    remember(this.items);
  }

  async #keep(item: Item, { finding, record }: Outcome): Promise<void> {
    if (!finding && item.kept) await this.#forget(item); // the answers with which it was read were changed
    if (!settings.keepHistory || !finding || !record) return;
    const { id, name, date, hints } = item;
    try {
      item.id = await this.history.put({ id, name, date, hints, finding, source: sourceOf(item) }, record);
      item.kept = true;
      item.notKept = undefined;
    } catch (error) {
      item.notKept = error instanceof HistoryError ? error.reason : "unavailable";
      return;
    }
    this.#askToPersist().catch((error) => console.warn(error)); // it is the browser's to grant
  }

  async #forget(item: Item): Promise<void> {
    await this.history.delete(item.id);
    item.kept = false;
  }

  /** Asks the browser not to throw the history away when it is short of room; once there is one, as it may ask too. */
  async #askToPersist(): Promise<void> {
    if (this.#askedToPersist || !navigator.storage) return;
    this.#askedToPersist = true;
    if (!(await navigator.storage.persisted())) await navigator.storage.persist();
  }
}

/** The name of the file that a recording lacks: a header's signal file, or a signal file's header. */
export function missingFile({ kind, came }: Failure): string | undefined {
  const { file, header } = came.values;
  const name = kind === "FileAccessError" ? (file ?? header) : undefined;
  return typeof name === "string" ? name : undefined;
}

const sourceOf = ({ name, files }: Item): string =>
  [
    name,
    ...files
      .filter((file) => stem(file.name) === stem(name))
      .map(({ size, lastModified }) => `${size} ${lastModified}`),
  ].join("\n");

const stem = (name: string): string => name.replace(/\.[^.]*$/, "");

/** Files in lots without a name twice: those of one name come from different folders, and are different recordings. */
function differentlyNamed(files: readonly File[]): readonly (readonly File[])[] {
  const lots: Map<string, File>[] = [];
  for (const file of files) {
    const lot = lots.find((one) => !one.has(file.name));
    if (lot) lot.set(file.name, file);
    else lots.push(new Map([[file.name, file]]));
  }
  return lots.map((lot) => [...lot.values()]);
}
