/** Which picked files are recordings, and files that can't be read. */
import { expect, test } from "vitest";
import type { EcgliteError } from "../../src/edge/errors";
import { recordingsOf } from "../../src/edge/formats";
import { microvolts, readCsv, readFiles, refusal, sized, table } from "./made";

const named = (...names: string[]) => new Map(names.map((name) => [name, new Blob(["1,2\n"])]));

test("signal files go with their header", async () => {
  const picked = named("b.csv", "r.dat", "r.hea", "E1.mat", "E1.hea", "lone.dat", "a.png");
  expect(await recordingsOf(picked)).toEqual(["b.csv", "r.hea", "E1.hea", "lone.dat", "a.png"]);
  const odd = named("R.DAT", "R.hea", ".dat", "v1.0.mat", "v1.0.hea");
  expect(await recordingsOf(odd)).toEqual(["R.hea", ".dat", "v1.0.hea"]);
  expect(await recordingsOf(new Map())).toEqual([]);
});

test("signal files go with the header that names them", async () => {
  const header = new Blob(["two 2 500 10\nlimb.dat 16 1000/mV 16 0 0 0 0 I\nchest.dat 16 1000/mV 16 0 0 0 0 V1\n"]);
  const picked = named("chest.dat", "limb.dat", "lone.dat", "broken.hea").set("two.hea", header);
  expect(await recordingsOf(picked)).toEqual(["lone.dat", "broken.hea", "two.hea"]);
});

test("annotations and the like go with the header of their name", async () => {
  const picked = named("201.atr", "201.dat", "201.hea", "201.qrs", "201.csv", "201", "203.atr", "b.png");
  expect(await recordingsOf(picked)).toEqual(["201.hea", "201.csv", "201", "203.atr", "b.png"]);
});

test("a file that was not picked", async () => {
  const refused = await refusal(readFiles({}));
  expect(refused).toMatchObject({ kind: "FileAccessError", came: ": no such file" });
});

test.each(["x.csv", "x.hea", "x.dat", "x"])("two gigabytes called %s are refused unread", async (name) => {
  const refused = await refusal(readFiles({ [name]: sized(2 * 1024 ** 3) }));
  expect(refused).toMatchObject({ kind: "FileTooLargeError", came: `${name} has 2048 MiB` });
  expect(refused.allowed).toBe(name === "x.dat" ? "up to 512 MiB" : "up to 128 MiB");
});

test("a file that is gone since it was picked", async () => {
  const gone = Object.defineProperty(new Blob(["1,2\n"]), "slice", {
    value: () => ({ arrayBuffer: () => Promise.reject(new DOMException("gone", "NotReadableError")) }),
  });
  expect(await refusal(readCsv(gone))).toMatchObject({
    kind: "FileAccessError",
    came: "x.csv cannot be read: it is a folder, or was moved, changed or taken away since it was picked",
    todo: "pick the file again, or the files in the folder",
  });
});

test("records and failures are plain data, which passes from worker to page", async () => {
  const record = await readCsv(table(microvolts(5000, 12)));
  expect(structuredClone(record)).toEqual(record);
  const error: unknown = await readCsv("no ECG").catch((caught) => caught);
  const failure = (error as EcgliteError).toFailure();
  expect(structuredClone(failure)).toEqual(failure);
});
