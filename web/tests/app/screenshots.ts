/**
 * The pictures of the app for README and docs, docs/images/app-*.png: `npm run screenshots`, after a build. The same
 * page makes the same pictures, since recording, day and language are fixed.
 */
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import type { Page } from "@playwright/test";
import { example, expect, heading, shown, test } from "./app";

const IMAGES = join(import.meta.dirname, "../../../docs/images");
const MAX_BYTES = 150_000;

/** Keeps so many colours as lines, text and paper need, by Pillow, which the dev extra brings. */
const REDUCE = `
import os, sys
from PIL import Image
with Image.open(sys.argv[1]) as picture:
    reduced = picture.convert("RGB").quantize(128, method=Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
reduced.save(sys.argv[1], optimize=True)
print(os.path.getsize(sys.argv[1]))
`;

async function take(page: Page, name: string): Promise<void> {
  const path = join(IMAGES, `app-${name}.png`);
  await page.evaluate(() => scrollTo(0, 0));
  await page.screenshot({ path, animations: "disabled" });
  const bytes = Number(execFileSync("python", ["-c", REDUCE, path], { encoding: "utf8" }));
  expect(bytes, path).toBeLessThan(MAX_BYTES);
}

/** The tracing's tiles are made while the browser is idle: until two pictures of it are the same. */
async function settled(page: Page): Promise<void> {
  const picture = async () => (await page.locator(".tracing-view").screenshot()).toString("base64");
  let last = "";
  await expect
    .poll(async () => {
      const before = last;
      last = await picture();
      return last === before;
    })
    .toBe(true);
}

test.beforeEach(({ page }) => page.clock.setFixedTime("2026-03-02T09:30:00Z"));

test("home", async ({ page }) => {
  await page.goto("");
  await expect(heading(page)).toBeVisible();
  await take(page, "home");
});

test("record", async ({ page }) => {
  await page.goto("");
  await example(page, "Atrial flutter");
  await shown(page, "Atrial flutter");
  await settled(page);
  await take(page, "record");
});

test.describe("in Arabic, dark", () => {
  test.use({ locale: "ar-EG", colorScheme: "dark" });

  test("record", async ({ page }) => {
    await page.goto("");
    await example(page, "الرجفان الأذيني");
    await shown(page, "الرجفان الأذيني");
    await settled(page);
    await take(page, "arabic");
  });
});

test.describe("on a tablet", () => {
  test.use({ viewport: { width: 1366, height: 1024 }, deviceScaleFactor: 1 });

  test("record with calipers about one beat of the rhythm strip", async ({ page }) => {
    await page.goto("");
    await example(page, "Sinus bradycardia");
    await shown(page, "Sinus bradycardia");
    await page.getByRole("button", { name: "Calipers", exact: true }).tap();
    for (const [line, far, near] of [
      ["First time line", "Shift+ArrowRight 17", "ArrowLeft 3"],
      ["Second time line", "Shift+ArrowLeft 39", "ArrowLeft 5"],
      ["First voltage line", "Shift+ArrowDown 43", "ArrowDown 1"],
      ["Second voltage line", "Shift+ArrowDown 40", "ArrowDown 1"],
    ] as const) {
      await page.getByRole("slider", { name: line }).focus();
      for (const keys of [far, near]) {
        const [key = "", times] = keys.split(" ");
        for (let k = 0; k < Number(times); k++) await page.keyboard.press(key);
      }
    }
    await page.getByRole("slider", { name: "Second voltage line" }).blur();
    await settled(page);
    await take(page, "tablet");
  });
});
