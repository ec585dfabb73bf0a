/** From a file to a rhythm: what is shown is the Python package's finding, and the tracing is drawn. */
import { basename } from "node:path";
import type { Page } from "@playwright/test";
import { path, VECTORS } from "../conformance/vectors";
import { agrees, expect, exported, filesOf, heading, pick, shown, test, vector } from "./app";

/** The share of the tracing's columns of pixels, away from its labels, that hold ink as dark as a trace. */
async function inked(page: Page): Promise<number> {
  const shot = (await page.locator(".tracing-view").screenshot()).toString("base64");
  return page.evaluate(async (base64) => {
    const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
    const picture = await createImageBitmap(new Blob([bytes]));
    const context = new OffscreenCanvas(picture.width, picture.height).getContext("2d");
    if (!context) throw new Error("no canvas");
    context.drawImage(picture, 0, 0);
    const { data } = context.getImageData(0, 0, picture.width, picture.height);
    const columns = Array.from({ length: picture.width }, (_, x) =>
      Array.from({ length: picture.height }, (_, y) => data[4 * (y * picture.width + x)] ?? 255),
    );
    return columns.filter((column) => column.some((red) => red < 90)).length / columns.length;
  }, shot);
}

test("a Chapman CSV: rhythm, probability, rate and tracing, and the JSON is the Python finding", async ({ page }) => {
  const afib = vector("chapman-AFIB-raw");
  const { finding } = afib.expect;
  await page.goto("");
  await pick(page, ...filesOf(afib));
  await shown(page, /^Atrial fibrillation$/);
  const [percent] = /\d+/.exec((await page.locator(".probability dd").textContent()) ?? "") ?? [];
  expect(Math.abs(Number(percent) - 100 * (finding?.probability ?? 0))).toBeLessThanOrEqual(0.6);
  await expect(page.locator(".rate dd")).toHaveText(`${Math.round(finding?.heart_rate_bpm ?? 0)}/min`);
  await expect(page.locator(".tracing-labels > span")).toHaveCount(12);
  await expect.poll(() => inked(page)).toBeGreaterThan(0.9); // all but the edges of the column of names
  await agrees(page, afib);
});

test("WFDB: header and samples picked together", async ({ page }) => {
  await page.goto("");
  await pick(page, ...filesOf(vector("wfdb-16")));
  await shown(page, "Atrial fibrillation");
  await agrees(page, vector("wfdb-16"));
});

test("zoom and place of the tracing are found again", async ({ page }) => {
  await page.goto("");
  await pick(page, ...filesOf(vector("chapman-SB")));
  await shown(page, "Sinus bradycardia");
  const status = page.locator(".tracing-status");
  await page.getByRole("button", { name: "Zoom in" }).tap();
  await expect(status).toContainText("zoom");
  let zoomed = "";
  await expect(async () => {
    // the zoom glides: it is over when what it says stays
    zoomed = (await status.textContent()) ?? "";
    await page.waitForTimeout(300);
    await expect(status).toHaveText(zoomed, { timeout: 100 });
  }).toPass();
  await page.getByRole("link", { name: "About" }).tap();
  await expect(heading(page)).toHaveText("About");
  await page.goBack();
  await shown(page, "Sinus bradycardia");
  await expect(status).toHaveText(zoomed);
});

test.describe("on its side", () => {
  test.use({ viewport: { width: 740, height: 360 } });

  test("a phone shows the paper below what was found", async ({ page }) => {
    await page.goto("#/example/SVT");
    await shown(page, "Supraventricular tachycardia");
    const { y = 360 } = (await page.locator(".tracing-view").boundingBox()) ?? {};
    expect(y).toBeLessThan(270);
  });
});

test("several at once make a list, and each is a tap away", async ({ page }) => {
  await page.goto("");
  const [sb, af] = [vector("chapman-SB"), vector("chapman-AF")];
  const picture = vector("bad-picture-by-its-name");
  await pick(page, ...[sb, af, vector("wfdb-16"), picture].flatMap(filesOf));
  await expect(heading(page)).toHaveText("4 recordings");
  await expect(page.getByRole("status").filter({ hasText: "All read." })).toHaveText("All read. 1 not read.");
  const rows = page.locator(".rows .row");
  await expect(rows).toHaveCount(4);
  const [csv, json] = [await exported(page, "CSV"), await exported(page, "JSON lines")];
  expect(csv.bytes.toString().split("\n")[2]).toMatch(/^AF\.csv,AF,Atrial flutter,0\.\d+,/);
  expect(JSON.parse(json.bytes.toString().split("\n")[3] ?? "")).toMatchObject({ error_type: "UnknownFormatError" });
  for (const [k, said] of ["Sinus bradycardia", "Atrial flutter", "Atrial fibrillation", "no ECG file"].entries()) {
    await expect(rows.nth(k)).toContainText(said);
  }
  await rows.nth(1).tap();
  await shown(page, "Atrial flutter");
  await agrees(page, af);
  await page.getByRole("link", { name: "All recordings of this pick" }).tap();
  await rows.nth(0).tap();
  await shown(page, "Sinus bradycardia");
  await agrees(page, sb);
});

test("real recordings of each database that is there", async ({ page }) => {
  const databases = ["chapman-MUSE", "ecg-arrhythmia", "georgia", "cpsc2018", "cpsc-extra", "ptb-xl-500", "mitdb"];
  const real = databases.flatMap((name) => VECTORS.find((one) => one.name.startsWith(name)) ?? []);
  test.skip(real.length === 0, "the vectors hold no real recordings: they were made without ECG_DATA");
  await page.goto("");
  await pick(page, ...real.flatMap(({ name, files }) => files.map((file) => path(name, file))));
  await expect(heading(page)).toHaveText(`${real.length} recordings`);
  await expect(page.getByText("All read.")).toBeVisible({ timeout: 20_000 });
  for (const one of real) {
    await page.locator(".rows .row", { hasText: basename(one.open) }).tap();
    await expect(page.locator(".verdict .source")).toContainText(one.open);
    await agrees(page, one);
    await page.getByRole("link", { name: "All recordings of this pick" }).tap();
  }
});
