/** CSV recordings: values to the last bit, what is assumed, and refusals one by one. */
import { describe, expect, test } from "vitest";
import type { Kind } from "../../src/edge/errors";
import { LEADS, type Lead } from "../../src/edge/record";
import { microvolts, notesOf, readCsv, readFiles, refusal, table } from "./made";

const HEADER = LEADS.join(",");
const GOOD = table(microvolts(600, 2), "I (uV),II (uV)");

/** What a column of a table in microvolts becomes. */
const millivolts = (rows: readonly (readonly number[])[], column: number): Float32Array =>
  Float32Array.from(rows, (row) => (row[column] as number) * 0.001);

/** A time of day, as recorders write it: rounded. */
function clock(seconds: number, decimals = 3): string {
  const units = Math.round(seconds * 10 ** decimals);
  const whole = Math.floor(units / 10 ** decimals);
  const two = (value: number) => String(value).padStart(2, "0");
  const part = String(units % 10 ** decimals).padStart(decimals, "0");
  return `${two(Math.floor(whole / 3600) % 24)}:${two(Math.floor(whole / 60) % 60)}:${two(whole % 60)}.${part}`;
}

const clocked = (n: number, time: (at: number) => string): string =>
  ["Time,II (uV)", ...microvolts(n, 1).map((row, at) => [time(at), ...row].join(","))].join("\n");

describe("spreadsheets", () => {
  test.each([true, false])("text in UTF-16, little end first: %j", async (little) => {
    const rows = microvolts(600, 2);
    const text = `\ufeff${table(rows, "I (\u00b5V)\tII (\u00b5V)", "\t").replaceAll(".", ",")}`;
    const bytes = new DataView(new ArrayBuffer(2 * text.length));
    for (let at = 0; at < text.length; at++) bytes.setUint16(2 * at, text.charCodeAt(at), little);
    const record = await readCsv(new Uint8Array(bytes.buffer), { rateHz: 500 });
    expect(record.signalMv).toEqual([millivolts(rows, 0), millivolts(rows, 1)]);
  });

  test.each([";;\n", ";;", "; ;\r\n;;\r\n\r\n", '"";"";""\n'.repeat(3)])("blank rows at the end: %j", async (end) => {
    const rows = microvolts(600, 2).map((row, at) => [at / 500, ...row]);
    const text = table(rows, "time;I (uV);II (uV)", ";").replaceAll(".", ",");
    expect((await readCsv(text + end)).signalMv[0]?.length).toBe(600);
    const last = await readCsv(`${text}1,2;;\n${end}`); // a missing sample stays one
    expect(last.signalMv.map((lead) => lead[600])).toEqual([Number.NaN, Number.NaN]);
  });
});

test.each([
  ["mV", "uV"],
  ["nV", "\u00b5V"],
  ["V", "uV"],
])("%s that makes absurd amplitudes is overruled by %s", async (stated, given) => {
  const text = GOOD.replaceAll("uV", stated);
  const refused = await refusal(readCsv(text, { rateHz: 500 }));
  expect(refused.todo).toBe("the values look like uV: choose uV under Units if they are");
  const record = await readCsv(text, { rateHz: 500, units: given });
  expect(record.units).toBe("uV");
  const note = new RegExp(`^the header says ${stated}, which makes .* mV peak to peak; read as uV, as given$`);
  expect(notesOf(record)[0]).toMatch(note);
  const other = await refusal(readCsv(text, { rateHz: 500, units: stated === "nV" ? "V" : "nV" }));
  expect(other.came).toContain(`the header says ${stated} and `);
});

