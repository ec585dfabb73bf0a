/**
 * The whole app under test: the built page on the package's server, in a browser that may ask nobody else. Whatever a
 * test is about, it fails on a request to another origin, an error in the console, and an error that nobody caught.
 */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type BrowserContext, test as base, type Download, expect, type Page } from "@playwright/test";
import { BEATS_A_MINUTE, furthest, PROBABILITY, probabilities, rates, rest } from "../conformance/agreement";
import { absent, type ExpectedFinding, path, VECTORS, type Vector } from "../conformance/vectors";
import { ORIGINS, type Server, serve } from "./server";

export { expect };

interface OfTest {
  /** A server of this test alone, which it may stop. */
  readonly ownServer: Server;
  /** A folder that is gone after the test. */
  readonly folder: string;
  readonly watched: undefined;
}

export const test = base.extend<OfTest, { readonly server: Server }>({
  server: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads a fixture's needs from its pattern
    async ({}, use) => {
      const server = await serve();
      await use(server);
      await server.stop();
    },
    { scope: "worker" },
  ],
  // biome-ignore lint/correctness/noEmptyPattern: as above
  ownServer: async ({}, use) => {
    const server = await serve();
    await use(server);
    await server.stop();
  },
  // biome-ignore lint/correctness/noEmptyPattern: as above
  folder: async ({}, use) => {
    const folder = mkdtempSync(join(tmpdir(), "ecglite-app-"));
    await use(folder);
    rmSync(folder, { recursive: true });
  },
  baseURL: ({ server }, use) => use(server.address),
  watched: [
    async ({ context }, use) => {
      const seen = watch(context);
      await use(undefined);
      expect(seen, "requests elsewhere and errors").toEqual([]);
    },
    { auto: true },
  ],
});

/** Collects what should not happen: the service worker's requests are among those that are looked at. */
export function watch(context: BrowserContext): readonly string[] {
  const seen: string[] = [];
  context.on("request", (request) => {
    if (!ORIGINS.has(new URL(request.url()).origin)) seen.push(`request: ${request.url()}`);
  });
  context.on("console", (message) => {
    if (message.type() === "error") seen.push(`console: ${message.text()}`);
  });
  context.on("weberror", (error) => seen.push(`uncaught: ${error.error()}`));
  return seen;
}

/** A file for a picker: a path, or a name with what is in it. */
export type Picked = string | { readonly name: string; readonly mimeType: string; readonly buffer: Buffer };

export async function pick(page: Page, ...files: readonly Picked[]): Promise<void> {
  await page.locator("#picker").setInputFiles(files as string[]);
}

export const example = (page: Page, name: string) => page.getByRole("button", { name, exact: true }).click();

/** The heading of a view, which says what it is. */
export const heading = (page: Page) => page.getByRole("heading", { level: 1 });

/** A recording is on the screen, drawn. */
export async function shown(page: Page, title: string | RegExp): Promise<void> {
  await expect(heading(page)).toContainText(title);
  await expect(page.locator(".tracing-image canvas").first()).toBeAttached();
}

/** The service worker has the whole page and answers for this one. */
export async function readyOffline(page: Page): Promise<void> {
  await page.evaluate(() => navigator.serviceWorker.ready);
  await page.waitForFunction(() => navigator.serviceWorker.controller);
}

export function vector(name: string): Vector {
  if (absent) throw new Error(absent);
  const found = VECTORS.find((one) => one.name === name);
  if (!found) throw new Error(`there is no vector ${name}`);
  return found;
}

/** The paths of a vector's files. */
export const filesOf = ({ name, files }: Vector): readonly string[] => files.map((file) => path(name, file));

/** A file of a vector under another name. */
export function renamed(from: Vector, name: string, file = from.open): Picked {
  return { name, mimeType: "application/octet-stream", buffer: readFileSync(path(from.name, file)) };
}

export async function exported(page: Page, name: string): Promise<{ name: string; bytes: Buffer }> {
  const waiting = page.waitForEvent("download");
  await page.getByRole("button", { name, exact: true }).click();
  const download: Download = await waiting;
  return { name: download.suggestedFilename(), bytes: readFileSync(await download.path()) };
}

/** The JSON that the app exports is the Python package's finding of the vector. */
export async function agrees(page: Page, { expect: { finding }, open }: Vector): Promise<void> {
  if (!finding) throw new Error("the vector has no finding");
  const { path: from, ...ours } = JSON.parse((await exported(page, "JSON")).bytes.toString()) as ExpectedFinding & {
    path: string;
  };
  expect(from).toBe(open);
  expect(rest(ours)).toEqual(rest(finding));
  expect(furthest(probabilities(ours), probabilities(finding))).toBeLessThanOrEqual(PROBABILITY);
  expect(furthest(rates(ours), rates(finding))).toBeLessThanOrEqual(BEATS_A_MINUTE);
}

/** Everything that the history keeps, by store. */
export const kept = (page: Page) =>
  page.evaluate(async () => {
    const open = indexedDB.open("ecglite");
    const database = await new Promise<IDBDatabase>((resolve, reject) => {
      open.onsuccess = () => resolve(open.result);
      open.onerror = () => reject(open.error);
    });
    const count = (store: string) =>
      new Promise<number>((resolve) => {
        const request = database.transaction(store).objectStore(store).count();
        request.onsuccess = () => resolve(request.result);
      });
    const counts = { entries: await count("entries"), records: await count("records") };
    database.close();
    return counts;
  });
