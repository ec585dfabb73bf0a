/** Files that come from elsewhere: other apps, the system, the mouse, the clipboard; and what goes to other apps. */
import { readFileSync } from "node:fs";
import type { BrowserContext, JSHandle, Page } from "@playwright/test";
import { path } from "../conformance/vectors";
import { example, expect, exported, filesOf, heading, kept, pick, readyOffline, shown, test, vector } from "./app";

/** A DataTransfer with a vector's files, as a drop or a paste brings it. */
function carrying(page: Page, name: string): Promise<JSHandle<DataTransfer>> {
  const files = vector(name).files.map((file) => [file, [...readFileSync(path(name, file))]] as const);
  return page.evaluateHandle((all) => {
    const transfer = new DataTransfer();
    for (const [file, bytes] of all) transfer.items.add(new File([new Uint8Array(bytes)], file));
    return transfer;
  }, files);
}

/** As the system and any website do it: a form from nowhere that is posted to the share target. */
async function post(context: BrowserContext, address: string, files: readonly string[], body = ""): Promise<Page> {
  const other = await context.newPage();
  await other.setContent(
    `<form action="${address}share" method="post" enctype="multipart/form-data">
      <input type="file" name="files" multiple>${body}<button>Share</button></form>`,
  );
  await other.locator("input[type=file]").setInputFiles(files as string[]);
  await other.getByRole("button", { name: "Share", exact: true }).click();
  return other;
}

test("another app shares a recording of two files: it is asked about, and opened", async ({
  page,
  context,
  server,
}) => {
  await page.goto("");
  await readyOffline(page);
  const other = await post(context, server.address, filesOf(vector("wfdb-16")));
  const dialog = other.getByRole("dialog", { name: "Another app or page handed over 2 files. Open them?" });
  await expect(dialog).toContainText(vector("wfdb-16").open);
  await other.reload();
  await expect(dialog).toBeVisible(); // not answered yet
  expect(await kept(other)).toEqual({ entries: 0, records: 0 });
  await dialog.getByRole("button", { name: "Open" }).click();
  await shown(other, "Atrial fibrillation");
  expect(new URL(other.url()).search).toBe("");
  await other.reload();
  await shown(other, "Atrial fibrillation");
});

test("what is discarded was never read, and is gone", async ({ page, context, server }) => {
  await page.goto("");
  await readyOffline(page);
  const other = await post(context, server.address, filesOf(vector("chapman-SB")));
  await other.getByRole("button", { name: "Discard" }).click();
  await expect(other.getByRole("dialog")).toHaveCount(0);
  await expect(other.locator(".home")).toBeVisible();
  expect(await kept(other)).toEqual({ entries: 0, records: 0 });
  expect(await other.evaluate(() => caches.has("ecglite-shared"))).toBe(false);
  expect(new URL(other.url()).search).toBe("");
});

test("a share without a file says so", async ({ page, context, server }) => {
  await page.goto("");
  await readyOffline(page);
  const other = await post(context, server.address, []);
  await expect(heading(other)).toHaveText("No file was handed over");
});

test("a share that could not be taken in says so", async ({ page }) => {
  await page.goto("?shared=failed");
  await expect(heading(page)).toHaveText("What was handed over could not be taken in");
  expect(new URL(page.url()).search).toBe("");
});

test("an example has an address of its own", async ({ page }) => {
  await page.goto("");
  await example(page, "Atrial flutter");
  await shown(page, "Atrial flutter");
  expect(new URL(page.url()).hash).toBe("#/example/AF");
  await page.reload();
  await shown(page, "Atrial flutter");
  await expect(page.getByText("Simulated: no patient’s heart made this recording.")).toBeVisible();
  expect(JSON.parse((await exported(page, "JSON")).bytes.toString())).toMatchObject({ simulated: true, rhythm: "AF" });
  await page.locator(".brand").tap();
  await example(page, "Sinus bradycardia");
  await shown(page, "Sinus bradycardia");
  await page.goBack();
  await page.goBack();
  await shown(page, "Atrial flutter");
});

