/** What cannot be read is refused in a person's words, and the app goes on; what is unclear is asked. */
import { closeSync, ftruncateSync, openSync } from "node:fs";
import { join } from "node:path";
import { agrees, expect, filesOf, heading, pick, shown, test, vector } from "./app";

const TITLES: Readonly<Record<string, string>> = {
  FileAccessError: "The file cannot be opened",
  UnknownFormatError: "This is no ECG file that can be read here",
  MalformedFileError: "The file is damaged or incomplete",
  QualityError: "The signal is too poor to name a rhythm",
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
    await expect(page.locator(".failure")).toContainText(`${name} has 2,048.0 MiB`);
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
  await page.getByRole("button", { name: "Read the recording" }).tap();
  await page.getByLabel("microvolts (µV)").check();
  await page.getByRole("button", { name: "Read the recording" }).tap();
  await shown(page, "Sinus rhythm");
  await agrees(page, asked);
});
