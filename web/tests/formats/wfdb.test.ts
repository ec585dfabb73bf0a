/** WFDB: header, signal files in format 16 and 212, MATLAB 4 matrices; refusals one by one. */
import { describe, expect, test } from "vitest";
import type { Kind } from "../../src/edge/errors";
import type { Lead } from "../../src/edge/record";
import { notesOf, readFiles, refusal, sized } from "./made";

const N = 400;
/** Two signals in turn: a ramp up, and one down. */
const STEPS = Int16Array.from({ length: 2 * N }, (_, at) => (at % 2 ? (N - at) / 2 : at - N));

const sumOf = (signal: number): number =>
  STEPS.filter((_, at) => at % 2 === signal).reduce((sum, step) => (sum + step) & 0xffff, 0);

const HEADER = `r 2 500 ${N}
r.dat 16 1000.0(3)/mV 16 0 -400 ${sumOf(0)} 0 I
r.dat 16 500.0(-40)/mV 16 0 199 ${sumOf(1)} 0 II
# Age: 69
# Sex: Female
# Dx: 426783006
`;

const bytes = (steps: Int16Array): Uint8Array<ArrayBuffer> => new Uint8Array(steps.buffer as ArrayBuffer);

function packed212(steps: Int16Array): Uint8Array<ArrayBuffer> {
  const out: number[] = [];
  for (let at = 0; at < steps.length; at += 2) {
    const [a = 0, b = 0] = steps.subarray(at, at + 2);
    out.push(a & 0xff, ((a >> 8) & 0xf) | (((b >> 8) & 0xf) << 4), b & 0xff);
  }
  return Uint8Array.from(out.slice(0, Math.ceil(steps.length * 1.5)));
}

const good = (header = HEADER) => ({ "r.hea": header, "r.dat": bytes(STEPS) });

const MILLIVOLTS = [0, 1].map((signal) =>
  Float32Array.from({ length: N }, (_, at) =>
    signal === 0 ? ((STEPS[2 * at] as number) - 3) / 1000 : ((STEPS[2 * at + 1] as number) + 40) / 500,
  ),
);