describe("Chapman", () => {
  test.each(["", HEADER])("layout with header %j", async (header) => {
    const rows = microvolts(5000, 12);
    const record = await readCsv(table(rows, header));
    expect(record).toMatchObject({ format: "chapman-csv", units: "uV", samplingRateHz: 500, leads: LEADS });
    record.signalMv.forEach((lead, column) => {
      expect(lead).toEqual(millivolts(rows, column));
    });
  });

  test.each([
    ["", {}, "leads I to V6, 500 Hz and microvolts"],
    [HEADER, {}, "500 Hz and microvolts"],
    ["", { units: "uV" }, "leads I to V6 and 500 Hz"],
    [HEADER, { units: "uV" }, "500 Hz"],
    [HEADER, { rateHz: 500 }, "microvolts"],
    [HEADER, { units: "uV", rateHz: 500 }, null],
  ])("the note claims only what is assumed: %#", async (header, hints, assumed) => {
    const record = await readCsv(table(microvolts(5000, 12), header), hints);
    const note = `laid out as in the Chapman database (5000 x 12): ${assumed} are assumed`;
    expect(notesOf(record)).toEqual(assumed === null ? [] : [note]);
  });

  test("in millivolts asks for units", async () => {
    const rows = microvolts(5000, 12).map((row) => row.map((value) => value / 1000));
    const refused = await refusal(readCsv(table(rows)));
    expect(refused).toMatchObject({
      kind: "UnitsError",
      came: "5000 x 12 as in the Chapman database, whose unit is uV, and no sample exceeds 0.4",
    });
    expect(refused.todo).toContain("choose mV under Units");
    expect((await readCsv(table(rows), { units: "mV", rateHz: 500 })).format).toBe("csv");
  });

  test("any other shape is no Chapman recording", async () => {
    const text = table(microvolts(4999, 12));
    expect((await refusal(readCsv(text, { rateHz: 500 }))).kind).toBe("UnitsError");
    expect((await refusal(readCsv(text, { units: "uV" }))).kind).toBe("RecordError");
    expect((await readCsv(text, { units: "uV", rateHz: 500 })).format).toBe("csv");
  });
});

describe("layout", () => {
  test.each([
    "I (uV),aVR (uV),V6 (uV)",
    "Lead I [µV],Lead aVR [µV],Lead V6 [µV]",
    "MDC_ECG_LEAD_I_uV,MDC_ECG_LEAD_AVR_uV,MDC_ECG_LEAD_V6_uV",
    '"i (UV)","avr (uV)","v6 (uV)"',
    "I,aVR,V6\nuV,uV,uV",
    "# units: uV\nI,aVR,V6",
  ])("leads and units of %j, by any delimiter", async (header) => {
    const rows = microvolts(300, 3);
    for (const delimiter of [",", ";", "\t", " , "]) {
      const text = table(rows, header.replaceAll(",", delimiter), delimiter);
      const record = await readCsv(text, { rateHz: 250 });
      expect(record.leads).toEqual(["I", "aVR", "V6"]);
      expect(record.signalMv[2]).toEqual(millivolts(rows, 2));
    }
  });

  test.each(["\n", "\r\n", "\r"])("line ends %j, byte order mark, blank lines at the end", async (newline) => {
    const rows = microvolts(300, 2);
    for (const [start, end] of [
      ["", ""],
      ["\ufeff", "\n\n\n"],
      ["", "\x1a"],
    ]) {
      const text = start + table(rows, "# fs=500\nII (uV),V2 (uV)").trimEnd() + end;
      const record = await readCsv(text.replaceAll("\n", newline));
      expect(record.signalMv[1]).toEqual(millivolts(rows, 1));
    }
  });

  test("Latin-1", async () => {
    const text = table(microvolts(300, 1), "# fs=500\nII (µV)");
    const bytes = Uint8Array.from(text, (character) => character.charCodeAt(0));
    expect((await readCsv(bytes)).units).toBe("uV");
  });

  test("decimal comma", async () => {
    const rows = microvolts(300, 2);
    const text = `I (uV);II (uV)\n${table(rows, "", ";").replaceAll(".", ",")}`;
    expect((await readCsv(text, { rateHz: 500 })).signalMv[0]).toEqual(millivolts(rows, 0));
  });

  test("a delimiter at the end of some or all lines", async () => {
    const body = table(microvolts(300, 2));
    for (const text of [
      `I,II,\n${body}`,
      `I,II\n${body.replaceAll("\n", ",\n")}`,
      `I,II,\n${body.replaceAll("\n", ",\n")}`,
    ]) {
      expect((await readCsv(text, { units: "uV", rateHz: 500 })).leads).toEqual(["I", "II"]);
    }
    const unnamed = readCsv(`I,II,\n${table(microvolts(300, 3))}`, { units: "uV", rateHz: 500 });
    expect(await refusal(unnamed)).toMatchObject({ kind: "MalformedFileError", came: "the last column has no name" });
  });

  test("missing cells are NaN, and empty leads are left out", async () => {
    const lines = microvolts(300, 2).map((row) => `${row.join(",")},`);
    lines[3] = "NA,inf,";
    const record = await readCsv(`I (uV),II (uV),V1 (uV)\n${lines.join("\n")}`, { rateHz: 500 });
    expect(record.leads).toEqual(["I", "II"]);
    expect(record.signalMv.map((lead) => lead[3])).toEqual([Number.NaN, Number.NaN]);
    expect(notesOf(record)).toEqual(["left out, no sample in it: V1"]);
  });
});

