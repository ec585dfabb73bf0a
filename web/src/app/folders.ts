/** The files in what is dropped: a folder is searched, as the command line searches one. */

/** Files taken out of folders; a database is not read in a browser. */
const MOST = 5000;

/** Endings of recordings, and of the signal files that go with them. */
const RECORDING = /\.(?:csv|tsv|txt|hea|dat|mat)$/i;

/** Of the databases, which hold no samples. */
const TABLES: ReadonlySet<string> = new Set([
  "ptbxl_database.csv",
  "scp_statements.csv",
  "conditionnames_snomed-ct.csv",
  "diagnostics.csv",
  "rhythmnames.csv",
  "conditionnames.csv",
  "attributesdictionary.csv",
]);

/** Bytes of a text that are looked at. */
const HEAD = 4096;

/** Rows of numbers that make a text a table. */
const FEWEST_ROWS = 10;

/** Whether a text holds rows of several numbers, and little else. */
export function isTable(text: string): boolean {
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== "" && !line.startsWith("#"));
  const rows = lines.filter(
    (line) => /^[\s"]*[-+.\d][-+.,;\s"\deE]*$/.test(line) && /\d["\s]*[,;\t ]["\s]*[-+.\d]/.test(line),
  );
  return rows.length >= FEWEST_ROWS && rows.length >= 0.8 * lines.length;
}

/** What a drop brings, and whether a folder was among it. */
export interface Dropped {
  readonly files: readonly File[];
  readonly folder: boolean;
}

/** Has to be called before the drop's event is over: then the browser takes its items away. */
export function dropped(transfer: DataTransfer): Promise<Dropped> {
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry());
  const files = [...transfer.files];
  return entries.some((entry) => entry?.isDirectory) ? searched(entries) : Promise.resolve({ files, folder: false });
}

async function searched(entries: readonly (FileSystemEntry | null)[]): Promise<Dropped> {
  const files: File[] = [];
  for (const entry of entries) {
    if (entry?.isFile) files.push(await fileOf(entry as FileSystemFileEntry));
    else if (entry) await search(entry as FileSystemDirectoryEntry, files);
  }
  return { files, folder: true };
}

/** Adds the recordings of a folder and of those in it, by name; hidden files are left out. */
async function search(folder: FileSystemDirectoryEntry, files: File[]): Promise<void> {
  const inside = (await entriesOf(folder)).filter(({ name }) => !name.startsWith("."));
  for (const entry of inside.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    if (files.length >= MOST) return;
    if (entry.isDirectory) await search(entry as FileSystemDirectoryEntry, files);
    else if (RECORDING.test(entry.name) && !TABLES.has(entry.name.toLowerCase())) {
      const file = await fileOf(entry as FileSystemFileEntry);
      if (!/\.txt$/i.test(file.name) || isTable(await file.slice(0, HEAD).text())) files.push(file);
    }
  }
}

/** A reader gives a hundred at a time, and none at the end. */
async function entriesOf(folder: FileSystemDirectoryEntry): Promise<readonly FileSystemEntry[]> {
  const reader = folder.createReader();
  const all: FileSystemEntry[] = [];
  for (;;) {
    const some = await new Promise<readonly FileSystemEntry[]>((resolve, reject) =>
      reader.readEntries(resolve, reject),
    );
    if (some.length === 0) return all;
    all.push(...some);
  }
}

const fileOf = (entry: FileSystemFileEntry): Promise<File> =>
  new Promise((resolve, reject) => entry.file(resolve, reject));
