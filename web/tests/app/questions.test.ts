import { expect, test } from "vitest";
import { allQuestions, columnsOf, guesses, questionsOf } from "../../src/app/questions";
import type { Hints } from "../../src/classifier";
import type { Failure } from "../../src/edge/errors";
import { EcgliteError } from "../../src/edge/errors";
import { read } from "../../src/edge/formats";

async function failureOf(text: string, hints: Hints = {}): Promise<Failure> {
  const file = new File([text], "x.csv");
  try {
    await read("x.csv", new Map([["x.csv", file]]), hints);
  } catch (error) {
    if (error instanceof EcgliteError) return error.toFailure();
    throw error;
  }
  throw new Error("it was read");
}

const rows = (header: string, columns: number): string =>
  `${header}${Array.from({ length: 3000 }, (_, k) => `${Array.from({ length: columns }, () => (Math.sin(k / 40) * 0.9).toFixed(3))}\n`).join("")}`;

test.each([
  ["neither units nor rate", rows("I,II\n", 2), ["units", "rate"]],
  ["no rate", rows("I (mV),II (mV)\n", 2), ["rate"]],
  ["no units", rows("# fs=500\nI,II\n", 2), ["units"]],
  ["no names", rows("", 3), ["leads"]],
  ["a picture", "\x89PNG\r\n\x1a\n", []],
  ["nothing", "", []],
])("a file with %s", async (_, text, questions) => {
  expect([...questionsOf(await failureOf(text))]).toEqual(questions);
});

test.each([
  ["x.csv", '# made by hand\n\ntime;I;"aVR"\n0;1;2\n', ["time", "I", "aVR"]],
  ["x.tsv", "0.1\t-2\t.5\n", ["", "", ""]],
  [
    "x.hea",
    "# a comment\nx 2 500 5000\nx.dat 16 1000 16 0 0 0 0 lead one\nx.dat 16 1000 16 0 0 0 0\n",
    ["lead one", ""],
  ],
])("the columns of %s", async (name, text, columns) => {
  expect(await columnsOf(new File([text], name))).toEqual(columns);
});

test.each([
  [
    ["time [ms]", "Lead I", "V1 (uV)", "MLII", "II", "resp"],
    ["time", "I", "V1", "II", "-", "-"],
  ],
  [
    ["timer", "T", "ch1"],
    ["-", "time", "-"],
  ],
  [
    ["", ""],
    ["-", "-"],
  ],
])("the form begins with what the names %j say", (columns, at) => {
  expect(guesses(columns)).toEqual(at);
});

test("twelve columns without names are the twelve leads in their order", () => {
  expect(guesses(Array.from({ length: 12 }, () => "")).join(" ")).toBe("I II III aVR aVL aVF V1 V2 V3 V4 V5 V6");
});

test.each([
  ["neither", rows("one,two\n", 2), ["leads", "units", "rate"]],
  ["units", rows("one (mV),two (mV)\n", 2), ["leads", "rate"]],
  ["rate", rows("# fs=500\none,two\n", 2), ["leads", "units"]],
])("leads that are unknown are asked together with what else is: the file states %s", async (_, text, questions) => {
  const columns = await columnsOf(new File([text], "x.csv"));
  const reading = async (hints: Hints) => ({ name: "x.csv", tookMs: 0, failure: await failureOf(text, hints) });
  const asked = questionsOf(await failureOf(text));
  expect([...asked]).toEqual(["leads"]);
  expect([...(await allQuestions(asked, columns, reading))]).toEqual(questions);
});
