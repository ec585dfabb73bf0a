/** For everyone: axe finds nothing in any view, light or dark, English or Arabic; narrow; and by the keyboard alone. */
import AxeBuilder from "@axe-core/playwright";
import type { Locator, Page } from "@playwright/test";
import { ar } from "../../src/i18n/ar";
import { en } from "../../src/i18n/en";
import { expect, filesOf, heading, pick, shown, test, vector } from "./app";

const STANDARDS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
const NARROW = 320;
const PHONE = 390;

/** The view as it stands: axe is content, also with its colours in the dark, and it fits the narrowest phone. */
async function fits(page: Page, view: string): Promise<void> {
  await test.step(view, async () => {
    const found = (await axe(page).withTags(STANDARDS).analyze()).violations;
    await page.emulateMedia({ colorScheme: "dark" });
    await expect(page.locator("html")).toHaveAttribute("data-theme", "dark");
    const dark = (await axe(page).withRules("color-contrast").analyze()).violations;
    await page.emulateMedia({ colorScheme: "light" });
    const told = [...found, ...dark].map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`);
    expect.soft(told, view).toEqual([]);
    const size = page.viewportSize();
    await page.setViewportSize({ width: NARROW, height: 640 });
    const width = () => page.evaluate(() => document.documentElement.scrollWidth);
    expect.soft(await width(), `${view} at ${NARROW} px`).toBeLessThanOrEqual(NARROW);
    await page.setViewportSize({ width: PHONE, height: 800 });
    await page.evaluate(() => document.documentElement.style.setProperty("font-size", "200%"));
    expect.soft(await width(), `${view} with large text`).toBeLessThanOrEqual(PHONE);
    await page.evaluate(() => document.documentElement.style.removeProperty("font-size"));
    if (size) await page.setViewportSize(size);
  });
}

const axe = (page: Page) => new AxeBuilder({ page });

for (const [locale, say] of [
  ["en-GB", en],
  ["ar-EG", ar],
] as const) {
  test.describe(locale, () => {
    test.use({ locale, colorScheme: "light" });

    test("axe finds nothing in any view, light or dark, and all fit a narrow screen", async ({ page }) => {
      const home = async () => {
        await page.locator(".brand").tap();
        await expect(page.locator(".home")).toBeVisible();
      };
      await page.goto("");
      await expect(page.locator("html")).toHaveAttribute("dir", say === ar ? "rtl" : "ltr");
      await fits(page, "home");

      await pick(page, ...filesOf(vector("length-35-s")));
      await shown(page, say.name_AFIB);
      await page.getByRole("button", { name: say.calipers, exact: true }).tap();
      await page.locator("summary").tap();
      await fits(page, "decided");
      await home();

      await pick(page, ...filesOf(vector("quality-mostly-noisy")));
      await shown(page, say.undecided);
      await fits(page, "undecided");
      await home();

      const several = ["chapman-SB", "quality-mostly-noisy", "bad-picture-by-its-name", "bad-no-units-nor-rate"];
      await pick(page, ...several.flatMap((name) => filesOf(vector(name))));
      await expect(page.locator(".list progress")).toBeHidden();
      await fits(page, "list");
      await page.locator(".list .row").nth(3).tap();
      await expect(page.locator("form")).toBeVisible();
      await fits(page, "question");
      await home();

      await pick(page, ...filesOf(vector("bad-picture-by-its-name")));
      await expect(heading(page)).toHaveText(say.error_UnknownFormatError);
      await fits(page, "error");
      await home();

      await expect(page.locator(".history li")).toHaveCount(3); // one was opened twice
      await fits(page, "history");
      await page.getByRole("button", { name: say.history_delete_all, exact: true }).tap();
      await expect(page.getByRole("dialog")).toBeVisible();
      await fits(page, "dialog");
      await page.getByRole("button", { name: say.cancel }).tap();

      await page.getByRole("link", { name: say.about }).tap();
      await expect(heading(page)).toHaveText(say.about);
      await fits(page, "about");
      await page.getByRole("link", { name: say.about_card }).tap();
      await expect(heading(page)).toHaveText(say.about_card);
      await fits(page, "model card");
    });
  });
}

test.describe("by the keyboard alone", () => {
  test.use({ hasTouch: false, isMobile: false });

  /** Presses Tab until an element has the focus. */
  async function tabTo(page: Page, wanted: Locator): Promise<void> {
    for (let step = 0; step < 60; step++) {
      if (await wanted.evaluate((element) => element === document.activeElement)) return;
      await page.keyboard.press("Tab");
    }
    throw new Error(`Tab does not lead to ${wanted}`);
  }

  test("from the demo to the calipers and back home", async ({ page }) => {
    await page.goto("");
    await expect(heading(page)).toBeVisible();
    await tabTo(page, page.getByRole("button", { name: "Atrial flutter", exact: true }));
    await page.keyboard.press("Enter");
    await shown(page, "Atrial flutter");
    await expect(heading(page)).toBeFocused();

    await tabTo(page, page.getByRole("button", { name: "Calipers", exact: true }));
    await page.keyboard.press("Space");
    const line = page.getByRole("slider", { name: "First time line" });
    await tabTo(page, line);
    const readout = page.locator(".tracing-readout");
    const before = (await readout.textContent()) ?? "";
    expect(before).toMatch(/\d+ ms.*\d+\/min.*mV/s);
    await page.keyboard.press("Shift+ArrowRight");
    await expect(readout).not.toHaveText(before);
    await page.keyboard.press("Shift+ArrowLeft");
    await expect(readout).toHaveText(before);

    await tabTo(page, page.getByRole("link", { name: "Home" }));
    await page.keyboard.press("Enter");
    await expect(page.locator(".home")).toBeVisible();
    await expect(heading(page)).toBeFocused();
  });

  test("a dialog is left by Escape, and what it asked about stays", async ({ page }) => {
    await page.goto("");
    await pick(page, ...filesOf(vector("chapman-SB")));
    await shown(page, "Sinus bradycardia");
    await page.goBack();
    const all = page.getByRole("button", { name: "Delete all" });
    await tabTo(page, all);
    await page.keyboard.press("Enter");
    await expect(page.getByRole("dialog")).toBeVisible();
    await page.keyboard.press("Escape");
    await expect(page.getByRole("dialog")).toHaveCount(0);
    await expect(all).toBeFocused();
    await expect(page.locator(".history li")).toHaveCount(1);
  });
});

test("each new view has the focus on its heading, and back and forward find the views again", async ({ page }) => {
  await page.goto("");
  await pick(page, ...["chapman-SB", "chapman-AF"].flatMap((name) => filesOf(vector(name))));
  await expect(heading(page)).toHaveText("2 recordings");
  await expect(heading(page)).toBeFocused();
  await expect(page.getByText("All read.")).toBeVisible();
  await page.locator(".list .row").nth(1).tap();
  await shown(page, "Atrial flutter");
  await expect(heading(page)).toBeFocused();
  await expect(page).toHaveTitle("Atrial flutter, AF.csv · ecglite");
  await page.getByRole("link", { name: "About" }).tap();
  await expect(heading(page)).toHaveText("About");
  await expect(heading(page)).toBeFocused();
  await page.goBack();
  await shown(page, "Atrial flutter");
  await expect(heading(page)).toBeFocused();
  await page.goBack();
  await expect(heading(page)).toHaveText("2 recordings");
  await page.goBack();
  await expect(page.locator(".home")).toBeVisible();
  await expect(heading(page)).toBeFocused();
  await page.goForward();
  await expect(heading(page)).toHaveText("2 recordings");
});

test("language and appearance are chosen, and stay", async ({ page }) => {
  await page.goto("");
  await page.getByLabel("Appearance").selectOption("dark");
  await expect(page.locator("html")).toHaveAttribute("data-theme", "dark");
  await page.getByLabel("Language").selectOption("ar");
  await expect(heading(page)).toHaveText(ar.tagline);
  await expect(page.getByLabel(ar.language)).toBeFocused();
  await page.reload();
  await expect(heading(page)).toHaveText(ar.tagline);
  await expect(page.locator("html")).toHaveAttribute("data-theme", "dark");
  await expect(page.locator("html")).toHaveAttribute("dir", "rtl");
});
