/** The history: on this device only, as long as the person wants it, and what it says when it can't be kept. */
import type { Page } from "@playwright/test";
import { MAX_BYTES, MAX_ENTRIES } from "../../src/history";
import { agrees, expect, filesOf, heading, kept, pick, readyOffline, renamed, shown, test, vector } from "./app";

const rows = (page: Page) => page.locator(".history .rows li");

/** Opens a vector and goes back home. */
async function keep(page: Page, name: string, title: string): Promise<void> {
  await pick(page, ...filesOf(vector(name)));
  await shown(page, title);
  await page.goBack();
  await expect(page.locator(".home")).toBeVisible();
}

test("it outlives a reload, and opens with its tracing when the server is gone", async ({ page, ownServer }) => {
  await page.goto(ownServer.address);
  await readyOffline(page);
  await keep(page, "chapman-SB", "Sinus bradycardia");
  await keep(page, "wfdb-16", "Atrial fibrillation");
  await ownServer.stop();
  await page.reload();
  await expect(rows(page)).toHaveCount(2);
  await expect(rows(page).first()).toContainText("r.hea");
  await rows(page).last().getByRole("link").tap();
  await shown(page, "Sinus bradycardia");
  await agrees(page, vector("chapman-SB"));
});

test("one is deleted, then all, after a question", async ({ page }) => {
  await page.goto("");
  await keep(page, "chapman-SB", "Sinus bradycardia");
  await keep(page, "chapman-AF", "Atrial flutter");
  await keep(page, "chapman-ST", "Sinus tachycardia");
  await page.getByRole("button", { name: "Delete AF.csv" }).tap();
  await expect(rows(page)).toHaveCount(2);
  await expect(rows(page).filter({ hasText: "AF.csv" })).toHaveCount(0);
  expect(await kept(page)).toEqual({ entries: 2, records: 2 });

  const dialog = page.getByRole("dialog", { name: "Delete all 2 recordings of the history from this device?" });
  await page.getByRole("button", { name: "Delete all" }).tap();
  await dialog.getByRole("button", { name: "Cancel" }).tap();
  await expect(dialog).toBeHidden();
  await expect(rows(page)).toHaveCount(2);
  await page.getByRole("button", { name: "Delete all" }).tap();
  await dialog.getByRole("button", { name: "Delete all" }).tap();
  await expect(rows(page)).toHaveCount(0);
  expect(await kept(page)).toEqual({ entries: 0, records: 0 });
  await page.reload();
  await expect(page.getByText("Recordings that you open are listed here, on this device only.")).toBeVisible();
});

test("a deleted recording is gone from its address too", async ({ page }) => {
  await page.goto("");
  await pick(page, ...filesOf(vector("chapman-SB")));
  await shown(page, "Sinus bradycardia");
  const address = page.url();
  await page.goBack();
  await page.getByRole("button", { name: "Delete SB.csv" }).tap();
  await expect(rows(page)).toHaveCount(0);
  await page.goto("about:blank");
  await page.goto(address);
  await expect(heading(page)).toHaveText("This recording is no longer open");
});

test("switched off it keeps nothing, and remembers that", async ({ page }) => {
  await page.goto("");
  await page.getByLabel("Keep a history").uncheck();
  await expect(page.getByText("No history is kept.")).toBeVisible();
  await page.reload();
  await expect(page.getByLabel("Keep a history")).not.toBeChecked();
  await keep(page, "chapman-SB", "Sinus bradycardia");
  await expect(page.getByText("No history is kept.")).toBeVisible();
  expect(await kept(page)).toEqual({ entries: 0, records: 0 });
});

test("one that is deleted by mistake comes back to its place", async ({ page }) => {
  await page.goto("");
  for (const [name, title] of [
    ["SB", "Sinus bradycardia"],
    ["AF", "Atrial flutter"],
    ["ST", "Sinus tachycardia"],
  ] as const) {
    await keep(page, `chapman-${name}`, title);
  }
  await page.getByRole("button", { name: "Delete AF.csv" }).tap();
  await expect(page.locator(".undo")).toContainText("AF.csv is deleted.");
  await page.getByRole("button", { name: "Undo" }).tap();
  await expect(page.locator(".undo")).toBeHidden();
  await expect(rows(page).nth(1)).toContainText("AF.csv");
  expect(await kept(page)).toEqual({ entries: 3, records: 3 });
  await rows(page).nth(1).getByRole("link").tap();
  await shown(page, "Atrial flutter");
});

test("a file that is opened again is one entry, the newest", async ({ page }) => {
  await page.goto("");
  await keep(page, "chapman-SB", "Sinus bradycardia");
  await keep(page, "chapman-AF", "Atrial flutter");
  await keep(page, "chapman-SB", "Sinus bradycardia");
  await expect(rows(page)).toHaveCount(2);
  await expect(rows(page).first()).toContainText("SB.csv");
});

test("examples are not kept", async ({ page }) => {
  await page.goto("");
  await page.getByRole("button", { name: "Atrial flutter", exact: true }).tap();
  await shown(page, "Atrial flutter");
  expect(await kept(page)).toEqual({ entries: 0, records: 0 });
});