describe("sampling rate", () => {
  test.each([
    ["time", 1 / 500, 500],
    ["Time (s)", 1 / 360, 360],
    ["time_ms", 4, 250],
    ["seconds", 1 / 257, 257],
    ["Timestamp (us)", 2000, 500],
  ])("of the column %j in steps of %d", async (column, step, rate) => {
    const rows = microvolts(1000, 1).map((row, at) => [Number((at * step).toPrecision(9)), ...row]);
    const text = table(rows, `${column},II (uV)`);
    expect((await readCsv(text)).samplingRateHz).toBe(rate);
    const other = await refusal(readCsv(text, { rateHz: rate * 1.1 }));
    expect(other.kind).toBe("RecordError");
    expect(other.came).toMatch(/^the time column says \d+ Hz and [\d.]+ Hz was given$/);
  });

  test.each(["fs=500", "Sampling rate: 500 Hz", "sampling frequency (Hz): 500", "sample rate 0.5 kHz"])(
    "of the comment %j",
    async (comment) => {
      const text = table(microvolts(300, 2), `# ${comment}\n# Age: 44\n# Sex: F\nI (uV),II (uV)`);
      const record = await readCsv(text);
      expect(record).toMatchObject({
        samplingRateHz: 500,
        patient: { ageYears: 44, sex: "female" },
        comments: [comment, "Age: 44", "Sex: F"],
      });
      expect(notesOf(record)).toEqual([`the sampling rate is that of the comment '${comment}'`]);
      const came = "a comment says 500 Hz and 250 Hz was given";
      expect(await refusal(readCsv(text, { rateHz: 250 }))).toMatchObject({ kind: "RecordError", came });
    },
  );

  test.each(["filter frequency: 150 Hz", "heart rate: 110", "rate 180", "low pass fs 40 Hz", "fs=٥٠٠"])(
    "not of the comment %j",
    async (comment) => {
      const text = table(microvolts(300, 2), `# ${comment}\nI (uV),II (uV)`);
      expect(await refusal(readCsv(text))).toMatchObject({ kind: "RecordError", came: "no sampling rate" });
    },
  );

  test("a time column in milliseconds or samples is known by the rate", async () => {
    const text = (step: number) =>
      table(
        microvolts(300, 1).map((row, at) => [at * step, ...row]),
        "time,II (uV)",
      );
    const came = "a time column in steps of 2, which in seconds makes 0.5 Hz";
    expect(await refusal(readCsv(text(2)))).toMatchObject({ kind: "RecordError", came });
    expect((await readCsv(text(2), { rateHz: 500 })).samplingRateHz).toBe(500);
    const counted = await readCsv(text(1), { rateHz: 250 });
    expect(notesOf(counted)).toEqual(["the time column counts samples; the rate is the one given"]);
  });

  test.each([
    ["a gap", (at: number) => (at < 100 ? at : at + 1) / 500, "the time column is not even at sample 101"],
    ["backwards", (at: number) => -at / 500, "the time column is not even at sample 2"],
    ["twice", (at: number) => (at === 9 ? 8 : at) / 500, "the time column is not even at sample 10"],
    ["missing", (at: number) => (at === 5 ? Number.NaN : at / 500), "the time column has a gap or a single row"],
    ["drift", (at: number) => (at < 150 ? at / 500 : 0.3 + (at - 150) / 600), "the time column is not even"],
  ])("an uneven time column: %s", async (_, time, came) => {
    const rows = microvolts(300, 1).map((row, at) => [time(at), ...row]);
    expect(await refusal(readCsv(table(rows, "time,II (uV)")))).toMatchObject({ kind: "MalformedFileError", came });
  });

  test.each([100, 128, 250, 257.3, 360, 500, 512, 800, 977, 1000])("of times of day at %d Hz", async (rate) => {
    for (const start of [36_900, 86_399.2]) {
      const record = await readCsv(clocked(6 * rate, (at) => clock(start + at / rate)));
      expect(Math.abs(record.samplingRateHz / rate - 1)).toBeLessThan(rate === 257.3 ? 2e-4 : 1e-12);
      expect(record.notes).toEqual([]);
    }
  });

  test.each(["2024-05-01 ", "2024-05-01T", "01.05.2024 ", '"'])("of times of day after %j", async (before) => {
    const record = await readCsv(clocked(3000, (at) => before + clock(36_900 + at / 500)));
    expect(record.samplingRateHz).toBe(500);
  });

  test("of times of day that are too coarse is asked for", async () => {
    const text = clocked(3000, (at) => clock(36_900 + at / 500, 1));
    const came = "clock times in steps of 0.1 s over 6 s, too coarse to tell the rate";
    const todo = "give 500, or whatever it is, under Sampling rate";
    expect(await refusal(readCsv(text))).toMatchObject({ kind: "RecordError", came, todo });
    expect((await readCsv(text, { rateHz: 500 })).samplingRateHz).toBe(500);
    expect((await refusal(readCsv(text, { rateHz: 360 }))).came).toContain("Hz and 360 Hz was given");
  });

  test("steps that make no finite rate", async () => {
    const text = "t (us),I (uV)\n0,1\n1e-310,-100\n2e-310,300\n";
    const came = "a time column in steps of 1e-310";
    expect(await refusal(readCsv(text))).toMatchObject({ kind: "RecordError", came });
  });
});