describe("what is read", () => {
  test("a header with its signal file", async () => {
    expect(await readFiles(good())).toEqual({
      signalMv: MILLIVOLTS,
      samplingRateHz: 500,
      leads: ["I", "II"],
      patient: { ageYears: 69, sex: "female" },
      path: "r.hea",
      format: "wfdb",
      units: "mV",
      comments: ["Age: 69", "Sex: Female", "Dx: 426783006"],
      notes: [],
    });
  });

  test("a signal file through its header", async () => {
    const { "r.hea": header, "r.dat": signal } = good();
    expect((await readFiles({ "r.dat": signal, "r.hea": header })).path).toBe("r.hea");
  });

  test("a header known by its content", async () => {
    expect((await readFiles({ "header.txt": HEADER, "r.dat": bytes(STEPS) })).format).toBe("wfdb");
  });

  test.each([N, N - 1])("format 212, %d samples of one signal", async (n) => {
    const steps = STEPS.filter((_, at) => at % 2 === 0).subarray(0, n);
    steps[7] = -2048;
    const record = await readFiles(
      { "r.hea": `r 1 250\nr.dat 212 200 12 5 0\n`, "r.dat": packed212(steps) },
      { leads: ["V1"] },
    );
    const expected = Float32Array.from(steps, (step, at) => (at === 7 ? Number.NaN : (step - 5) / 200));
    expect(record.signalMv).toEqual([expected]);
  });

  test("two files, offsets, microvolts, carriage returns, a checksum of 0", async () => {
    const a = STEPS.filter((_, at) => at % 2 === 0);
    const header =
      `two 2 500/500(0) ${N} 12:00:00 01/02/2020\r\n#age: 41\r\na.dat 16 0.5(10)/uV 16 0 -400 0 0 Lead II\r\n` +
      `b.dat 16+4 1e3 16 7 -400 ${sumOf(0)} 0 V1\r\n#sex: F\r\n`;
    const b = Uint8Array.from([1, 2, 3, 4, ...bytes(a)]);
    const record = await readFiles({ "two.hea": header, "a.dat": bytes(a), "b.dat": b });
    expect(record).toMatchObject({ leads: ["II", "V1"], units: "uV, mV", patient: { ageYears: 41, sex: "female" } });
    expect(record.signalMv[0]).toEqual(Float32Array.from(a, (step) => (step - 10) / 500));
    expect(record.signalMv[1]).toEqual(Float32Array.from(a, (step) => (step - 7) / 1000));
    expect(notesOf(record)).toEqual(["Lead II: a checksum of 0 is taken as not computed"]);
  });

  test("what is no voltage is left out", async () => {
    const header = HEADER.replace("500.0(-40)/mV", "500.0(-40)/mmHg");
    const record = await readFiles(good(header));
    expect(record.leads).toEqual(["I"]);
    expect(notesOf(record)).toEqual(["left out, not a voltage: II (mmHg)"]);
    const came = "signal 'II' is in mmHg by the file, and was given as lead II";
    expect(await refusal(readFiles(good(header), { leads: ["I", "II"] }))).toMatchObject({ kind: "LeadError", came });
  });

  test("the defaults of header(5), noted", async () => {
    const record = await readFiles({ "d.hea": "d 1\nd.dat 16 0 12 5 0 0 0 ECG\n", "d.dat": bytes(STEPS) });
    expect(record).toMatchObject({ samplingRateHz: 250, leads: ["I"] });
    expect(record.signalMv[0]?.[0]).toBe(Math.fround(-405 / 200));
    expect(notesOf(record)).toEqual([
      "the only signal, ECG, is taken as lead I",
      "the header states no gain for lead I: 200 per mV is assumed, the WFDB default",
      "ECG: a checksum of 0 is taken as not computed",
    ]);
  });

  test("hints name what the header does not, and must agree with it", async () => {
    const unknown = HEADER.replace(" II\n", " ECG2\n");
    expect((await refusal(readFiles(good(unknown)))).came).toBe("unknown lead 'ECG2'");
    expect((await readFiles(good(unknown), { leads: ["I", "V5"] })).leads).toEqual(["I", "V5"]);
    expect((await readFiles(good(unknown), { leads: ["I", "-"] })).leads).toEqual(["I"]);
    const came = async (hints: object) => (await refusal(readFiles(good(), hints))).came;
    expect(await came({ rateHz: 250 })).toBe("the header says 500 Hz and 250 Hz was given");
    expect(await came({ units: "uV" })).toBe("the header says mV and uV was given");
    expect(await came({ leads: ["I"] })).toBe("1 name given for 2 columns (I, II)");
    expect(await came({ leads: ["II", "I"] })).toBe("signal 'I' is lead I by the file, and was given as lead II");
    expect(await came({ leads: ["I", "time"] })).toBe("signal 'II' is a voltage by the file, and was given as time");
  });
});

const REFUSED: readonly [string, string, Kind, string][] = [
  ["r 2 500", "r/3 2 500", "UnsupportedError", "a record in 3 segments"],
  ["r.dat 16 ", "r.dat 80 ", "UnsupportedError", "signal format 80"],
  ["r.dat 16 ", "r.dat 16x4 ", "UnsupportedError", "a multi-frequency record: 4 samples of I per frame"],
  ["r.dat 16 ", "r.dat 16:3 ", "UnsupportedError", "a skew of 3 samples in I"],
  ["r.dat 16 1000", "r.dat 16+600 1000", "MalformedFileError", "r.dat is stated in two formats or offsets"],
  [` ${N}\n`, " 401\n", "MalformedFileError", "r.dat holds 400 samples per signal where the header states 401"],
  [
    ` ${N}\n`,
    " 99999999999999999\n",
    "MalformedFileError",
    "r.dat holds 400 samples per signal where the header states 99999999999999999",
  ],
  ["r 2 500", "r 3 500", "MalformedFileError", "the header states 3 signals and describes 2"],
  ["r 2 500", "r 999999 500", "MalformedFileError", "the header states 999999 signals"],
  ["r 2 500", "r two 500", "MalformedFileError", `the record line is 'r two 500 ${N}'`],
  ["r 2 500", "r 2 50", "RecordError", "a sampling rate of 50 Hz"],
  ["r.dat 16 ", "../r.dat 16 ", "MalformedFileError", "the header names the signal file '../r.dat'"],
  ["r.dat 16 ", "C:\\r.dat 16 ", "MalformedFileError", "the header names the signal file 'C:\\\\r.dat'"],
  ["r.dat 16 ", "gone.dat 16 ", "FileAccessError", "the header's signal file gone.dat: no such file"],
  [
    "r.dat 16 ",
    "r.dat sixteen ",
    "MalformedFileError",
    "line 2 of the header is 'r.dat sixteen 1000.0(3)/mV 16 0 -400 ",
  ],
  [" II\n", " Pleth\n", "LeadError", "unknown lead 'Pleth'"],
  [" II\n", " I\n", "LeadError", "lead I comes twice"],
  ["/mV", "/bpm", "LeadError", "no voltage among 2 signals"],
  [
    "/mV",
    "/V",
    "UnitsError",
    "the leads span 798 mV from peak to peak (median) with the samples in V, as the file states",
  ],
  ["1000.0(3)", "1e9999(3)", "MalformedFileError", "a gain of inf in I"],
  [
    `${sumOf(0)} 0 I`,
    "7 0 I",
    "ChecksumError",
    `the samples of I in r.dat add up to ${sumOf(0)} where the header states 7`,
  ],
];