for (const { most, bytes } of [
  { most: MAX_ENTRIES, bytes: 1 },
  { most: 6, bytes: MAX_BYTES / 5 },
]) {
  test(`a history full of ${most} keeps what it has, and says so`, async ({ page }) => {
    await page.goto("");
    await keep(page, "chapman-SB", "Sinus bradycardia");
    // Each a day older than the one before.
    await page.evaluate(
      async ({ most, bytes }) => {
        const opening = indexedDB.open("ecglite");
        const database = await new Promise<IDBDatabase>((resolve) => {
          opening.onsuccess = () => resolve(opening.result);
        });
        const transaction = database.transaction(["entries", "records"], "readwrite");
        const [entries, records] = [transaction.objectStore("entries"), transaction.objectStore("records")];
        const found = entries.getAll();
        found.onsuccess = () => {
          const [entry] = found.result;
          for (let k = 1; k < most; k++) {
            entries.put({
              ...entry,
              bytes,
              id: `old-${k}`,
              name: `${k}.csv`,
              date: new Date(entry.date.getTime() - k * 86_400_000),
            });
            records.put({}, `old-${k}`);
          }
        };
        await new Promise<void>((resolve) => {
          transaction.oncomplete = () => resolve();
        });
        database.close();
      },
      { most, bytes },
    );
    await page.reload();
    await expect(rows(page)).toHaveCount(most);
    await pick(page, ...filesOf(vector("chapman-AF")));
    await shown(page, "Atrial flutter");
    await expect(page.locator(".notice")).toContainText("The history is full: it holds up to 200 recordings");
    await page.goBack();
    await pick(page, ...["chapman-AF", "chapman-ST"].flatMap((name) => filesOf(vector(name))));
    await expect(page.getByText("All read. 2 not kept in the history.")).toBeVisible();
    await page.goBack();
    await expect(rows(page).last()).toContainText(`${most - 1}.csv`);
    expect(await kept(page)).toEqual({ entries: most, records: most });
    await page.getByRole("button", { name: `Delete ${most - 1}.csv` }).tap();
    await keep(page, "chapman-AF", "Atrial flutter");
    await expect(rows(page).first()).toContainText("AF.csv");
  });
}

test("the pick stands in its order, the newest first, beyond ten files", async ({ page }) => {
  await page.goto("");
  await pick(page, ...Array.from({ length: 12 }, (_, k) => renamed(vector("chapman-SB"), `${k}.csv`)));
  await expect(page.getByText("All read.")).toBeVisible();
  await page.goBack();
  await expect(rows(page)).toHaveCount(12);
  const names = await rows(page).locator(".source bdi").allTextContents();
  expect(names).toEqual(Array.from({ length: 12 }, (_, k) => `${11 - k}.csv`));
  await page.getByLabel("Find in the history").fill("11.c");
  await expect(rows(page).filter({ visible: true })).toHaveCount(1);
});

test("the browser is asked to keep it, once there is something to keep", async ({ page }) => {
  await page.addInitScript(() => {
    Object.assign(window, { asked: 0 });
    navigator.storage.persisted = async () => false;
    navigator.storage.persist = async () => Boolean((window as never as { asked: number }).asked++);
  });
  const asked = () => page.evaluate(() => (window as never as { asked: number }).asked);
  await page.goto("");
  await expect(heading(page)).toBeVisible();
  expect(await asked()).toBe(0);
  await keep(page, "chapman-SB", "Sinus bradycardia");
  await keep(page, "chapman-ST", "Sinus tachycardia");
  await expect.poll(asked).toBe(1);
});

test("the focus goes to the next entry, and stays where a switch is", async ({ page }) => {
  await page.goto("");
  await keep(page, "chapman-SB", "Sinus bradycardia");
  await keep(page, "chapman-AF", "Atrial flutter");
  await page.getByRole("button", { name: "Delete AF.csv" }).press("Enter");
  await expect(rows(page)).toHaveCount(1);
  await expect(rows(page).getByRole("link")).toBeFocused();
  await page.getByRole("button", { name: "Delete SB.csv" }).press("Enter");
  await expect(page.getByRole("heading", { name: "History" })).toBeFocused();
  await page.getByLabel("Keep a history").press("Space");
  await expect(page.getByLabel("Keep a history")).toBeFocused();
  await expect(page.getByText("No history is kept.")).toBeVisible();
});

test("a full device: the recording is shown, and why it isn't kept is said", async ({ page }) => {
  await page.addInitScript(() => {
    IDBObjectStore.prototype.put = () => {
      throw new DOMException("no room", "QuotaExceededError");
    };
  });
  await page.goto("");
  await pick(page, renamed(vector("chapman-SB"), "full.csv"));
  await shown(page, "Sinus bradycardia");
  await expect(page.locator(".notice")).toContainText("This device has no room left for the history.");
  expect(await kept(page)).toEqual({ entries: 0, records: 0 });
});

test("a browser that keeps nothing: the recording is shown, and that is said", async ({ page }) => {
  await page.addInitScript(() => {
    IDBFactory.prototype.open = () => {
      throw new DOMException("private", "SecurityError");
    };
  });
  await page.goto("");
  await expect(page.getByText("This browser keeps no history, perhaps because the window is private.")).toBeVisible();
  await pick(page, ...filesOf(vector("chapman-SB")));
  await shown(page, "Sinus bradycardia");
  await expect(page.locator(".notice")).toContainText("This browser keeps no history");
});