describe("leads", () => {
  test("a handheld recording is lead I", async () => {
    const record = await readCsv(table(microvolts(300, 1), "ECG (uV)"), { rateHz: 300 });
    expect(record.leads).toEqual(["I"]);
    expect(notesOf(record)).toEqual(["the only signal, ECG (uV), is taken as lead I"]);
  });

  test.each(["sample #", "index", "", "Unnamed: 0"])("an index called %j is left out", async (name) => {
    const rows = microvolts(300, 2).map((row, at) => [at, ...row]);
    expect((await readCsv(table(rows, `${name},I (uV),II (uV)`), { rateHz: 500 })).leads).toEqual(["I", "II"]);
  });

  test.each(["ch1,ch2", "ECG1,ECG2", "sample,II", ",II", ""])("given for %j", async (header) => {
    const record = await readCsv(table(microvolts(300, 2), header), { rateHz: 500, units: "uV", leads: ["V3", "II"] });
    expect(record.leads).toEqual(["V3", "II"]);
  });

  test("time and columns to leave out, given, may hold text", async () => {
    const lines = microvolts(300, 2).map((row, at) => [at / 250, ...row, at % 5 ? "" : "N"].join(","));
    const text = `x,y,z,marker\n${lines.join("\n")}`;
    const record = await readCsv(text, { units: "uV", leads: ["time", "I", "II", "-"] });
    expect(record).toMatchObject({ leads: ["I", "II"], samplingRateHz: 250 });
    const refused = await refusal(readCsv(text, { units: "uV", leads: ["time", "I", "II", "V1"] }));
    expect(refused).toMatchObject({ kind: "MalformedFileError", came: "line 2, column 4 holds 'N'" });
  });

  test.each<[string, (Lead | "time" | "-")[], string]>([
    ["I,II", ["II", "I"], "column 'I' is lead I by the file, and was given as lead II"],
    ["time,II", ["I", "II"], "column 'time' is time by the file, and was given as lead I"],
    ["x (ms),II", ["I", "II"], "column 'x (ms)' is time by the file, and was given as lead I"],
    ["I,II", ["time", "II"], "column 'I' is lead I by the file, and was given as time"],
    ["x (uV),II", ["time", "II"], "column 'x (uV)' is a voltage by the file, and was given as time"],
    ["a,b", ["I"], "1 name given for 2 columns (a, b)"],
    ["", ["I", "II", "III"], "3 names given for 2 columns (column 1, column 2)"],
    ["a,b", ["I", "I"], "I is given twice"],
    ["a,b", ["time", "-"], "no lead among the names given"],
  ])("given for %j as %j", async (header, leads, came) => {
    const reading = readCsv(table(microvolts(300, 2), header), { rateHz: 500, units: "uV", leads });
    expect(await refusal(reading)).toMatchObject({ kind: "LeadError", came });
  });
});

describe("units", () => {
  test.each([
    ["uV", 1],
    ["mV", 1e-3],
    ["V", 1e-6],
  ])("are advised by the size: %s", async (looks, size) => {
    const rows = microvolts(300, 2).map((row) => row.map((value) => value * size));
    const refused = await refusal(readCsv(table(rows, "I,II"), { rateHz: 500 }));
    expect(refused).toMatchObject({ kind: "UnitsError", came: "lead I has no units, and mV can't be told from uV" });
    expect(refused.todo).toBe(`the values look like ${looks}: if they are, choose ${looks} under Units`);
    const wrong = looks === "mV" ? "uV" : "mV";
    const absurd = await refusal(readCsv(table(rows, `I (${wrong}),II (${wrong})`), { rateHz: 500 }));
    expect(absurd.came).toContain(`with the samples in ${wrong}, as the file states`);
    expect(absurd.todo).toBe(`the values look like ${looks}: choose ${looks} under Units if they are`);
  });

  test("have one spelling, and are named when they differ", async () => {
    const rows = microvolts(300, 2).map(([i = 0, ii = 0]) => [i, ii / 1000]);
    expect((await readCsv(table(rows, "I (µV),II (MV)"), { rateHz: 500 })).units).toBe("uV, mV");
  });
});