test.each(REFUSED)("refused: %j for %j", async (old, replacement, kind, came) => {
  expect(HEADER).toContain(old);
  const plural = old === "/mV" || replacement === "gone.dat 16 ";
  const header = plural ? HEADER.replaceAll(old, replacement) : HEADER.replace(old, replacement);
  const refused = await refusal(readFiles(good(header)));
  expect(refused.kind).toBe(kind);
  expect(refused.came.slice(0, came.length)).toBe(came);
  expect(refused.allowed || refused.todo).toBeTruthy();
});

test("a signal file without its header, a header without its signal file", async () => {
  const alone = await refusal(readFiles({ "r.dat": bytes(STEPS) }));
  expect(alone).toMatchObject({ kind: "FileAccessError", came: "a signal file without its header r.hea" });
  expect(alone.todo).toBe("pick r.hea together with r.dat");
  const header = await refusal(readFiles({ "r.hea": HEADER }));
  expect(header.came).toBe("the header's signal file r.dat: no such file");
  expect(header.todo).toBe("pick r.dat together with its header");
});

test("files that are too large are not read", async () => {
  const signal = await refusal(readFiles({ "r.hea": HEADER, "r.dat": sized(512 * 1024 ** 2 + 1) }));
  expect(signal).toMatchObject({ kind: "FileTooLargeError", came: "r.dat has 512.1 MiB", allowed: "up to 512 MiB" });
  const header = await refusal(readFiles({ "r.hea": `${HEADER}${"# long\n".repeat(150_000)}` }));
  expect(header).toMatchObject({ kind: "FileTooLargeError", came: "r.hea has 1.1 MiB", allowed: "up to 1 MiB" });
});

describe("a MATLAB 4 matrix", () => {
  const HEAD = { kind: 30, rows: 2, columns: N, imaginary: 0, name: 4 };
  const matrix = (changes: Partial<typeof HEAD> = {}) => ({
    "E1.hea":
      `E1.mat 2 500 ${N} 05-May-2020 09:49:17\nE1.mat 16+24 1000/mV 16 0 -400 ${sumOf(0)} 0 I\n` +
      `E1.mat 16+24 1000/mV 16 0 199 ${sumOf(1)} 0 V6\n#Age: NaN\n#Sex: Unknown\n`,
    "E1.mat": Uint8Array.from([
      ...new Uint8Array(Int32Array.from(Object.values({ ...HEAD, ...changes })).buffer),
      ...new TextEncoder().encode("val\0"),
      ...bytes(STEPS),
    ]),
  });

  test("with a record name that has a dot", async () => {
    const record = await readFiles(matrix());
    expect(record).toMatchObject({ leads: ["I", "V6"] satisfies Lead[], patient: { ageYears: null, sex: null } });
    expect(record.signalMv[0]?.[0]).toBe(Math.fround(-0.4));
  });

  test.each<[Partial<typeof HEAD>, Kind, string]>([
    [{ kind: 0 }, "UnsupportedError", "E1.mat is no MATLAB 4 matrix of real int16 (type 0)"],
    [{ imaginary: 1 }, "UnsupportedError", "E1.mat is no MATLAB 4 matrix of real int16 (type 30)"],
    [
      { columns: 401 },
      "MalformedFileError",
      "E1.mat holds 2 x 401 values from byte 24, the header states 2 x 400 from byte 24",
    ],
    [
      { name: 5 },
      "MalformedFileError",
      "E1.mat holds 2 x 400 values from byte 25, the header states 2 x 400 from byte 24",
    ],
  ])("that is not what the header says: %j", async (changes, kind, came) => {
    expect(await refusal(readFiles(matrix(changes)))).toMatchObject({ kind, came });
  });
});