test("the texts of About open in the app, which keeps what is open", async ({ page }) => {
  await page.goto("");
  await pick(page, ...["chapman-SB", "chapman-ST"].flatMap((name) => filesOf(vector(name))));
  await expect(heading(page)).toHaveText("2 recordings");
  await page.getByRole("link", { name: "About" }).tap();
  await page.getByRole("link", { name: "The model card, with every figure" }).tap();
  await expect(heading(page)).toHaveText("The model card, with every figure");
  await expect(page.getByRole("heading", { name: "Use and limits" })).toBeVisible();
  await page.goBack();
  await page.getByRole("link", { name: "Licences of what the app is built with" }).tap();
  await expect(page.locator("pre")).toContainText("@litertjs/core");
  await page.goBack();
  await page.goBack();
  await expect(heading(page)).toHaveText("2 recordings");
});

test.describe("in the Android shell", () => {
  test.beforeEach(async ({ page }) => {
    await page.addInitScript(() => {
      const calls: string[][] = [];
      const call = (how: string) => (name: string, mime: string, base64: string) => {
        calls.push([how, name, mime, atob(base64).slice(0, 4)]);
      };
      Object.assign(window, { calls, ecgliteAndroid: { save: call("save"), share: call("share") } });
    });
  });

  /** What the shell answers at incoming/: the files of a vector, with sizes that may be others than theirs. */
  async function bring(page: Page, name: string, size?: number | null): Promise<void> {
    await page.unrouteAll();
    const paths = filesOf(vector(name));
    const index = vector(name).files.map((file, k) => ({
      name: file,
      size: size === undefined ? readFileSync(paths[k] ?? "").length : size,
      type: "",
    }));
    await page.route("**/incoming/*", (route) => {
      const asked = route.request().url().split("/").at(-1) ?? "";
      if (asked === "index.json") return route.fulfill({ json: index });
      return route.fulfill({ path: paths[Number(asked)] ?? "", contentType: "application/octet-stream" });
    });
  }

  test("it is opened with a file, and later gets another", async ({ page }) => {
    await bring(page, "wfdb-16");
    await page.goto("?incoming");
    await shown(page, "Atrial fibrillation");
    expect(new URL(page.url()).search).toBe("");
    await bring(page, "chapman-SB", null);
    await page.evaluate(() => dispatchEvent(new Event("ecglite-incoming")));
    await shown(page, "Sinus bradycardia");
  });

  test("a file over every limit is refused before it is fetched", async ({ page }) => {
    await bring(page, "chapman-SB", 2 ** 31);
    let fetched = false;
    page.on("request", (request) => {
      fetched ||= request.url().endsWith("/incoming/0");
    });
    await page.goto("?incoming");
    await expect(heading(page)).toHaveText("The file is too large");
    expect(fetched).toBe(false);
  });

  test("exports go to the shell, and there is no service worker", async ({ page }) => {
    await page.goto("");
    await pick(page, ...filesOf(vector("chapman-SB")));
    await shown(page, "Sinus bradycardia");
    for (const name of ["PDF", "PNG", "JSON", "Share"]) {
      await page.getByRole("button", { name, exact: true }).tap();
      await expect
        .poll(() => page.evaluate(() => JSON.stringify((window as never as { calls: string[][] }).calls.at(-1))))
        .toContain(name === "Share" ? "share" : `SB.${name.toLowerCase()}`);
    }
    expect(await page.evaluate(() => (window as never as { calls: string[][] }).calls)).toEqual([
      ["save", "SB.pdf", "application/pdf", "%PDF"],
      ["save", "SB.png", "image/png", "\x89PNG"],
      ["save", "SB.json", "application/json", '{\n "'],
      ["share", "SB.pdf", "application/pdf", "%PDF"],
    ]);
    expect(await page.evaluate(async () => (await navigator.serviceWorker.getRegistrations()).length)).toBe(0);
  });
});