const REFUSED: readonly [string, string | Uint8Array<ArrayBuffer>, Kind, string][] = [
  ["empty", "", "UnknownFormatError", "it is an empty file"],
  ["blank", " \r\n\n", "UnknownFormatError", "it is a blank file"],
  ["png", Uint8Array.from([0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10]), "UnknownFormatError", "it is a PNG picture"],
  ["zip", "PK\x03\x04\0\0", "UnknownFormatError", "it is a zip archive"],
  ["xlsx", "PK\x03\x04\0[Content_Types].xml", "UnknownFormatError", "it is an Office document such as .xlsx"],
  ["pdf", "%PDF-1.7\n", "UnknownFormatError", "it is a PDF document"],
  ["html", "<!DOCTYPE html><html>", "UnknownFormatError", "it is a web page"],
  ["json", '{"a": 1}', "UnknownFormatError", "it is JSON text"],
  ["binary", "1,2\n\0\x01\x02", "UnknownFormatError", "it is binary data"],
  ["prose", "Dear reader,\nno,\nno\n", "UnknownFormatError", "text without numbers: 'no,'"],
  ["header only", "I (uV),II (uV)\n", "MalformedFileError", "a header and no samples"],
  ["a comment only", "# nothing\n", "MalformedFileError", "no line of samples"],
  ["comments only", "# nothing\n".repeat(2000), "MalformedFileError", "no samples in the first 1000 lines"],
  ["ragged", `${GOOD}1,2,3\n`, "MalformedFileError", "line 602 has 3 cells where the lines before have 2"],
  ["a row of text", `${GOOD}1,two\n`, "MalformedFileError", "line 602, column 2 holds 'two'"],
  [
    "ragged after text",
    `${GOOD}1,two\n1\n`,
    "MalformedFileError",
    "line 603 has 1 cells where the lines before have 2",
  ],
  ["unknown lead", GOOD.replace("II (uV)", "Pleth"), "LeadError", "unknown lead 'Pleth'"],
  ["lead twice", GOOD.replace("II (uV)", "I (uV)"), "LeadError", "lead I comes twice"],
  ["eleven columns", table(microvolts(9, 11)), "LeadError", "11 columns without a header"],
  [
    "a line above",
    `Patient: X\n${GOOD}`,
    "MalformedFileError",
    "line 1 is no header of the table, whose numbers begin at line 3: 'Patient: X'",
  ],
  ["spaces", table(microvolts(9, 12), "", " "), "MalformedFileError", "line 1 separates its numbers by spaces"],
  ["wide", `${"1,".repeat(98)}1\n`, "MalformedFileError", "99 columns on 1 line: its leads seem to be rows"],
  [
    "wider",
    `${"1,".repeat(90_000)}1\n`,
    "MalformedFileError",
    "over 32768 columns on 1 line: its leads seem to be rows",
  ],
  ["brackets", `${"(".repeat(60_000)}\n1\n`, "LeadError", `unknown lead '${"(".repeat(40)}'`],
  [
    "huge numbers",
    `${GOOD}1e300,1e300\n`,
    "UnitsError",
    "a sample of over 1000000000 mV with the samples in uV, as the file states",
  ],
  ["gaps", `I (uV),II (uV)\n${",\n".repeat(700)}NA,\n`, "UnknownFormatError", "text without numbers: ','"],
];

test.each(REFUSED)("refused: %s", async (_, content, kind, came) => {
  const refused = await refusal(readCsv(content, { rateHz: 500 }));
  expect(refused).toMatchObject({ kind, came });
  expect(refused.allowed || refused.todo).toBeTruthy();
  expect(refused.todo).not.toContain("--");
});

test("hints are checked before the file", async () => {
  const gone = (hints: object) => refusal(readFiles({}, hints));
  expect(await gone({ units: "furlong" })).toMatchObject({ kind: "UnitsError", came: "unknown unit 'furlong'" });
  expect(await gone({ rateHz: Number.NaN })).toMatchObject({ kind: "RecordError", came: "a sampling rate of nan Hz" });
  expect(await gone({ leads: ["X9"] })).toMatchObject({ kind: "LeadError", came: "unknown lead 'X9'" });
  expect((await gone({ rateHz: 500 })).kind).toBe("FileAccessError");
});
