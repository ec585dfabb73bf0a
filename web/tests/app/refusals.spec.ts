/** What cannot be read is refused in a person's words, and the app goes on; what is unclear is asked. */
import { closeSync, ftruncateSync, openSync } from "node:fs";
import { basename, join } from "node:path";
import { agrees, expect, filesOf, heading, kept, pick, shown, test, vector } from "./app";

const TITLES: Readonly<Record<string, string>> = {
  FileAccessError: "The file cannot be opened",
  UnknownFormatError: "This is no ECG file that can be read here",
  MalformedFileError: "The file is damaged or incomplete",
  QualityError: "Too short or too poor to name a rhythm",
};

const REFUSED = [
  "bad-empty",
  "bad-picture-by-its-name",
  "bad-prose",
  "bad-gzip",
  "bad-ragged-long",
  "bad-truncated-dat",
  "bad-dat-without-hea",
  "bad-hea-without-dat",
  "quality-all-flat",
];

test("each is refused in words, and a sound recording is read after it", async ({ page }) => {
  await page.goto("");
  for (const name of REFUSED) {
    await test.step(name, async () => {
      const { type = "", came = "" } = vector(name).expect.error ?? vector(name).expect.refusal ?? {};
      await pick(page, ...filesOf(vector(name)));
      await expect(heading(page)).toHaveText(TITLES[type] ?? type);
      const [found, ...help] = await page.locator(".failure dd").allTextContents();
      // A capital, as a sentence has it; but a file's name is left as it is.
      expect(found).toBe(came.startsWith("r.dat") ? came : came.replace(/^./, (first) => first.toUpperCase()));
      expect(help.length, "what can be read, or what to do").toBeGreaterThan(0);
      await pick(page, ...filesOf(vector("chapman-SB")));
      await shown(page, "Sinus bradycardia");
      await page.goBack();
      await page.goBack();
      await expect(page.locator(".home")).toBeVisible();
    });
  }
});

test("two gigabytes are refused at once, whatever they are called", async ({ page, folder }) => {
  await page.goto("");
  for (const name of ["huge.csv", "huge.hea", "huge.dat"]) {
    const huge = join(folder, name);
    const file = openSync(huge, "w");
    ftruncateSync(file, 2 ** 31); // no byte of it is on the disk
    closeSync(file);
    await expect(page.locator(".home")).toBeVisible();
    const start = performance.now();
    await pick(page, huge);
    await expect(heading(page)).toHaveText("The file is too large");
    expect(performance.now() - start).toBeLessThan(1500);
    await expect(page.locator(".failure")).toContainText(`${name} has 2048 MiB`);
    await page.goBack();
  }
  await pick(page, ...filesOf(vector("chapman-SB")));
  await shown(page, "Sinus bradycardia");
});

test("units and sampling rate are asked, and the answers make the finding", async ({ page }) => {
  const asked = vector("csv-no-header");
  await page.goto("");
  await pick(page, ...filesOf(asked));
  await expect(heading(page)).toHaveText("A question first");
  await page.getByLabel("microvolts (µV)").check();
  await page.getByLabel("Sampling rate").fill("500");
  await page.getByRole("button", { name: "Read the recording" }).tap();
  await shown(page, "Sinus rhythm");
  await agrees(page, asked);
});

test("a wrong answer is refused in words, and can be corrected", async ({ page }) => {
  await page.goto("");
  await pick(page, ...filesOf(vector("bad-no-units-nor-rate")));
  await page.getByLabel("volts (V)", { exact: true }).check();
  await page.getByLabel("Sampling rate").fill("500");
  await page.getByRole("button", { name: "Read the recording" }).tap();
  await expect(page.locator(".failure")).toContainText("with the samples in V");
  await page.getByLabel("microvolts (µV)").check();
  await page.getByRole("button", { name: "Read the recording" }).tap();
  await expect(page.locator(".figures")).toBeVisible();
});

test("the leads of nameless columns are asked", async ({ page }) => {
  const asked = vector("csv-named-by-hand");
  await page.goto("");
  await pick(page, ...filesOf(asked));
  await expect(page.getByText("Which lead is in which of the file’s 4 columns?")).toBeVisible();
  for (const [k, lead] of (asked.hints.leads ?? []).entries()) {
    await page.locator("select[name=lead]").nth(k).selectOption(lead);
  }
  await page.getByLabel("microvolts (µV)").check(); // in the same form
  await page.getByRole("button", { name: "Read the recording" }).tap();
  await shown(page, "Sinus rhythm");
  await agrees(page, asked);
});

test("the answers stand beside what was read, stay in the history, and can be changed", async ({ page }) => {
  await page.goto("");
  await pick(page, ...filesOf(vector("csv-no-header")));
  await page.getByLabel("microvolts (µV)").check();
  await page.getByLabel("Sampling rate").fill("250");
  await page.getByRole("button", { name: "Read the recording" }).tap();
  await expect(page.locator(".facts")).toContainText("250 Hz, as you said");
  await expect(page.locator(".facts")).toContainText("µV, as you said");
  await page.getByRole("link", { name: "Change the answers" }).tap();
  await expect(page.getByLabel("microvolts (µV)")).toBeChecked();
  await expect(page.getByLabel("Sampling rate")).toHaveValue("250");
  await page.getByLabel("Sampling rate").fill("500");
  await page.getByRole("button", { name: "Read the recording" }).tap();
  await shown(page, "Sinus rhythm");
  await agrees(page, vector("csv-no-header"));
  expect(await kept(page)).toEqual({ entries: 1, records: 1 });
  await page.reload();
  await expect(page.locator(".facts")).toContainText("500 Hz, as you said");
  await expect(page.getByRole("link", { name: "Change the answers" })).toHaveCount(0); // the file is gone
});

test("a header's samples are picked after it", async ({ page }) => {
  const { open } = vector("wfdb-16");
  const [header = "", samples = ""] = [...filesOf(vector("wfdb-16"))].sort((a) => (a.endsWith(open) ? -1 : 1));
  await page.goto("");
  await pick(page, header);
  await expect(heading(page)).toHaveText("The file cannot be opened");
  await expect(page.getByRole("button", { name: `Pick ${basename(samples)} as well` })).toBeVisible();
  await page.locator("#picker-too").setInputFiles(samples);
  await shown(page, "Atrial fibrillation");
  await agrees(page, vector("wfdb-16"));
});

test("what a reload took is said, and can be picked again there", async ({ page }) => {
  await page.goto("");
  await pick(page, ...filesOf(vector("bad-no-units-nor-rate")));
  await expect(heading(page)).toHaveText("A question first");
  await page.reload();
  await expect(heading(page)).toHaveText("This recording is no longer open");
  await expect(page.getByText("while 1 recording was not yet in the history: open its file again.")).toBeVisible();
  await pick(page, ...["chapman-SB", "bad-no-units-nor-rate"].flatMap((name) => filesOf(vector(name))));
  await expect(page.getByText("All read.")).toBeVisible();
  await page.reload();
  await expect(heading(page)).toHaveText("This list is no longer open");
  await expect(page.getByText("1 of the pick is in the history.")).toBeVisible();
  await pick(page, ...filesOf(vector("chapman-SB")));
  await shown(page, "Sinus bradycardia");
});