test("the system opens a file with the installed app", async ({ page }) => {
  await page.addInitScript(() => {
    const launchQueue = { setConsumer: (consumer: unknown) => Object.assign(window, { launch: consumer }) };
    Object.defineProperty(window, "launchQueue", { value: launchQueue });
  });
  await page.goto("");
  await page.waitForFunction(() => "launch" in window);
  const transfer = await carrying(page, "chapman-SB");
  await page.evaluate(({ files: [file] }) => {
    (window as never as { launch(launched: unknown): void }).launch({ files: [{ getFile: async () => file }] });
  }, transfer);
  await shown(page, "Sinus bradycardia");
});

test("files are dropped on the page", async ({ page }) => {
  await page.goto("");
  await expect(heading(page)).toBeVisible();
  const dataTransfer = await carrying(page, "wfdb-16");
  await page.dispatchEvent("body", "dragover", { dataTransfer });
  await expect(page.locator("html")).toHaveClass("dropping");
  await page.dispatchEvent("body", "drop", { dataTransfer });
  await shown(page, "Atrial fibrillation");
  await expect(page.locator("html")).not.toHaveClass("dropping");
});

test("a dropped folder is searched", async ({ page }) => {
  await page.goto("");
  await expect(heading(page)).toBeVisible();
  // The browser makes such entries for its own drops only.
  await page.evaluate(() => {
    const file = (name: string) => ({
      name,
      isFile: true,
      file: (got: (file: File) => void) => got(new File(["no"], name)),
    });
    const folder = (name: string, ...inside: unknown[]) => ({
      name,
      isDirectory: true,
      createReader: () => ({ readEntries: (got: (some: unknown[]) => void) => got(inside.splice(0, 2)) }),
    });
    const all = folder(
      "all",
      file("notes.txt"),
      file("b.csv"),
      file("c.png"),
      folder("deep", file("a.csv"), file(".x.csv")),
    );
    DataTransferItem.prototype.webkitGetAsEntry = () => all as never;
  });
  const drop = async () => page.dispatchEvent("body", "drop", { dataTransfer: await carrying(page, "chapman-SB") });
  await drop();
  await expect(page.locator(".list .row")).toHaveText([/b\.csv/, /a\.csv/]);
  await drop(); // by now it is empty
  await expect(heading(page)).toHaveText("No recording in this folder");
});

test("rows of text are pasted", async ({ page }) => {
  await page.goto("");
  await expect(heading(page)).toBeVisible();
  const text = readFileSync(filesOf(vector("chapman-SB"))[0] ?? "", "utf8");
  const paste = (pasted: string) =>
    page.evaluate((pasted) => {
      const clipboardData = new DataTransfer();
      clipboardData.setData("text/plain", pasted);
      document.body.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true }));
    }, pasted);
  await paste("no table");
  await paste(text);
  await shown(page, "Sinus bradycardia");
  await expect(page.locator(".verdict .source")).toContainText("pasted.csv");
});

test("a file is pasted", async ({ page }) => {
  await page.goto("");
  await expect(heading(page)).toBeVisible();
  await page.evaluate(
    (clipboardData) => {
      document.body.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true }));
    },
    await carrying(page, "chapman-SB"),
  );
  await shown(page, "Sinus bradycardia");
});

test("a sheet goes to the phone's own sheet of apps", async ({ page }) => {
  await page.addInitScript(() => {
    const shared: string[] = [];
    Object.assign(window, { shared });
    navigator.canShare = () => true;
    navigator.share = async ({ files = [] } = {}) => {
      shared.push(...files.map(({ name, type }) => `${name} ${type}`));
    };
  });
  await page.goto("");
  await pick(page, ...filesOf(vector("chapman-SB")));
  await page.getByRole("button", { name: "Share", exact: true }).tap();
  await expect
    .poll(() => page.evaluate(() => (window as never as { shared: string[] }).shared))
    .toEqual(["SB.pdf application/pdf"]);
});
